//! Intents: amounts asked for, and what may become of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use types::{GuestId, IntentId, Money, OrderId, PaymentMethodId, TenantId, VisitId};
use utoipa::ToSchema;

use crate::subject::Subject;

/// An order's amount to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIntent {
    /// Whose stall sells.
    pub tenant: TenantId,
    /// What is to be paid.
    pub order: OrderId,
    /// The order's number as people say it.
    pub order_number: String,
    /// The visit it came from: its two sides may see and pay it.
    pub visit: VisitId,
    /// The visit's buyer.
    pub guest: GuestId,
    /// The name a payer sees.
    pub stall_name: String,
    /// How much, above zero.
    pub amount: Money,
    /// Until when the order waits for it.
    pub expires_at: DateTime<Utc>,
}

/// An amount to be asked for, whatever for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub tenant: TenantId,
    pub subject: Subject,
    pub amount: Money,
    pub expires_at: DateTime<Utc>,
    pub card: Card,
}

/// Which card pays, as far as that is said beforehand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Card {
    /// A kept one that is charged without asking anybody.
    pub charged: Option<PaymentMethodId>,
    /// Whether the one that pays is to be kept.
    pub is_kept: bool,
}

/// Where an intent stands. It only moves forward, except that a failed one may yet be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentState)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum IntentState {
    /// The gateway is being asked for ways to pay.
    Preparing,
    /// The ways to pay are there; nobody has paid.
    Waiting,
    /// Money may be under way: the payer's bank said yes, or their phone did and nobody else yet.
    Checking,
    /// The money is there.
    Paid,
    /// An attempt failed; another may be made.
    Failed,
    /// Another intent asks for the money: the order grew.
    Replaced,
    /// The money is waited for no longer.
    Expired,
    /// The money went back.
    Refunded,
}

/// Who says that money came, or offers a way for it to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConfirmedBy)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum By {
    /// The payment gateway: proof.
    Gateway,
    /// The vendor: their word.
    Vendor,
}

/// How a vendor was paid without the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReceivedMethod)]
pub enum Received {
    /// At the vendor's own UPI id.
    Upi,
    /// In cash.
    Cash,
}

/// A stored intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    pub tenant: TenantId,
    pub id: IntentId,
    pub subject: Subject,
    pub amount_minor: i64,
    pub state: IntentState,
    pub gateway: Option<String>,
    pub card: Card,
    pub asked_at: Option<DateTime<Utc>>,
    pub pending_payment: Option<String>,
    pub method: Option<String>,
    pub confirmed_by: Option<By>,
    pub received_client_id: Option<uuid::Uuid>,
    pub expires_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

/// What one payment at the gateway means for its intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It pays what was asked for.
    Settles,
    /// No more of it is wanted: it goes back.
    Surplus,
}

impl IntentState {
    /// Whether it can still be paid by whoever looks at it.
    pub(crate) const fn is_live(self) -> bool {
        matches!(self, Self::Preparing | Self::Waiting | Self::Checking | Self::Failed)
    }

    /// Whether what it asks for has been paid through it, even if the money went back later.
    pub(crate) const fn is_settled(self) -> bool {
        matches!(self, Self::Paid | Self::Refunded)
    }

    /// Whether an intent may go from here to there.
    pub(crate) const fn may_become(self, next: Self) -> bool {
        match next {
            Self::Preparing => false,
            Self::Waiting => matches!(self, Self::Preparing),
            Self::Checking => matches!(self, Self::Preparing | Self::Waiting | Self::Failed),
            Self::Failed => matches!(self, Self::Preparing | Self::Waiting | Self::Checking),
            // Late money: whoever asked decides what becomes of it.
            Self::Paid => self.is_live() || matches!(self, Self::Expired),
            Self::Replaced | Self::Expired => self.is_live(),
            Self::Refunded => matches!(self, Self::Paid),
        }
    }
}

impl From<&NewIntent> for Ask {
    fn from(new: &NewIntent) -> Self {
        let subject = Subject::Order {
            id: new.order,
            number: new.order_number.clone(),
            visit: new.visit,
            guest: new.guest,
            stall_name: new.stall_name.clone(),
        };
        let card = Card::default();
        Self { tenant: new.tenant, subject, amount: new.amount, expires_at: new.expires_at, card }
    }
}

impl Received {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Upi => "upi",
            Self::Cash => "cash",
        }
    }
}

impl Intent {
    pub(crate) const fn amount(&self) -> Money {
        Money::inr(self.amount_minor)
    }
}

/// What captured money for `intents[of]` means, `intents` being all of its subject.
pub(crate) fn judge(intents: &[Intent], of: IntentId) -> Verdict {
    let state = intents.iter().find(|intent| intent.id == of).map(|intent| intent.state);
    let others_want_or_have_it =
        intents.iter().any(|other| other.id != of && (other.state.is_live() || other.state.is_settled()));
    match state {
        Some(state) if state.may_become(IntentState::Paid) && !others_want_or_have_it => Verdict::Settles,
        _ => Verdict::Surplus,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ALL: [IntentState; 8] = [
        IntentState::Preparing,
        IntentState::Waiting,
        IntentState::Checking,
        IntentState::Paid,
        IntentState::Failed,
        IntentState::Replaced,
        IntentState::Expired,
        IntentState::Refunded,
    ];

    fn intent(number: u128, state: IntentState) -> Intent {
        let id = Uuid::from_u128(number);
        Intent {
            tenant: Uuid::nil().into(),
            id: id.into(),
            subject: Subject::TopUp {
                id: Uuid::nil().into(),
                number: "C-7".to_owned(),
                payee: "VyaparMitra".to_owned(),
            },
            amount_minor: 150_00,
            state,
            gateway: None,
            card: Card::default(),
            asked_at: None,
            pending_payment: None,
            method: None,
            confirmed_by: None,
            received_client_id: None,
            expires_at: DateTime::UNIX_EPOCH,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_over_stays_over_except_for_late_money() {
        for over in [IntentState::Replaced, IntentState::Refunded] {
            assert!(ALL.iter().all(|next| !over.may_become(*next)), "{over:?}");
        }
        let after =
            |state: IntentState| ALL.into_iter().filter(|next| state.may_become(*next)).collect::<Vec<_>>();
        assert_eq!(after(IntentState::Paid), [IntentState::Refunded]);
        assert_eq!(after(IntentState::Expired), [IntentState::Paid]);
    }

    #[test]
    fn only_a_failed_intent_goes_back_to_being_checked() {
        assert!(IntentState::Failed.may_become(IntentState::Checking));
        assert!(!IntentState::Failed.may_become(IntentState::Waiting));
        assert!(!IntentState::Checking.may_become(IntentState::Waiting));
        assert!(!IntentState::Paid.may_become(IntentState::Failed));
    }

    #[test]
    fn money_settles_what_waits_and_what_expired_unpaid_and_nothing_else() {
        for state in ALL {
            let wanted = state.is_live() || state == IntentState::Expired;
            let verdict = judge(&[intent(1, state)], Uuid::from_u128(1).into());
            assert_eq!(verdict, if wanted { Verdict::Settles } else { Verdict::Surplus }, "{state:?}");
        }
    }

    #[test]
    fn money_for_an_expired_intent_is_surplus_where_another_is_asked_or_paid() {
        for other in [IntentState::Waiting, IntentState::Paid, IntentState::Refunded] {
            let intents = [intent(1, IntentState::Expired), intent(2, other)];
            assert_eq!(judge(&intents, intents[0].id), Verdict::Surplus, "{other:?}");
        }
        let intents = [intent(1, IntentState::Expired), intent(2, IntentState::Replaced)];
        assert_eq!(judge(&intents, intents[0].id), Verdict::Settles);
    }
}
