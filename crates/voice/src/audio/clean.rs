//! From a recording to speech that a recogniser and a listener can use: high-pass, noise reduction where it helps,
//! gain control, loudness, peak limit, silence trimmed.

use super::activity::Activity;
use super::denoise::reduce_noise;
use super::filter::high_pass;
use super::level::{control_gain, normalise};
use super::quality::{Quality, amplitude_db, measure};

/// Noise is reduced only below this estimated SNR: above it the network takes away more speech than noise.
pub const DENOISE_BELOW_DB: f32 = 15.0;

/// A clip whose loudest sample lies below this is silent, in decibels of full scale.
const SILENT_BELOW_DB: f32 = -55.0;

/// Speech, and how good the recording was that it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Cleaned {
    /// Mono, 16 kHz, trimmed to speech with a margin of 240 ms, at [`super::TARGET_LUFS`].
    pub samples: Vec<f32>,
    /// Measured on the recording before cleaning.
    pub quality: Quality,
    /// Whether noise was reduced.
    pub denoised: bool,
}

/// Why a clip gives no speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CleanError {
    /// Nothing above −55 dB of full scale: a muted microphone.
    #[error("the recording is silent")]
    Silent,
    /// Sound, but nobody speaks.
    #[error("nobody speaks in the recording")]
    NoSpeech,
}

/// Cleans mono samples of 16 kHz.
///
/// # Errors
/// See [`CleanError`].
pub fn clean(raw: Vec<f32>) -> Result<Cleaned, CleanError> {
    let loudest = raw.iter().fold(0.0_f32, |loudest, s| loudest.max(s.abs()));
    if amplitude_db(loudest) < SILENT_BELOW_DB {
        return Err(CleanError::Silent);
    }
    let mut samples = raw.clone();
    high_pass(&mut samples);
    let activity = Activity::of(&samples);
    let quality = measure(&raw, &samples, &activity);
    drop(raw);
    let span = activity.span();
    if span.is_empty() {
        return Err(CleanError::NoSpeech);
    }

    let denoised = quality.snr_db < DENOISE_BELOW_DB;
    if denoised {
        samples = reduce_noise(samples);
    }
    control_gain(&mut samples, activity.frames());
    samples.truncate(span.end);
    samples.drain(..span.start);
    normalise(&mut samples);
    Ok(Cleaned { samples, quality, denoised })
}
