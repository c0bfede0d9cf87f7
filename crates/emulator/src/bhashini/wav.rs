//! Real, short sound: a soft tone as long as the text would take to say.

use std::f64::consts::TAU;

const MS_A_CHARACTER: u32 = 60;
const MS_MIN: u32 = 240;
const MS_MAX: u32 = 30_000;
const TONE_HZ: f64 = 220.0;
const LOUDNESS: f64 = 0.2;
const FADE_MS: u32 = 20;

/// How long `text` is spoken, in milliseconds, at `speed` times the normal pace.
pub(crate) fn spoken_ms(text: &str, speed: f64) -> u32 {
    let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let whole = characters.saturating_mul(MS_A_CHARACTER).clamp(MS_MIN, MS_MAX);
    let paced = f64::from(whole) / speed.clamp(0.1, 10.0);
    // Within 24 ms and five minutes, so the cast is exact to the millisecond.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just above")]
    let ms = paced.round() as u32;
    ms
}

/// Mono 16-bit samples of a tone of `ms` milliseconds, fading in and out.
pub(crate) fn tone(ms: u32, rate_hz: u32) -> Vec<i16> {
    let length = u64::from(ms) * u64::from(rate_hz) / 1000;
    let fade = f64::from(rate_hz * FADE_MS / 1000).max(1.0);
    (0..u32::try_from(length).unwrap_or(u32::MAX))
        .map(|at| {
            let left = f64::from(u32::try_from(length).unwrap_or(u32::MAX) - at);
            let fading = (f64::from(at) / fade).min(left / fade).min(1.0);
            let wave = (TAU * TONE_HZ * f64::from(at) / f64::from(rate_hz)).sin();
            // The product stays within ±0.2, hence the sample within ±6,554.
            #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
            let sample = (wave * fading * LOUDNESS * f64::from(i16::MAX)) as i16;
            sample
        })
        .collect()
}

/// The samples as little-endian bytes.
pub(crate) fn pcm(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// The samples as a WAV file.
pub(crate) fn file(samples: &[i16], rate_hz: u32) -> Vec<u8> {
    let data = pcm(samples);
    let size = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut wav = Vec::with_capacity(data.len() + 44);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&size.saturating_add(36).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    wav.extend_from_slice(&1_u16.to_le_bytes());
    wav.extend_from_slice(&1_u16.to_le_bytes());
    wav.extend_from_slice(&rate_hz.to_le_bytes());
    wav.extend_from_slice(&(rate_hz * 2).to_le_bytes());
    wav.extend_from_slice(&2_u16.to_le_bytes());
    wav.extend_from_slice(&16_u16.to_le_bytes());
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&size.to_le_bytes());
    wav.extend_from_slice(&data);
    wav
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_text_sounds_longer_and_faster_speech_shorter() {
        assert_eq!(spoken_ms("", 1.0), 240);
        assert_eq!(spoken_ms("ten chars.", 1.0), 600);
        assert_eq!(spoken_ms("ten chars.", 2.0), 300);
        assert_eq!(spoken_ms(&"x".repeat(100_000), 1.0), 30_000);
    }

    #[test]
    fn the_file_is_as_long_as_it_says_and_can_be_heard() {
        let samples = tone(500, 22_050);
        assert_eq!(samples.len(), 11_025);
        assert!(samples.iter().any(|sample| sample.abs() > 3_000));
        let wav = file(&samples, 22_050);
        assert_eq!(wav.len(), 44 + 22_050);
        assert_eq!(&wav[40..44], &22_050_u32.to_le_bytes());
    }
}
