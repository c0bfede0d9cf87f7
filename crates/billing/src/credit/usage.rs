//! What was used, and what it cost.

use chrono::{DateTime, NaiveDate, Utc};
use identity::VendorCaller;
use platform::meter::Measure;
use platform::page::{Page, PageQuery};
use serde::Serialize;
use sqlx::PgConnection;
use types::{LotId, Money, TenantId, UsageId, VisitId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::credit::{Credits, KeptOn, LotKind, UsedBy};
use crate::{Error, db};

/// How far back the days of usage go.
const DAYS: i64 = 30;

/// Work that was done at a provider, or a day of what was kept, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Usage {
    /// The work.
    pub id: UsageId,
    /// When it was charged.
    pub at: DateTime<Utc>,
    /// Who did it: `bhashini` …; `storage` where it is what was kept.
    pub provider: String,
    /// What of the provider's did it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// What was counted.
    pub measure: Measure,
    /// How much, in the measure's unit.
    pub quantity: i64,
    /// What it cost exactly, in millionths of a rupee.
    pub exact_micros: i64,
    /// What was taken from the credit for it: whole paise, the rest is carried to the next.
    pub charged: Money,
    /// Whether nobody had put a price on it.
    pub given_away: bool,
    /// Which lots it was taken from, in the order in which they were spent; together they are what was charged.
    pub lots: Vec<ChargedLot>,
    /// The price that it was charged at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub price: Option<PricedAt>,
    /// What it was done for.
    pub cause: UsageCause,
    /// What was kept, where this is the charge for a day of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kept: Option<KeptOn>,
    /// The member whose act caused it; absent where a buyer's did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub by: Option<UsedBy>,
}

/// What a charge took of one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChargedLot {
    /// The lot.
    pub lot_id: LotId,
    /// Where its credit came from.
    pub kind: LotKind,
    /// When it came in.
    pub since: DateTime<Utc>,
    /// What was taken of it.
    pub amount: Money,
}

/// The price that work was charged at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PricedAt {
    /// So many of the measure's unit …
    pub per: i64,
    /// … cost so many millionths of a rupee.
    pub price_micros: i64,
}

/// What work was done for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageCause {
    /// `message`, `recording`, `question` or `storage`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// The visit it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub visit_id: Option<VisitId>,
}

/// What was used in a day, of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageDay {
    /// The day, in India.
    pub day: NaiveDate,
    /// What was counted.
    pub measure: Measure,
    /// How much, in the measure's unit.
    pub quantity: i64,
    /// What was charged for it.
    pub charged: Money,
}

impl Credits {
    /// A page of what the caller was charged for, newest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn usage(&self, vendor: VendorCaller, query: PageQuery) -> Result<Page<Usage>, Error> {
        let mut connection = self.db.acquire().await?;
        let usage = self.charged(&mut connection, vendor.tenant, query).await?;
        Ok(query.page(usage, |usage| usage.id.uuid()))
    }

    /// A page of charges, with the lots they were taken from and the names of the members who caused them.
    pub(crate) async fn charged(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        query: PageQuery,
    ) -> Result<Vec<Usage>, Error> {
        let mut usage = db::credit::usage::captured(connection, tenant, query).await?;
        let ids: Vec<Uuid> = usage.iter().map(|usage| usage.id.uuid()).collect();
        let mut lots = db::credit::charged::of(connection, tenant, &ids).await?;
        for usage in &mut usage {
            usage.lots = lots.remove(&usage.id.uuid()).unwrap_or_default();
        }
        let people = usage.iter().filter_map(|usage| usage.by.as_ref().map(|by| by.person_id)).collect();
        let names = self.names_of(connection, people).await?;
        for by in usage.iter_mut().filter_map(|usage| usage.by.as_mut()) {
            if let Some(named) = names.iter().find(|named| named.person_id == by.person_id) {
                by.name.clone_from(&named.name);
            }
        }
        Ok(usage)
    }

    /// What the caller used in the last thirty days, by day and kind, the newest day first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn usage_days(&self, vendor: VendorCaller) -> Result<Vec<UsageDay>, Error> {
        let mut connection = self.db.acquire().await?;
        let since = self.clock.now() - chrono::TimeDelta::days(DAYS);
        Ok(db::credit::usage::days(&mut connection, vendor.tenant, since).await?)
    }
}
