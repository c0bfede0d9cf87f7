//! What the platform earns, from the books, and what subscriptions come to.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use identity::Caller;
use ledger::DayTurnover;
use payments::{TOP_UPS, india};
use serde::{Deserialize, Serialize};
use types::Money;
use utoipa::{IntoParams, ToSchema};

use crate::Error;
use crate::db::subscribing::subscriptions;
use crate::plans::collect::{SUBSCRIPTIONS, TAX};
use crate::plans::{Plans, SubscriptionState};

/// What we earned on sales, in a vendor's books.
const COMMISSION: &str = "platform:commission";
/// What work at providers was charged with.
const USAGE: &str = "credit:spent";
/// So many days are shown.
const DAYS: u64 = 31;
/// So many months are shown.
const MONTHS: u32 = 12;

/// How revenue is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevenueBy {
    /// The last 31 days.
    #[default]
    Day,
    /// The last 12 months.
    Month,
}

/// Which revenue is asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RevenueQuery {
    /// By day where nothing is said.
    pub by: Option<RevenueBy>,
}

/// What came in during a day or a month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sums {
    commission: i64,
    subscriptions: i64,
    tax: i64,
    usage: i64,
    top_ups: i64,
}

/// What came in during a day or a month, less what went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevenueRow {
    /// The day, or the first of the month.
    pub day: NaiveDate,
    /// Of sales.
    pub commission: Money,
    /// Of plans, without tax.
    pub subscriptions: Money,
    /// The tax on those, which is the state's.
    pub tax: Money,
    /// Charged for work at providers, out of paid and given credit.
    pub usage: Money,
    /// Paid in as credit: no revenue yet.
    pub top_ups: Money,
}

/// What the platform earns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Revenue {
    /// How it is summed up.
    pub by: RevenueBy,
    /// The newest first; days on which nothing moved are left out.
    pub rows: Vec<RevenueRow>,
    /// What plans come to each month as they stand, tax included and coupons left out: a year counts a twelfth, one that ends nothing.
    pub monthly: Money,
    /// Vendors whose plan is paid.
    pub active: i64,
    /// Vendors whose plan is not paid.
    pub past_due: i64,
    /// Vendors who try a plan.
    pub trialing: i64,
}

impl Sums {
    fn add(&mut self, turnover: &DayTurnover) {
        let earned = turnover.credits_minor - turnover.debits_minor;
        match turnover.code.as_str() {
            COMMISSION => self.commission += earned,
            SUBSCRIPTIONS => self.subscriptions += earned,
            TAX => self.tax += earned,
            USAGE => self.usage += earned,
            // The other side is that it became credit.
            TOP_UPS => self.top_ups += turnover.credits_minor,
            _ => {}
        }
    }

    fn row(self, day: NaiveDate) -> RevenueRow {
        RevenueRow {
            day,
            commission: Money::inr(self.commission),
            subscriptions: Money::inr(self.subscriptions),
            tax: Money::inr(self.tax),
            usage: Money::inr(self.usage),
            top_ups: Money::inr(self.top_ups),
        }
    }
}

impl Plans {
    /// What the platform earned lately, and what plans come to.
    ///
    /// # Errors
    /// The caller is no operator; whatever the books or the database say.
    pub async fn revenue(&self, caller: &Caller, query: RevenueQuery) -> Result<Revenue, Error> {
        caller.operator()?;
        let by = query.by.unwrap_or_default();
        let now = self.credits.clock.now();
        let mut connection = self.credits.db.acquire().await?;
        let codes = [COMMISSION, SUBSCRIPTIONS, TAX, USAGE, TOP_UPS];
        let during = begin(by, now)..now + TimeDelta::microseconds(1);
        let turnover = self.credits.ledger.turnover_by_day(&mut connection, &codes, during).await?;
        let tally = subscriptions::tally(&mut connection).await?;
        let count = |state| tally.iter().filter(|row| row.0 == state).map(|row| row.1).sum();
        let paying = |state| state != SubscriptionState::Trialing;
        let monthly = tally.iter().filter(|row| paying(row.0)).map(|row| row.2).sum();
        Ok(Revenue {
            by,
            rows: summed(by, &turnover),
            monthly: Money::inr(monthly),
            active: count(SubscriptionState::Active),
            past_due: count(SubscriptionState::PastDue),
            trialing: count(SubscriptionState::Trialing),
        })
    }
}

/// The midnight in India with which the first day or month begins that is shown.
fn begin(by: RevenueBy, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = india::date(now);
    let first = match by {
        RevenueBy::Day => today.checked_sub_days(Days::new(DAYS - 1)),
        RevenueBy::Month => today.with_day(1).and_then(|day| day.checked_sub_months(Months::new(MONTHS - 1))),
    };
    first.map_or(now, india::midnight)
}

fn summed(by: RevenueBy, turnover: &[DayTurnover]) -> Vec<RevenueRow> {
    let mut sums: BTreeMap<NaiveDate, Sums> = BTreeMap::new();
    for row in turnover {
        let day = match by {
            RevenueBy::Day => row.day,
            RevenueBy::Month => row.day.with_day(1).unwrap_or(row.day),
        };
        sums.entry(day).or_default().add(row);
    }
    sums.into_iter().rev().map(|(day, sums)| sums.row(day)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: &str, code: &str, debits_minor: i64, credits_minor: i64) -> DayTurnover {
        DayTurnover { day: day.parse().unwrap(), code: code.to_owned(), debits_minor, credits_minor }
    }

    #[test]
    fn a_month_sums_its_days_and_what_went_back_counts_less() {
        let turnover = [
            on("2026-12-02", COMMISSION, 0, 50),
            on("2026-11-30", COMMISSION, 20, 100),
            on("2026-11-02", SUBSCRIPTIONS, 0, 300),
            on("2026-11-02", TOP_UPS, 700, 900),
        ];
        let months = summed(RevenueBy::Month, &turnover);
        assert_eq!(
            months.iter().map(|row| row.day.to_string()).collect::<Vec<_>>(),
            ["2026-12-01", "2026-11-01"]
        );
        let november = &months[1];
        assert_eq!(
            (november.commission, november.subscriptions, november.top_ups),
            (Money::inr(80), Money::inr(300), Money::inr(900))
        );
        assert_eq!(summed(RevenueBy::Day, &turnover).len(), 3);
    }

    #[test]
    fn days_and_months_begin_at_midnight_in_india() {
        let now: DateTime<Utc> = "2026-11-26T20:00:00Z".parse().unwrap();
        assert_eq!(begin(RevenueBy::Day, now).to_rfc3339(), "2026-10-27T18:30:00+00:00");
        assert_eq!(begin(RevenueBy::Month, now).to_rfc3339(), "2025-11-30T18:30:00+00:00");
    }
}
