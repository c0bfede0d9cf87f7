//! Days in India, where vendors, gateway and banks are.

use std::ops::Range;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

/// India is five and a half hours ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(5 * 60 + 30);

/// The date that it is there.
pub fn date(at: DateTime<Utc>) -> NaiveDate {
    (at + AHEAD).date_naive()
}

/// When a date begins there.
pub fn midnight(date: NaiveDate) -> DateTime<Utc> {
    (date.and_time(NaiveTime::MIN) - AHEAD).and_utc()
}

/// From the beginning of a date there to its end.
pub fn hours(date: NaiveDate) -> Range<DateTime<Utc>> {
    midnight(date)..midnight(date + Days::new(1))
}

/// From the beginning of the month that it is there to its end.
///
/// # Panics
/// Never: every month has a first.
pub fn month(at: DateTime<Utc>) -> Range<DateTime<Utc>> {
    let first = date(at).with_day(1).expect("every month has a first");
    midnight(first)..midnight(first + Months::new(1))
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

    #[test]
    fn a_month_begins_at_midnight_in_india() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let december = at("2026-11-30T18:30:00Z")..at("2026-12-31T18:30:00Z");
        assert_eq!(month(at("2026-11-30T18:30:00Z")), december);
        assert_eq!(month(at("2026-12-31T18:29:59Z")), december);
        assert_eq!(month(at("2026-11-30T18:29:59Z")).end, december.start);
    }
}
