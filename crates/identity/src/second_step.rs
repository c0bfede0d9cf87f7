//! The second step of a sign-in: whoever gave the right password gives a code.
//!
//! **Invariants.** Between the steps nobody is signed in: the browser holds a cookie of its own kind, which opens nothing but this
//! step, once, for five minutes. Guessing is counted by person, whichever sign-in it belongs to.

use chrono::{DateTime, TimeDelta, Utc};
use platform::db::repeat;
use secrecy::ExposeSecret;
use serde::Serialize;
use sqlx::PgConnection;
use types::PersonId;
use utoipa::ToSchema;

use crate::cookies::Kind;
use crate::second_factor::FactorCode;
use crate::session::hash_token;
use crate::{Caller, Error, Identity, Person, SetCookie, db};

/// How long the first step counts.
pub const WITHIN: TimeDelta = TimeDelta::minutes(5);

/// The password was right, and a code is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SecondStep {
    /// Until when the code may be given.
    pub ends_at: DateTime<Utc>,
}

impl Identity {
    /// Keeps that somebody gave the right password.
    pub(crate) async fn open_half(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        person: PersonId,
    ) -> Result<(SecondStep, SetCookie), Error> {
        let (now, token) = (self.clock.now(), self.entropy.token());
        let ends_at = now + WITHIN;
        db::half_sign_ins::open(connection, &hash_token(&token), person, ends_at).await?;
        let cookie = SetCookie::keep(Kind::Half, caller.connection().transport, &token, WITHIN);
        Ok((SecondStep { ends_at }, cookie))
    }

    /// Signs in by a code, after the first step. Gives the session's cookie, and the one that forgets the first step.
    ///
    /// # Errors
    /// [`Error::SignInOver`], [`Error::WrongCode`], [`Error::TooMany`].
    pub async fn finish_sign_in(
        &self,
        caller: &Caller,
        given: &FactorCode,
    ) -> Result<(Person, SetCookie, SetCookie), Error> {
        let token = caller.half_token().ok_or(Error::SignInOver)?;
        let half = hash_token(token.expose_secret());
        let person = {
            let mut connection = self.db.acquire().await?;
            let found = db::half_sign_ins::find(&mut connection, &half, self.clock.now()).await?;
            let person = found.ok_or(Error::SignInOver)?;
            db::people::by_id(&mut connection, &self.fields, person).await?.ok_or(Error::SignInOver)?
        };
        let subjects = self.admit_code(caller, person.id).await?;
        let result = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            db::throttle::forgive(&mut transaction, subjects).await?;
            self.spend(&mut transaction, caller, person.id, given.code.expose_secret()).await?;
            if !db::half_sign_ins::close(&mut transaction, &half).await? {
                return Err(Error::SignInOver);
            }
            let cookie = self.begin_session(&mut transaction, caller, person.id).await?;
            transaction.commit().await?;
            Ok(cookie)
        })
        .await;
        if matches!(result, Err(Error::WrongCode)) {
            self.keep_refused_code(caller, Some(person.id)).await?;
        }
        Ok((person, result?, SetCookie::forget(Kind::Half, caller.connection().transport)))
    }
}
