//! Passkeys: keys that a phone or computer keeps and lets its person use by finger, face or its own code.
//!
//! **Invariants.** A passkey signs in by itself: it is two factors, because the device verified the person. Where somebody has one,
//! the password alone is no longer enough. A question is asked once, answered once and within five minutes, and kept on the server.
//! The row of a passkey is locked while an answer is looked at, so that its counter goes up one step at a time. Adding and removing
//! one is told in the account's log and signs the other devices out. Only public keys are kept.
//!
//! **Deliberately absent**: proof of who built a device (attestation); passkeys for buyers, who have no account.

mod party;

use chrono::{DateTime, TimeDelta, Utc};
use platform::db::repeat;
use platform::text;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use types::{PasskeyId, PersonId};
use utoipa::ToSchema;

pub(crate) use party::{Kept, Party, Question, Shown};

use crate::account_log::Deed;
use crate::cookies::Kind;
use crate::db::passkeys::Owned;
use crate::passkey::party::{Made, Refused};
use crate::session::hash_token;
use crate::{Caller, Error, Identity, Person, SetCookie, db};

/// How long a question may be answered.
pub const WITHIN: TimeDelta = TimeDelta::minutes(5);
/// So many passkeys a person has at most.
pub const PER_PERSON_MAX: i64 = 10;
/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 40;

/// A passkey, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Passkey {
    /// The passkey.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub added_at: DateTime<Utc>,
    /// When it was used last; absent where it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub used_at: Option<DateTime<Utc>>,
}

/// The caller's passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Passkeys {
    /// The newest first; at most 10.
    pub items: Vec<Passkey>,
}

/// A question for a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PasskeyQuestion {
    /// What `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` reads.
    #[schema(value_type = Object)]
    pub options: Value,
    /// Until when the answer counts.
    pub ends_at: DateTime<Utc>,
}

/// A passkey that a browser made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPasskey {
    /// What its owner calls it, at most 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// What `PublicKeyCredential.toJSON` gives.
    #[schema(value_type = Object)]
    credential: Value,
}

/// What a browser answered.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PasskeyAnswer {
    /// What `PublicKeyCredential.toJSON` gives.
    #[schema(value_type = Object)]
    credential: Value,
}

/// A passkey that was added.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeyAdded {
    /// The passkey.
    pub passkey: Passkey,
    /// For whoever loses the device: ten codes, shown only now, where there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recovery_codes: Option<Vec<String>>,
}

/// What an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// To keep a new passkey.
    Add,
    /// To show that it is the person.
    Show,
}

/// The name that passkeys of an installation at this address are bound to, with pages of these origins; none where there can be none.
pub fn name_for(public_url: &str, origins: &[String]) -> Option<String> {
    Party::of(public_url, origins).map(|party| party.name().to_owned())
}

impl Identity {
    fn party(&self) -> Result<&Party, Error> {
        self.party.as_deref().ok_or(Error::PasskeysOff)
    }

    /// The name that passkeys are bound to; none where they are off.
    pub fn passkeys_for(&self) -> Option<&str> {
        self.party.as_deref().map(Party::name)
    }

    /// The caller's passkeys.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn passkeys(&self, caller: &Caller) -> Result<Passkeys, Error> {
        let person = caller.signed_in()?.person.id;
        let items = db::passkeys::of(&mut *self.db.acquire().await?, person, PER_PERSON_MAX).await?;
        Ok(Passkeys { items })
    }

    /// Asks the caller's browser to make a passkey.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::PasskeysOff`], [`Error::PasskeysFull`].
    pub async fn begin_passkey(&self, caller: &Caller) -> Result<PasskeyQuestion, Error> {
        let person = &caller.signed_in()?.person;
        let party = self.party()?;
        let mut connection = self.db.acquire().await?;
        let known = db::passkeys::credentials(&mut connection, person.id, PER_PERSON_MAX).await?;
        if i64::try_from(known.len()).is_ok_and(|known| known >= PER_PERSON_MAX) {
            return Err(Error::PasskeysFull);
        }
        self.ask(&mut connection, party.ask_for_new(person, &known), Purpose::Add, Some(person.id)).await
    }

    /// Keeps a passkey that the caller's browser made, and signs the other devices out.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::PasskeysOff`], [`Error::PasskeysFull`], [`Error::PasskeyOver`], [`Error::WrongPasskey`],
    /// [`Error::Name`].
    pub async fn add_passkey(&self, caller: &Caller, new: &NewPasskey) -> Result<PasskeyAdded, Error> {
        let known = caller.signed_in()?;
        let person = known.person.id;
        let name = text::line(&new.name, NAME_CHARS_MAX)?;
        let made = Made::read(&new.credential).map_err(|refused| refuse(caller, &refused))?;
        let state = self.take(made.challenge(), Purpose::Add, Some(person)).await?;
        let kept = self.party()?.check_new(&state, &made).map_err(|refused| refuse(caller, &refused))?;
        let added = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let now = self.clock.now();
            db::factors::lock_all(&mut transaction, person).await?;
            let before = db::passkeys::credentials(&mut transaction, person, PER_PERSON_MAX).await?;
            if i64::try_from(before.len()).is_ok_and(|before| before >= PER_PERSON_MAX) {
                return Err(Error::PasskeysFull);
            }
            let id = self.entropy.id::<PasskeyId>(now);
            let passkey = Passkey { id, name: name.clone(), added_at: now, used_at: None };
            if !db::passkeys::insert(&mut transaction, person, &passkey, &kept).await? {
                return Err(Error::WrongPasskey);
            }
            let recovery_codes = match db::factors::codes_left(&mut transaction, person).await? {
                0 => Some(self.fresh_codes(&mut transaction, person).await?.recovery_codes),
                _ => None,
            };
            db::half_sign_ins::close_all(&mut transaction, person).await?;
            db::sessions::close_others(&mut transaction, person, known.session).await?;
            self.keep_deed(&mut transaction, caller, person, Deed::PasskeyAdded).await?;
            self.keep_factor_act(&mut transaction, person, id.uuid(), true).await?;
            transaction.commit().await?;
            Ok(PasskeyAdded { passkey, recovery_codes })
        })
        .await?;
        tracing::info!(%person, "a passkey was added");
        Ok(added)
    }

    /// Removes one of the caller's passkeys and signs the other devices out. Where it was the last factor, the recovery codes go
    /// too, and a business that requires one lets the caller in again once there is another.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::NoSuchPerson`] where the caller has no such passkey.
    pub async fn remove_passkey(&self, caller: &Caller, id: PasskeyId) -> Result<(), Error> {
        let known = caller.signed_in()?;
        let person = known.person.id;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            db::factors::lock_all(&mut transaction, person).await?;
            if !db::passkeys::remove(&mut transaction, person, id).await? {
                return Err(Error::NoSuchPerson);
            }
            db::factors::drop_codes_without_factor(&mut transaction, person).await?;
            db::sessions::close_others(&mut transaction, person, known.session).await?;
            self.keep_deed(&mut transaction, caller, person, Deed::PasskeyRemoved).await?;
            self.keep_factor_act(&mut transaction, person, id.uuid(), false).await?;
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%person, "a passkey was removed");
        Ok(())
    }

    /// Asks a browser for any passkey: to sign in, or to show again that it is the person.
    ///
    /// # Errors
    /// [`Error::PasskeysOff`], [`Error::TooMany`].
    pub async fn ask_for_passkey(&self, caller: &Caller) -> Result<PasskeyQuestion, Error> {
        let party = self.party()?;
        self.throttle.admit_network(caller.connection())?;
        let mut connection = self.db.acquire().await?;
        self.ask(&mut connection, party.ask_for_passkey(), Purpose::Show, None).await
    }

    /// Signs in by a passkey alone, or as the second step after the password. Gives the session's cookie, and the one that forgets
    /// the first step.
    ///
    /// # Errors
    /// [`Error::PasskeysOff`], [`Error::PasskeyOver`], [`Error::WrongPasskey`], [`Error::TooMany`].
    pub async fn sign_in_by_passkey(
        &self,
        caller: &Caller,
        given: &PasskeyAnswer,
    ) -> Result<(Person, SetCookie, SetCookie), Error> {
        self.throttle.admit_network(caller.connection())?;
        let begun = self.begun(caller).await?;
        let (shown, state) = self.answered(caller, &given.credential).await?;
        let (person, cookie) = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let owner = self.use_passkey(&mut transaction, caller, &shown, &state).await?;
            // Whoever gave one person's password does not go on as another.
            if begun.is_some_and(|person| person != owner) {
                return Err(Error::WrongPasskey);
            }
            if let Some(token) = caller.half_token() {
                db::half_sign_ins::close(&mut transaction, &hash_token(token.expose_secret())).await?;
            }
            let person =
                db::people::by_id(&mut transaction, &self.fields, owner).await?.ok_or(Error::WrongPasskey)?;
            let cookie = self.begin_session(&mut transaction, caller, owner).await?;
            transaction.commit().await?;
            Ok::<_, Error>((person, cookie))
        })
        .await?;
        Ok((person, cookie, SetCookie::forget(Kind::Half, caller.connection().transport)))
    }

    /// Takes an answer's question out of what is kept: whatever comes of it, it is not asked again.
    pub(crate) async fn answered(&self, caller: &Caller, answer: &Value) -> Result<(Shown, Vec<u8>), Error> {
        self.party()?;
        let shown = Shown::read(answer).map_err(|refused| refuse(caller, &refused))?;
        let state = self.take(shown.challenge(), Purpose::Show, None).await?;
        Ok((shown, state))
    }

    /// Looks at an answer and notes the use; gives whose passkey it is.
    pub(crate) async fn use_passkey(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        shown: &Shown,
        state: &[u8],
    ) -> Result<PersonId, Error> {
        let found = db::passkeys::lock(connection, shown.credential()).await?;
        let Owned { id, owner, kept } = found.ok_or(Error::WrongPasskey)?;
        if shown.person() != owner {
            return Err(refuse(caller, &Refused::because("the passkey is another person's")));
        }
        let checked = self.party()?.check(state, shown, &kept, owner);
        let moving = checked.map_err(|refused| refuse(caller, &refused))?;
        db::passkeys::note_use(connection, id, &moving, self.clock.now()).await?;
        Ok(owner)
    }

    /// Whose password was given in a step before this one.
    async fn begun(&self, caller: &Caller) -> Result<Option<PersonId>, Error> {
        let Some(token) = caller.half_token() else { return Ok(None) };
        let half = hash_token(token.expose_secret());
        let mut connection = self.db.acquire().await?;
        Ok(db::half_sign_ins::find(&mut connection, &half, self.clock.now()).await?)
    }

    async fn ask(
        &self,
        connection: &mut PgConnection,
        question: Question,
        purpose: Purpose,
        person: Option<PersonId>,
    ) -> Result<PasskeyQuestion, Error> {
        let ends_at = self.clock.now() + WITHIN;
        db::passkeys::ask(connection, &question, purpose, person, ends_at).await?;
        Ok(PasskeyQuestion { options: question.options, ends_at })
    }

    async fn take(
        &self,
        challenge: &[u8; 16],
        purpose: Purpose,
        person: Option<PersonId>,
    ) -> Result<Vec<u8>, Error> {
        let mut connection = self.db.acquire().await?;
        let taken = db::passkeys::take(&mut connection, challenge, purpose, person, self.clock.now()).await?;
        taken.ok_or(Error::PasskeyOver)
    }
}

/// Notes why an answer is not believed; who sent it is told only that.
fn refuse(caller: &Caller, refused: &Refused) -> Error {
    tracing::warn!(address = ?caller.connection().address, reason = %refused, "a passkey was refused");
    Error::WrongPasskey
}
