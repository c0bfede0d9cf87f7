//! From received bytes to speech that can be recognised.

use bytes::Bytes;

use crate::Voice;
use crate::audio::{Error, Limits, Quality, clean, decode};
use crate::pool::NotDone;
use crate::stt::Speech16k;

/// What a recording may be at most: a minute, and what a phone makes of one.
pub const LIMITS: Limits = Limits {
    bytes_max: 5 * 1024 * 1024,
    duration_s_max: 60,
    rate_hz: (8_000, 96_000),
    channels_max: 8,
    unpacked_bytes_max: 192 * 1024 * 1024,
};

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

impl Voice {
    /// Decodes, measures and cleans a recording of at most [`LIMITS`]. Which file it is, its first bytes say; what its
    /// sender or its header says is not believed.
    ///
    /// # Errors
    /// See [`Error`]; all but `Busy` and `BrokenOff` are final.
    pub async fn prepare(&self, recording: Bytes) -> Result<Prepared, Error> {
        self.inner.pool.run(move || prepare(&recording)).await?
    }
}

fn prepare(recording: &[u8]) -> Result<Prepared, Error> {
    let decoded = decode(recording, &LIMITS)?;
    let source_rate_hz = decoded.source_rate_hz;
    let cleaned = clean(decoded.samples)?;
    Ok(Prepared {
        samples: cleaned.samples,
        quality: cleaned.quality,
        duration_ms: cleaned.quality.duration_ms,
        source_rate_hz,
        denoised: cleaned.denoised,
    })
}

impl From<NotDone> for Error {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Busy { retry_after } => Self::Busy { retry_after },
            NotDone::BrokenOff => Self::BrokenOff,
        }
    }
}
