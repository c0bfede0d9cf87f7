//! Text that a provider speaks sentence by sentence.
//!
//! Each sentence is set aside before it is asked for, so that credit that ends does so between two sentences; it is kept by itself, so
//! that the same text asked for again is paid for from where it stopped, and a sentence that many texts share is paid for once. Nobody
//! hears a part of a text: what is not spoken to its end is left to the next voice, or to a later try.

use platform::meter::Work;

use super::{Error, Synthesiser, Wanted};
use crate::Voice;
use crate::audio::{Limits, RATE_HZ, decode, wav};
use crate::metering::Steps;

/// Shorter beginnings stay with what follows them: they are abbreviations and single words.
const CHARS_MIN: usize = 8;
/// The pause between two sentences: a third of a second.
const PAUSE_SAMPLES: usize = RATE_HZ as usize / 3;

/// Whether this ends a sentence.
const fn is_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '।' | '॥' | '۔' | '؟')
}

/// The sentences of a worded text, each with its mark; with single spaces between them they are the text.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let (mut found, mut begin) = (Vec::new(), 0);
    for (space, _) in text.match_indices(' ') {
        let sentence = &text[begin..space];
        let next = text[space + 1..].chars().next();
        let goes_on = next.is_none_or(|c| c.is_numeric() || is_end(c));
        if sentence.ends_with(is_end) && !goes_on && sentence.chars().count() >= CHARS_MIN {
            found.push(sentence);
            begin = space + 1;
        }
    }
    found.push(&text[begin..]);
    found
}

impl Voice {
    /// Has a provider speak a text sentence by sentence; gives the whole.
    ///
    /// # Errors
    /// Those of the first sentence that could not be spoken. Those before it are charged and kept.
    pub(super) async fn speak_sentences(
        &self,
        engine: &dyn Synthesiser,
        wanted: Wanted<'_>,
        work: Work,
    ) -> Result<Vec<f32>, Error> {
        let mut steps = Steps::new(&self.inner.meter, work);
        let spoken = self.speak_in_steps(engine, wanted, &mut steps).await;
        steps.settle().await;
        spoken
    }

    async fn speak_in_steps(
        &self,
        engine: &dyn Synthesiser,
        wanted: Wanted<'_>,
        steps: &mut Steps,
    ) -> Result<Vec<f32>, Error> {
        let sentences = sentences(wanted.text);
        if sentences.len() == 1 {
            return ask(engine, wanted, steps).await;
        }
        let mut whole = Vec::new();
        for text in sentences {
            if !whole.is_empty() {
                whole.resize(whole.len() + PAUSE_SAMPLES, 0.0);
            }
            let sentence = Wanted { text, ..wanted };
            whole.extend(self.speak_sentence(engine, sentence, steps).await?);
        }
        Ok(whole)
    }

    /// One of several sentences: found spoken before, or asked for and kept.
    async fn speak_sentence(
        &self,
        engine: &dyn Synthesiser,
        sentence: Wanted<'_>,
        steps: &mut Steps,
    ) -> Result<Vec<f32>, Error> {
        let cache = &self.inner.cache;
        let turn = cache.turn(sentence.piece());
        let _held = turn.lock().await;
        if let Some(file) = cache.find_piece(sentence).await {
            let decoded = self.inner.pool.run(move || decode(&file, &Limits::default())).await?;
            // A file that is damaged is as good as none.
            if let Ok(recording) = decoded {
                return Ok(recording.samples);
            }
        }
        let samples = ask(engine, sentence, steps).await?;
        cache.keep_piece(sentence, wav(&samples).into()).await;
        Ok(samples)
    }
}

async fn ask(engine: &dyn Synthesiser, wanted: Wanted<'_>, steps: &mut Steps) -> Result<Vec<f32>, Error> {
    let amount = wanted.text.chars().count() as u64;
    steps.step(amount, engine.speak(wanted.text, wanted.language)).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_parted_where_a_sentence_ends() {
        let parts = sentences("You offer five kilos for one hundred rupees. Is that right?");
        assert_eq!(parts, ["You offer five kilos for one hundred rupees.", "Is that right?"]);
        assert_eq!(sentences("क्या यह ठीक है? पाँच किलो दूँगा।"), ["क्या यह ठीक है?", "पाँच किलो दूँगा।"]);
        assert_eq!(sentences("یہ ٹھیک ہے۔ کل آؤ"), ["یہ ٹھیک ہے۔", "کل آؤ"]);
    }

    #[test]
    fn numbers_abbreviations_and_rows_of_points_part_nothing() {
        for whole in [
            "about 2.5 kilos",
            "it is no. 42 near the temple",
            "Dr. Rao comes",
            "so … and so",
            "yes. no",
            "hello",
        ] {
            assert_eq!(sentences(whole), [whole]);
        }
    }

    proptest! {
        #[test]
        fn together_the_sentences_are_the_text(words in prop::collection::vec("[a-zक-ह]{1,9}[.!?।۔]{0,2}", 1..20)) {
            let text = words.join(" ");
            let parts = sentences(&text);
            prop_assert!(parts.iter().all(|part| !part.is_empty()));
            prop_assert_eq!(parts.join(" "), text);
        }
    }
}
