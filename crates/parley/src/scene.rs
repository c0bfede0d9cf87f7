//! An utterance as a row of numbers, units, goods and cues: what the grammar looks at.

mod below_zero;
mod senses;

use std::ops::Range;

use smallvec::SmallVec;
use types::{Language, Unit};

use crate::decimal::Decimal;
use crate::goods::{self, Resolver};
use crate::lexicon::cue::{Cue, Cues};
use crate::lexicon::{Lexicon, Matched, Meaning, Sense};
use crate::numbers::grammar::{self, Morph, Numeral};
use crate::token::{Kind, Tokens};

/// One thing said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Item {
    Number(Numeral),
    Unit {
        factor: Decimal,
        unit: Unit,
    },
    Good(Goods),
    Cue(Cue),
    /// A word that no table knows.
    Word,
    /// A pause; `true` where it asks.
    Break(bool),
}

/// Goods that were named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goods {
    /// An index into the goods of every market.
    Common(u16),
    /// A product of this stall that only the stall names so.
    Stall,
}

/// An utterance.
#[derive(Debug)]
pub(crate) struct Scene<'t> {
    text: &'t str,
    tokens: Tokens,
    items: Vec<Item>,
    ranges: Vec<Range<usize>>,
    pub cues: Cues,
    /// How many words no table knows.
    pub unknown: usize,
    /// Whether it holds digits that are no amount: a time, a date, a telephone number.
    pub has_figures: bool,
    /// Whether an unknown word beside a number may be part of it.
    pub has_suspect: bool,
    pub asks: bool,
    /// How many units are named whose size differs by market (the maund).
    pub unclear_units: usize,
    size: Size,
}

/// Which of the sizes of an unclear unit is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    First,
    Other,
}

impl<'t> Scene<'t> {
    pub fn of(text: &'t str, language: Language, stall: Option<&Resolver>) -> Self {
        Self::in_size(Size::First, text, language, stall)
    }

    /// The utterance with the other size of a unit whose size differs by market.
    pub fn in_other_size(text: &'t str, language: Language, stall: Option<&Resolver>) -> Self {
        Self::in_size(Size::Other, text, language, stall)
    }

    fn in_size(size: Size, text: &'t str, language: Language, stall: Option<&Resolver>) -> Self {
        let lexicon = Lexicon::of(language);
        let tokens = Tokens::of(text);
        let matches = lexicon.matches(&tokens);
        let mut scene = Scene {
            text,
            items: Vec::with_capacity(matches.len() + 4),
            ranges: Vec::with_capacity(matches.len() + 4),
            tokens,
            cues: Cues::default(),
            unknown: 0,
            has_figures: false,
            has_suspect: false,
            asks: false,
            unclear_units: 0,
            size,
        };
        scene.fill(&matches);
        if let Some(stall) = stall {
            scene.find_products(stall);
        }
        scene.has_suspect = senses::has_suspect(&matches);
        scene.unknown = scene.items.iter().filter(|i| **i == Item::Word).count();
        scene
    }

    fn fill(&mut self, matches: &[Matched]) {
        let mut run = Run::default();
        for (at, matched) in matches.iter().enumerate() {
            let tokens = &matched.tokens;
            match &matched.meaning {
                Meaning::Fused(morphs) => morphs.iter().for_each(|m| run.push(*m, tokens)),
                Meaning::Known(senses) => {
                    let sense = self.choose(matches, at, senses);
                    self.put(sense, tokens, &mut run);
                }
                Meaning::Unknown => self.put_token(tokens, &mut run),
            }
            for mark in &matched.marks {
                // "-ഓ" asks behind a word and means "or" between two numbers.
                let is_idle = *mark == Sense::Cue(Cue::Or) && !senses::ending_joins(matches, at);
                if !is_idle {
                    self.put(*mark, tokens, &mut run);
                }
            }
        }
        self.close(&mut run);
    }

    /// The meaning of a word where it stands; of a unit that has several sizes, the size asked for.
    fn choose(&mut self, matches: &[Matched], at: usize, meanings: &[Sense]) -> Sense {
        let chosen = senses::choose(matches, at, meanings);
        let is_unit = |s: &&Sense| matches!(s, Sense::Unit { .. });
        if !is_unit(&&chosen) || meanings.iter().filter(is_unit).count() < 2 {
            return chosen;
        }
        self.unclear_units += 1;
        let other = meanings.iter().filter(is_unit).nth(1).filter(|_| self.size == Size::Other);
        *other.unwrap_or(&chosen)
    }

    fn put(&mut self, sense: Sense, tokens: &Range<usize>, run: &mut Run) {
        let item = match sense {
            Sense::Number(morph) => return run.push(morph, tokens),
            Sense::Unit { factor, unit } => Item::Unit { factor, unit },
            Sense::Good(index) => Item::Good(Goods::Common(index)),
            Sense::Cue(cue) => {
                self.cues.add(cue);
                Item::Cue(cue)
            }
        };
        self.close(run);
        self.push(item, tokens.clone());
    }

    fn put_token(&mut self, tokens: &Range<usize>, run: &mut Run) {
        match self.tokens.get(tokens.start).kind {
            Kind::Number(value) => run.push(Morph::Written(value), tokens),
            Kind::Figures => {
                self.has_figures = true;
                self.close(run);
            }
            Kind::Break(asks) => {
                self.asks |= asks;
                self.close(run);
                self.push(Item::Break(asks), tokens.clone());
            }
            Kind::Word => {
                self.close(run);
                self.push(Item::Word, tokens.clone());
            }
        }
    }

    fn close(&mut self, run: &mut Run) {
        if run.morphs.is_empty() {
            return;
        }
        for numeral in grammar::read(&run.morphs) {
            let tokens = run.tokens[numeral.from].start..run.tokens[numeral.to].end;
            self.push(Item::Number(numeral), tokens);
        }
        run.morphs.clear();
        run.tokens.clear();
    }

    fn push(&mut self, item: Item, tokens: Range<usize>) {
        self.items.push(item);
        self.ranges.push(tokens);
    }

    /// Whether a number is said to be below zero, which no price and no amount is.
    pub fn is_negative(&self) -> bool {
        (0..self.items.len()).any(|at| self.is_below_zero(at))
    }

    /// Whether an item is a number with a minus before it or before its currency, in words or as a sign.
    fn is_below_zero(&self, at: usize) -> bool {
        if !matches!(self.items[at], Item::Number(_)) {
            return false;
        }
        let mut from = at;
        loop {
            if below_zero::is_signed(self.text, self.span(from).start) {
                return true;
            }
            let Some(before) = self.prev(from) else { return false };
            if below_zero::is_said(self.tokens.folded(self.ranges[before].end - 1)) {
                return true;
            }
            if self.items[before] != Item::Cue(Cue::Rupee) {
                return false;
            }
            from = before;
        }
    }

    /// Unknown words that name a product of the stall become goods.
    fn find_products(&mut self, stall: &Resolver) {
        let mut at = 0;
        while at < self.items.len() {
            let words = self.items[at..].iter().take_while(|i| **i == Item::Word).count();
            let named = (1..=words.min(4)).rev().find(|n| stall.names(self.words_of(at..at + n)));
            if let Some(len) = named {
                let tokens = self.ranges[at].start..self.ranges[at + len - 1].end;
                self.items.splice(at..at + len, [Item::Good(Goods::Stall)]);
                self.ranges.splice(at..at + len, [tokens]);
            }
            at += 1;
        }
    }

    fn words_of(&self, items: Range<usize>) -> &'t str {
        let tokens = self.ranges[items.start].start..self.ranges[items.end - 1].end;
        self.original(tokens)
    }

    fn original(&self, tokens: Range<usize>) -> &'t str {
        &self.text[self.tokens.get(tokens.start).span.start..self.tokens.get(tokens.end - 1).span.end]
    }

    pub fn items(&self) -> &[Item] {
        &self.items
    }

    pub fn cue(&self, at: usize) -> Option<Cue> {
        match self.items.get(at) {
            Some(Item::Cue(cue)) => Some(*cue),
            _ => None,
        }
    }

    /// The place of the next item that is not filler.
    pub fn next(&self, at: usize) -> Option<usize> {
        (at + 1..self.items.len()).find(|i| self.items[*i] != Item::Cue(Cue::Fill))
    }

    /// The place of the previous item that is not filler.
    pub fn prev(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|i| self.items[*i] != Item::Cue(Cue::Fill))
    }

    /// The places of a class of cue.
    pub fn places(&self, cues: Cues) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let found = move |(at, item): (usize, &Item)| match item {
            Item::Cue(cue) if cues.has(*cue) => Some(at),
            _ => None,
        };
        self.items.iter().enumerate().filter_map(found)
    }

    /// The first place of a class of cue.
    pub fn place(&self, cue: Cue) -> Option<usize> {
        if !self.cues.has(cue) {
            return None;
        }
        self.items.iter().position(|i| *i == Item::Cue(cue))
    }

    /// The goods named first, with their place.
    pub fn good(&self) -> Option<(usize, Goods)> {
        self.items.iter().enumerate().find_map(|(at, item)| match item {
            Item::Good(goods) => Some((at, *goods)),
            _ => None,
        })
    }

    /// The goods as acts name them: the lemma, or the words as said.
    pub fn item_name(&self) -> Option<String> {
        let (at, goods) = self.good()?;
        Some(match goods {
            Goods::Common(index) => goods::all()[usize::from(index)].lemma.to_owned(),
            Goods::Stall => self.words_of(at..at + 1).to_owned(),
        })
    }

    /// The unit that goods are usually sold in.
    pub fn good_unit(&self) -> Option<Unit> {
        match self.good()?.1 {
            Goods::Common(index) => Some(goods::all()[usize::from(index)].unit),
            Goods::Stall => None,
        }
    }

    /// The longest run of unknown words, as said: goods that no table knows.
    pub fn unknown_name(&self) -> Option<String> {
        let mut best: Range<usize> = 0..0;
        let mut at = 0;
        while at < self.items.len() {
            let len = self.items[at..].iter().take_while(|i| **i == Item::Word).count();
            if len > best.len() {
                best = at..at + len;
            }
            at += len.max(1);
        }
        let name = (!best.is_empty()).then(|| self.words_of(best))?;
        (name.chars().count() <= crate::act::ITEM_CHARS_MAX).then(|| name.to_owned())
    }

    /// How many items carry meaning: everything but filler and pauses.
    pub fn content(&self) -> usize {
        self.items.iter().filter(|i| !matches!(i, Item::Cue(Cue::Fill) | Item::Break(_))).count()
    }

    /// The bytes of the original text that an item covers.
    pub fn span(&self, at: usize) -> Range<usize> {
        let tokens = &self.ranges[at];
        self.tokens.get(tokens.start).span.start..self.tokens.get(tokens.end - 1).span.end
    }
}

/// Number words that stand side by side.
#[derive(Debug, Default)]
struct Run {
    morphs: SmallVec<[Morph; 8]>,
    tokens: SmallVec<[Range<usize>; 8]>,
}

impl Run {
    fn push(&mut self, morph: Morph, tokens: &Range<usize>) {
        self.morphs.push(morph);
        self.tokens.push(tokens.clone());
    }
}
