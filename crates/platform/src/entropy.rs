//! The one place that draws random numbers.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

/// Draws ids, tokens and nonces: from the operating system, or from a test's seed.
#[derive(Debug, Clone)]
pub struct Entropy {
    source: Arc<Mutex<StdRng>>,
}

impl Entropy {
    /// A cryptographic generator seeded by the operating system.
    pub fn system() -> Self {
        Self::from_rng(StdRng::from_rng(&mut system_source()))
    }

    /// The same sequence for the same seed. For tests.
    pub fn seeded(seed: u64) -> Self {
        Self::from_rng(StdRng::seed_from_u64(seed))
    }

    fn from_rng(rng: StdRng) -> Self {
        Self { source: Arc::new(Mutex::new(rng)) }
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.source.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A UUIDv7 of the moment `now`, under whichever id type the caller asks for. Not a secret.
    pub fn id<I: From<Uuid>>(&self, now: DateTime<Utc>) -> I {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()).into_uuid().into()
    }

    /// A secret of 256 random bits, as 43 URL-safe characters.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A number from 0 up to, but without, `bound`; 0 for a bound of 0.
    pub fn below(&self, bound: u64) -> u64 {
        // A 64-bit draw scaled down: the bias is below 2⁻⁶⁴ × bound, which jitter and sampling can bear.
        let wide = u128::from(u64::from_le_bytes(self.bytes::<8>())) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or_default()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the machine's randomness enters")]
fn system_source() -> rand::rngs::ThreadRng {
    rand::rng()
}

#[cfg(test)]
mod tests {
    use types::OfferId;

    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let entropy = Entropy::system();
        let first: OfferId = entropy.id(DateTime::from_timestamp_millis(1_000).unwrap());
        let second: OfferId = entropy.id(DateTime::from_timestamp_millis(1_001).unwrap());
        assert!(first < second);
    }

    #[test]
    fn a_seed_repeats_its_tokens_and_the_system_does_not() {
        assert_eq!(Entropy::seeded(7).token(), Entropy::seeded(7).token());
        assert_ne!(Entropy::system().token(), Entropy::system().token());
    }

    #[test]
    fn a_bounded_draw_stays_below_its_bound() {
        let entropy = Entropy::seeded(1);
        assert!((0..1000).all(|_| entropy.below(3) < 3));
        assert_eq!(entropy.below(0), 0);
    }
}
