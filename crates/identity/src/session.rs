//! Sign-in sessions: kept on the server, ended by it.

use chrono::TimeDelta;
use platform::db::repeat;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use types::{PersonId, SessionId};
use utoipa::ToSchema;

use crate::account_log::Deed;
use crate::cookies::Kind;
use crate::db::people::Keeper;
use crate::db::sessions::NewSession;
use crate::second_step::SecondStep;
use crate::throttle::{Subjects, count_ahead};
use crate::{Caller, EmailAddress, Error, Handle, Identity, Person, PhoneNumber, SetCookie, db};

/// A session that nothing was asked of for this long is over.
pub const IDLE_MAX: TimeDelta = TimeDelta::days(14);
/// No session lives longer.
pub const AGE_MAX: TimeDelta = TimeDelta::days(90);
/// A person's sessions beyond this many end, oldest first.
pub const PER_PERSON_MAX: i64 = 20;
/// Use is noted at most this often: a write for every request would be waste.
pub(crate) const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The SHA-256 of a token: what the database keeps in its place.
///
/// The token has 256 random bits, so that a plain hash without salt tells nothing of it.
pub(crate) fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// What a person signs in with.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Credentials {
    /// The number of the account; or `email`.
    #[schema(nullable = false)]
    phone: Option<PhoneNumber>,
    /// The address of the account.
    #[schema(nullable = false)]
    email: Option<EmailAddress>,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// How far a sign-in came.
#[derive(Debug)]
pub enum Entry {
    /// The person is signed in.
    Whole(Person, SetCookie),
    /// The password was right; a code is asked for next.
    Half(SecondStep, SetCookie),
}

/// When somebody showed that it is they.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// At this moment.
    Now,
    /// In a session before this one.
    Before,
}

impl Identity {
    /// Signs in: a new session with a new token; the one that the caller came with ends. Where the person has a second
    /// factor, [`Identity::finish_sign_in`] does that.
    ///
    /// # Errors
    /// [`Error::NoHandle`], [`Error::WrongCredentials`], [`Error::TooMany`], [`Error::Busy`], [`Error::Locked`].
    pub async fn sign_in(&self, caller: &Caller, credentials: &Credentials) -> Result<Entry, Error> {
        let handle = Handle::given(credentials.phone.as_ref(), credentials.email.as_ref())?;
        let (person, subjects) = self.show_credentials(caller, &handle, &credentials.password).await?;
        repeat(|| self.enter(caller, &person, subjects)).await
    }

    /// Whose number or address and password these are, with what was counted as a failure in advance. That they are wrong is kept.
    pub(crate) async fn show_credentials(
        &self,
        caller: &Caller,
        handle: &Handle,
        password: &SecretString,
    ) -> Result<(Person, Subjects), Error> {
        let address = caller.connection().address;
        let result = self.check_credentials(caller, handle, password).await;
        if let Err(error) = &result {
            tracing::warn!(?handle, ?address, reason = %error, "sign-in refused");
            if matches!(error, Error::WrongCredentials) {
                self.keep_refused_sign_in(handle).await?;
            }
        }
        result
    }

    pub(crate) async fn check_credentials(
        &self,
        caller: &Caller,
        handle: &Handle,
        password: &SecretString,
    ) -> Result<(Person, Subjects), Error> {
        let subjects = self.throttle.admit(handle, caller.connection())?;
        // The connection goes back before the hashing, which takes longer than everything else together.
        let keeper = {
            let mut connection = self.db.acquire().await?;
            count_ahead(&mut connection, subjects, self.clock.now()).await??;
            db::people::by_handle(&mut connection, &self.fields, handle).await?
        };
        let (person, kept) = match keeper {
            Some(Keeper { person, password_hash }) => (Some(person), Some(password_hash)),
            None => (None, None),
        };
        let is_right = self.hasher.verify(password, kept).await?;
        person.filter(|_| is_right).map(|person| (person, subjects)).ok_or(Error::WrongCredentials)
    }

    /// Goes on after the right password: in, or to the second step.
    async fn enter(&self, caller: &Caller, person: &Person, subjects: Subjects) -> Result<Entry, Error> {
        let mut transaction = self.db.begin().await?;
        db::throttle::forgive(&mut transaction, subjects).await?;
        let entry = self.admit(&mut transaction, caller, person).await?;
        transaction.commit().await?;
        Ok(entry)
    }

    /// Goes on after one factor: in, or to the second step where the person has another.
    pub(crate) async fn admit(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        person: &Person,
    ) -> Result<Entry, Error> {
        if db::factors::has_any(connection, person.id).await? {
            let (step, cookie) = self.open_half(connection, caller, person.id).await?;
            return Ok(Entry::Half(step, cookie));
        }
        let cookie = self.begin_session(connection, caller, person.id).await?;
        Ok(Entry::Whole(person.clone(), cookie))
    }

    /// Signs a person in who has shown everything there is to show; the session that the caller came with ends.
    pub(crate) async fn begin_session(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        person: PersonId,
    ) -> Result<SetCookie, Error> {
        if let Ok(before) = caller.signed_in() {
            db::sessions::close(connection, before.session).await?;
        }
        let cookie = self.open_session(connection, caller, person, Shown::Now).await?;
        self.keep_deed(connection, caller, person, Deed::SignedIn).await?;
        self.keep_sign_in(connection, person).await?;
        tracing::info!(%person, address = ?caller.connection().address, "signed in");
        Ok(cookie)
    }

    pub(crate) async fn open_session(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        person: PersonId,
        shown: Shown,
    ) -> Result<SetCookie, Error> {
        // A program has no use for a cookie, and its own session would end for one.
        if caller.is_app() {
            return Err(Error::Forbidden);
        }
        let (now, token) = (self.clock.now(), self.entropy.token());
        let new = NewSession {
            session: self.entropy.id::<SessionId>(now),
            person,
            token_hash: hash_token(&token),
            device: caller.connection().device.to_string(),
            confirmed_at: (shown == Shown::Now).then_some(now),
        };
        if !db::sessions::open(connection, &new, now).await? {
            return Err(Error::Locked);
        }
        Ok(SetCookie::keep(Kind::Session, caller.connection().transport, &token, AGE_MAX))
    }

    /// Ends the caller's session; nobody's is ended as well.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn sign_out(&self, caller: &Caller) -> Result<SetCookie, Error> {
        if let Ok(signed_in) = caller.signed_in() {
            db::sessions::close(&mut *self.db.acquire().await?, signed_in.session).await?;
            tracing::info!(person = %signed_in.person.id, "signed out");
        }
        Ok(SetCookie::forget(Kind::Session, caller.connection().transport))
    }

    /// Which of these sessions still live. For connections that outlive a request.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn living_sessions(
        &self,
        connection: &mut PgConnection,
        sessions: &[SessionId],
    ) -> Result<Vec<SessionId>, sqlx::Error> {
        db::sessions::living(connection, sessions, self.clock.now()).await
    }
}
