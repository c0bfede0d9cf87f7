//! The second factor: codes from an app on the person's phone, asked for at sign-in and where the person shows again that it is they.
//! A passkey ([`crate::passkey`]) is one as well; recovery codes stand in for both.
//!
//! **Invariants.** It is on once a first code showed that the app has the secret. A code works once: the person's row is locked
//! while one is looked at, and periods up to the last used one are over. Turning it on or off ends the person's other sessions.
//! A business that requires it lets nobody act for it who has none; whoever requires it has one.

use chrono::{DateTime, Utc};
use platform::db::repeat;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::PersonId;
use utoipa::ToSchema;

use crate::account_log::Deed;
use crate::role::Permission;
use crate::team::{Act, NewAct, Team};
use crate::totp::{self, SECRET_BYTES};
use crate::{Caller, Error, Identity, db, recovery};

/// The caller's second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SecondFactor {
    /// Since when it is asked for; absent where it is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub since: Option<DateTime<Utc>>,
    /// Recovery codes that nobody used yet.
    pub recovery_codes_left: i64,
    /// Passkeys, each of which is a factor too.
    pub passkeys: i64,
}

/// What the person's app is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enrolment {
    /// To be typed: base32.
    pub secret: String,
    /// To be shown as QR code: `otpauth://totp/…`.
    pub uri: String,
}

/// A code.
#[derive(Debug, Deserialize, ToSchema)]
pub struct FactorCode {
    /// Six digits of the person's app; at sign-in a recovery code too.
    #[schema(value_type = String)]
    pub(crate) code: SecretString,
}

/// Recovery codes, shown only now.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten; each works once.
    pub recovery_codes: Vec<String>,
}

/// Whether a business lets in only those who have a second factor.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct FactorRule {
    /// Whether it is required.
    pub required: bool,
}

/// Where a sealed secret belongs.
pub(crate) fn place(person: PersonId) -> String {
    format!("second_factors/secret/{person}")
}

impl Identity {
    /// The caller's second factor.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn second_factor(&self, caller: &Caller) -> Result<SecondFactor, Error> {
        let person = caller.signed_in()?.person.id;
        let mut connection = self.db.acquire().await?;
        let since = db::factors::since(&mut connection, person).await?;
        let recovery_codes_left = db::factors::codes_left(&mut connection, person).await?;
        let passkeys = db::passkeys::count(&mut connection, person).await?;
        Ok(SecondFactor { since, recovery_codes_left, passkeys })
    }

    /// Makes a secret for the caller's app. Nothing is asked for until [`Identity::turn_factor_on`].
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::FactorOn`].
    pub async fn begin_factor(&self, caller: &Caller) -> Result<Enrolment, Error> {
        let person = &caller.signed_in()?.person;
        let secret = self.entropy.bytes::<SECRET_BYTES>();
        let sealed = self.sealer.seal(&place(person.id), &secret);
        let mut connection = self.db.acquire().await?;
        if !db::factors::begin(&mut connection, person.id, &sealed, self.clock.now()).await? {
            return Err(Error::FactorOn);
        }
        Ok(Enrolment { secret: totp::typed(&secret), uri: totp::uri(&secret, &person.handle()) })
    }

    /// Turns the second factor on by a first code, and signs the other devices out.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::FactorOn`], [`Error::WrongCode`], [`Error::TooMany`].
    pub async fn turn_factor_on(&self, caller: &Caller, first: &FactorCode) -> Result<RecoveryCodes, Error> {
        let known = caller.signed_in()?;
        let person = known.person.id;
        let subjects = self.admit_code(caller, person).await?;
        let codes = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let now = self.clock.now();
            db::throttle::forgive(&mut transaction, subjects).await?;
            db::factors::lock_all(&mut transaction, person).await?;
            let factor = db::factors::lock(&mut transaction, person).await?.ok_or(Error::WrongCode)?;
            if factor.is_on {
                return Err(Error::FactorOn);
            }
            let step = self.step_of(person, &factor, first.code.expose_secret())?;
            db::factors::turn_on(&mut transaction, person, step, now).await?;
            let codes = self.fresh_codes(&mut transaction, person).await?;
            db::sessions::close_others(&mut transaction, person, known.session).await?;
            self.keep_deed(&mut transaction, caller, person, Deed::FactorOn).await?;
            transaction.commit().await?;
            Ok(codes)
        })
        .await?;
        tracing::info!(%person, "a second factor was turned on");
        Ok(codes)
    }

    /// Turns the second factor off, and signs the other devices out. One that is off stays so.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn turn_factor_off(&self, caller: &Caller) -> Result<(), Error> {
        let known = caller.signed_in()?;
        let person = known.person.id;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            db::factors::lock_all(&mut transaction, person).await?;
            if db::factors::turn_off(&mut transaction, person).await? {
                db::sessions::close_others(&mut transaction, person, known.session).await?;
                self.keep_deed(&mut transaction, caller, person, Deed::FactorOff).await?;
            }
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%person, "a second factor was turned off");
        Ok(())
    }

    /// Makes new recovery codes; those before work no more.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::FactorFirst`] where the caller has neither codes nor a passkey.
    pub async fn make_recovery_codes(&self, caller: &Caller) -> Result<RecoveryCodes, Error> {
        let person = caller.signed_in()?.person.id;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            db::factors::lock_all(&mut transaction, person).await?;
            if !db::factors::has_any(&mut transaction, person).await? {
                return Err(Error::FactorFirst);
            }
            let codes = self.fresh_codes(&mut transaction, person).await?;
            self.keep_deed(&mut transaction, caller, person, Deed::CodesMade).await?;
            transaction.commit().await?;
            Ok(codes)
        })
        .await
    }

    /// Has the caller's business let in only those who have a second factor, or everybody again.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::FactorFirst`] where the caller has none.
    pub async fn require_factor(&self, caller: &Caller, rule: FactorRule) -> Result<Team, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let act = if rule.required { Act::FactorRequired } else { Act::FactorFreed };
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            self.manager(&mut transaction, vendor).await?;
            if rule.required && !db::factors::has_any(&mut transaction, vendor.person).await? {
                return Err(Error::FactorFirst);
            }
            if db::members::requires_factor(&mut transaction, vendor.tenant).await? != rule.required {
                db::members::require_factor(&mut transaction, vendor.tenant, rule.required).await?;
                self.note(&mut transaction, &NewAct::by(vendor, act)).await?;
            }
            Ok(transaction.commit().await?)
        })
        .await?;
        self.team(caller).await
    }

    /// Uses up a code of a person's second factor, or a recovery code.
    pub(crate) async fn spend(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        person: PersonId,
        typed: &str,
    ) -> Result<(), Error> {
        let factor = db::factors::lock(connection, person).await?;
        if let Some(factor) = factor.filter(|factor| factor.is_on) {
            match self.step_of(person, &factor, typed) {
                Ok(step) => return Ok(db::factors::use_step(connection, person, step).await?),
                Err(Error::WrongCode) => {}
                Err(other) => return Err(other),
            }
        }
        let hash = recovery::hash(typed);
        if !db::factors::use_code(connection, person, &hash, self.clock.now()).await? {
            return Err(Error::WrongCode);
        }
        self.keep_deed(connection, caller, person, Deed::RecoveryCodeUsed).await
    }

    /// The period whose code this is.
    fn step_of(&self, person: PersonId, factor: &db::factors::Factor, typed: &str) -> Result<i64, Error> {
        let opened = self.sealer.open(&place(person), &factor.secret)?;
        let secret: [u8; SECRET_BYTES] = opened.try_into().map_err(|_| platform::seal::Unopenable)?;
        let code: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
        let now = self.clock.now().timestamp();
        totp::matching(&secret, &code, now, factor.last_step).ok_or(Error::WrongCode)
    }

    pub(crate) async fn fresh_codes(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
    ) -> Result<RecoveryCodes, Error> {
        let recovery_codes = recovery::make(&self.entropy);
        let hashes: Vec<_> = recovery_codes.iter().map(|code| recovery::hash(code).to_vec()).collect();
        db::factors::replace_codes(connection, person, &hashes, self.clock.now()).await?;
        Ok(RecoveryCodes { recovery_codes })
    }
}
