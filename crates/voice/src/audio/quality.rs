//! What can be told of a recording before it is cleaned.

use ebur128::{EbuR128, Mode};
use serde::Serialize;

use super::RATE_HZ;
use super::activity::{Activity, FRAME, duration_ms};

/// How good a recording is, measured on what came in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quality {
    /// Speech over noise, in decibels, estimated from the quiet frames: −10.0..=60.0.
    pub snr_db: f32,
    /// Share of samples that stand at full scale in runs of two or more, in per cent.
    pub clipping_percent: f32,
    /// Integrated loudness (EBU R 128); `None` where the clip is too short or too quiet to have one.
    pub lufs: Option<f32>,
    /// The highest peak between samples, in decibels of full scale.
    pub true_peak_db: f32,
    /// Share of the time in which somebody speaks, 0.0–1.0.
    pub speech_ratio: f32,
    /// Length, in milliseconds.
    pub duration_ms: u32,
}

/// The SNR is said within these.
const SNR_DB: (f32, f32) = (-10.0, 60.0);

/// Power below which a frame is digital silence: −100 dB of full scale.
const SILENCE_POWER: f32 = 1e-10;

/// Samples from this on stand at full scale.
const FULL_SCALE: f32 = 0.999;

/// Loudness and true peak of mono samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Integrated loudness, where there is one.
    pub lufs: Option<f32>,
    /// Linear true peak.
    pub true_peak: f32,
}

impl Loudness {
    /// Measures a clip of [`RATE_HZ`].
    pub fn of(samples: &[f32]) -> Self {
        let nothing = Self { lufs: None, true_peak: 0.0 };
        let Ok(mut meter) = EbuR128::new(1, RATE_HZ, Mode::I | Mode::TRUE_PEAK) else { return nothing };
        if meter.add_frames_f32(samples).is_err() {
            return nothing;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a level needs no more than single precision")]
        let narrow = |value: f64| value as f32;
        let lufs = meter.loudness_global().ok().filter(|lufs| lufs.is_finite()).map(narrow);
        Self { lufs, true_peak: meter.true_peak(0).map_or(0.0, narrow) }
    }
}

/// Decibels of an amplitude, no lower than −100.
pub fn amplitude_db(amplitude: f32) -> f32 {
    20.0 * amplitude.max(1e-5).log10()
}

/// Measures a recording. `raw` is what was decoded, `filtered` the same after the high-pass.
pub(super) fn measure(raw: &[f32], filtered: &[f32], activity: &Activity) -> Quality {
    let loudness = Loudness::of(raw);
    Quality {
        snr_db: snr_db(filtered, activity),
        clipping_percent: clipping_percent(raw),
        lufs: loudness.lufs,
        true_peak_db: amplitude_db(loudness.true_peak),
        speech_ratio: activity.ratio(),
        duration_ms: duration_ms(raw.len()),
    }
}

fn power(frame: &[f32]) -> f32 {
    let length = frame.len().max(1) as f32;
    frame.iter().map(|s| s * s).sum::<f32>() / length
}

/// Speech power over noise power.
///
/// Noise is the mean of the quietest tenth of the frames, speech the mean of the frames that hold it, less the noise.
/// Gaps between words are enough for it; a clip without any gap reads as noisier than it is.
fn snr_db(samples: &[f32], activity: &Activity) -> f32 {
    let powers: Vec<f32> = samples.chunks_exact(FRAME).map(power).collect();
    let mut sorted: Vec<f32> = powers.iter().copied().filter(|p| *p > SILENCE_POWER).collect();
    sorted.sort_by(f32::total_cmp);
    let quiet = &sorted[..(sorted.len() / 10).max(1).min(sorted.len())];
    let speech: Vec<f32> =
        powers.iter().zip(activity.frames()).filter(|(_, is_speech)| **is_speech).map(|(p, _)| *p).collect();
    if speech.is_empty() {
        return SNR_DB.0;
    }
    // Frames of pure zeros between words are a noise gate in the phone: they say nothing of the noise in the words.
    let noise = mean(quiet).max(SILENCE_POWER);
    let signal = (mean(&speech) - noise).max(noise * 1e-3);
    (10.0 * (signal / noise).log10()).clamp(SNR_DB.0, SNR_DB.1)
}

fn mean(values: &[f32]) -> f32 {
    let count = values.len().max(1) as f32;
    values.iter().sum::<f32>() / count
}

fn clipping_percent(samples: &[f32]) -> f32 {
    let clipped = samples
        .chunk_by(|a, b| a.abs() >= FULL_SCALE && b.abs() >= FULL_SCALE)
        .filter(|run| run.len() >= 2)
        .map(<[f32]>::len)
        .sum::<usize>();
    clipped as f32 * 100.0 / samples.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_at_full_scale_are_clipping_and_single_peaks_are_not() {
        let mut samples = vec![0.1; 100];
        samples[10] = 1.0;
        assert!(clipping_percent(&samples) < f32::EPSILON);
        samples[20..25].fill(-1.0);
        assert!((clipping_percent(&samples) - 5.0).abs() < 1e-4);
    }

    #[test]
    fn a_full_scale_tone_reads_as_zero_decibels_and_its_known_loudness() {
        let tone: Vec<f32> =
            (0..32_000).map(|i| (std::f32::consts::TAU * 997.0 * i as f32 / 16_000.0).sin()).collect();
        let loudness = Loudness::of(&tone);
        assert!(amplitude_db(loudness.true_peak).abs() < 0.3);
        // EBU Tech 3341: a 997 Hz sine at 0 dBFS in one channel reads −3.01 LUFS.
        assert!((loudness.lufs.unwrap() + 3.01).abs() < 0.15, "{loudness:?}");
    }
}
