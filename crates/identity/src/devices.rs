//! Where a person is signed in: seen and ended by the person; and the password, whose change ends all the others.

use chrono::{DateTime, Utc};
use platform::db::repeat;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::SessionId;
use utoipa::ToSchema;

use crate::account_log::Deed;
use crate::{Caller, Error, Identity, Person, db, password};

/// A device that somebody is signed in on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceSession {
    /// The session.
    pub id: SessionId,
    /// Browser and system, such as `Chrome · Android`, or the name of a program; empty where unknown.
    pub device: String,
    /// Since when.
    pub began_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    pub seen_at: DateTime<Utc>,
    /// Whether the call came from it.
    pub current: bool,
    /// Whether it is a program that was signed in: `device` is what it was called then.
    pub is_app: bool,
}

/// Where the caller is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceSessions {
    /// Last used first; at most 20.
    pub items: Vec<DeviceSession>,
}

/// Another password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PasswordChange {
    /// The one until now.
    #[schema(value_type = String, format = Password)]
    old_password: SecretString,
    /// 8 to 128 characters, not one of the common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: SecretString,
}

impl Identity {
    /// Where the caller is signed in.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn device_sessions(&self, caller: &Caller) -> Result<DeviceSessions, Error> {
        let known = caller.signed_in()?;
        let mut connection = self.db.acquire().await?;
        let now = self.clock.now();
        let items = db::sessions::of_person(&mut connection, known.person.id, known.session, now).await?;
        Ok(DeviceSessions { items })
    }

    /// Signs one of the caller's devices out.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::NoSuchPerson`] for a session that is over or somebody else's.
    pub async fn end_session(&self, caller: &Caller, session: SessionId) -> Result<(), Error> {
        let person = caller.signed_in()?.person.id;
        let mut transaction = self.db.begin().await?;
        if !db::sessions::close_own(&mut transaction, person, session).await? {
            return Err(Error::NoSuchPerson);
        }
        self.keep_deed(&mut transaction, caller, person, Deed::DeviceSignedOut).await?;
        transaction.commit().await?;
        tracing::info!(%person, "a device was signed out");
        Ok(())
    }

    /// Signs all of the caller's other devices out.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn end_other_sessions(&self, caller: &Caller) -> Result<(), Error> {
        let known = caller.signed_in()?;
        let person = known.person.id;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if db::sessions::close_others(&mut transaction, person, known.session).await? > 0 {
                self.keep_deed(&mut transaction, caller, person, Deed::OthersSignedOut).await?;
            }
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%person, "the other devices were signed out");
        Ok(())
    }

    /// Changes the caller's password and signs the other devices out. Guessing the old one is as slow as signing in.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::WrongPassword`], [`Error::Password`], [`Error::TooMany`], [`Error::Busy`].
    pub async fn change_password(&self, caller: &Caller, change: PasswordChange) -> Result<(), Error> {
        let known = caller.signed_in()?;
        let person = &known.person;
        let about = person.known_to_others();
        password::check(&change.password, &about)?;
        let subjects = self.check_password(caller, &change.old_password).await?;
        let hash = self.hasher.hash(change.password, about).await??;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let now = self.clock.now();
            db::throttle::forgive(&mut transaction, subjects).await?;
            db::people::set_password(&mut transaction, person.id, &hash, now).await?;
            self.end_links_and_codes(&mut transaction, person).await?;
            db::half_sign_ins::close_all(&mut transaction, person.id).await?;
            db::sessions::close_others(&mut transaction, person.id, known.session).await?;
            self.keep_deed(&mut transaction, caller, person.id, Deed::PasswordChanged).await?;
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await?;
        tracing::info!(person = %person.id, "the password changed");
        Ok(())
    }

    /// Sets another password in place of one that was forgotten: every device is signed out, and no link and no code that is on its way
    /// replaces it again.
    pub(crate) async fn replace_password(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        person: &Person,
        hash: &str,
        deed: Deed,
    ) -> Result<(), Error> {
        db::people::set_password(connection, person.id, hash, self.clock.now()).await?;
        self.end_links_and_codes(connection, person).await?;
        db::accounts::end_sessions(connection, person.id).await?;
        self.keep_deed(connection, caller, person.id, deed).await
    }

    /// Ends what is on its way to somebody and would replace their password.
    async fn end_links_and_codes(
        &self,
        connection: &mut PgConnection,
        person: &Person,
    ) -> Result<(), sqlx::Error> {
        db::letters::end_links(connection, &self.fields, Some(person.id), person.email.as_ref()).await?;
        db::texts::end_codes(connection, &self.fields, Some(person.id), person.phone.as_ref()).await
    }
}
