//! Whether BHASHINI may be asked now: a refused key and a vendor that is away are left alone for a while, so that nobody
//! waits for what will fail.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use platform::Clock;

use super::Desk;
use super::error::Failure;
use crate::capability::Condition;

/// How long a refused key is not tried again.
const REFUSED: TimeDelta = TimeDelta::minutes(15);

/// How long to wait after "too many" without a time, and the longest wait that is believed.
const TOO_MANY: (TimeDelta, TimeDelta) = (TimeDelta::seconds(30), TimeDelta::hours(1));

/// Calls that may go unanswered in a row before the vendor is left alone, and for how long.
const UNANSWERED_MAX: u32 = 3;
const AWAY: TimeDelta = TimeDelta::seconds(30);

/// How the vendor stands to us.
#[derive(Debug)]
pub(super) struct Standing {
    clock: Clock,
    /// Where its key is looked after.
    desk: Desk,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rest: Option<Rest>,
    unanswered: u32,
}

#[derive(Debug, Clone)]
struct Rest {
    until: DateTime<Utc>,
    is_busy: bool,
    why: String,
    fix: &'static str,
}

impl Standing {
    pub fn new(clock: Clock, desk: Desk) -> Self {
        Self { clock, desk, state: Mutex::default() }
    }

    /// Somebody wants to know: what was before does not count any more.
    pub fn forget(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rest(&self) -> Option<Rest> {
        self.state().rest.clone().filter(|rest| rest.until > self.clock.now())
    }

    /// Whether it may be asked.
    pub fn check(&self) -> Result<(), Failure> {
        let Some(rest) = self.rest() else { return Ok(()) };
        if rest.is_busy {
            let wait = (rest.until - self.clock.now()).to_std().unwrap_or_default();
            return Err(Failure::Busy { retry_after: wait.max(Duration::from_secs(1)) });
        }
        Err(Failure::Away(rest.why))
    }

    /// The same for people.
    pub fn condition(&self) -> Condition {
        self.rest()
            .map_or(Condition::Ready, |rest| Condition::Off { why: rest.why, fix: rest.fix.to_owned() })
    }

    fn leave(
        &self,
        wait: TimeDelta,
        is_busy: bool,
        why: impl Fn(&str) -> String,
        fix: &'static str,
    ) -> Failure {
        let until = self.clock.now() + wait;
        let why = why(&until.format("%H:%M UTC").to_string());
        self.state().rest = Some(Rest { until, is_busy, why: why.clone(), fix });
        Failure::Away(why)
    }

    /// It answered. A rest goes on: whoever asked before it began may be answered during it.
    pub fn answered(&self) {
        self.state().unanswered = 0;
    }

    /// It refused the key; `complaint` is its own sentence or empty.
    pub fn refused(&self, complaint: &str) -> Failure {
        tracing::error!(complaint, "BHASHINI refused the key");
        let said =
            if complaint.is_empty() { String::new() } else { format!(" (\u{201c}{complaint}\u{201d})") };
        let why =
            |until: &str| format!("BHASHINI refused the key{said}; it is not asked again until {until}.");
        self.leave(REFUSED, false, why, self.desk.check_keys())
    }

    /// It was asked too often.
    pub fn too_many(&self, retry_after: Option<&str>) -> Failure {
        let wait = retry_after.and_then(|text| wait_of(text, self.clock.now())).unwrap_or(TOO_MANY.0);
        let wait = wait.clamp(TimeDelta::seconds(1), TOO_MANY.1);
        let why = |until: &str| format!("BHASHINI was asked too often; it rests until {until}.");
        self.leave(wait, true, why, "Wait, or ask BHASHINI for a higher limit.");
        Failure::Busy { retry_after: wait.to_std().unwrap_or_default() }
    }

    /// It did not answer, or only with its own trouble; `how` is a sentence.
    pub fn unanswered(&self, how: &str) -> Failure {
        let unanswered = {
            let mut state = self.state();
            state.unanswered = state.unanswered.saturating_add(1);
            state.unanswered
        };
        if unanswered < UNANSWERED_MAX {
            return Failure::Away(how.to_owned());
        }
        let why = |until: &str| format!("{how} It is not asked again until {until}.");
        self.leave(
            AWAY,
            false,
            why,
            "Check the network and the addresses in the settings under voice.bhashini.",
        )
    }
}

/// `Retry-After`: seconds, or a date.
fn wait_of(text: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    match text.trim().parse::<u32>() {
        Ok(seconds) => Some(TimeDelta::seconds(i64::from(seconds))),
        Err(_) => DateTime::parse_from_rfc2822(text.trim()).ok().map(|date| date.to_utc() - now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> (Standing, Clock) {
        let clock = Clock::manual(DateTime::from_timestamp(1_764_000_000, 0).unwrap());
        (Standing::new(clock.clone(), Desk::Settings), clock)
    }

    #[test]
    fn a_refused_key_is_left_alone_and_tried_again_later() {
        let (standing, clock) = standing();
        standing.refused("Not authenticated");
        let Condition::Off { why, .. } = standing.condition() else { panic!("it was refused") };
        assert!(why.contains("Not authenticated") && why.contains("UTC"), "{why}");
        assert!(matches!(standing.check(), Err(Failure::Away(_))));
        clock.advance(REFUSED);
        assert_eq!((standing.check(), standing.condition()), (Ok(()), Condition::Ready));
    }

    #[test]
    fn too_many_rests_as_long_as_the_vendor_says_within_reason() {
        let (standing, clock) = standing();
        let wait = |seconds| Failure::Busy { retry_after: Duration::from_secs(seconds) };
        assert_eq!(standing.too_many(Some("7")), wait(7));
        assert_eq!(standing.check(), Err(wait(7)));
        assert_eq!(standing.too_many(Some("Mon, 24 Nov 2025 16:00:20 GMT")), wait(20));
        assert_eq!(standing.too_many(None), wait(30));
        assert_eq!(standing.too_many(Some("soon")), wait(30));
        assert_eq!(standing.too_many(Some("999999")), wait(3_600));
        clock.advance(TimeDelta::hours(1));
        assert_eq!(standing.check(), Ok(()));
    }

    #[test]
    fn a_vendor_that_is_away_is_left_alone_after_the_third_call() {
        let (standing, clock) = standing();
        standing.unanswered("It is away.");
        standing.unanswered("It is away.");
        standing.answered();
        standing.unanswered("It is away.");
        standing.unanswered("It is away.");
        assert_eq!(standing.check(), Ok(()));
        standing.unanswered("It is away.");
        assert!(standing.check().is_err());
        clock.advance(AWAY);
        assert_eq!(standing.check(), Ok(()));
        standing.unanswered("It is away.");
        assert!(standing.check().is_err(), "one more failure is enough until it has answered");
    }
}
