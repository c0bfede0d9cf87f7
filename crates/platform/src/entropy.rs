//! The one place that draws random numbers.
//!
//! Ids made by one process sort by the order in which they were made, those of one millisecond too (RFC 9562, 6.2,
//! method 2): lists that page by id show what was done in the order in which it was done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

/// Draws ids, tokens and nonces: from the operating system, or from a test's seed.
#[derive(Debug, Clone)]
pub struct Entropy {
    source: Arc<Mutex<Source>>,
}

#[derive(Debug)]
struct Source {
    rng: StdRng,
    /// The millisecond of the newest id and its 74 random bits.
    newest: (u64, u128),
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
        Self { source: Arc::new(Mutex::new(Source { rng, newest: (0, 0) })) }
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.source().rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A UUIDv7 of the moment `now`, under whichever id type the caller asks for, greater than the one before it
    /// unless the clock went back. Not a secret.
    pub fn id<I: From<Uuid>>(&self, now: DateTime<Utc>) -> I {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        let tail = self.source().tail(millis);
        // The version covers 4 bits before the upper 12, the variant 2 bits before the lower 62.
        let spread = (tail >> 62 << 64) | (tail & ((1 << 62) - 1));
        let bytes = spread.to_be_bytes();
        let random = bytes.last_chunk::<10>().expect("sixteen bytes end in ten");
        uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid().into()
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

impl Source {
    /// The random bits of an id: drawn anew for each millisecond, then counted on by steps that nobody can foresee. The
    /// highest bit is drawn as 0, so that a millisecond has room for 2⁴¹ steps.
    fn tail(&mut self, millis: u64) -> u128 {
        let tail = match self.newest {
            (at, tail) if at == millis => tail + 1 + u128::from(self.rng.next_u32()),
            _ => (u128::from(self.rng.next_u64()) << 64 | u128::from(self.rng.next_u64())) >> (128 - 73),
        };
        self.newest = (millis, tail);
        tail
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
    fn ids_of_one_millisecond_sort_by_their_making() {
        let entropy = Entropy::system();
        let now = DateTime::from_timestamp_millis(1_700_000_000_000).unwrap();
        let ids: Vec<Uuid> = (0..10_000).map(|_| entropy.id(now)).collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
        let first = ids[0];
        assert_eq!((first.get_version_num(), first.get_variant()), (7, uuid::Variant::RFC4122));
        let steps: std::collections::HashSet<u128> =
            ids.windows(2).map(|two| two[1].as_u128() - two[0].as_u128()).collect();
        assert!(steps.len() > 9_000, "steps can be foreseen");
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

    #[test]
    fn each_of_a_tokens_256_bits_is_drawn() {
        let (entropy, drawn) = (Entropy::system(), 1_000);
        let mut ones = [0_u32; 256];
        for _ in 0..drawn {
            let token = URL_SAFE_NO_PAD.decode(entropy.token()).unwrap();
            assert_eq!(token.len(), 32);
            for (bit, ones) in ones.iter_mut().enumerate() {
                *ones += u32::from(token[bit / 8] >> (bit % 8) & 1);
            }
        }
        // Seven standard deviations: what is random passes, and a bit that stands still or follows the time does not.
        assert!(ones.iter().all(|ones| (390..=610).contains(ones)), "{ones:?}");
    }
}
