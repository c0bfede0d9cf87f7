//! Where in a clip somebody speaks.

use std::ops::Range;

use earshot::Detector;

use super::RATE_HZ;

/// Samples in one decision: 16 ms, as the detector wants it.
pub const FRAME: usize = 256;

/// A frame counts as speech from this score on.
const SPEECH_SCORE_MIN: f32 = 0.5;

/// Frames after the last that scored, still taken for speech: word ends are soft.
const HANGOVER_FRAMES: usize = 6;

/// Sound kept before and after speech when silence is trimmed, in frames: 240 ms.
const MARGIN_FRAMES: usize = 15;

/// One decision a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    speech: Vec<bool>,
    samples: usize,
}

impl Activity {
    /// Listens to mono samples of [`RATE_HZ`]. The last, partial frame is not judged.
    ///
    /// The detector knows speech from noise, not one speaker from a crowd: babble counts as speech.
    pub fn of(samples: &[f32]) -> Self {
        let mut detector = Detector::default_boxed();
        let mut frame = [0.0_f32; FRAME];
        let mut since_speech = HANGOVER_FRAMES;
        let speech = samples
            .chunks_exact(FRAME)
            .map(|chunk| {
                for (to, from) in frame.iter_mut().zip(chunk) {
                    *to = from.clamp(-1.0, 1.0);
                }
                let heard = detector.predict_f32(&frame) >= SPEECH_SCORE_MIN;
                since_speech = if heard { 0 } else { since_speech.saturating_add(1) };
                since_speech < HANGOVER_FRAMES
            })
            .collect();
        Self { speech, samples: samples.len() }
    }

    /// Whether each frame of [`FRAME`] samples is speech.
    pub fn frames(&self) -> &[bool] {
        &self.speech
    }

    /// The share of the clip that is speech, 0.0–1.0.
    pub fn ratio(&self) -> f32 {
        if self.speech.is_empty() {
            return 0.0;
        }
        let speech = self.speech.iter().filter(|s| **s).count();
        speech as f32 / self.speech.len() as f32
    }

    /// The samples from the first to the last speech, with a margin; empty where nobody speaks.
    pub fn span(&self) -> Range<usize> {
        let Some(first) = self.speech.iter().position(|s| *s) else { return 0..0 };
        let last = self.speech.iter().rposition(|s| *s).unwrap_or(first);
        let start = first.saturating_sub(MARGIN_FRAMES) * FRAME;
        let end = ((last + 1 + MARGIN_FRAMES) * FRAME).min(self.samples);
        start..end
    }
}

/// Milliseconds of so many samples at [`RATE_HZ`].
pub fn duration_ms(samples: usize) -> u32 {
    u32::try_from(samples as u64 * 1000 / u64::from(RATE_HZ)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_holds_no_speech_and_no_span() {
        let activity = Activity::of(&vec![0.0; 16_000]);
        assert!(activity.ratio() < f32::EPSILON);
        assert_eq!(activity.span(), 0..0);
    }

    #[test]
    fn the_span_keeps_a_margin_within_the_clip() {
        let mut speech = vec![false; 100];
        speech[5] = true;
        speech[80] = true;
        let activity = Activity { speech, samples: 100 * FRAME };
        assert_eq!(activity.span(), 0..96 * FRAME);
    }

    #[test]
    fn a_clip_shorter_than_a_frame_is_judged_silent() {
        assert_eq!(Activity::of(&[0.5; 100]).span(), 0..0);
    }
}
