//! Sound as samples: decoding, cleaning, measuring and encoding.
//!
//! Everything here is a plain function of its input, takes no clock and no randomness, and belongs on a thread that may
//! be busy for a second. Inside the crate sound is mono `f32` at [`RATE_HZ`].

#![expect(clippy::cast_precision_loss, reason = "samples and frames are counted in millions at most")]

mod activity;
mod clean;
mod container;
mod decode;
mod denoise;
mod encode;
mod error;
mod filter;
mod level;
mod quality;
mod resample;
mod wav;

pub use activity::{Activity, duration_ms};
pub use clean::{CleanError, Cleaned, DENOISE_BELOW_DB, clean};
pub use container::{Container, recognise_container};
pub use decode::{DecodeError, Limits, decode};
pub use denoise::reduce_noise;
pub use encode::{CONTENT_TYPE, EncodeError, Encoding, encode, ogg_duration_ms};
pub use error::{Error, PROBLEMS};
pub use level::{CEILING_DB, TARGET_LUFS, normalise};
pub use quality::Quality;
pub use resample::{ResampleError, resample};
pub use wav::{to_pcm16, wav};

/// Samples a second of all sound inside this crate.
pub const RATE_HZ: u32 = 16_000;

/// A decoded recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Mono, [`RATE_HZ`], −1.0..=1.0.
    pub samples: Vec<f32>,
    /// The rate it was recorded at: says how much of the band holds sound.
    pub source_rate_hz: u32,
    /// The container it came in.
    pub container: &'static str,
}
