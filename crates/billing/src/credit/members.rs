//! What each member of a business may spend of its credit in a month, and who spent what.
//!
//! The wallet is the business's; a limit is set by whoever manages its members, and counts the work that the member's own acts caused
//! ([`platform::meter`] says which those are). It is looked at under the wallet's lock, as the credit is: what is set aside for work
//! under way counts as spent. A month is India's, and work counts in the one it began in.
//!
//! **Deliberately absent**: limits on what the business itself pays (plans, recharges) and on what its buyers cause.

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, Role};
use payments::india;
use platform::db::repeat;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, PersonId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::waiting::WANTS_LAST;
use crate::credit::{Credits, Work, within};
use crate::db::credit::members::{self, Spending};
use crate::db::credit::wallets;

/// The most that a limit can be: five lakh rupees.
const LIMIT_MINOR_MAX: i64 = 5_00_000_00;

/// Somebody, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsedBy {
    /// The person.
    pub person_id: PersonId,
    /// What the person is called.
    pub name: String,
}

/// What a member may spend.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct NewMemberLimit {
    /// In a month; absent: as much as there is.
    #[serde(default)]
    #[schema(nullable = false)]
    pub limit: Option<Money>,
}

/// A member's own month, where they have a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnLimit {
    /// What they may spend in a month.
    pub limit: Money,
    /// What work cost that they caused this month, what is set aside for work under way included.
    pub spent: Money,
    /// What is left of it.
    pub left: Money,
}

/// What a member spent this month, and may spend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MemberSpending {
    /// The member, or somebody who was one.
    pub person_id: PersonId,
    /// What work cost that they caused this month, what is set aside for work under way included.
    pub spent: Money,
    /// What they may spend in a month; absent: as much as there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit: Option<Money>,
    /// Who said so, where somebody ever did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit_set_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit_set_at: Option<DateTime<Utc>>,
}

impl Credits {
    /// What the members of the caller's business spent this month and may spend: who spent most first. Somebody who spent nothing
    /// and never had a limit is left out.
    ///
    /// # Errors
    /// As [`Caller::vendor`]; whatever the database says.
    pub async fn member_spending(&self, caller: &Caller) -> Result<Vec<MemberSpending>, Error> {
        let tenant = caller.vendor()?.tenant;
        self.spending_of(&mut *self.db.acquire().await?, tenant).await
    }

    /// Says what a member may spend in a month. An owner's limit is set by owners, and nobody else sets their own.
    ///
    /// # Errors
    /// As [`Caller::vendor`]; [`Error::OutOfRange`]; [`Error::NotFound`] for somebody who is no member; forbidden as above.
    pub async fn limit_member(
        &self,
        caller: &Caller,
        person: PersonId,
        new: NewMemberLimit,
    ) -> Result<Vec<MemberSpending>, Error> {
        let limit_minor = match new.limit {
            Some(limit) => Some(within("limit", limit.minor(), 0, LIMIT_MINOR_MAX)?),
            None => None,
        };
        repeat(|| self.limit_member_once(caller, person, limit_minor)).await
    }

    async fn limit_member_once(
        &self,
        caller: &Caller,
        person: PersonId,
        limit_minor: Option<i64>,
    ) -> Result<Vec<MemberSpending>, Error> {
        let vendor = caller.vendor()?;
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        let role = self.identity.role_in(&mut transaction, vendor.tenant, person).await?;
        let role = role.ok_or(Error::NotFound)?;
        let own = caller.roles().role.filter(|own| own.may_give(role));
        if own.is_none_or(|own| own != Role::Owner && person == vendor.person) {
            return Err(identity::Error::Forbidden.into());
        }
        wallets::lock(&mut transaction, vendor.tenant, now).await?;
        let id: Uuid = self.entropy.id(now);
        let limit = members::Limit { minor: limit_minor, set_by: vendor.person, created_at: now };
        members::set_limit(&mut transaction, vendor.tenant, id, person, &limit).await?;
        self.resume(&mut transaction, vendor.tenant).await?;
        self.announce(&mut transaction, vendor.tenant).await?;
        let spending = self.spending_of(&mut transaction, vendor.tenant).await?;
        let act = Act::by(vendor.person, Area::Credits, Deed::Changed, now).in_business(vendor.tenant);
        audit::keep(&mut transaction, act.about(person.uuid())).await?;
        transaction.commit().await?;
        tracing::info!(tenant = %vendor.tenant, by = %vendor.person, %person, limit_minor, "a member's limit was set");
        Ok(spending)
    }

    /// Refuses work that would take its member over the month's limit. The wallet is locked.
    ///
    /// # Errors
    /// [`Error::MemberLimit`].
    pub(crate) async fn check_member(
        &self,
        connection: &mut PgConnection,
        work: &Work,
        minor: i64,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let Some(person) = work.by else { return Ok(()) };
        if self.may_spend(connection, (work.tenant, person), minor, now).await? {
            Ok(())
        } else {
            Err(Error::MemberLimit)
        }
    }

    /// Whether a member may spend so much more this month.
    pub(crate) async fn may_spend(
        &self,
        connection: &mut PgConnection,
        (tenant, person): (TenantId, PersonId),
        minor: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let Some(limit) = members::limit_minor(connection, tenant, person).await? else { return Ok(true) };
        let spent = members::spent_minor(connection, tenant, person, india::month(now).start, now).await?;
        Ok(spent.saturating_add(minor) <= limit)
    }

    /// What is left of a member's month; none where they may spend as much as there is.
    pub(crate) async fn own_limit(
        &self,
        connection: &mut PgConnection,
        (tenant, person): (TenantId, PersonId),
    ) -> Result<Option<OwnLimit>, Error> {
        let Some(limit) = members::limit_minor(connection, tenant, person).await? else { return Ok(None) };
        let now = self.clock.now();
        let spent = members::spent_minor(connection, tenant, person, india::month(now).start, now).await?;
        let left = limit.saturating_sub(spent).max(0);
        Ok(Some(OwnLimit { limit: Money::inr(limit), spent: Money::inr(spent), left: Money::inr(left) }))
    }

    /// The names of the members whose work waits because of their limits.
    pub(crate) async fn over_limit(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Vec<String>, Error> {
        let wants = members::wants(connection, &[tenant], self.clock.now() - WANTS_LAST).await?;
        let mut people: Vec<PersonId> = wants.iter().map(|want| want.person).collect();
        people.dedup();
        let names = self.names_of(connection, people).await?;
        Ok(names.into_iter().map(|person| person.name).collect())
    }

    /// What these people are called.
    pub(crate) async fn names_of(
        &self,
        connection: &mut PgConnection,
        mut people: Vec<PersonId>,
    ) -> Result<Vec<UsedBy>, Error> {
        people.sort_unstable();
        people.dedup();
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let names = self.identity.names(connection, &people).await?;
        Ok(names.into_iter().map(|(person_id, name)| UsedBy { person_id, name }).collect())
    }

    async fn spending_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Vec<MemberSpending>, Error> {
        let now = self.clock.now();
        let spending = members::spending(connection, tenant, india::month(now).start, now).await?;
        let setters = spending.iter().filter_map(|member| member.limit.map(|limit| limit.set_by));
        let names = self.names_of(connection, setters.collect()).await?;
        Ok(spending.iter().map(|member| MemberSpending::of(member, &names)).collect())
    }
}

impl MemberSpending {
    fn of(member: &Spending, names: &[UsedBy]) -> Self {
        let name =
            |person| names.iter().find(|named| named.person_id == person).map(|named| named.name.clone());
        Self {
            person_id: member.person,
            spent: Money::inr(member.spent_minor),
            limit: member.limit.and_then(|limit| limit.minor).map(Money::inr),
            limit_set_by: member.limit.and_then(|limit| name(limit.set_by)),
            limit_set_at: member.limit.map(|limit| limit.created_at),
        }
    }
}
