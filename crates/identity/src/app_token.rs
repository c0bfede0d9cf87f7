//! Tokens for programs that act as a person: one to call with for a quarter of an hour, and one that is exchanged for the next two.
//!
//! **Invariants.** The sign-in is a session like any other: seen among the person's devices, ended there, by a changed password or factor,
//! by a lock and by its age. A token has 256 random bits and is kept as its SHA-256. A token to be exchanged works once; whoever lost the
//! answer gets the same answer again for ten seconds, also several at once. When an older one comes again, somebody else has it: the
//! sign-in ends for both. Neither kind does the other's work.
//!
//! **Deliberately absent**: tokens that name their rights (a program that needs less than its person has a key of the business);
//! going over to another business, which begins another session: the program signs in anew.

use chrono::{DateTime, TimeDelta, Utc};
use platform::db::repeat;
use platform::text;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{PersonId, SessionId};
use utoipa::ToSchema;

use crate::account_log::Deed;
use crate::db::sessions::NewSession;
use crate::session::hash_token;
use crate::throttle::Subjects;
use crate::{Caller, EmailAddress, Error, Handle, Identity, PhoneNumber, db};

/// What every token to call with begins with.
pub const BEGINS: &str = "vya_";
/// What every token to be exchanged begins with.
pub const REFRESH_BEGINS: &str = "vyr_";
/// How long a program calls with one token.
pub const ACCESS_FOR: TimeDelta = TimeDelta::minutes(15);
/// How long a lost answer is given again.
pub const LOST_WITHIN: TimeDelta = TimeDelta::seconds(10);
/// So many generations are remembered: an older token is as good as none.
const GENERATIONS_KEPT: i32 = 1_000;
/// The longest name of a program, in characters.
const NAME_CHARS_MAX: usize = 40;

/// What a person signs a program in with.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AppSignIn {
    /// The number of the account; or `email`.
    #[schema(nullable = false)]
    phone: Option<PhoneNumber>,
    /// The address of the account.
    #[schema(nullable = false)]
    email: Option<EmailAddress>,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// A code of the person's app or a recovery code, where there is a second factor.
    #[schema(value_type = Option<String>, nullable = false)]
    code: Option<SecretString>,
    /// What the program is called among the person's devices: at most 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
}

/// A token to be exchanged.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TokenExchange {
    /// The one of the last answer.
    #[schema(value_type = String, format = Password)]
    refresh_token: SecretString,
}

/// What a program calls with, and goes on with.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// To call with: `Authorization: Bearer …`.
    pub access_token: String,
    /// Until when.
    pub access_ends_at: DateTime<Utc>,
    /// To be exchanged, once, for the next two.
    pub refresh_token: String,
    /// When the sign-in ends, however often tokens are exchanged; unused it ends after 14 days.
    pub ends_at: DateTime<Utc>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("access_ends_at", &self.access_ends_at).finish_non_exhaustive()
    }
}

/// What is kept of two tokens.
#[derive(Debug)]
pub(crate) struct Hashes {
    pub refresh: [u8; 32],
    pub access: [u8; 32],
}

/// The session that all tokens of a sign-in belong to.
#[derive(Debug)]
pub(crate) struct Family {
    pub session: SessionId,
    pub person: PersonId,
    pub ends_at: DateTime<Utc>,
}

/// Two tokens as they are kept, among those before and after.
#[derive(Debug)]
pub(crate) struct Generation {
    pub number: i32,
    pub replaced_at: Option<DateTime<Utc>>,
    pub next_sealed: Option<Vec<u8>>,
    pub newest: i32,
}

impl Tokens {
    fn hashes(&self) -> Hashes {
        Hashes { refresh: hash_token(&self.refresh_token), access: hash_token(&self.access_token) }
    }
}

/// Where a sealed answer belongs.
fn place(refresh_hash: &[u8; 32]) -> String {
    format!("app_tokens/next_sealed/{}", hex::encode(refresh_hash))
}

impl Identity {
    /// Signs a program in as a person, beside whatever else they are signed in with.
    ///
    /// # Errors
    /// [`Error::Name`], [`Error::NoHandle`], [`Error::WrongCredentials`], [`Error::FactorAsked`], [`Error::WrongCode`], [`Error::TooMany`], [`Error::Busy`],
    /// [`Error::Locked`].
    pub async fn sign_app_in(&self, caller: &Caller, given: &AppSignIn) -> Result<Tokens, Error> {
        let name = text::line(&given.name, NAME_CHARS_MAX)?;
        let handle = Handle::given(given.phone.as_ref(), given.email.as_ref())?;
        let (person, subjects) = self.show_credentials(caller, &handle, &given.password).await?;
        let code = self.code_of(caller, person.id, given, subjects).await?;
        let signed_in = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            db::throttle::forgive(&mut transaction, subjects).await?;
            if let Some((code, subjects)) = code {
                db::throttle::forgive(&mut transaction, subjects).await?;
                self.spend(&mut transaction, caller, person.id, code).await?;
            }
            let tokens = self.open_app_session(&mut transaction, person.id, &name).await?;
            self.keep_deed(&mut transaction, caller, person.id, Deed::SignedIn).await?;
            self.keep_sign_in(&mut transaction, person.id).await?;
            transaction.commit().await?;
            Ok(tokens)
        })
        .await;
        if signed_in.is_ok() {
            tracing::info!(person = %person.id, address = ?caller.connection().address, "a program was signed in");
        }
        if matches!(signed_in, Err(Error::WrongCode)) {
            self.keep_refused_code(caller, Some(person.id)).await?;
        }
        signed_in
    }

    /// The code that is given where the person has a second factor, counted as wrong until it was right.
    async fn code_of<'a>(
        &self,
        caller: &Caller,
        person: PersonId,
        given: &'a AppSignIn,
        subjects: Subjects,
    ) -> Result<Option<(&'a str, Subjects)>, Error> {
        {
            let mut connection = self.db.acquire().await?;
            if !db::factors::has_any(&mut connection, person).await? {
                return Ok(None);
            }
            if given.code.is_none() {
                // The password was right.
                db::throttle::forgive(&mut connection, subjects).await?;
            }
        }
        let code = given.code.as_ref().ok_or(Error::FactorAsked)?;
        Ok(Some((code.expose_secret(), self.admit_code(caller, person).await?)))
    }

    async fn open_app_session(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
        name: &str,
    ) -> Result<Tokens, Error> {
        let now = self.clock.now();
        let session = self.entropy.id::<SessionId>(now);
        let new = NewSession {
            session,
            person,
            // Nobody holds this one: no cookie opens the session.
            token_hash: hash_token(&self.entropy.token()),
            device: name.to_owned(),
            confirmed_at: Some(now),
        };
        if !db::sessions::open(connection, &new, now).await? {
            return Err(Error::Locked);
        }
        let tokens = self.draw_tokens(now + crate::session::AGE_MAX);
        db::app_tokens::insert(connection, session, 0, &tokens.hashes(), tokens.access_ends_at).await?;
        Ok(tokens)
    }

    fn draw_tokens(&self, ends_at: DateTime<Utc>) -> Tokens {
        Tokens {
            access_token: format!("{BEGINS}{}", self.entropy.token()),
            access_ends_at: ends_at.min(self.clock.now() + ACCESS_FOR),
            refresh_token: format!("{REFRESH_BEGINS}{}", self.entropy.token()),
            ends_at,
        }
    }

    /// Exchanges a token for the next two.
    ///
    /// # Errors
    /// [`Error::WrongToken`] for one that is none, whose sign-in is over, or that was exchanged before, which ends the sign-in;
    /// [`Error::TooMany`].
    pub async fn exchange_token(&self, caller: &Caller, given: &TokenExchange) -> Result<Tokens, Error> {
        self.throttle.admit_network(caller.connection())?;
        let token = given.refresh_token.expose_secret();
        if !token.starts_with(REFRESH_BEGINS) {
            return Err(Error::WrongToken);
        }
        let hash = hash_token(token);
        let exchanged = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let next = self.next_generation(&mut transaction, caller, &hash).await?;
            // Also where there is none: then the sign-in may have ended just now.
            transaction.commit().await?;
            Ok::<_, Error>(next)
        });
        exchanged.await?.ok_or(Error::WrongToken)
    }

    /// What a token is exchanged for; nothing where the sign-in is over, or over because of this.
    async fn next_generation(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        hash: &[u8; 32],
    ) -> Result<Option<Tokens>, Error> {
        let now = self.clock.now();
        let Some(family) = db::app_tokens::lock_family(connection, hash, now).await? else { return Ok(None) };
        let found = db::app_tokens::generation(connection, family.session, hash).await?;
        let Some(generation) = found else { return Ok(None) };
        let number = generation.number;
        let Some(replaced_at) = generation.replaced_at else {
            let tokens = self.draw_tokens(family.ends_at);
            let sealed = self.token_sealer.seal(&place(hash), &serde_json::to_vec(&tokens)?);
            let oldest = number - GENERATIONS_KEPT;
            db::app_tokens::replace(connection, family.session, number, &sealed, oldest, now).await?;
            let ends_at = tokens.access_ends_at;
            db::app_tokens::insert(connection, family.session, number + 1, &tokens.hashes(), ends_at).await?;
            return Ok(Some(tokens));
        };
        let is_parent = number + 1 == generation.newest && now - replaced_at <= LOST_WITHIN;
        if let Some(sealed) = generation.next_sealed.filter(|_| is_parent) {
            let opened = self.token_sealer.open(&place(hash), &sealed)?;
            return Ok(Some(serde_json::from_slice(&opened)?));
        }
        self.end_family(connection, caller, &family).await?;
        Ok(None)
    }

    /// A token came that was exchanged before: one of two that hold it has stolen it, and nobody knows which.
    async fn end_family(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        family: &Family,
    ) -> Result<(), Error> {
        let person = family.person;
        tracing::warn!(%person, address = ?caller.connection().address, "a token came twice: its sign-in was ended");
        db::sessions::close(connection, family.session).await?;
        self.keep_deed(connection, caller, person, Deed::TokenReused).await?;
        self.keep_token_reused(connection, person).await
    }
}
