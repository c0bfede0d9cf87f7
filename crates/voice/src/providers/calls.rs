//! How calls to providers end and how long they take: counted by key and minute, until they are written down.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use types::ProviderKeyId;

/// Minutes that wait to be written down, of all keys; where the database is away for longer, the oldest are forgotten.
const WAITING_MAX: usize = 2_000;

/// The calls of this process that nobody wrote down yet.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<(DateTime<Utc>, ProviderKeyId), Minute>>);

/// What became of the calls by one key in one minute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Minute {
    /// Those that were answered.
    pub done: i32,
    /// Those that were not, or not as asked.
    pub failed: i32,
    /// What those that were answered took together, in milliseconds.
    pub time_ms: i64,
    /// What the slowest of them took.
    pub slowest_ms: i64,
    /// When the last was answered.
    pub done_at: Option<DateTime<Utc>>,
    /// When the last failed.
    pub failed_at: Option<DateTime<Utc>>,
    /// How, in one sentence that names no key.
    pub error: Option<String>,
}

impl Calls {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<(DateTime<Utc>, ProviderKeyId), Minute>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call that ended now; `failure` is a sentence.
    pub fn note(&self, key: ProviderKeyId, now: DateTime<Utc>, took: Duration, failure: Option<String>) {
        let mut call = Minute::default();
        match failure {
            None => {
                let took_ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
                call = Minute { done: 1, time_ms: took_ms, slowest_ms: took_ms, done_at: Some(now), ..call };
            }
            error => call = Minute { failed: 1, failed_at: Some(now), error, ..call },
        }
        let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        self.add(key, minute, call);
    }

    /// Adds what was counted in a minute; what could not be written down comes back so.
    pub fn add(&self, key: ProviderKeyId, minute: DateTime<Utc>, more: Minute) {
        let mut waiting = self.waiting();
        waiting.entry((minute, key)).or_default().add(more);
        while waiting.len() > WAITING_MAX {
            waiting.pop_first();
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting().is_empty()
    }

    /// Takes everything that waits.
    pub fn take(&self) -> Vec<(ProviderKeyId, DateTime<Utc>, Minute)> {
        let all = std::mem::take(&mut *self.waiting());
        all.into_iter().map(|((minute, key), calls)| (key, minute, calls)).collect()
    }
}

impl Minute {
    fn add(&mut self, more: Self) {
        self.done = self.done.saturating_add(more.done);
        self.failed = self.failed.saturating_add(more.failed);
        self.time_ms = self.time_ms.saturating_add(more.time_ms);
        self.slowest_ms = self.slowest_ms.max(more.slowest_ms);
        self.done_at = self.done_at.max(more.done_at);
        if more.failed_at >= self.failed_at && more.error.is_some() {
            self.error = more.error;
        }
        self.failed_at = self.failed_at.max(more.failed_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_minute_and_taken_once() {
        let (calls, key) = (Calls::default(), ProviderKeyId::from_uuid(uuid::Uuid::from_u128(1)));
        let at = |s: i64| DateTime::from_timestamp(1_764_000_000 + s, 0).unwrap();
        calls.note(key, at(1), Duration::from_millis(40), None);
        calls.note(key, at(2), Duration::from_millis(60), None);
        calls.note(key, at(3), Duration::ZERO, Some("It is away.".to_owned()));
        calls.note(key, at(61), Duration::from_millis(5), None);
        let taken = calls.take();
        assert_eq!(taken.len(), 2);
        let (_, minute, first) = &taken[0];
        assert_eq!(*minute, at(0));
        assert_eq!((first.done, first.failed, first.time_ms, first.slowest_ms), (2, 1, 100, 60));
        assert_eq!((first.done_at, first.failed_at), (Some(at(2)), Some(at(3))));
        assert_eq!(first.error.as_deref(), Some("It is away."));
        assert!(calls.take().is_empty());
    }

    #[test]
    fn what_nobody_writes_down_is_bounded() {
        let (calls, key) = (Calls::default(), ProviderKeyId::from_uuid(uuid::Uuid::from_u128(1)));
        for minute in 0..3_000 {
            let at = DateTime::from_timestamp(minute * 60, 0).unwrap();
            calls.note(key, at, Duration::ZERO, None);
        }
        let taken = calls.take();
        assert_eq!((taken.len(), taken[0].1.timestamp()), (WAITING_MAX, 1_000 * 60));
    }
}
