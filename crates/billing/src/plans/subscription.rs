//! A vendor's subscription: its states and what time makes of them. No I/O.
//!
//! ```text
//! free ──trial──▶ trialing ──its end──▶ active ◀──paid── past_due
//!   └────────────paid──────────────────▶   └──not paid──────▲  │
//!   ◀── cancelled, at the period's end ──┘                     │
//!   ◀──────────────────── the grace is over ───────────────────┘
//! ```

use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use types::{CouponId, Money, PlanId};
use utoipa::ToSchema;

use crate::plans::dunning;
use crate::plans::period::{Term, period};

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Nothing is paid and nothing is due: the free plan.
    Free,
    /// A plan is tried for nothing.
    Trialing,
    /// A plan is paid.
    Active,
    /// A period has begun and is not paid. What the plan gives stays until the grace is over.
    PastDue,
    /// The same, while what is kept for it is being charged: nobody has to do anything. Only shown, never stored.
    Charging,
}

/// A vendor's subscription.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Standing {
    /// Whether a trial was given.
    pub trialed: bool,
    /// What runs; none on the free plan.
    pub running: Option<Running>,
}

/// A subscription that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    /// Never [`SubscriptionState::Free`].
    pub state: SubscriptionState,
    pub plan: PlanId,
    pub term: Term,
    pub anchor: DateTime<Utc>,
    /// The period's number from the anchor.
    pub period: u32,
    pub during: Range<DateTime<Utc>>,
    /// What was paid for the time from `paid_from` to the period's end.
    pub paid: Money,
    pub paid_from: DateTime<Utc>,
    /// What begins with the next period.
    pub next: Option<(PlanId, Term)>,
    pub cancels_at_end: bool,
    pub coupon: Option<Applied>,
    /// How often the money was asked for in vain after the first time.
    pub attempts: u16,
    pub retry_at: Option<DateTime<Utc>>,
}

/// A coupon that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Applied {
    pub coupon: CouponId,
    /// For how many periods, this one among them; none: for ever.
    pub left: Option<u32>,
}

impl Standing {
    pub fn state(&self) -> SubscriptionState {
        self.running.as_ref().map_or(SubscriptionState::Free, |running| running.state)
    }
}

impl Running {
    /// A plan that begins, with a trial or with a paid period.
    pub fn begun(
        plan: PlanId,
        term: Term,
        anchor: DateTime<Utc>,
        during: Range<DateTime<Utc>>,
        paid: Money,
    ) -> Self {
        Self {
            state: SubscriptionState::Active,
            plan,
            term,
            anchor,
            period: 0,
            paid_from: during.start,
            during,
            paid,
            next: None,
            cancels_at_end: false,
            coupon: None,
            attempts: 0,
            retry_at: None,
        }
    }

    pub fn is_trial(&self) -> bool {
        self.state == SubscriptionState::Trialing
    }

    pub fn is_past_due(&self) -> bool {
        self.state == SubscriptionState::PastDue
    }

    /// The next period, not paid yet; none where the subscription ends.
    pub fn rolled(&self) -> Option<Self> {
        if self.cancels_at_end {
            return None;
        }
        let (plan, term) = self.next.unwrap_or((self.plan, self.term));
        let goes_on = term == self.term && !self.is_trial();
        let (anchor, number) = if goes_on { (self.anchor, self.period + 1) } else { (self.during.end, 0) };
        let during = period(anchor, term, number);
        Some(Self {
            state: SubscriptionState::PastDue,
            period: number,
            coupon: self.coupon.and_then(Applied::of_next_period),
            ..Self::begun(plan, term, anchor, during, Money::inr(0))
        })
    }

    /// The period was asked for in vain once more; none where the grace is over. `since` is when it was asked for first.
    pub fn unpaid_again(&self, since: DateTime<Utc>) -> Option<Self> {
        let attempts = self.attempts + 1;
        let retry_at = Some(dunning::next_try(since, attempts)?);
        Some(Self { attempts, retry_at, ..self.clone() })
    }

    /// When time changes something next.
    pub fn due_at(&self) -> DateTime<Utc> {
        self.retry_at.unwrap_or(self.during.end)
    }
}

impl Applied {
    fn of_next_period(self) -> Option<Self> {
        match self.left {
            None => Some(self),
            Some(left) => (left > 1).then_some(Self { left: Some(left - 1), ..self }),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn month(start: &str) -> Running {
        let anchor: DateTime<Utc> = start.parse().unwrap();
        let during = period(anchor, Term::Month, 0);
        Running::begun(Uuid::from_u128(1).into(), Term::Month, anchor, during, Money::inr(100))
    }

    #[test]
    fn the_next_period_begins_where_this_one_ends_and_a_new_term_counts_from_there() {
        let first = month("2027-01-31T06:30:00Z");
        let second = first.rolled().unwrap();
        assert_eq!((second.during.start, second.anchor), (first.during.end, first.anchor));
        let other = (Uuid::from_u128(2).into(), Term::Year);
        let yearly = Running { next: Some(other), ..second.clone() }.rolled().unwrap();
        assert_eq!((yearly.plan, yearly.term, yearly.period), (other.0, Term::Year, 0));
        assert_eq!(
            (yearly.anchor, yearly.during.start, yearly.next),
            (second.during.end, second.during.end, None)
        );
        assert_eq!(Running { cancels_at_end: true, ..second }.rolled(), None);
    }

    #[test]
    fn the_first_period_after_a_trial_counts_from_its_end() {
        let trial = Running { state: SubscriptionState::Trialing, ..month("2027-01-31T06:30:00Z") };
        let first = trial.rolled().unwrap();
        assert_eq!(
            (first.anchor, first.period, first.state),
            (trial.during.end, 0, SubscriptionState::PastDue)
        );
    }

    #[test]
    fn a_coupon_counts_for_its_periods() {
        let coupon = Applied { coupon: Uuid::from_u128(3).into(), left: Some(2) };
        let first = Running { coupon: Some(coupon), ..month("2027-01-01T06:30:00Z") };
        let second = first.rolled().unwrap();
        assert_eq!(second.coupon.unwrap().left, Some(1));
        assert_eq!(second.rolled().unwrap().coupon, None);
        let always = Running { coupon: Some(Applied { left: None, ..coupon }), ..first };
        assert_eq!(always.rolled().unwrap().coupon, always.coupon);
    }
}
