//! Signing in by an account elsewhere: Google, Apple or any issuer of OpenID Connect that the configuration names.
//!
//! **Invariants.** An account elsewhere is issuer and subject. It signs in the person that it was linked to, by that person, signed in
//! and asked once more; an address that is alike links nothing. A sign-in is bound to the browser that began it by a cookie, to the
//! issuer's answer by `state`, nonce and PKCE, counts once and for ten minutes. It is one factor: whoever has a second is asked for it.
//!
//! **Deliberately absent**: accounts without a password of their own; what issuers know of people beyond who they are.

mod issuer;
mod outbound;

use chrono::{DateTime, TimeDelta, Utc};
use platform::db::repeat;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use types::OutsideAccountId;
use utoipa::{IntoParams, ToSchema};

pub use issuer::OpenIdError;
pub(crate) use issuer::{Binding, Issuer, Outsider};

use crate::account_log::Deed;
use crate::cookies::Kind;
use crate::session::{Entry, hash_token};
use crate::{Caller, Error, Identity, SetCookie, db};

/// How long a sign-in elsewhere may take, and how long an account waits to be linked afterwards.
pub const WITHIN: TimeDelta = TimeDelta::minutes(10);
/// So many accounts elsewhere a person has at most.
pub const PER_PERSON_MAX: i64 = 10;
/// Where issuers send browsers back to, below the address of the pages.
pub const RETURN: &str = "/api/v1/sessions/openid/return";

/// An account elsewhere, as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutsideAccount {
    /// The link.
    pub id: OutsideAccountId,
    /// What the installation calls the issuer; its address where it is no longer used.
    pub issuer: String,
    /// What the person knows the account by; empty where the issuer did not say.
    pub shown_as: String,
    /// Since when.
    pub linked_at: DateTime<Utc>,
    /// When it signed in last; absent where it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub used_at: Option<DateTime<Utc>>,
}

/// The caller's accounts elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutsideAccounts {
    /// The newest first; at most 10.
    pub items: Vec<OutsideAccount>,
    /// The issuer of an account that this browser came back with and that is nobody's yet: it can be linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub waiting: Option<String>,
}

/// Which issuer.
#[derive(Debug, Deserialize, ToSchema)]
pub struct IssuerChoice {
    /// What the installation calls it.
    issuer: String,
}

/// Where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuerPage {
    /// The issuer's page.
    pub url: String,
}

/// What an issuer sends a browser back with.
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Returned {
    /// What is redeemed at the issuer; absent where the person turned back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// What the browser was sent there with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
}

/// What came of a sign-in elsewhere.
#[derive(Debug)]
pub enum Arrival {
    /// The person is signed in, or goes on to the second step.
    Known(Entry),
    /// The account is linked to the person who is signed in.
    Own,
    /// The account is nobody's yet: it waits to be linked.
    Unknown,
}

/// A sign-in elsewhere that began.
#[derive(Debug)]
pub(crate) struct Begun {
    pub issuer: String,
    pub binding: Binding,
}

/// An account elsewhere as it is kept.
#[derive(Debug)]
pub(crate) struct OutsideRow {
    pub id: OutsideAccountId,
    pub issuer: String,
    pub shown_as: String,
    pub linked_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}

impl Identity {
    /// What the installation calls its issuers.
    pub fn issuer_names(&self) -> Vec<String> {
        self.issuers.iter().map(|issuer| issuer.config.name.clone()).collect()
    }

    fn issuer(&self, name: &str) -> Result<&Issuer, Error> {
        let found = self.issuers.iter().find(|issuer| issuer.config.name == name);
        found.ok_or(Error::NoSuchPerson)
    }

    fn name_of(&self, address: &str) -> String {
        let known = self
            .issuers
            .iter()
            .find(|it| it.config.issuer.trim_end_matches('/') == address.trim_end_matches('/'));
        known.map_or_else(|| address.to_owned(), |issuer| issuer.config.name.clone())
    }

    /// Sends a browser to an issuer, from a page of `origin`. Gives the cookie that binds the browser to what it began.
    ///
    /// # Errors
    /// [`Error::NoSuchPerson`] for an issuer that there is none of; [`Error::OpenId`] where it cannot be reached; [`Error::TooMany`].
    pub async fn begin_openid(
        &self,
        caller: &Caller,
        choice: &IssuerChoice,
        origin: Option<&str>,
    ) -> Result<(IssuerPage, SetCookie), Error> {
        self.throttle.admit_network(caller.connection())?;
        let issuer = self.issuer(&choice.issuer)?;
        let base = origin.filter(|origin| self.origins.contains(origin));
        let base = base.unwrap_or(&self.config.public_url).trim_end_matches('/');
        let binding = Binding {
            state: self.entropy.token(),
            nonce: self.entropy.token(),
            verifier: self.entropy.token(),
            redirect: format!("{base}{RETURN}"),
        };
        let now = self.clock.now();
        let url = issuer.page(&binding, now).await?;
        let begun = Begun { issuer: choice.issuer.clone(), binding };
        let token = hash_token(&begun.binding.state);
        db::openid::begin(&mut *self.db.acquire().await?, &token, &begun, now + WITHIN).await?;
        let transport = caller.connection().transport;
        let cookie = SetCookie::keep(Kind::OpenId, transport, &begun.binding.state, WITHIN);
        Ok((IssuerPage { url }, cookie))
    }

    /// Goes on where an issuer sent a browser back: signs its person in, or keeps the account for being linked.
    ///
    /// # Errors
    /// [`Error::SignInOver`] where this browser began no such sign-in, or too long ago; [`Error::OpenId`] where the issuer's
    /// answer is not believed; [`Error::OutsideTaken`] where the account is another's than who is signed in.
    pub async fn arrive(&self, caller: &Caller, returned: &Returned) -> Result<Arrival, Error> {
        self.throttle.admit_network(caller.connection())?;
        let (Some(cookie), Some(state)) = (caller.openid_token(), &returned.state) else {
            return Err(Error::SignInOver);
        };
        if cookie.expose_secret() != state {
            return Err(Error::SignInOver);
        }
        let (token, now) = (hash_token(state), self.clock.now());
        let begun = db::openid::take(&mut *self.db.acquire().await?, &token, now).await?;
        let begun = begun.ok_or(Error::SignInOver)?;
        let code = returned.code.clone().ok_or(Error::SignInOver)?;
        let subject = self.issuer(&begun.issuer)?.redeem(code, &begun.binding, now).await?;
        repeat(|| self.welcome(caller, &token, &subject)).await
    }

    async fn welcome(&self, caller: &Caller, token: &[u8; 32], subject: &Outsider) -> Result<Arrival, Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        let owner = db::openid::owner(&mut transaction, subject, now).await?;
        let arrival = match (owner, caller.signed_in()) {
            (Some(owner), Ok(known)) if known.person.id == owner => Arrival::Own,
            (Some(_), Ok(_)) => return Err(Error::OutsideTaken),
            (Some(owner), Err(_)) => {
                let person = db::people::by_id(&mut transaction, &self.fields, owner)
                    .await?
                    .ok_or(Error::SignInOver)?;
                Arrival::Known(self.admit(&mut transaction, caller, &person).await?)
            }
            (None, _) => {
                db::openid::wait(&mut transaction, &self.fields, token, subject, now + WITHIN).await?;
                Arrival::Unknown
            }
        };
        transaction.commit().await?;
        Ok(arrival)
    }

    /// The caller's accounts elsewhere, and what waits to be linked.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn outside_accounts(&self, caller: &Caller) -> Result<OutsideAccounts, Error> {
        let person = caller.signed_in()?.person.id;
        let mut connection = self.db.acquire().await?;
        let linked = db::openid::of(&mut connection, &self.fields, person, PER_PERSON_MAX).await?;
        let waiting = match caller.openid_token().map(secret_hash) {
            Some(token) => {
                db::openid::waiting(&mut connection, &self.fields, &token, self.clock.now()).await?
            }
            None => None,
        };
        let item = |linked: OutsideRow| OutsideAccount {
            id: linked.id,
            issuer: self.name_of(&linked.issuer),
            shown_as: linked.shown_as,
            linked_at: linked.linked_at,
            used_at: linked.used_at,
        };
        Ok(OutsideAccounts {
            items: linked.into_iter().map(item).collect(),
            waiting: waiting.map(|subject| self.name_of(&subject.issuer)),
        })
    }

    /// Links the account that this browser came back with to the caller. Gives the cookie that forgets it.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::SignInOver`] where none waits; [`Error::OutsideTaken`] where it is somebody's;
    /// [`Error::OutsideFull`].
    pub async fn link_outside(&self, caller: &Caller) -> Result<(OutsideAccounts, SetCookie), Error> {
        let person = caller.signed_in()?.person.id;
        let token = secret_hash(caller.openid_token().ok_or(Error::SignInOver)?);
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let now = self.clock.now();
            db::factors::lock_all(&mut transaction, person).await?;
            let subject = db::openid::waiting(&mut transaction, &self.fields, &token, now).await?;
            let subject = subject.ok_or(Error::SignInOver)?;
            let held = db::openid::of(&mut transaction, &self.fields, person, PER_PERSON_MAX).await?.len();
            if i64::try_from(held).is_ok_and(|held| held >= PER_PERSON_MAX) {
                return Err(Error::OutsideFull);
            }
            let id = self.entropy.id::<OutsideAccountId>(now);
            if !db::openid::link(&mut transaction, &self.fields, id, person, &subject, now).await? {
                return Err(Error::OutsideTaken);
            }
            db::openid::forget(&mut transaction, &token).await?;
            self.keep_deed(&mut transaction, caller, person, Deed::OutsideLinked).await?;
            self.keep_factor_act(&mut transaction, person, id.uuid(), true).await?;
            Ok(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%person, "an account elsewhere was linked");
        let accounts = self.outside_accounts(caller).await?;
        Ok((accounts, SetCookie::forget(Kind::OpenId, caller.connection().transport)))
    }

    /// Unlinks one of the caller's accounts elsewhere: it signs in no more.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::NoSuchPerson`] where the caller has no such account.
    pub async fn unlink_outside(&self, caller: &Caller, id: OutsideAccountId) -> Result<(), Error> {
        let person = caller.signed_in()?.person.id;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if !db::openid::unlink(&mut transaction, person, id).await? {
                return Err(Error::NoSuchPerson);
            }
            self.keep_deed(&mut transaction, caller, person, Deed::OutsideUnlinked).await?;
            self.keep_factor_act(&mut transaction, person, id.uuid(), false).await?;
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%person, "an account elsewhere was unlinked");
        Ok(())
    }
}

fn secret_hash(token: &SecretString) -> [u8; 32] {
    hash_token(token.expose_secret())
}
