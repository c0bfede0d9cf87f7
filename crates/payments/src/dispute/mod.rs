//! Disputes: a payer's bank asks for money back.
//!
//! The gateway tells of them by webhooks and is asked for them every hour; both lead to the same look. From the first look until it is
//! decided the amount is on hold: it left what is owed to the vendor, it counts as given back, and nothing of the payment is refunded.
//! The vendor or the operator accepts, or contests with files as evidence; a job brings that to the gateway, which decides.
//!
//! What is lost is told like a refund: the order's documents are taken back for as much. The gateway's fee is in the books once a dispute
//! is decided, as the gateway has it then: some keep it although it was won.

mod answer;
mod books;
mod kept;
mod read;
mod take_in;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use types::{OrderId, PaymentId, PersonId, TenantId};
use utoipa::ToSchema;

pub use answer::{EVIDENCE_BYTES_MAX, EVIDENCE_FILES_MAX, Evidence, EvidenceFile, EvidenceLimits, FileKind};
pub(crate) use books::{DISPUTE, DISPUTE_FEE, DISPUTE_TCS, HELD};
pub(crate) use read::DisputeQuery;
pub(crate) use read::Listed;
pub use read::{DisputeView, OperatorDispute};

use crate::gateway;
use crate::ids::DisputeId;

/// Where a dispute stands. It only moves forward, except that a bank may ask for more evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DisputeState {
    /// It waits for an answer.
    Open,
    /// It is contested; the gateway is being given the evidence.
    EvidenceSent,
    /// The bank looks at the evidence.
    UnderReview,
    /// The money stays with the vendor.
    Won,
    /// The money is the payer's.
    Lost,
    /// It was given in to: the money is the payer's.
    Accepted,
    /// Nobody answered in time: the money is the payer's.
    Expired,
    /// It ended without a decision: the money stays with the vendor.
    Closed,
}

/// What is answered to a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = DisputeAnswer)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Answer {
    /// The payer may have the money.
    Accept,
    /// The sale was good.
    Contest,
}

/// A stored dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dispute {
    pub tenant: TenantId,
    pub id: DisputeId,
    pub payment: PaymentId,
    pub order: Option<OrderId>,
    pub gateway: String,
    pub at_gateway: String,
    pub amount_minor: i64,
    /// What is on hold of it, and the commission in that.
    pub held_minor: i64,
    pub commission_minor: i64,
    pub fee_minor: i64,
    /// What of the fee is in the books.
    pub fee_booked_minor: i64,
    pub reason: String,
    pub phase: String,
    pub state: DisputeState,
    pub answer: Option<Answer>,
    pub answered_by: Option<PersonId>,
    pub statement: Option<String>,
    pub note: Option<String>,
    pub respond_by: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl DisputeState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::EvidenceSent => "evidence_sent",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Accepted => "accepted",
            Self::Expired => "expired",
            Self::Closed => "closed",
        }
    }

    /// Whether it is decided.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Open | Self::EvidenceSent | Self::UnderReview)
    }

    /// Whether the payer has the money.
    pub(crate) const fn is_lost(self) -> bool {
        matches!(self, Self::Lost | Self::Accepted | Self::Expired)
    }
}

impl Dispute {
    /// Where it stands by what the gateway says now.
    pub(crate) fn after(&self, seen: &gateway::Dispute, now: DateTime<Utc>) -> DisputeState {
        if self.state.is_over() {
            return self.state;
        }
        match seen.state {
            gateway::DisputeState::NeedsAnswer if self.is_asked_again(seen) => DisputeState::Open,
            gateway::DisputeState::NeedsAnswer => self.state,
            gateway::DisputeState::UnderReview => DisputeState::UnderReview,
            gateway::DisputeState::Won => DisputeState::Won,
            gateway::DisputeState::Closed => DisputeState::Closed,
            gateway::DisputeState::Lost => match self.answer {
                Some(Answer::Accept) => DisputeState::Accepted,
                None if self.respond_by.is_some_and(|by| by <= now) => DisputeState::Expired,
                Some(Answer::Contest) | None => DisputeState::Lost,
            },
        }
    }

    /// Whether the bank wants more evidence than it was given: then there is more time.
    pub(crate) fn is_asked_again(&self, seen: &gateway::Dispute) -> bool {
        self.state == DisputeState::UnderReview
            && seen.state == gateway::DisputeState::NeedsAnswer
            && seen.respond_by > self.respond_by
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use types::Money;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn dispute(state: DisputeState, answer: Option<Answer>) -> Dispute {
        let id = uuid::Uuid::from_u128;
        Dispute {
            tenant: id(1).into(),
            id: id(2).into(),
            payment: id(3).into(),
            order: None,
            gateway: "razorpay".to_owned(),
            at_gateway: "disp_1".to_owned(),
            amount_minor: 150_00,
            held_minor: 150_00,
            commission_minor: 3_75,
            fee_minor: 0,
            fee_booked_minor: 0,
            reason: "fraud".to_owned(),
            phase: "chargeback".to_owned(),
            state,
            answer,
            answered_by: None,
            statement: None,
            note: None,
            respond_by: Some(NOW + TimeDelta::days(7)),
            created_at: NOW,
        }
    }

    fn seen(state: gateway::DisputeState, days: i64) -> gateway::Dispute {
        gateway::Dispute {
            id: "disp_1".to_owned(),
            payment: "pay_1".to_owned(),
            amount: Some(Money::inr(150_00)),
            state,
            reason: "fraud".to_owned(),
            phase: "chargeback".to_owned(),
            respond_by: Some(NOW + TimeDelta::days(days)),
            fee_minor: None,
            movements: Vec::new(),
        }
    }

    #[test]
    fn what_is_decided_stays_decided() {
        for over in [DisputeState::Won, DisputeState::Lost, DisputeState::Accepted, DisputeState::Expired] {
            for said in
                [gateway::DisputeState::NeedsAnswer, gateway::DisputeState::Won, gateway::DisputeState::Lost]
            {
                assert_eq!(dispute(over, None).after(&seen(said, 90), NOW), over);
            }
        }
    }

    #[test]
    fn a_loss_says_how_it_came_to_it() {
        let lost = seen(gateway::DisputeState::Lost, 7);
        let late = NOW + TimeDelta::days(8);
        assert_eq!(
            dispute(DisputeState::Open, Some(Answer::Accept)).after(&lost, NOW),
            DisputeState::Accepted
        );
        assert_eq!(dispute(DisputeState::Open, None).after(&lost, late), DisputeState::Expired);
        assert_eq!(dispute(DisputeState::Open, None).after(&lost, NOW), DisputeState::Lost);
        let contested = dispute(DisputeState::UnderReview, Some(Answer::Contest));
        assert_eq!(contested.after(&lost, late), DisputeState::Lost);
    }

    #[test]
    fn only_a_bank_that_gives_more_time_opens_it_again() {
        let contested = dispute(DisputeState::UnderReview, Some(Answer::Contest));
        let old_news = seen(gateway::DisputeState::NeedsAnswer, 7);
        assert_eq!(contested.after(&old_news, NOW), DisputeState::UnderReview);
        assert_eq!(contested.after(&seen(gateway::DisputeState::NeedsAnswer, 14), NOW), DisputeState::Open);
        let being_sent = dispute(DisputeState::EvidenceSent, Some(Answer::Contest));
        assert_eq!(being_sent.after(&old_news, NOW), DisputeState::EvidenceSent);
    }
}
