//! Vendors' prepaid credit: what providers' work costs, what was used, and the end of work when the credit is out.
//!
//! A vendor tops up through a gateway, or the operator grants; each time a *lot* of credit comes in, with an account of its own
//! in the vendor's books. Work at a provider reserves the most that it can cost before it starts (pending transfers out of the
//! lots), charges what was used when it is done, and gives the rest back. What a provider costs, or one of its models, is in the *price
//! book*. Work that is refused waits, and is tried again when there is credit for what it wanted.
//!
//! **Invariants.** Work that has a price does not start without credit for all of it. Charges are whole paise; the part below
//! one is carried to the next charge, so that all charges together are the exact cost, less what is carried. A charge is made
//! once, and names the lots it was taken from. What a crash leaves reserved comes back by itself. Prices are never changed, only
//! followed by later ones. Work that nobody has put a price on is noted and given away.
//!
//! Paid credit that is not spent goes back to where it was paid from, where the vendor asks for it; where a top-up was given back at the
//! gateway itself, its credit goes, and what was spent of it is *owed*: the next top-ups fill that first.
//!
//! Where no gateway is there, or the vendor wants none, a top-up is paid at the platform's own UPI id: the vendor types the number that
//! the bank gave the payment, the operator compares it with the bank and confirms it. Such money goes back by the operator's hand alone.
//!
//! Where the vendor says so, credit is topped up by itself from a kept card when little is left, up to a month's most.
//!
//! What is kept for a business in files is charged by the day; days without credit wait, and nothing is deleted for want of it.
//!
//! A business's members share its wallet. Each charge says whose act caused it, and a member may have a month's limit.
//!
//! **Deliberately absent**: credit of several businesses in one wallet.

mod by_hand;
mod export;
mod freeze;
mod grant;
mod lot;
mod members;
mod meter;
mod price;
mod recharge;
mod refund;
mod settle;
mod spend;
mod statement;
mod storage;
mod top_up;
mod upkeep;
mod usage;
mod view;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use identity::{Identity, OperatorReason};
use ledger::Ledger;
use payments::{Payments, UpiId};
use platform::jobs::{Handlers, Jobs};
use platform::kept::Keeper;
use platform::limit::Limiter;
use platform::switches::Switches;
use platform::{Clock, Db, Entropy};
use sync::Sync;
use types::TenantId;
use utoipa_axum::router::OpenApiRouter;

pub use by_hand::{BankSays, ConfirmedTopUp, PaidByHand, RefusedTopUp, SaidPaid, SaidTopUp, SaidTopUpQuery};
pub use freeze::{Freeze, TenantCredit};
pub use grant::NewGrant;
pub use lot::{CreditLot, LotKind};
pub use members::{MemberSpending, NewMemberLimit, OwnLimit, UsedBy};
pub use price::{NewPrice, WorkPrice};
pub use recharge::{Recharge, RechargeChange, RechargeStopped};
pub use refund::{CreditRefund, CreditRefundState, NewCreditRefund};
pub use settle::{DebtSettlement, NewDebtSettlement};
pub use statement::BankFile;
pub use storage::KeptOn;
pub use top_up::{NewTopUp, TopUp, TopUpState};
pub use usage::{ChargedLot, PricedAt, Usage, UsageCause, UsageDay};
pub use view::Credit;

pub(crate) use grant::Giver;
pub(crate) use lot::{Holding, Lot, in_order};
pub(crate) use meter::{Hold, Taken, UsageState, Work};
pub(crate) use recharge::Charge;
pub(crate) use spend::{NoCredit, Share, Spend};
pub(crate) use statement::BankFileQuery;
pub(crate) use storage::Stored;
pub(crate) use top_up::{Asked, TOP_UP_MIN};

use crate::{Error, jobs};

/// The context of prepaid credit. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Credits {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) jobs: Jobs,
    pub(crate) sync: Sync,
    pub(crate) identity: Identity,
    pub(crate) ledger: Ledger,
    pub(crate) payments: Payments,
    /// Top-ups that a vendor asks for: each makes an order and a code at the gateway.
    pub(crate) asks: Arc<Limiter<TenantId>>,
    /// The platform's own UPI id.
    pub(crate) till: Option<UpiId>,
    /// What is switched off; nothing where nobody can.
    pub(crate) switches: Option<Switches>,
}

/// What credit stands on.
#[derive(Debug, Clone)]
pub struct Foundations {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Ids.
    pub entropy: Entropy,
    /// The queue: work that waits for credit is in it.
    pub jobs: Jobs,
    /// News for vendors.
    pub sync: Sync,
    /// Who the vendors are.
    pub identity: Identity,
    /// The books.
    pub ledger: Ledger,
    /// How a top-up is paid.
    pub payments: Payments,
}

impl Credits {
    /// The context on these foundations.
    pub fn new(on: Foundations) -> Self {
        let Foundations { db, clock, entropy, jobs, sync, identity, ledger, payments } = on;
        let asks = Arc::new(Limiter::new(clock.clone(), 10, Duration::from_secs(30)));
        Self { db, clock, entropy, jobs, sync, identity, ledger, payments, asks, till: None, switches: None }
    }

    /// The context in which credit can be paid for at this UPI id of the platform's, too.
    #[must_use]
    pub fn paid_at(self, till: Option<UpiId>) -> Self {
        Self { till, ..self }
    }

    /// The context in which nothing is topped up by itself while that is switched off.
    #[must_use]
    pub fn switched_by(self, switches: Switches) -> Self {
        Self { switches: Some(switches), ..self }
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        crate::http::credit::routes().with_state(self.clone())
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        jobs::handlers(self)
    }

    /// The jobs that charge what these contexts keep.
    pub fn storage_handlers(&self, keepers: impl IntoIterator<Item = Arc<dyn Keeper>>) -> Handlers {
        jobs::storage_handlers(self, keepers.into_iter().collect())
    }
}

/// A number that lies within its bounds.
///
/// # Errors
/// [`Error::OutOfRange`].
pub(crate) fn within(name: &'static str, value: i64, min: i64, max: i64) -> Result<i64, Error> {
    if (min..=max).contains(&value) { Ok(value) } else { Err(Error::OutOfRange { name, min, max }) }
}

/// Why an operator does something, as it is kept.
///
/// # Errors
/// [`Error::Field`].
pub(crate) fn reason(text: &str) -> Result<String, Error> {
    let why = OperatorReason { reason: text.to_owned() };
    why.line().map_err(|error| Error::Field { name: "reason", error })
}
