//! Seeded randomness: the same seed and the same calls give the same ids.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The only source of randomness in the emulator. Not fit for secrets.
#[derive(Debug)]
pub(crate) struct Entropy(StdRng);

impl Entropy {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A number below `bound`, or 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { self.0.random_range(0..bound) }
    }

    /// `length` letters and digits.
    pub(crate) fn token(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(ALPHABET[self.below(ALPHABET.len())])).collect()
    }

    /// `length` decimal digits, the first not zero.
    pub(crate) fn digits(&mut self, length: usize) -> String {
        (0..length)
            .map(|at| char::from(ALPHABET[if at == 0 { 1 + self.below(9) } else { self.below(10) }]))
            .collect()
    }
}
