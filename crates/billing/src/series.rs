//! The numbers of documents: consecutive in each financial year, without gaps.

use std::fmt;

use chrono::{DateTime, Datelike, FixedOffset, Utc};

use crate::DocumentKind;

/// A financial year: April to March, in Indian time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FinancialYear {
    starts_in: i32,
}

/// Seconds by which Indian time is ahead of UTC.
const IST_AHEAD_S: i32 = (5 * 60 + 30) * 60;

/// The highest number of a series: with it the text still has 16 characters, the most that the law allows.
pub const NUMBER_MAX: i32 = 999_999;

/// The moment as a clock in India shows it.
pub(crate) fn in_india(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(IST_AHEAD_S).expect("Indian time is less than a day ahead"))
}

impl FinancialYear {
    /// The financial year of a moment.
    pub fn of(at: DateTime<Utc>) -> Self {
        let local = in_india(at);
        Self { starts_in: if local.month() >= 4 { local.year() } else { local.year() - 1 } }
    }

    /// The calendar year in which it begins.
    pub const fn starts_in(self) -> i32 {
        self.starts_in
    }

    /// The year as portals write it: `2026-27`.
    pub fn in_full(self) -> String {
        format!("{}-{:02}", self.starts_in, (self.starts_in + 1).rem_euclid(100))
    }

    /// The text of the series' `number`th document: `INV/26-27/0001`.
    pub fn number(self, kind: DocumentKind, number: i32) -> String {
        format!("{}/{self}/{number:04}", kind.prefix())
    }
}

impl fmt::Display for FinancialYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |year: i32| year.rem_euclid(100);
        write!(f, "{:02}-{:02}", short(self.starts_in), short(self.starts_in + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year_of(text: &str) -> String {
        FinancialYear::of(text.parse().unwrap()).to_string()
    }

    #[test]
    fn the_year_turns_at_midnight_in_india() {
        assert_eq!(year_of("2027-03-31T18:29:59Z"), "26-27");
        assert_eq!(year_of("2027-03-31T18:30:00Z"), "27-28");
        assert_eq!(year_of("2026-12-31T23:59:59Z"), "26-27");
        assert_eq!(year_of("2099-05-01T00:00:00Z"), "99-00");
    }

    #[test]
    fn a_number_has_at_most_sixteen_characters_of_the_law() {
        let year = FinancialYear::of("2026-11-23T09:30:00Z".parse().unwrap());
        assert_eq!(year.number(DocumentKind::TaxInvoice, 1), "INV/26-27/0001");
        let sold = [DocumentKind::TaxInvoice, DocumentKind::BillOfSupply, DocumentKind::Receipt];
        for kind in sold.into_iter().chain(sold.into_iter().filter_map(DocumentKind::taken_back_by)) {
            let number = year.number(kind, NUMBER_MAX);
            assert_eq!(number.len(), 16);
            assert!(number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'/' || b == b'-'));
        }
    }
}
