//! The time the emulated vendors live in.
//!
//! It runs with the wall clock or stands still, and moves forward on command in both cases, so that a ten-minute
//! payment timeout or a day of webhook retries takes a test no time. It never moves back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// A movable clock; clones share one time.
#[derive(Debug, Clone)]
pub struct Clock {
    state: Arc<watch::Sender<State>>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    base_ms: i64,
    /// Since when the clock runs on from `base_ms`; a frozen clock has none.
    running_since: Option<Instant>,
}

impl State {
    fn now_ms(self) -> i64 {
        let run = self.running_since.map_or(Duration::ZERO, |since| since.elapsed());
        self.base_ms.saturating_add(millis(run))
    }
}

impl Clock {
    /// A clock that starts at the machine's time and runs with it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the emulator reads the machine's time"
    )]
    pub fn running() -> Self {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self::at(State { base_ms: millis(since_epoch), running_since: Some(Instant::now()) })
    }

    /// A clock that stands at `unix_s` (seconds since 1970) until it is advanced.
    pub fn frozen_at(unix_s: i64) -> Self {
        Self::at(State { base_ms: unix_s.saturating_mul(1000), running_since: None })
    }

    fn at(state: State) -> Self {
        Self { state: Arc::new(watch::Sender::new(state)) }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.state.borrow().now_ms()
    }

    /// Whole seconds since 1970, as the vendors write time.
    pub fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Whether the clock only moves when it is advanced.
    pub fn is_frozen(&self) -> bool {
        self.state.borrow().running_since.is_none()
    }

    /// Moves the clock forward and wakes whoever waits for a time now past.
    pub fn advance(&self, by: Duration) {
        self.state.send_modify(|state| state.base_ms = state.base_ms.saturating_add(millis(by)));
    }

    /// Stops the clock, or lets it run on from where it stands.
    pub fn set_frozen(&self, frozen: bool) {
        self.state.send_modify(|state| {
            state.base_ms = state.now_ms();
            state.running_since = (!frozen).then(Instant::now);
        });
    }

    /// Returns once the clock shows `at_ms` or later.
    pub async fn wait_until(&self, at_ms: i64) {
        let mut changes = self.state.subscribe();
        loop {
            let state = *changes.borrow_and_update();
            let left_ms = at_ms.saturating_sub(state.now_ms());
            let Ok(left_ms @ 1..) = u64::try_from(left_ms) else { return };
            let moved = changes.changed();
            if state.running_since.is_some() {
                // A timeout here is the clock having run up to the time; the loop then returns.
                let _ = tokio::time::timeout(Duration::from_millis(left_ms), moved).await;
            } else if moved.await.is_err() {
                return;
            }
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frozen_clock_moves_only_when_advanced() {
        let clock = Clock::frozen_at(1_700_000_000);
        assert_eq!(clock.now_s(), 1_700_000_000);
        clock.advance(Duration::from_secs(61));
        assert_eq!(clock.now_ms(), 1_700_000_061_000);
        assert!(clock.is_frozen());
    }

    #[tokio::test]
    async fn advancing_wakes_a_waiter() {
        let clock = Clock::frozen_at(0);
        tokio::join!(clock.wait_until(5_000), async { clock.advance(Duration::from_secs(5)) });
        assert_eq!(clock.now_s(), 5);
    }

    #[tokio::test]
    async fn a_running_clock_reaches_a_time_by_itself_and_freezing_stops_it() {
        let clock = Clock::running();
        clock.wait_until(clock.now_ms() + 2).await;
        clock.set_frozen(true);
        let stopped_at = clock.now_ms();
        tokio::task::yield_now().await;
        assert_eq!(clock.now_ms(), stopped_at);
    }
}
