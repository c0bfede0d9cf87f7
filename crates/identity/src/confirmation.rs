//! The password once more, or a code or a passkey of whoever has a second factor, before something that whoever finds an open phone must not
//! do.
//!
//! A session is fresh for ten minutes after its person signed in or confirmed. Which endpoints ask for a fresh one stands in the
//! table of the endpoints.

use chrono::TimeDelta;
use platform::db::repeat;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::throttle::Subjects;
use crate::{Caller, Error, Identity, db};

/// For how long a session is fresh.
pub const FRESH_FOR: TimeDelta = TimeDelta::minutes(10);

/// What shows that it is the person: the password where there is no second factor, else a code or a passkey.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Proof {
    /// The password.
    #[schema(value_type = Option<String>, format = Password, nullable = false)]
    password: Option<SecretString>,
    /// A code of the person's app, or a recovery code.
    #[schema(value_type = Option<String>, nullable = false)]
    code: Option<SecretString>,
    /// What a browser answered with a passkey: `PublicKeyCredential.toJSON`.
    #[schema(value_type = Option<Object>, nullable = false)]
    passkey: Option<Value>,
}

impl Identity {
    /// Makes the caller's session fresh. Guessing is as slow as at sign-in.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::WrongPassword`], [`Error::WrongCode`], [`Error::WrongPasskey`], [`Error::PasskeyOver`],
    /// [`Error::NothingShown`], [`Error::FactorAsked`] for a password where there is a second factor, [`Error::TooMany`], [`Error::Busy`].
    pub async fn confirm(&self, caller: &Caller, shown: &Proof) -> Result<(), Error> {
        let known = caller.signed_in()?;
        if let Some(answer) = &shown.passkey {
            return self.confirm_by_passkey(caller, answer).await;
        }
        let (subjects, code) = match (&shown.password, &shown.code) {
            (_, Some(code)) => (self.admit_code(caller, known.person.id).await?, Some(code)),
            (Some(password), None) => {
                // What signs nobody in alone shows nothing alone.
                if db::factors::has_any(&mut *self.db.acquire().await?, known.person.id).await? {
                    return Err(Error::FactorAsked);
                }
                (self.check_password(caller, password).await?, None)
            }
            (None, None) => return Err(Error::NothingShown),
        };
        let result: Result<(), Error> = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if let Some(code) = code {
                self.spend(&mut transaction, caller, known.person.id, code.expose_secret()).await?;
            }
            db::throttle::forgive(&mut transaction, subjects).await?;
            db::sessions::confirm(&mut transaction, known.session, self.clock.now()).await?;
            Ok(transaction.commit().await?)
        })
        .await;
        if matches!(result, Err(Error::WrongCode)) {
            self.keep_refused_code(caller, Some(known.person.id)).await?;
        }
        result
    }

    async fn confirm_by_passkey(&self, caller: &Caller, answer: &Value) -> Result<(), Error> {
        let known = caller.signed_in()?;
        let (shown, state) = self.answered(caller, answer).await?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if self.use_passkey(&mut transaction, caller, &shown, &state).await? != known.person.id {
                return Err(Error::WrongPasskey);
            }
            db::sessions::confirm(&mut transaction, known.session, self.clock.now()).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// Whether this is the caller's password; what was counted as a failure in advance is to be forgiven then. That it is wrong is kept.
    pub(crate) async fn check_password(
        &self,
        caller: &Caller,
        password: &SecretString,
    ) -> Result<Subjects, Error> {
        let known = &caller.signed_in()?.person;
        match self.check_credentials(caller, &known.handle(), password).await {
            Ok((person, subjects)) if person.id == known.id => Ok(subjects),
            Ok(_) | Err(Error::WrongCredentials) => {
                tracing::warn!(person = %known.id, address = ?caller.connection().address, "a password was refused");
                self.keep_refused_password(known.id).await?;
                Err(Error::WrongPassword)
            }
            Err(other) => Err(other),
        }
    }
}
