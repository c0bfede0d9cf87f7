//! Accounts, for whoever runs the installation: found, locked, let in again, signed out.
//!
//! **Invariants.** Whoever looks or acts gives a reason, which is kept with each person who was shown. Nobody locks themselves out, and
//! requests never leave an installation without an admin who can sign in.

use chrono::{DateTime, Utc};
use platform::db::repeat;
use platform::text;
use serde::{Deserialize, Serialize};
use types::{Language, PersonId};
use utoipa::ToSchema;

use crate::audit::{Act, Area, Deed, keep};
use crate::business::{BUSINESSES_MAX, Business};
use crate::person::NAME_CHARS_MAX;
use crate::role::{OperatorRole, Permission};
use crate::{Caller, EmailAddress, Error, Handle, Identity, OperatorReason, PhoneNumber, db};

/// So many people a search finds.
pub(crate) const FOUND_MAX: usize = 20;

/// Whom an operator looks for, and why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct AccountSearch {
    /// A phone number, an e-mail address, or the beginning of a name.
    #[schema(min_length = 1, max_length = 80)]
    text: String,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

/// A device that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountSession {
    /// Browser and system, such as `Chrome · Android`; empty where unknown.
    pub device: String,
    /// Since when.
    pub began_at: DateTime<Utc>,
    /// When something was last asked of it.
    pub seen_at: DateTime<Utc>,
}

/// Somebody's account, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountFound {
    /// The person.
    pub id: PersonId,
    /// What the person is called.
    pub name: String,
    /// The number the person signs in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phone: Option<PhoneNumber>,
    /// The address the person signs in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<EmailAddress>,
    /// The language the person reads.
    pub language: Language,
    /// Since when there is the account.
    pub opened_at: DateTime<Utc>,
    /// Since when the person is locked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub locked_at: Option<DateTime<Utc>>,
    /// What the person does for the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub operator_role: Option<OperatorRole>,
    /// The businesses that the person belongs to.
    pub businesses: Vec<Business>,
    /// The devices that are signed in.
    pub sessions: Vec<AccountSession>,
}

/// The people whom a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundAccounts {
    /// At most twenty, by name.
    pub items: Vec<AccountFound>,
}

/// Whether somebody is locked out from now on, and why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct LockChange {
    /// Whether the person is locked out.
    locked: bool,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

impl Identity {
    /// Finds people by their number, their address or the beginning of their name. That they were looked at is kept with each.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::Name`], [`Error::Reason`].
    pub async fn find_accounts(
        &self,
        caller: &Caller,
        search: &AccountSearch,
    ) -> Result<FoundAccounts, Error> {
        let by = caller.operate(Permission::FindPeople)?;
        let reason = search.why.line().map_err(Error::Reason)?;
        let sought = text::line(&search.text, NAME_CHARS_MAX)?;
        let handle = sought.parse::<Handle>().ok();
        repeat(|| async {
            let now = self.clock.now();
            let mut transaction = self.db.begin().await?;
            let named = match &handle {
                Some(_) => Vec::new(),
                None => db::accounts::named(&mut transaction, &self.fields, &sought, FOUND_MAX).await?,
            };
            let mut items =
                db::accounts::find(&mut transaction, &self.fields, handle.as_ref(), &named).await?;
            items.sort_by_key(|found| (found.name.to_lowercase(), found.id));
            for found in &mut items {
                found.businesses =
                    db::members::businesses(&mut transaction, &self.fields, found.id, BUSINESSES_MAX).await?;
                found.sessions = db::accounts::sessions(&mut transaction, found.id, now).await?;
            }
            let act = Act::by(by, Area::People, Deed::Looked, now).because(&reason);
            if items.is_empty() {
                keep(&mut transaction, act).await?;
            }
            for found in &items {
                keep(&mut transaction, act.about(found.id.uuid())).await?;
            }
            transaction.commit().await?;
            Ok(FoundAccounts { items })
        })
        .await
    }

    /// Locks somebody out, whose sessions end, or lets them in again.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NoSuchPerson`], [`Error::Reason`], [`Error::LastAdmin`]; [`Error::Forbidden`] for oneself, and for
    /// an operator where the caller does not say who runs the installation.
    pub async fn lock_account(
        &self,
        caller: &Caller,
        person: PersonId,
        change: &LockChange,
    ) -> Result<AccountFound, Error> {
        let by = caller.operate(Permission::LockPeople)?;
        let reason = change.why.line().map_err(Error::Reason)?;
        if by == person {
            return Err(Error::Forbidden);
        }
        let found = repeat(|| async {
            let now = self.clock.now();
            let mut transaction = self.db.begin().await?;
            let operators = db::operators::lock(&mut transaction).await?;
            if operators.iter().any(|(operator, _)| *operator == person) {
                caller.operate(Permission::ManageOperators)?;
            }
            let at = change.locked.then_some(now);
            let found = db::accounts::set_locked(&mut transaction, &self.fields, person, at).await?;
            let mut found = found.ok_or(Error::NoSuchPerson)?;
            if change.locked {
                db::accounts::end_sessions(&mut transaction, person).await?;
            }
            found.businesses =
                db::members::businesses(&mut transaction, &self.fields, person, BUSINESSES_MAX).await?;
            found.sessions = db::accounts::sessions(&mut transaction, person, now).await?;
            let deed = if change.locked { Deed::Stopped } else { Deed::Allowed };
            let act = Act::by(by, Area::People, deed, now).about(person.uuid()).because(&reason);
            keep(&mut transaction, act).await?;
            transaction.commit().await?;
            Ok::<_, Error>(found)
        })
        .await?;
        tracing::info!(%person, %by, locked = change.locked, "an account was locked or let in again");
        Ok(found)
    }

    /// Ends every session of somebody, who can sign in again.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NoSuchPerson`], [`Error::Reason`].
    pub async fn sign_account_out(
        &self,
        caller: &Caller,
        person: PersonId,
        why: &OperatorReason,
    ) -> Result<(), Error> {
        let by = caller.operate(Permission::LockPeople)?;
        let reason = why.line().map_err(Error::Reason)?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            db::people::by_id(&mut transaction, &self.fields, person).await?.ok_or(Error::NoSuchPerson)?;
            db::accounts::end_sessions(&mut transaction, person).await?;
            let act = Act::by(by, Area::People, Deed::Ended, self.clock.now()).about(person.uuid());
            keep(&mut transaction, act.because(&reason)).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }
}
