//! Paying vendors out: what they have to come, at which account, by whom.
//!
//! Money from a sale through the gateway is *held* until the time that was set with it is over ([`hold`]); the rest of what is owed is
//! *available*. A *run* looks at every vendor and asks for one payout each, of all that is available where it is no less than the minimum:
//! it leaves `vendor:payable` for `payouts:pending` at that moment. A provider then makes it, by a job, or an operator at the
//! platform's own bank, by hand. Where it fails or comes back, the money is the vendor's again.
//!
//! **Invariants.** A vendor has at most one payout under way. A payout only moves forward: `asked → pending → paid → reversed`, or
//! `failed` or `cancelled` before it is paid; one that failed is made good by another that names it. What is asked of the provider carries the
//! payout's id as key, so that whatever is repeated makes it once; what it says through a webhook is a hint where to look. A balance
//! below zero (a refund after the payout) is made good by later sales before anything is paid out.
//!
//! What the provider takes for a payout is the platform's expense, not the vendor's: it is in the books as the provider has it at each look,
//! so that what it gives back with a payout that came back is there, too.
//!
//! **Deliberately absent**: paying a part of what is available, accounts at several providers.

pub(crate) mod account;
mod books;
mod by_hand;
mod hold;
mod make;
mod oversight;
pub(crate) mod provider;
pub(crate) mod razorpayx;
mod run;
mod seal_again;
mod terms;
mod view;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use types::{Money, TenantId};
use utoipa::ToSchema;

pub use crate::ids::{PayoutAccountId, PayoutId, PayoutRunId};
pub use account::{AccountKind, NewPayoutAccount, PayoutAccount};
pub use by_hand::{HandMade, PayoutFile};
pub use hold::Release;
pub use oversight::{NewHold, OperatorPayout};
pub use run::{PayoutDue, PayoutRun, PayoutRunState, PayoutsDue, WhyNot};
pub use view::VendorPayout;

pub(crate) use books::{IN_TRANSIT, OUT};
pub(crate) use hold::{DAYS_MAX as HOLD_DAYS_MAX, RELEASES_MAX};
pub(crate) use oversight::PayoutQuery;
pub(crate) use run::DueQuery;

/// Where a payout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum PayoutState {
    /// To be made.
    Asked,
    /// The provider is at it.
    Pending,
    /// The vendor has it.
    Paid,
    /// It could not be made: the money is the vendor's to come again.
    Failed,
    /// It was made and came back: the money is the vendor's to come again.
    Reversed,
    /// An operator called it off before it was made.
    Cancelled,
}

impl PayoutState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Reversed => "reversed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it is neither made nor over.
    pub(crate) const fn is_under_way(self) -> bool {
        matches!(self, Self::Asked | Self::Pending)
    }

    /// Whether a payout may go from here to there.
    pub(crate) const fn may_become(self, next: Self) -> bool {
        match next {
            Self::Asked => false,
            Self::Pending => matches!(self, Self::Asked),
            Self::Paid | Self::Failed | Self::Cancelled => self.is_under_way(),
            // A bank may send money back that the provider never said had arrived.
            Self::Reversed => matches!(self, Self::Asked | Self::Pending | Self::Paid),
        }
    }
}

/// A stored payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payout {
    pub tenant: TenantId,
    pub id: PayoutId,
    pub run: PayoutRunId,
    pub account: PayoutAccountId,
    pub amount_minor: i64,
    pub state: PayoutState,
    /// Who makes it; none where it is made by hand.
    pub provider: Option<String>,
    pub sent_at: Option<DateTime<Utc>>,
    /// What the provider calls it.
    pub at_provider: Option<String>,
    /// What the bank calls it.
    pub utr: Option<String>,
    /// What the provider took for it, as it is in the books, and the tax in that.
    pub fee_minor: i64,
    pub fee_tax_minor: i64,
}

impl Payout {
    pub(crate) const fn amount(&self) -> Money {
        Money::inr(self.amount_minor)
    }
}

#[cfg(test)]
mod tests {
    use super::PayoutState::{self, Asked, Cancelled, Failed, Paid, Pending, Reversed};

    const ALL: [PayoutState; 6] = [Asked, Pending, Paid, Failed, Reversed, Cancelled];

    #[test]
    fn a_payout_only_moves_forward() {
        let after =
            |state: PayoutState| ALL.into_iter().filter(|next| state.may_become(*next)).collect::<Vec<_>>();
        assert_eq!(after(Asked), [Pending, Paid, Failed, Reversed, Cancelled]);
        assert_eq!(after(Pending), [Paid, Failed, Reversed, Cancelled]);
        assert_eq!(after(Paid), [Reversed]);
        for over in [Failed, Reversed, Cancelled] {
            assert!(after(over).is_empty(), "{over:?}");
        }
    }
}
