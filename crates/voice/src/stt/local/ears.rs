//! How an utterance is heard: several passes over it, and what they agree on.
//!
//! A free pass hears anything, badly; a grammar hears offers well, and in everything. So a grammar's words are taken only
//! where the free pass heard much the same. While a number is asked for the speaker says a number, and the grammar of
//! numbers alone listens, three times with slightly different ears; where these disagree, every reading is passed on and
//! the app asks. Only what the free pass takes for a whole sentence goes through the gate even then. Nothing here decides what an amount is: that is `parley`'s.

use std::collections::BTreeSet;
use std::path::Path;

use parley::{Asked, Context, Reading, Side};
use types::{Language, Unit};

use super::band::Ear;
use super::engine::{Engine, EngineError};
use super::grammar::{self, goods, numbers};
use super::places::language_model;
use super::protocol::{Utterance, Words};
use crate::stt::Expecting;

/// A grammar's words are kept where they are so much like those of the free pass. Measured: 28 of 28 offers kept, none of
/// 30 sentences of other talk.
const LIKENESS_MIN: f64 = 0.6;

/// An answer to "is that right?" has so many words at most; more are bargaining.
const ANSWER_WORDS_MAX: usize = 3;

/// So many words are a sentence and not a number alone.
const SENTENCE_WORDS_MIN: usize = 5;

const FREE: &str = "free";
const TALK: &str = "talk";
const YES_NO: &str = "yes_no";

/// The ear of every first pass.
const PLAIN: Ear = Ear { noise: 100.0, speed: 1.0 };
/// Less noise, for the grammar that takes "oh" for a zero.
const QUIET: Ear = Ear { noise: 10.0, speed: 1.0 };
/// A little faster.
const QUICK: Ear = Ear { noise: 100.0, speed: 1.04 };

/// A loaded recogniser.
pub(super) struct Ears {
    engine: Engine,
    /// The goods that the grammar of bargaining was made for.
    goods: BTreeSet<String>,
}

impl Ears {
    /// Loads library and model and makes every search.
    pub fn open(library: &Path, model: &Path) -> Result<Self, EngineError> {
        let mut engine = Engine::load(library, model)?;
        for (word, phones) in grammar::words() {
            if !engine.knows(word) {
                engine.add_word(word, phones)?;
            }
        }
        engine.set_language_model(FREE, &language_model(model))?;
        engine.set_grammar(YES_NO, grammar::yes_no())?;
        for oh in [false, true] {
            engine.set_grammar(search(Expecting::Price, oh), &grammar::price(oh))?;
            engine.set_grammar(search(Expecting::Quantity, oh), &grammar::quantity(oh))?;
        }
        Ok(Self { engine, goods: BTreeSet::new() })
    }

    /// Hears one utterance; `None` where nobody says a word.
    pub fn listen(&mut self, utterance: &Utterance, samples: &[i16]) -> Result<Option<Words>, EngineError> {
        let hear = |ear: Ear| ear.hear(samples, utterance.source_rate_hz);
        match utterance.expecting {
            Expecting::Price | Expecting::Quantity => self.number(utterance, hear),
            Expecting::YesNo => self.yes_no(utterance, &hear(PLAIN)),
            Expecting::Anything => self.talk(utterance, &hear(PLAIN)),
        }
    }

    /// A number, or a whole offer in its place. A long sentence without any number is no answer.
    fn number(
        &mut self,
        utterance: &Utterance,
        hear: impl Fn(Ear) -> Vec<i16>,
    ) -> Result<Option<Words>, EngineError> {
        let plain = hear(PLAIN);
        let free = self.engine.decode(FREE, &plain)?.text;
        if free.split(' ').count() >= SENTENCE_WORDS_MIN {
            let has_number = !numbers(&free).is_empty();
            let sentence = self.bargain(utterance, free, &plain)?;
            if !has_number || sentence.as_ref().is_some_and(|s| f64::from(s.confidence) >= LIKENESS_MIN) {
                return Ok(sentence);
            }
        }
        let mut readings = Vec::with_capacity(3);
        for (ear, oh) in [(PLAIN, false), (QUIET, true), (QUICK, false)] {
            readings.push(self.engine.decode(search(utterance.expecting, oh), &hear(ear))?.text);
        }
        Ok(poll(&readings, utterance.expecting))
    }

    fn yes_no(&mut self, utterance: &Utterance, samples: &[i16]) -> Result<Option<Words>, EngineError> {
        let free = self.engine.decode(FREE, samples)?.text;
        let answer = self.engine.decode(YES_NO, samples)?.text;
        let likeness = likeness(&free, &answer);
        if likeness >= LIKENESS_MIN {
            return Ok(words(answer, Vec::new(), likeness));
        }
        if free.split(' ').count() <= ANSWER_WORDS_MAX && !answer.is_empty() && !free.is_empty() {
            // Too short for the free pass to go by its model of the language, and a yes must not be made of a cough:
            // both are passed on, and the free one leads.
            return Ok(words(free, vec![answer], likeness));
        }
        self.bargain(utterance, free, samples)
    }

    fn talk(&mut self, utterance: &Utterance, samples: &[i16]) -> Result<Option<Words>, EngineError> {
        let free = self.engine.decode(FREE, samples)?.text;
        self.bargain(utterance, free, samples)
    }

    /// The grammar of bargaining, behind the gate.
    fn bargain(
        &mut self,
        utterance: &Utterance,
        free: String,
        samples: &[i16],
    ) -> Result<Option<Words>, EngineError> {
        if free.is_empty() {
            return Ok(None);
        }
        self.learn(&utterance.names)?;
        let guided = self.engine.decode(TALK, samples)?.text;
        let likeness = likeness(&free, &guided);
        if likeness < LIKENESS_MIN {
            return Ok(words(free, Vec::new(), likeness));
        }
        let others = if numbers(&free) == numbers(&guided) { Vec::new() } else { vec![free] };
        Ok(words(guided, others, likeness))
    }

    /// Makes the grammar for a stall's goods, unless it is the one at hand.
    pub fn learn(&mut self, names: &[String]) -> Result<(), EngineError> {
        let goods = goods(names, |word| self.engine.knows(word));
        if goods != self.goods {
            self.engine.set_grammar(TALK, &grammar::talk(&goods))?;
            self.goods = goods;
        }
        Ok(())
    }
}

const fn search(expecting: Expecting, with_oh: bool) -> &'static str {
    match (expecting, with_oh) {
        (Expecting::Quantity, false) => "quantity",
        (Expecting::Quantity, true) => "quantity_oh",
        (_, false) => "price",
        (_, true) => "price_oh",
    }
}

fn likeness(free: &str, guided: &str) -> f64 {
    if free.is_empty() || guided.is_empty() { 0.0 } else { strsim::normalized_levenshtein(free, guided) }
}

#[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
fn words(text: String, alternatives: Vec<String>, confidence: f64) -> Option<Words> {
    (!text.is_empty()).then_some(Words { text, alternatives, confidence: confidence as f32 })
}

/// The reading that most passes gave, the earliest of those, and the ones that mean something else. Nothing where most
/// passes heard nothing.
fn poll(readings: &[String], expecting: Expecting) -> Option<Words> {
    let mut found: Vec<(&String, Reading, u8)> = Vec::new();
    for text in readings.iter().filter(|text| !text.is_empty()) {
        let meaning = meaning(text, expecting);
        match found.iter_mut().find(|(other, known, _)| *other == text || is_same(known, &meaning)) {
            Some((.., votes)) => *votes += 1,
            None => found.push((text, meaning, 1)),
        }
    }
    found.sort_by_key(|(.., votes)| std::cmp::Reverse(*votes));
    let passes = u8::try_from(readings.len()).unwrap_or(u8::MAX).max(1);
    let mut texts = found.iter().map(|(text, ..)| (*text).clone());
    let best = texts.next()?;
    let heard: u8 = found.iter().map(|(.., votes)| votes).sum();
    if heard * 2 < passes {
        return None;
    }
    let confidence = f64::from(found.first()?.2) / f64::from(passes);
    words(best, texts.collect(), confidence)
}

fn meaning(text: &str, expecting: Expecting) -> Reading {
    let asked = if expecting == Expecting::Quantity { Asked::Quantity(Unit::Kg) } else { Asked::Price };
    parley::read(text, Language::English, &Context::new(Side::Buyer).asked(asked))
}

/// Two readings mean the same where both are understood; two bits of talk need not.
fn is_same(one: &Reading, other: &Reading) -> bool {
    !one.acts().is_empty() && one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polled(readings: &[&str]) -> Option<(String, Vec<String>, f32)> {
        let readings: Vec<String> = readings.iter().map(|r| (*r).to_owned()).collect();
        poll(&readings, Expecting::Price).map(|w| (w.text, w.alternatives, w.confidence))
    }

    #[test]
    fn passes_that_mean_the_same_amount_are_one_reading() {
        let agreed = polled(&["four five zero", "four hundred fifty", "four fifty"]);
        assert_eq!(agreed, Some(("four five zero".to_owned(), vec![], 1.0)));
    }

    #[test]
    fn where_passes_differ_the_most_frequent_leads_and_the_others_are_told() {
        let (text, others, confidence) = polled(&["four nine zero", "four five zero", "four fifty"]).unwrap();
        assert_eq!((text.as_str(), others), ("four five zero", vec!["four nine zero".to_owned()]));
        assert!((confidence - 2.0 / 3.0).abs() < 0.01);
    }

    #[test]
    fn passes_without_a_path_say_nothing() {
        assert_eq!(polled(&["", "", ""]), None);
        assert_eq!(polled(&["", "nine", ""]), None, "one pass alone hears things");
    }
}
