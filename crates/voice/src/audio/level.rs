//! Bringing speech to one level: slow gain control, loudness, and a limiter that keeps true peaks below the ceiling.

use super::activity::FRAME;
use super::quality::{Loudness, amplitude_db};

/// Loudness that every cleaned clip and every synthesised sentence is brought to.
pub const TARGET_LUFS: f32 = -18.0;

/// No peak between samples exceeds this, in decibels of full scale.
pub const CEILING_DB: f32 = -1.5;

/// Speech is drawn towards this level while it is spoken: root mean square, about −20 dB.
const TARGET_RMS: f32 = 0.1;

/// The most a quiet voice is raised and a loud one lowered, as factors (±18 dB).
const GAIN: (f32, f32) = (0.126, 8.0);

/// How fast the measured level follows upwards and downwards, a frame: loud passages are met at once, pauses inside a
/// sentence raise nothing.
const FOLLOW: (f32, f32) = (0.30, 0.04);

/// The most that the loudness step may add, as a factor (24 dB): beyond it there is only noise to raise.
const MAKE_UP_MAX: f32 = 15.8;

/// Samples the limiter looks ahead and takes to let go: 4 ms and 64 ms.
const LOOK_AHEAD: usize = 64;
const RELEASE: usize = 1024;

/// Evens out near and far, loud and quiet, following only what is speech.
pub fn control_gain(samples: &mut [f32], speech: &[bool]) {
    let mut level: Option<f32> = None;
    let mut gain = 1.0;
    for (index, frame) in samples.chunks_mut(FRAME).enumerate() {
        if speech.get(index).copied().unwrap_or(false) {
            let heard = root_mean_square(frame);
            let before = level.unwrap_or(heard);
            let follow = if heard > before { FOLLOW.0 } else { FOLLOW.1 };
            level = Some(before + (heard - before) * follow);
        }
        let wanted = level.map_or(1.0, |level| (TARGET_RMS / level.max(1e-5)).clamp(GAIN.0, GAIN.1));
        ramp(frame, gain, wanted);
        gain = wanted;
    }
}

fn root_mean_square(frame: &[f32]) -> f32 {
    let length = frame.len().max(1) as f32;
    (frame.iter().map(|s| s * s).sum::<f32>() / length).sqrt()
}

fn ramp(frame: &mut [f32], from: f32, to: f32) {
    let step = (to - from) / frame.len().max(1) as f32;
    let mut gain = from;
    for sample in frame {
        gain += step;
        *sample *= gain;
    }
}

/// Brings a clip to [`TARGET_LUFS`] and below [`CEILING_DB`].
///
/// A clip too short to have a loudness keeps its level; digital silence stays what it is.
pub fn normalise(samples: &mut [f32]) {
    let before = Loudness::of(samples);
    if let Some(lufs) = before.lufs {
        let gain = 10.0_f32.powf((TARGET_LUFS - lufs) / 20.0).min(MAKE_UP_MAX);
        for sample in &mut *samples {
            *sample *= gain;
        }
    }
    let ceiling = 10.0_f32.powf(CEILING_DB / 20.0);
    limit(samples, ceiling);
    // The limiter sees samples; what stands between them is measured, and the rest is a matter of one factor.
    let peak = Loudness::of(samples).true_peak;
    if amplitude_db(peak) > CEILING_DB {
        let gain = ceiling / peak;
        for sample in samples {
            *sample *= gain;
        }
    }
}

/// Lowers the gain ahead of every sample above the ceiling and lets go slowly behind it.
fn limit(samples: &mut [f32], ceiling: f32) {
    if samples.iter().all(|s| s.abs() <= ceiling) {
        return;
    }
    let release = 1.0 / RELEASE as f32;
    let attack = 1.0 / LOOK_AHEAD as f32;
    let mut gains: Vec<f32> = samples.iter().map(|s| (ceiling / s.abs().max(ceiling)).min(1.0)).collect();
    for i in (0..gains.len().saturating_sub(1)).rev() {
        gains[i] = gains[i].min(gains[i + 1] + attack);
    }
    for i in 1..gains.len() {
        gains[i] = gains[i].min(gains[i - 1] + release);
    }
    for (sample, gain) in samples.iter_mut().zip(gains) {
        *sample *= gain;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tone(amplitude: f32, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|i| amplitude * (std::f32::consts::TAU * 440.0 * i as f32 / 16_000.0).sin())
            .collect()
    }

    #[test]
    fn loud_and_quiet_clips_come_out_equally_loud() {
        for amplitude in [0.02, 0.2, 0.9] {
            let mut clip = tone(amplitude, 32_000);
            normalise(&mut clip);
            let lufs = Loudness::of(&clip).lufs.unwrap();
            assert!((lufs - TARGET_LUFS).abs() < 0.5, "{amplitude}: {lufs}");
        }
    }

    #[test]
    fn a_speaker_who_steps_back_is_raised() {
        let mut clip = [tone(0.4, 32_000), tone(0.05, 64_000)].concat();
        let speech = vec![true; clip.len() / FRAME];
        control_gain(&mut clip, &speech);
        let near = root_mean_square(&clip[16_000..32_000]);
        let far = root_mean_square(&clip[80_000..96_000]);
        assert!((near / far).log10().abs() * 20.0 < 1.5, "near {near}, far {far}");
    }

    #[test]
    fn noise_between_sentences_is_not_raised() {
        let mut clip = [tone(0.1, 16_000), tone(0.001, 32_000)].concat();
        let speech: Vec<bool> = (0..clip.len() / FRAME).map(|frame| frame < 16_000 / FRAME).collect();
        control_gain(&mut clip, &speech);
        assert!(root_mean_square(&clip[24_000..]) < 0.003);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_true_peak_exceeds_the_ceiling(
            bursts in prop::collection::vec((0.0_f32..4.0, 100.0_f32..7_900.0, 50_usize..4_000), 1..8),
        ) {
            let mut clip: Vec<f32> = bursts
                .iter()
                .flat_map(|(level, hz, length)| {
                    (0..*length).map(move |i| level * (std::f32::consts::TAU * hz * i as f32 / 16_000.0).sin())
                })
                .collect();
            normalise(&mut clip);
            prop_assert!(amplitude_db(Loudness::of(&clip).true_peak) <= CEILING_DB + 0.01);
        }
    }
}
