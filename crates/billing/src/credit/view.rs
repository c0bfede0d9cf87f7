//! A vendor's credit, as the vendor sees it.

use std::collections::HashMap;

use identity::VendorCaller;
use ledger::Account;
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::{AccountId, Money, TenantId};
use utoipa::ToSchema;

use crate::Error;
use crate::credit::by_hand::TILL;
use crate::credit::top_up::{TOP_UP_MAX, TOP_UP_MIN};
use crate::credit::{CreditLot, Credits, Holding, Lot, LotKind, OwnLimit, RechargeStopped, in_order};
use crate::db::credit::{recharges, wallets};

/// A vendor's credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Credit {
    /// What work can be paid with now.
    pub available: Money,
    /// What is set aside for work under way.
    pub reserved: Money,
    /// What is not spent of what was paid for.
    pub paid: Money,
    /// What is not spent of what was given, by the operator or with a plan.
    pub granted: Money,
    /// What of what was paid can go back to where it was paid from.
    pub returnable: Money,
    /// What was given back at the gateway after it was spent: the next top-ups fill it first.
    pub owed: Money,
    /// Why it is topped up by itself no longer, where that was switched off by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recharge_stopped: Option<RechargeStopped>,
    /// Whether the operator stopped all spending.
    pub frozen: bool,
    /// How many works wait for credit.
    pub paused_jobs: i64,
    /// The names of members whose work waits because they have spent what they may this month.
    pub over_limit: Vec<String>,
    /// What the caller may spend this month, where they have a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub own_limit: Option<OwnLimit>,
    /// Whether a gateway or the platform's UPI id is there to top up through.
    pub can_top_up: bool,
    /// The gateways that it can be topped up through, the usual one first; `upi` is the platform's own UPI id.
    pub gateways: Vec<String>,
    /// Those of them that keep cards for the next time.
    pub gateways_that_keep_cards: Vec<String>,
    /// The least that is topped up at once.
    pub top_up_min: Money,
    /// The most that is topped up at once.
    pub top_up_max: Money,
    /// The lots that something is left of, in the order in which they are spent.
    pub lots: Vec<CreditLot>,
}

/// What changed of a vendor's credit, as the vendor's devices hear it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Standing {
    pub available: Money,
    pub reserved: Money,
    pub frozen: bool,
    pub paused_jobs: i64,
}

impl Credits {
    /// The caller's credit.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn credit(&self, vendor: VendorCaller) -> Result<Credit, Error> {
        let mut connection = self.db.acquire().await?;
        let holdings = self.holdings(&mut connection, vendor.tenant).await?;
        let standing = self.standing(&mut connection, vendor.tenant, &holdings).await?;
        let recharge = recharges::find(&mut connection, vendor.tenant).await?;
        let left = |is_paid: bool| {
            let of_kind = holdings.iter().filter(|holding| (holding.lot.kind == LotKind::Paid) == is_paid);
            Money::inr(of_kind.map(|holding| holding.left_minor).sum())
        };
        let mut gateways = self.payments.gateway_names();
        gateways.extend(self.till.as_ref().map(|_| TILL));
        Ok(Credit {
            available: standing.available,
            reserved: standing.reserved,
            paid: left(true),
            granted: left(false),
            returnable: Money::inr(self.returnable_minor(&mut connection, vendor.tenant, &holdings).await?),
            owed: Money::inr(self.owed_minor(&mut connection, vendor.tenant).await?),
            recharge_stopped: recharge.and_then(|rule| rule.stopped),
            frozen: standing.frozen,
            paused_jobs: standing.paused_jobs,
            over_limit: self.over_limit(&mut connection, vendor.tenant).await?,
            own_limit: self.own_limit(&mut connection, (vendor.tenant, vendor.person)).await?,
            can_top_up: !gateways.is_empty(),
            gateways: names(gateways),
            gateways_that_keep_cards: names(self.payments.gateways_that_keep()),
            top_up_min: TOP_UP_MIN,
            top_up_max: TOP_UP_MAX,
            lots: holdings.into_iter().filter(|h| h.left_minor > 0).map(CreditLot::from).collect(),
        })
    }

    /// These lots with what the books say of them, in the order in which they are spent; of several tenants, where they are.
    pub(crate) async fn holdings_of(
        &self,
        connection: &mut PgConnection,
        lots: Vec<Lot>,
    ) -> Result<Vec<Holding>, Error> {
        let wanted: Vec<_> = lots.iter().map(|lot| (lot.tenant, lot.account)).collect();
        let accounts = self.ledger.accounts_across(connection, &wanted).await?;
        let accounts: HashMap<AccountId, &Account> =
            accounts.iter().map(|account| (account.id, account)).collect();
        let known =
            lots.into_iter().filter_map(|lot| accounts.get(&lot.account).map(|of| Holding::of(lot, of)));
        Ok(in_order(known.collect()))
    }

    async fn standing(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        holdings: &[Holding],
    ) -> Result<Standing, Error> {
        let frozen = wallets::frozen(connection, &[tenant]).await?;
        let paused = self.jobs.paused(connection, &[tenant]).await?;
        Ok(Standing {
            available: Money::inr(holdings.iter().map(Holding::available_minor).sum()),
            reserved: Money::inr(holdings.iter().map(|holding| holding.reserved_minor).sum()),
            frozen: frozen.contains(&tenant),
            paused_jobs: paused.first().map_or(0, |(_, jobs)| *jobs),
        })
    }

    /// Tells the vendor how the credit stands, as the last thing of a transaction.
    pub(crate) async fn announce(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<(), Error> {
        let holdings = self.holdings(connection, tenant).await?;
        let standing = self.standing(connection, tenant, &holdings).await?;
        let event = Event { kind: "credit", visit_id: None, data: json!(standing) };
        Ok(self.sync.publish(connection, Subscriber::vendor(tenant), event).await?)
    }
}

fn names(gateways: Vec<&'static str>) -> Vec<String> {
    gateways.into_iter().map(str::to_owned).collect()
}
