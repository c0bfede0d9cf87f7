//! How often somebody may do something: limits in this process, on the injected clock.
//!
//! A [`Limiter`] lets each key do a burst and then one more every so often. It forgets at a restart and knows nothing of
//! other nodes: a limit that must hold over hours is also a row in its context's tables.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::problem::TOO_MANY;
use crate::{Clock, Problem};

/// Keys one limiter remembers; past it the idle ones are forgotten, and while all are busy new ones have to wait.
const KEYS_MAX: usize = 100_000;
/// How often a full limiter looks for idle keys.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// Refused for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that was done too often; it may be done again in {} s", self.seconds())]
pub struct TooMany {
    /// How long to wait.
    pub retry_after: Duration,
}

/// Counts what each key does.
#[derive(Debug)]
pub struct Limiter<K: Hash + Eq + Clone> {
    inner: RateLimiter<K, DashMapStateStore<K>, Ticks, NoOpMiddleware<Nanos>>,
    ticks: Ticks,
    swept_at: AtomicU64,
}

/// The injected clock as the rate limiter reads it: nanoseconds since 1970.
#[derive(Debug, Clone)]
struct Ticks(Clock);

impl GovernorClock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let nanos = self.0.now().timestamp_nanos_opt().and_then(|nanos| u64::try_from(nanos).ok());
        Nanos::new(nanos.unwrap_or_default())
    }
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Lets each key do `burst` at once and one more every `replenish`.
    ///
    /// # Panics
    /// Where either is zero: a limit that lets nothing or everything through is a mistake.
    pub fn new(clock: Clock, burst: u32, replenish: Duration) -> Self {
        let burst = NonZeroU32::new(burst).expect("a limit lets something through");
        let quota = Quota::with_period(replenish).expect("a limit does not let everything through");
        let ticks = Ticks(clock);
        let inner = RateLimiter::new(quota.allow_burst(burst), DashMapStateStore::default(), ticks.clone());
        Self { inner, ticks, swept_at: AtomicU64::new(0) }
    }

    /// Counts one act of `key`.
    ///
    /// # Errors
    /// [`TooMany`] where the key has to wait; the act is not counted then.
    pub fn check(&self, key: &K) -> Result<(), TooMany> {
        if self.inner.len() >= KEYS_MAX && !self.make_room() {
            return Err(TooMany { retry_after: SWEEP_EVERY });
        }
        let now = self.ticks.now();
        self.inner.check_key(key).map_err(|until| TooMany { retry_after: until.wait_time_from(now) })
    }

    /// Forgets idle keys, at most once a second; false where there is still no room.
    fn make_room(&self) -> bool {
        let now = self.ticks.now();
        let swept_at = Nanos::new(self.swept_at.load(Ordering::Relaxed));
        if now.duration_since(swept_at) >= SWEEP_EVERY.into() {
            self.swept_at.store(now.as_u64(), Ordering::Relaxed);
            self.inner.retain_recent();
        }
        self.inner.len() < KEYS_MAX
    }
}

impl TooMany {
    /// The wait in whole seconds, at least one.
    pub fn seconds(&self) -> u64 {
        self.retry_after.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
    }
}

impl From<TooMany> for Problem {
    fn from(refused: TooMany) -> Self {
        Self::new(TOO_MANY).with("retry_after_s", refused.seconds())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn after_a_burst_each_key_waits_its_own_turn() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let limiter = Limiter::new(clock.clone(), 2, Duration::from_secs(10));
        assert_eq!(limiter.check(&"a"), Ok(()));
        assert_eq!(limiter.check(&"a"), Ok(()));
        assert_eq!(limiter.check(&"a"), Err(TooMany { retry_after: Duration::from_secs(10) }));
        assert_eq!(limiter.check(&"b"), Ok(()), "another key is not held up");
        clock.advance(TimeDelta::seconds(10));
        assert_eq!(limiter.check(&"a"), Ok(()));
        assert!(limiter.check(&"a").is_err());
    }

    #[test]
    fn a_flood_of_keys_is_refused_until_some_are_idle() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let limiter = Limiter::new(clock.clone(), 1, Duration::from_mins(1));
        for key in 0..KEYS_MAX {
            limiter.check(&key).unwrap();
        }
        assert!(limiter.check(&KEYS_MAX).is_err());
        clock.advance(TimeDelta::minutes(3));
        assert_eq!(limiter.check(&KEYS_MAX), Ok(()));
        assert_eq!(limiter.inner.len(), 1, "the idle keys are forgotten");
    }
}
