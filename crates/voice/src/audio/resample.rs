//! From one sample rate to another, over whole clips.

use audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler};

/// A pair of rates between which nothing can be resampled: one of them is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot resample from {from_hz} Hz to {to_hz} Hz")]
pub struct ResampleError {
    /// The rate of the input.
    pub from_hz: u32,
    /// The rate asked for.
    pub to_hz: u32,
}

/// Samples of input handed over at a time. Larger blocks sharpen the filter and cost nothing here, where nobody waits
/// for the first sample.
const CHUNK_FRAMES: usize = 1024;

/// Resamples one mono clip, keeping its length in time and adding no delay.
///
/// # Errors
/// [`ResampleError`] where a rate is 0.
pub fn resample(samples: Vec<f32>, from_hz: u32, to_hz: u32) -> Result<Vec<f32>, ResampleError> {
    if from_hz == to_hz || samples.is_empty() {
        return Ok(samples);
    }
    let error = ResampleError { from_hz, to_hz };
    let mut fft =
        Fft::new(from_hz as usize, to_hz as usize, CHUNK_FRAMES, 1, FixedSync::Both).map_err(|_| error)?;
    let input = SequentialSlice::new(samples.as_slice(), 1, samples.len()).map_err(|_| error)?;
    let output = fft.process_all(&input, samples.len(), None).map_err(|_| error)?;
    Ok(output.take_data())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second.
    fn tone(hz: f32, rate_hz: u32) -> Vec<f32> {
        let step = std::f32::consts::TAU * hz / rate_hz as f32;
        (0..rate_hz / 2).map(|i| (step * i as f32).sin()).collect()
    }

    #[test]
    fn a_tone_keeps_its_place_in_time_at_another_rate() {
        for from_hz in [8_000, 11_025, 22_050, 44_100, 44_101, 48_000, 96_000] {
            let heard = resample(tone(440.0, from_hz), from_hz, 16_000).unwrap();
            let expected = tone(440.0, 16_000);
            assert!(heard.len().abs_diff(expected.len()) <= 2, "{from_hz}: {}", heard.len());
            let middle = 2_000..6_000;
            let error: f32 =
                middle.clone().map(|i| (heard[i] - expected[i]).powi(2)).sum::<f32>() / middle.len() as f32;
            // One sample late would be 0.015.
            assert!(error < 0.01, "{from_hz} Hz: mean square error {error}");
        }
    }

    #[test]
    fn what_lies_above_the_new_band_is_gone_and_not_folded_down() {
        let heard = resample(tone(11_000.0, 48_000), 48_000, 16_000).unwrap();
        let loudest = heard[1_000..7_000].iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!(loudest < 2e-3, "{loudest}");
    }

    #[test]
    fn a_rate_of_nothing_is_an_error() {
        assert!(resample(vec![0.0; 8], 0, 16_000).is_err());
    }
}
