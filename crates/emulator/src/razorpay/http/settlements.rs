//! `/v1/settlements/recon/combined`.

use axum::Json;
use axum::extract::State;
use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::Caller;
use super::list::Listing;
use crate::razorpay::Razorpay;
use crate::razorpay::desk::wire;
use crate::razorpay::error::{Error, Result};
use crate::razorpay::fields::missing;
use crate::razorpay::settlement::day_in_india;

const COUNT_MAX: usize = 1_000;

/// Which days' settlements are asked for.
struct Period {
    year: i32,
    month: u32,
    day: Option<u32>,
}

impl Period {
    fn read(listing: &mut Listing) -> Result<Self> {
        let period = Self {
            year: listing.number("year")?.ok_or_else(|| missing("year"))?,
            month: listing.number("month")?.ok_or_else(|| missing("month"))?,
            day: listing.number("day")?,
        };
        let exists = NaiveDate::from_ymd_opt(period.year, period.month, period.day.unwrap_or(1)).is_some();
        if exists { Ok(period) } else { Err(Error::invalid("month", "The selected month is invalid.")) }
    }

    fn holds(&self, at_s: i64) -> bool {
        let days = i32::try_from(day_in_india(at_s)).ok();
        let date = days.and_then(NaiveDate::from_epoch_days);
        date.is_some_and(|date| {
            (date.year(), date.month()) == (self.year, self.month)
                && self.day.is_none_or(|day| day == date.day())
        })
    }
}

pub(super) async fn combined(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let period = Period::read(&mut listing)?;
    let page = listing.page_up_to(COUNT_MAX)?;
    caller.at_desk(&razorpay, |desk| {
        let lines = desk.merchant.lines.newest_first().filter(|line| period.holds(line.settled_at));
        Ok(page.of(lines, |line| line.settled_at, wire))
    })?
}
