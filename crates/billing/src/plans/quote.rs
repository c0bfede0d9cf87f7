//! What a change of plan costs, and when it counts: pure arithmetic.
//!
//! Time is counted by the second. What was paid for a period is worth, for the rest of it, its share of the seconds; what was used is
//! what is left of the payment, so that the two are always exactly what was paid.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use types::{Money, MoneyError};

use crate::plans::discount::Discount;
use crate::plans::period::{Term, period};
use crate::plans::plan::Plan;
use crate::plans::subscription::{Running, Standing};

/// When a change counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is so already.
    Nothing,
    /// At once and for nothing: the time of a trial.
    Trial(Range<DateTime<Utc>>),
    /// At once, for this money.
    Now(Terms),
    /// With the next period.
    AtPeriodEnd(DateTime<Utc>),
}

/// What is to be paid, and for which time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub during: Range<DateTime<Utc>>,
    /// From when on a new anchor counts; none where the periods stay.
    pub anchor: Option<DateTime<Utc>>,
    pub price: Money,
    pub discount: Money,
    /// What was paid before for time that is not used.
    pub unused: Money,
}

/// A plan that is wanted, paid by month or by year.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub plan: &'a Plan,
    pub term: Term,
    pub discount: Option<Discount>,
}

impl Terms {
    /// The terms of a whole period.
    pub fn whole(wanted: Wanted<'_>, during: Range<DateTime<Utc>>) -> Result<Self, MoneyError> {
        let price = wanted.plan.price(wanted.term);
        let discount = off(wanted.discount, price)?;
        Ok(Self { during, anchor: None, price, discount, unused: Money::inr(0) })
    }

    /// The price after the discount: what the time costs.
    pub fn net(&self) -> Result<Money, MoneyError> {
        self.price.minus(self.discount)
    }

    /// What is to be paid.
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.net()?.minus(self.unused)
    }
}

/// The share of an amount that the time after `at` has in a period.
pub(crate) fn rest_of(
    amount: Money,
    during: &Range<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> Result<Money, MoneyError> {
    let at = at.clamp(during.start, during.end);
    let seconds = |from: DateTime<Utc>| (during.end - from).num_seconds();
    let whole = seconds(during.start).max(1);
    amount.scale(seconds(at).min(whole), whole)
}

/// What choosing a plan means now. `current` is the plan of what runs.
pub(crate) fn quote(
    standing: &Standing,
    current: Option<&Plan>,
    wanted: Wanted<'_>,
    now: DateTime<Utc>,
) -> Result<Effect, MoneyError> {
    let (Some(running), Some(current)) = (&standing.running, current) else {
        return begin(standing.trialed, wanted, now);
    };
    if running.plan == wanted.plan.id && running.term == wanted.term {
        return Ok(Effect::Nothing);
    }
    let at_end = || Ok(Effect::AtPeriodEnd(running.during.end));
    if wanted.plan.is_free() {
        return at_end();
    }
    if running.is_trial() {
        return Ok(Effect::Trial(running.during.clone()));
    }
    let is_less = wanted.plan.month.minor() < current.month.minor() || wanted.term < running.term;
    if is_less {
        return at_end();
    }
    let terms = change(running, wanted, now)?;
    if terms.total()?.minor() < 0 { at_end() } else { Ok(Effect::Now(terms)) }
}

fn begin(trialed: bool, wanted: Wanted<'_>, now: DateTime<Utc>) -> Result<Effect, MoneyError> {
    if wanted.plan.is_free() {
        return Ok(Effect::Nothing);
    }
    if wanted.plan.trial_days > 0 && !trialed {
        return Ok(Effect::Trial(now..now + TimeDelta::days(i64::from(wanted.plan.trial_days))));
    }
    let terms = Terms::whole(wanted, period(now, wanted.term, 0))?;
    Ok(Effect::Now(Terms { anchor: Some(now), ..terms }))
}

/// What a larger plan costs at once. The rest of this period is paid at the new price; a year that follows a month begins now.
fn change(running: &Running, wanted: Wanted<'_>, now: DateTime<Utc>) -> Result<Terms, MoneyError> {
    // A clock that went back sells no time twice.
    let at = now.clamp(running.paid_from, running.during.end);
    let unused = rest_of(running.paid, &(running.paid_from..running.during.end), at)?;
    if wanted.term != running.term {
        let terms = Terms::whole(wanted, period(at, wanted.term, 0))?;
        return Ok(Terms { anchor: Some(at), unused, ..terms });
    }
    let whole = Terms::whole(wanted, running.during.clone())?;
    let price = rest_of(whole.price, &running.during, at)?;
    let discount = price.minus(rest_of(whole.net()?, &running.during, at)?)?;
    Ok(Terms { during: at..running.during.end, anchor: None, price, discount, unused })
}

fn off(discount: Option<Discount>, price: Money) -> Result<Money, MoneyError> {
    discount.map_or(Ok(Money::inr(0)), |discount| discount.off(price))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::plans::subscription::SubscriptionState;

    fn plan(id: u128, month: i64, year: i64, trial_days: i16) -> Plan {
        Plan {
            id: Uuid::from_u128(id).into(),
            code: if month == 0 { "free".to_owned() } else { format!("plan-{id}") },
            version: 1,
            name: "A plan".to_owned(),
            month: Money::inr(month),
            year: Money::inr(year),
            trial_days,
            products_max: 10,
            included: Money::inr(0),
            offered: true,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn running(plan: &Plan, term: Term, start: DateTime<Utc>, paid: i64) -> Standing {
        let during = period(start, term, 0);
        let running = Running {
            state: SubscriptionState::Active,
            plan: plan.id,
            term,
            anchor: start,
            period: 0,
            paid_from: during.start,
            during,
            paid: Money::inr(paid),
            next: None,
            cancels_at_end: false,
            coupon: None,
            attempts: 0,
            retry_at: None,
        };
        Standing { trialed: true, running: Some(running) }
    }

    fn wanted(plan: &Plan, term: Term) -> Wanted<'_> {
        Wanted { plan, term, discount: None }
    }

    #[test]
    fn a_trial_is_given_once_and_then_the_first_period_is_paid() {
        let pro = plan(1, 299_00, 2990_00, 14);
        let now = at("2027-01-01T00:00:00Z");
        let fresh = quote(&Standing::default(), None, wanted(&pro, Term::Month), now).unwrap();
        assert_eq!(fresh, Effect::Trial(now..at("2027-01-15T00:00:00Z")));
        let again = Standing { trialed: true, running: None };
        let Effect::Now(terms) = quote(&again, None, wanted(&pro, Term::Year), now).unwrap() else {
            panic!()
        };
        assert_eq!(
            (terms.total().unwrap(), terms.during.end),
            (Money::inr(2990_00), at("2028-01-01T00:00:00Z"))
        );
    }

    #[test]
    fn a_larger_plan_in_the_middle_of_a_month_costs_half_of_the_difference() {
        let (basic, pro) = (plan(1, 300_00, 3000_00, 0), plan(2, 900_00, 9000_00, 0));
        let standing = running(&basic, Term::Month, at("2027-04-01T00:00:00Z"), 300_00);
        let middle = at("2027-04-16T00:00:00Z");
        let Effect::Now(terms) = quote(&standing, Some(&basic), wanted(&pro, Term::Month), middle).unwrap()
        else {
            panic!()
        };
        assert_eq!((terms.price, terms.unused), (Money::inr(450_00), Money::inr(150_00)));
        assert_eq!(
            (terms.total().unwrap(), terms.during.end),
            (Money::inr(300_00), at("2027-05-01T00:00:00Z"))
        );
        let standing = running(&pro, Term::Month, at("2027-04-01T00:00:00Z"), 900_00);
        let down = quote(&standing, Some(&pro), wanted(&basic, Term::Month), middle).unwrap();
        assert_eq!(down, Effect::AtPeriodEnd(at("2027-05-01T00:00:00Z")));
    }

    #[test]
    fn a_year_after_a_month_begins_at_once_and_takes_off_what_is_not_used() {
        let pro = plan(1, 310_00, 3100_00, 0);
        let standing = running(&pro, Term::Month, at("2027-01-01T00:00:00Z"), 310_00);
        let now = at("2027-01-11T00:00:00Z");
        let Effect::Now(terms) = quote(&standing, Some(&pro), wanted(&pro, Term::Year), now).unwrap() else {
            panic!()
        };
        assert_eq!((terms.anchor, terms.during.end), (Some(now), at("2028-01-11T00:00:00Z")));
        assert_eq!((terms.unused, terms.total().unwrap()), (Money::inr(210_00), Money::inr(2890_00)));
        let standing = running(&pro, Term::Year, at("2027-01-01T00:00:00Z"), 3100_00);
        let back = quote(&standing, Some(&pro), wanted(&pro, Term::Month), now).unwrap();
        assert_eq!(back, Effect::AtPeriodEnd(at("2028-01-01T00:00:00Z")));
    }

    #[test]
    fn what_is_chosen_already_changes_nothing_and_the_free_plan_comes_at_the_end() {
        let (free, pro) = (plan(1, 0, 0, 0), plan(2, 310_00, 3100_00, 0));
        let now = at("2027-01-11T00:00:00Z");
        let standing = running(&pro, Term::Month, at("2027-01-01T00:00:00Z"), 310_00);
        assert_eq!(quote(&standing, Some(&pro), wanted(&pro, Term::Month), now).unwrap(), Effect::Nothing);
        let end = Effect::AtPeriodEnd(at("2027-02-01T00:00:00Z"));
        assert_eq!(quote(&standing, Some(&pro), wanted(&free, Term::Month), now).unwrap(), end);
        assert_eq!(
            quote(&Standing::default(), None, wanted(&free, Term::Month), now).unwrap(),
            Effect::Nothing
        );
    }

    proptest! {
        #[test]
        fn what_is_used_and_what_is_not_are_together_what_was_paid(
            paid in 0i64..=100_000_000, second in 0i64..=2_678_400,
        ) {
            let month = at("2027-01-01T00:00:00Z")..at("2027-02-01T00:00:00Z");
            let moment = month.start + TimeDelta::seconds(second);
            let unused = rest_of(Money::inr(paid), &month, moment).unwrap();
            let used = Money::inr(paid).minus(unused).unwrap();
            prop_assert!(unused.minor() >= 0 && used.minor() >= 0);
            prop_assert_eq!(used.plus(unused).unwrap(), Money::inr(paid));
        }

        #[test]
        fn an_upgrade_never_gives_money_and_costs_at_most_the_difference(
            small in 1i64..=10_000_000, more in 0i64..=10_000_000, second in -100_000i64..=2_800_000,
        ) {
            let (basic, pro) = (plan(1, small, small * 10, 0), plan(2, small + more, (small + more) * 10, 0));
            let start = at("2027-01-01T00:00:00Z");
            let standing = running(&basic, Term::Month, start, small);
            let now = start + TimeDelta::seconds(second);
            let effect = quote(&standing, Some(&basic), wanted(&pro, Term::Month), now).unwrap();
            let Effect::Now(terms) = effect else { panic!("{effect:?}") };
            let total = terms.total().unwrap().minor();
            prop_assert!((0..=more).contains(&total), "{}", total);
        }
    }
}
