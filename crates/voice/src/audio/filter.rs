//! The high-pass that takes rumble, wind and mains hum away before anything is measured.

use biquad::{Biquad, Coefficients, DirectForm2Transposed, Type};

use super::RATE_HZ;

/// Below this nothing of a voice is lost on a phone.
const CUTOFF_HZ: f32 = 80.0;

/// The two stages' quality factors make a fourth-order Butterworth: flat above the cut-off, 24 dB an octave below.
const STAGES_Q: [f32; 2] = [0.541_196_1, 1.306_563];

/// Filters in place.
pub fn high_pass(samples: &mut [f32]) {
    for q in STAGES_Q {
        // `from_params` of this library divides the wrong way round; the normalised form is exact.
        let cutoff = 2.0 * CUTOFF_HZ / RATE_HZ as f32;
        let coefficients = Coefficients::from_normalized_params(Type::HighPass, cutoff, q)
            .expect("80 Hz lies below half of 16 kHz and both q are positive");
        let mut stage = DirectForm2Transposed::<f32>::new(coefficients);
        for sample in &mut *samples {
            *sample = stage.run(*sample);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level_after(hz: f32) -> f32 {
        let mut tone: Vec<f32> =
            (0..16_000).map(|i| (std::f32::consts::TAU * hz * i as f32 / 16_000.0).sin()).collect();
        high_pass(&mut tone);
        let settled = &tone[8_000..];
        (settled.iter().map(|s| s * s).sum::<f32>() / settled.len() as f32 * 2.0).sqrt()
    }

    #[test]
    fn hum_is_taken_away_and_a_voice_is_not() {
        assert!(level_after(0.5) < 0.001, "offset");
        assert!(level_after(40.0) < 0.08, "an octave below");
        assert!((level_after(80.0) - 0.707).abs() < 0.02, "at the cut-off");
        assert!(level_after(160.0) > 0.97, "an octave above");
        assert!(level_after(1_000.0) > 0.999, "mid-band");
    }
}
