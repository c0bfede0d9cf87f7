//! The one place that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time: the machine's, or one that only a test moves.
///
/// Cheap to clone; clones of a manual clock move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds since the epoch, where the clock stands still; `None` follows the machine.
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self { manual: None }
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self { manual: Some(Arc::new(AtomicI64::new(start.timestamp_micros()))) }
    }

    /// The time, in whole microseconds as PostgreSQL stores them.
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match &self.manual {
            Some(manual) => manual.load(Ordering::SeqCst),
            None => system_now().timestamp_micros(),
        };
        DateTime::from_timestamp_micros(micros).expect("the clock stands within the years chrono can say")
    }

    /// Moves a manual clock forward (or, with a negative step, back).
    ///
    /// # Panics
    /// On the machine's clock, which no one may move.
    pub fn advance(&self, step: TimeDelta) {
        let manual = self.manual.as_ref().expect("only a manual clock can be moved");
        let micros = step.num_microseconds().expect("a step is shorter than 290,000 years");
        manual.fetch_add(micros, Ordering::SeqCst);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the machine's clock enters")]
fn system_now() -> DateTime<Utc> {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let seen_elsewhere = clock.clone();
        clock.advance(TimeDelta::hours(24));
        assert_eq!(seen_elsewhere.now(), DateTime::UNIX_EPOCH + TimeDelta::days(1));
    }
}
