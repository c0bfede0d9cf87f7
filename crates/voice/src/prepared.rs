//! From received bytes to speech that can be recognised.

use crate::audio::Quality;
use crate::stt::Speech16k;

/// A recording, decoded and cleaned.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Mono, 16 kHz, trimmed to speech, at one loudness.
    pub samples: Vec<f32>,
    /// Measured before cleaning.
    pub quality: Quality,
    /// Length as it was recorded, in milliseconds.
    pub duration_ms: u32,
    /// The rate it was recorded at.
    pub source_rate_hz: u32,
    /// Whether noise was reduced.
    pub denoised: bool,
}

impl Prepared {
    /// What a recogniser takes.
    pub fn speech(&self) -> Speech16k<'_> {
        Speech16k { samples: &self.samples, source_rate_hz: self.source_rate_hz }
    }
}
