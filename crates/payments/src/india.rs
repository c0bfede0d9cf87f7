//! Days in India, where vendors, gateway and banks are.

use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// India is five and a half hours ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(5 * 60 + 30);

/// The date that it is there.
pub(crate) fn date(at: DateTime<Utc>) -> NaiveDate {
    (at + AHEAD).date_naive()
}

/// When a date begins there.
pub(crate) fn midnight(date: NaiveDate) -> DateTime<Utc> {
    (date.and_time(NaiveTime::MIN) - AHEAD).and_utc()
}

/// From the beginning of a date there to its end.
pub(crate) fn hours(date: NaiveDate) -> Range<DateTime<Utc>> {
    midnight(date)..midnight(date + Days::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_half_past_six_in_the_evening_of_greenwich() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let day: NaiveDate = "2026-11-26".parse().unwrap();
        assert_eq!(hours(day), at("2026-11-25T18:30:00Z")..at("2026-11-26T18:30:00Z"));
        assert_eq!((date(at("2026-11-25T18:30:00Z")), date(at("2026-11-26T18:29:59Z"))), (day, day));
    }
}
