//! Who did what, who signed in, and who looked at whose data.
//!
//! **Invariants.** What a person does is kept by [`keep`], in the transaction of the act and as its last write: an act without its
//! record does not happen. Each business has a chain of its own and the installation has one; every entry carries the SHA-256 of
//! itself and of the one before. A chain's row is locked last of all, so that it stops nobody who holds less. Ids name people and
//! things: no names, no telephone numbers.
//!
//! **Deliberately absent**: what no person does (bargaining's own clockwork, webhooks, jobs); where a person called from; an act that
//! was refused, but for sign-ins and codes of a second factor.

pub mod chain;
pub mod heads;
mod notes;
mod read;
pub mod verify;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use types::{PersonId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

pub use read::{AuditEntry, AuditQuery, OperatorAuditQuery};

use crate::audit::chain::Entry;
use crate::db;

/// Whoever looks at the same again within this time is not kept twice.
const LOOKED_AGAIN: TimeDelta = TimeDelta::minutes(10);

/// What an act was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = AuditArea)]
pub enum Area {
    /// Signing in.
    SignIns,
    /// How a person signs in.
    Account,
    /// Keys by which other programs call.
    ApiKeys,
    /// Who belongs to a business.
    Team,
    /// Who runs the installation.
    People,
    /// Buyers at stalls.
    Visits,
    /// Orders.
    Orders,
    /// Money given back.
    Refunds,
    /// Payments that a bank disputes, and the evidence of them.
    Disputes,
    /// The comparison with gateways.
    Reconciliation,
    /// Vendors' money on its way to them.
    Payouts,
    /// What the platform keeps of sales.
    Commission,
    /// Tax collected at source.
    Tcs,
    /// Prepaid credit.
    Credits,
    /// Credit bought.
    TopUps,
    /// What providers' work costs.
    Prices,
    /// Plans.
    Plans,
    /// Coupons.
    Coupons,
    /// Messages of gateways.
    Webhooks,
    /// Background work.
    Jobs,
    /// Where a vendor's money goes.
    PayoutAccount,
    /// How a vendor is paid.
    PaymentProfile,
    /// A seller's tax profile.
    TaxProfile,
    /// What is kept of people: copies of it, and its erasure.
    PersonalData,
    /// Complaints about what is done with people's data.
    Grievances,
    /// Keys by which providers elsewhere are called.
    Providers,
    /// What people report of each other, and stalls that are closed for now.
    Moderation,
    /// Parts of the product that are off.
    Switches,
    /// This trail.
    Audit,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = AuditDeed)]
pub enum Deed {
    /// Looked at it.
    Looked,
    /// Signed in.
    SignedIn,
    /// Of a sign-in: the password was wrong. Of anything else: said no.
    Refused,
    /// The code of a second factor was wrong.
    CodeRefused,
    /// Made something new.
    Added,
    /// Made something else of it.
    Changed,
    /// Ended it.
    Ended,
    /// Let it begin or go on.
    Allowed,
    /// Stopped it.
    Stopped,
    /// Had it done once more.
    MadeAgain,
    /// Called it off.
    CalledOff,
    /// Said that the bank paid.
    MarkedPaid,
    /// Said that the bank sent it back.
    CameBack,
    /// Took it along as a file.
    FileTaken,
    /// Brought a file.
    FileGiven,
    /// Gave something.
    Given,
    /// Answered it.
    Answered,
    /// Said that it is so.
    Confirmed,
    /// Put it right.
    PutRight,
    /// Left it as it is.
    LeftAsItIs,
    /// Had it done.
    Started,
    /// Warned whoever it was about.
    Warned,
    /// Of a business: opened it.
    Opened,
    /// Invited somebody.
    Invited,
    /// Took an invitation back.
    Revoked,
    /// Accepted an invitation.
    Joined,
    /// Made somebody something else.
    RoleChanged,
    /// Removed somebody.
    Removed,
    /// Left.
    Left,
    /// Gave another name.
    Named,
    /// Asked every member for a code at sign-in.
    FactorRequired,
    /// Let members in without one again.
    FactorFreed,
}

/// Something that a person does.
#[derive(Debug, Clone, Copy)]
#[must_use = "an act is kept by `keep`"]
pub struct Act<'a> {
    business: Option<TenantId>,
    at: DateTime<Utc>,
    area: Area,
    deed: Deed,
    person: Option<PersonId>,
    about: Option<Uuid>,
    reason: Option<&'a str>,
}

impl<'a> Act<'a> {
    /// Something that this person does, to nobody's business in particular.
    pub const fn by(person: PersonId, area: Area, deed: Deed, at: DateTime<Utc>) -> Self {
        Self { person: Some(person), ..Self::by_nobody(area, deed, at) }
    }

    /// Something that is done on the command line, or by somebody who is not signed in.
    pub const fn by_nobody(area: Area, deed: Deed, at: DateTime<Utc>) -> Self {
        Self { business: None, at, area, deed, person: None, about: None, reason: None }
    }

    /// The same, to this business: it belongs to the business's own chain.
    pub const fn in_business(self, business: TenantId) -> Self {
        Self { business: Some(business), ..self }
    }

    /// The same, about this.
    pub const fn about(self, about: Uuid) -> Self {
        Self { about: Some(about), ..self }
    }

    /// The same, for this reason.
    pub const fn because(self, reason: &'a str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// The entry that it becomes in a chain of this length.
    fn after(self, chain: Uuid, length: i64) -> Entry {
        Entry {
            chain,
            number: length + 1,
            // What the database can hold: the hash is of what is read back.
            at: self.at.trunc_subsecs(6),
            area: chain::word(self.area),
            deed: chain::word(self.deed),
            person: self.person,
            about: self.about,
            reason: self.reason.map(str::to_owned),
        }
    }
}

/// Keeps an act, in the caller's transaction: the last that is written there.
///
/// # Errors
/// Whatever the database says; the transaction is lost then.
pub async fn keep(connection: &mut PgConnection, act: Act<'_>) -> Result<(), sqlx::Error> {
    keep_in(connection, &[chain::of(act.business)], act).await
}

/// Keeps the same in each of these chains: two statements, however many they are.
async fn keep_in(connection: &mut PgConnection, chains: &[Uuid], act: Act<'_>) -> Result<(), sqlx::Error> {
    let heads = db::audit::lock(connection, chains).await?;
    let entries: Vec<_> = heads.iter().map(|last| (act.after(last.chain, last.length), last.head)).collect();
    db::audit::append(connection, &entries).await
}

/// Keeps that an operator was shown something of these businesses; of none where it is the installation's. What the operator
/// was shown of the same in the last ten minutes is not kept again.
///
/// # Errors
/// Whatever the database says: then nothing may be shown.
pub async fn looked(
    connection: &mut PgConnection,
    person: PersonId,
    area: Area,
    businesses: impl IntoIterator<Item = TenantId> + Send,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mut chains: Vec<Uuid> = businesses.into_iter().map(TenantId::uuid).collect();
    // In one order, so that two who look at the same do not wait for each other.
    chains.sort_unstable();
    chains.dedup();
    if chains.is_empty() {
        chains.push(chain::INSTALLATION);
    }
    let seen = db::audit::looked_since(connection, person, area, &chains, now - LOOKED_AGAIN).await?;
    chains.retain(|chain| !seen.contains(chain));
    if chains.is_empty() {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    keep_in(&mut transaction, &chains, Act::by(person, area, Deed::Looked, now)).await?;
    transaction.commit().await
}
