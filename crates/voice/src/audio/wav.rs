//! Sixteen-bit samples: what the local recogniser and providers take.

use super::RATE_HZ;

/// Bytes before the samples.
const HEADER_BYTES: u32 = 44;

/// Sixteen-bit samples of the same sound.
pub fn to_pcm16(samples: &[f32]) -> Vec<i16> {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to sixteen bits before")]
    let narrow = |sample: &f32| (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16;
    samples.iter().map(narrow).collect()
}

/// A WAV file of mono samples of [`RATE_HZ`].
pub fn wav(samples: &[f32]) -> Vec<u8> {
    let data_bytes = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - HEADER_BYTES);
    let mut file = Vec::with_capacity(samples.len() * 2 + 44);
    file.extend(b"RIFF");
    file.extend((data_bytes + HEADER_BYTES - 8).to_le_bytes());
    // One channel of plain samples, two bytes each.
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(RATE_HZ.to_le_bytes());
    file.extend((RATE_HZ * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(data_bytes.to_le_bytes());
    file.extend(to_pcm16(samples).into_iter().flat_map(i16::to_le_bytes));
    file
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, decode};
    use super::*;

    #[test]
    fn what_is_written_decodes_to_the_same_samples() {
        let samples: Vec<f32> = (0..4_000).map(|i| (i as f32 / 50.0).sin() * 0.7).collect();
        let heard = decode(&wav(&samples), &Limits::default()).unwrap().samples;
        assert_eq!(heard.len(), samples.len());
        assert!(heard.iter().zip(&samples).all(|(a, b)| (a - b).abs() < 1e-4));
    }

    #[test]
    fn what_exceeds_full_scale_is_cut_and_does_not_wrap() {
        assert_eq!(to_pcm16(&[2.0, -2.0, 0.0]), [i16::MAX, -i16::MAX, 0]);
    }
}
