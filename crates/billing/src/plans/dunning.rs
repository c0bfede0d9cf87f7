//! When the money of a period is asked for again, and when that is over.

use chrono::{DateTime, TimeDelta, Utc};

/// After so many days it is asked for once more. The last time ends the grace, in which the vendor keeps all that the plan gives.
pub(crate) const RETRY_DAYS: [i64; 4] = [1, 3, 5, 7];

/// When the money is asked for again that was first asked for `since` and `attempts` times since then; never where the grace is over.
pub(crate) fn next_try(since: DateTime<Utc>, attempts: u16) -> Option<DateTime<Utc>> {
    RETRY_DAYS.get(usize::from(attempts)).map(|days| since + TimeDelta::days(*days))
}

/// When the grace is over.
pub(crate) fn grace_ends(since: DateTime<Utc>) -> DateTime<Utc> {
    since + TimeDelta::days(RETRY_DAYS[RETRY_DAYS.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_on_the_days_of_the_schedule_and_then_never_again() {
        let since = DateTime::UNIX_EPOCH;
        let days: Vec<i64> =
            (0..).map_while(|attempts| next_try(since, attempts)).map(|at| (at - since).num_days()).collect();
        assert_eq!(days, RETRY_DAYS);
        assert!(RETRY_DAYS.is_sorted());
        assert_eq!(Some(grace_ends(since)), next_try(since, 3));
        assert_eq!(next_try(since, u16::MAX), None);
    }
}
