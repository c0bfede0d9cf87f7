//! From tokens to meanings: the longest known phrase, endings taken off where the word as it stands is unknown.

use std::ops::Range;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::cue::Cue;
use super::table;
use super::trie::{ROOT, WordId};
use super::{Lexicon, Sense, Words};
use crate::decimal::Decimal;
use crate::numbers::grammar::Morph;
use crate::token::{Kind, Tokens};

/// An ending that may be taken off a word.
#[derive(Debug)]
pub(crate) struct Suffix {
    ending: String,
    /// What may have stood in its place (ரூபாய்க்கு → ரூபாய், லட்சத்துக்கு → லட்சம்).
    restores: SmallVec<[String; 2]>,
    /// What the ending says by itself.
    marks: SmallVec<[Sense; 1]>,
}

/// The endings of a language by their last letter, longest first: a word is only compared with those it can have.
#[derive(Debug, Default)]
pub(crate) struct Suffixes {
    by_last: FxHashMap<char, Vec<Suffix>>,
}

impl Suffixes {
    /// Reads `suffix`, `restores`, `marks` rows; `key` folds as the words they are compared with.
    pub fn read(suffixes: &'static str, name: &str, key: impl Fn(&str) -> String) -> Self {
        let read = table::rows(suffixes, name).flat_map(|[endings, restores, marks]| {
            let restores: SmallVec<[String; 2]> = match restores {
                "" => SmallVec::from_iter([String::new()]),
                some => some.split('|').map(|r| if r == "-" { String::new() } else { key(r) }).collect(),
            };
            let marks: SmallVec<[Sense; 1]> = table::forms(marks).map(|m| mark(m, name)).collect();
            let key = &key;
            table::forms(endings).map(move |ending| Suffix {
                ending: key(ending),
                restores: restores.clone(),
                marks: marks.clone(),
            })
        });
        let mut by_last: FxHashMap<char, Vec<Suffix>> = FxHashMap::default();
        for suffix in read {
            let last =
                suffix.ending.chars().next_back().unwrap_or_else(|| panic!("{name}: an ending is empty"));
            by_last.entry(last).or_default().push(suffix);
        }
        for group in by_last.values_mut() {
            group.sort_by_key(|s| std::cmp::Reverse(s.ending.len()));
        }
        Self { by_last }
    }

    /// The endings that a word with this last letter may have.
    fn of(&self, word: &str) -> &[Suffix] {
        let last = word.chars().next_back();
        last.and_then(|c| self.by_last.get(&c)).map_or(&[], Vec::as_slice)
    }
}

fn mark(name: &str, table: &str) -> Sense {
    let part = |hundredths| Sense::Number(Morph::After(Decimal::hundredths(hundredths)));
    match name {
        "half" => part(50),
        "quarter" => part(25),
        "three_quarters" => part(75),
        _ => Sense::Cue(Cue::named(name).unwrap_or_else(|| panic!("{table}: no mark {name:?}"))),
    }
}

/// What stands at a place of the text.
#[derive(Debug)]
pub(crate) enum Meaning {
    /// A known phrase, with all it may mean.
    Known(&'static [Sense]),
    /// A fused number.
    Fused(SmallVec<[Morph; 4]>),
    Unknown,
}

/// A stretch of tokens with its meaning.
#[derive(Debug)]
pub(crate) struct Matched {
    pub meaning: Meaning,
    pub tokens: Range<usize>,
    /// What the endings taken off say by themselves, in order.
    pub marks: SmallVec<[Sense; 2]>,
    /// Whether it is a number written in digits.
    pub is_written: bool,
    /// Whether it is a pause.
    pub is_pause: bool,
    /// Whether an unknown word holds a number word at one end, and so may be a number nobody listed.
    pub is_suspect: bool,
}

type Endings = SmallVec<[&'static Suffix; 2]>;

#[derive(Debug, Clone)]
struct Form {
    word: WordId,
    rank: u8,
    endings: Endings,
}

/// How near a form is to the word as it stands; the nearest wins among phrases of one length.
mod rank {
    pub const WHOLE: u8 = 0;
    pub const BORROWED: u8 = 1;
    pub const ENDING: u8 = 2;
    pub const STEM: u8 = 4; // After ENDING with two endings.
}

/// A word shorter than this keeps its ending.
const STEM_CHARS_MIN: usize = 2;
/// No phrase of the tables is longer.
const PHRASE_TOKENS_MAX: usize = 6;

#[derive(Debug)]
struct Best {
    len: usize,
    rank: u8,
    node: u32,
    endings: Endings,
}

/// The search for the longest phrase that begins at one place.
struct Walk<'f> {
    lexicon: &'static Lexicon,
    forms: &'f [SmallVec<[Form; 3]>],
    start: usize,
    best: Option<Best>,
}

impl Walk<'_> {
    fn go(&mut self, at: usize, node: u32, rank: u8) {
        let forms = self.forms;
        let Some(here) = forms.get(at).filter(|_| at - self.start < PHRASE_TOKENS_MAX) else { return };
        for form in here {
            let Some(next) = self.lexicon.trie.step(node, form.word) else { continue };
            let rank = rank.max(form.rank);
            self.consider(at + 1 - self.start, rank, next, form);
            // An ending closes its phrase: what follows it is another.
            if form.endings.is_empty() {
                self.go(at + 1, next, rank);
            }
        }
    }

    fn consider(&mut self, len: usize, rank: u8, node: u32, form: &Form) {
        let beats = |b: &Best| len > b.len || (len == b.len && rank < b.rank);
        if self.lexicon.trie.senses(node).is_empty() || !self.best.as_ref().is_none_or(beats) {
            return;
        }
        let rank = if self.lexicon.trie.is_own(node) { rank } else { rank.max(rank::BORROWED) };
        self.best = Some(Best { len, rank, node, endings: form.endings.clone() });
    }
}

impl Lexicon {
    /// The meanings of a whole text, stretch by stretch.
    pub fn matches(&'static self, tokens: &Tokens) -> Vec<Matched> {
        let forms: Vec<SmallVec<[Form; 3]>> = (0..tokens.len()).map(|i| self.forms(tokens, i)).collect();
        let mut matches = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while at < tokens.len() {
            let matched = self.matched(tokens, &forms, at);
            at = matched.tokens.end;
            matches.push(matched);
        }
        matches
    }

    fn matched(&'static self, tokens: &Tokens, forms: &[SmallVec<[Form; 3]>], at: usize) -> Matched {
        let mut walk = Walk { lexicon: self, forms, start: at, best: None };
        walk.go(at, ROOT, rank::WHOLE);
        let best = walk.best;
        let is_weak = best.as_ref().is_none_or(|b| b.len == 1 && b.rank >= rank::STEM);
        if is_weak && let Some((morphs, endings)) = self.fused(tokens.folded(at)) {
            return Matched::of(Meaning::Fused(morphs), at..at + 1, marks_of(&endings));
        }
        if let Some(best) = best {
            let meaning = Meaning::Known(self.trie.senses(best.node));
            return Matched::of(meaning, at..at + best.len, marks_of(&best.endings));
        }
        Matched {
            is_written: matches!(tokens.get(at).kind, Kind::Number(_)),
            is_pause: matches!(tokens.get(at).kind, Kind::Break(_)),
            is_suspect: self.holds_number(tokens.folded(at)),
            ..Matched::of(Meaning::Unknown, at..at + 1, SmallVec::new())
        }
    }

    fn forms(&'static self, tokens: &Tokens, at: usize) -> SmallVec<[Form; 3]> {
        let mut forms = SmallVec::new();
        if tokens.get(at).kind != Kind::Word {
            return forms;
        }
        let word = tokens.folded(at);
        if let (Some(folding), true) = (&self.folding, word.is_ascii()) {
            let mut key = String::with_capacity(word.len());
            folding.fold(word, &mut key);
            self.romanised.forms(&key, rank::WHOLE, &mut forms);
        }
        self.plain.forms(word, if word.is_ascii() { rank::BORROWED } else { rank::WHOLE }, &mut forms);
        // A word that is known only as a part of phrases ("চালের" of rice flour) may still be another with its ending.
        if forms.iter().any(|f| f.rank < rank::ENDING && self.stands_alone(f.word)) {
            return forms;
        }
        if let (Some(folding), true) = (&self.folding, word.is_ascii()) {
            self.romanised.stripped(&folding.folded(word), &mut forms);
        }
        self.plain.stripped(word, &mut forms);
        if word.is_ascii() {
            strip(&self.borrowed_suffixes, &self.plain, word, &mut forms);
        }
        forms
    }

    fn stands_alone(&self, word: WordId) -> bool {
        self.trie.step(ROOT, word).is_some_and(|node| !self.trie.senses(node).is_empty())
    }

    fn holds_number(&self, word: &str) -> bool {
        match &self.folding {
            Some(folding) if word.is_ascii() => self.romanised.fused.borders(&folding.folded(word)),
            _ => self.plain.fused.borders(word),
        }
    }

    fn fused(&'static self, word: &str) -> Option<(SmallVec<[Morph; 4]>, Endings)> {
        if word.is_empty() {
            return None;
        }
        if let (Some(folding), true) = (&self.folding, word.is_ascii()) {
            return self.romanised.fused_number(&folding.folded(word));
        }
        self.plain.fused_number(word)
    }
}

impl Matched {
    const fn of(meaning: Meaning, tokens: Range<usize>, marks: SmallVec<[Sense; 2]>) -> Self {
        Self { meaning, tokens, marks, is_written: false, is_pause: false, is_suspect: false }
    }
}

fn marks_of(endings: &Endings) -> SmallVec<[Sense; 2]> {
    endings.iter().rev().flat_map(|suffix| suffix.marks.iter().copied()).collect()
}

impl Words {
    /// The word as it stands, and the longest of its beginnings that stands for any ending.
    fn forms(&'static self, word: &str, rank: u8, forms: &mut SmallVec<[Form; 3]>) {
        if let Some(id) = self.whole.get(word) {
            forms.push(Form { word: *id, rank, endings: SmallVec::new() });
        }
        let (shortest, longest) = self.stem_bytes;
        let stem = (shortest..=longest.min(word.len()))
            .rev()
            .filter(|end| word.is_char_boundary(*end))
            .find_map(|end| self.stems.get(&word[..end]));
        if let Some(id) = stem {
            forms.push(Form { word: *id, rank: rank + rank::STEM, endings: SmallVec::new() });
        }
    }

    fn stripped(&'static self, word: &str, forms: &mut SmallVec<[Form; 3]>) {
        strip(&self.suffixes, self, word, forms);
    }

    fn fused_number(&'static self, word: &str) -> Option<(SmallVec<[Morph; 4]>, Endings)> {
        if let Some(morphs) = self.fused.split(word) {
            return Some((morphs, SmallVec::new()));
        }
        self.suffixes.of(word).iter().find_map(|suffix| {
            bases(suffix, word)
                .find_map(|base| Some((self.fused.split(&base)?, SmallVec::from_iter([suffix]))))
        })
    }
}

/// What a word may be without an ending. Of an Indic word one letter is enough to be left (ছটা → ছ, six), unless the
/// ending is a single letter too.
fn bases<'a>(suffix: &'a Suffix, word: &'a str) -> impl Iterator<Item = String> + 'a {
    let is_long = |stem: &&str| {
        let short_is_fine = !stem.is_ascii() && suffix.ending.chars().nth(1).is_some();
        let letters = if short_is_fine { 1 } else { STEM_CHARS_MIN };
        stem.chars().count() >= letters
    };
    let stem = word.strip_suffix(suffix.ending.as_str()).filter(is_long);
    stem.into_iter().flat_map(|stem| suffix.restores.iter().map(move |restored| format!("{stem}{restored}")))
}

/// Takes off one ending, or else two, until a known word is left; the longest ending that leaves one wins.
fn strip(suffixes: &'static Suffixes, words: &'static Words, word: &str, forms: &mut SmallVec<[Form; 3]>) {
    let known = |word: &str, endings: &[&'static Suffix], rank: u8| {
        let id = words.whole.get(word)?;
        Some(Form { word: *id, rank, endings: endings.iter().copied().collect() })
    };
    let once = suffixes
        .of(word)
        .iter()
        .find_map(|first| bases(first, word).find_map(|base| known(&base, &[first], rank::ENDING)));
    let form = once.or_else(|| {
        suffixes.of(word).iter().find_map(|first| {
            bases(first, word).find_map(|base| {
                suffixes.of(&base).iter().find_map(|second| {
                    bases(second, &base).find_map(|b| known(&b, &[first, second], rank::ENDING + 1))
                })
            })
        })
    });
    forms.extend(form);
}
