//! From when to when a period of a subscription lasts.
//!
//! Periods are counted from an anchor by the calendar in India: from 31 January the second begins on 28 February and the third on
//! 31 March. Each is found from the anchor and never from the one before, so that a short month moves none after it.

use std::ops::Range;

use chrono::{DateTime, Months, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::series::in_india;

/// How long a period lasts, and which price is paid for it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Term {
    /// A calendar month.
    Month,
    /// Twelve of them.
    Year,
}

impl Term {
    /// How many months it has.
    pub(crate) const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }
}

/// The `number`th period from an anchor, counted from 0.
pub(crate) fn period(anchor: DateTime<Utc>, term: Term, number: u32) -> Range<DateTime<Utc>> {
    boundary(anchor, term, number)..boundary(anchor, term, number.saturating_add(1))
}

/// Where the `number`th period begins.
fn boundary(anchor: DateTime<Utc>, term: Term, number: u32) -> DateTime<Utc> {
    let local = in_india(anchor);
    let months = Months::new(number.saturating_mul(term.months()));
    // Clocks in India are never put forward or back: every local time is there once.
    let moved = local.naive_local().checked_add_months(months);
    let moved = moved.and_then(|moved| local.timezone().from_local_datetime(&moved).single());
    moved.map_or(DateTime::<Utc>::MAX_UTC, |moved| moved.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Noon in India.
    fn noon(day: &str) -> DateTime<Utc> {
        format!("{day}T06:30:00Z").parse().unwrap()
    }

    fn begins(anchor: &str, term: Term, numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
        let day = |number| period(noon(anchor), term, number).start.format("%Y-%m-%d").to_string();
        numbers.into_iter().map(day).collect()
    }

    #[test]
    fn the_thirty_first_comes_back_after_a_short_month() {
        assert_eq!(
            begins("2027-01-31", Term::Month, 0..5),
            ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]
        );
        assert_eq!(begins("2027-12-31", Term::Month, [2, 3]), ["2028-02-29", "2028-03-31"]);
    }

    #[test]
    fn a_leap_day_comes_back_after_four_years() {
        assert_eq!(
            begins("2028-02-29", Term::Year, 0..5),
            ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
        );
    }

    #[test]
    fn the_day_is_the_one_in_india() {
        // Half past midnight on 1 March in India is still February in London.
        let anchor: DateTime<Utc> = "2027-02-28T19:00:00Z".parse().unwrap();
        assert_eq!(period(anchor, Term::Month, 1).start.to_rfc3339(), "2027-03-31T19:00:00+00:00");
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_gap(
            seconds in 1_790_000_000i64..2_500_000_000, number in 0u32..120, yearly in any::<bool>(),
        ) {
            let anchor = DateTime::from_timestamp(seconds, 0).unwrap();
            let term = if yearly { Term::Year } else { Term::Month };
            let (this, next) = (period(anchor, term, number), period(anchor, term, number + 1));
            prop_assert_eq!(this.end, next.start);
            let days = (this.end - this.start).num_days();
            let usual = if yearly { 365..=366 } else { 28..=31 };
            prop_assert!(usual.contains(&days), "{} days", days);
        }

        #[test]
        fn a_year_ends_where_its_twelfth_month_does(seconds in 1_790_000_000i64..2_500_000_000, number in 0u32..10) {
            let anchor = DateTime::from_timestamp(seconds, 0).unwrap();
            prop_assert_eq!(period(anchor, Term::Year, number).end, period(anchor, Term::Month, number * 12 + 11).end);
        }
    }
}
