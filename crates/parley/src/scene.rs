//! An utterance as a row of numbers, units, goods and cues: what the grammar looks at.

mod below_zero;

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
}

impl<'t> Scene<'t> {
    pub fn of(text: &'t str, language: Language, stall: Option<&Resolver>) -> Self {
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
        };
        scene.fill(&matches);
        if let Some(stall) = stall {
            scene.find_products(stall);
        }
        scene.has_suspect = has_suspect(&matches);
        scene.unknown = scene.items.iter().filter(|i| **i == Item::Word).count();
        scene
    }

    fn fill(&mut self, matches: &[Matched]) {
        let mut run = Run::default();
        for (at, matched) in matches.iter().enumerate() {
            let tokens = &matched.tokens;
            match &matched.meaning {
                Meaning::Fused(morphs) => morphs.iter().for_each(|m| run.push(*m, tokens)),
                Meaning::Known(senses) => self.put(choose(matches, at, senses), tokens, &mut run),
                Meaning::Unknown => self.put_token(tokens, &mut run),
            }
            for mark in &matched.marks {
                self.put(*mark, tokens, &mut run);
            }
        }
        self.close(&mut run);
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

/// Chooses between the meanings of a word by what stands beside it.
fn choose(matches: &[Matched], at: usize, senses: &[Sense]) -> Sense {
    let [first, rest @ ..] = senses else { return Sense::Cue(Cue::Fill) };
    if rest.is_empty() {
        return *first;
    }
    let number = senses.iter().find(|s| matches!(s, Sense::Number(_)));
    let other = senses.iter().find(|s| !matches!(s, Sense::Number(_)));
    if let (Some(number), Some(other)) = (number, other) {
        let is_number = match other {
            Sense::Unit { .. } => next_is(matches, at, |s| matches!(s, Sense::Unit { .. })),
            _ => counts_something(matches, at),
        };
        return if is_number { *number } else { *other };
    }
    let unit = senses.iter().find(|s| matches!(s, Sense::Unit { .. }));
    let cue = senses.iter().find(|s| matches!(s, Sense::Cue(_)));
    if let (Some(unit), Some(cue)) = (unit, cue) {
        // "Two packs" and "pack two kilos": a unit is counted, and what is counted by nothing is an act.
        let before = at.checked_sub(1).is_some_and(|before| is_number_at(matches, before));
        return if before && !is_number_at(matches, at + 1) { *unit } else { *cue };
    }
    let opens =
        matches[..at].iter().all(|m| matches!(m.meaning, Meaning::Known([Sense::Cue(Cue::Fill), ..])));
    let good = senses.iter().find(|s| matches!(s, Sense::Good(_)));
    if let (Some(good), Some(Sense::Cue(Cue::Topic | Cue::Fill | Cue::Count))) = (good, cue) {
        return *good;
    }
    // A five hundred rupee note is money to pay with, a note by itself may be stationery.
    if let (Some(good), Some(talk @ Sense::Cue(Cue::TalkUnit))) = (good, cue) {
        let is_money = at.checked_sub(1).is_some_and(|before| is_money_at(matches, before));
        return if is_money { *talk } else { *good };
    }
    // A mobile for sale, unless digits follow as they follow in a telephone number.
    let reads_digits = (1..=3).all(|ahead| is_digit_at(matches, at + ahead));
    if let (Some(good), Some(Sense::Cue(Cue::Contact))) = (good, cue) {
        return if reads_digits { Sense::Cue(Cue::Contact) } else { *good };
    }
    // "Hi" and "na" greet and refuse where they open the utterance, and are filler elsewhere.
    let opening = senses.iter().find(|s| matches!(s, Sense::Cue(Cue::Greet | Cue::No)));
    let elsewhere = senses.iter().find(|s| !matches!(s, Sense::Cue(Cue::Greet | Cue::No)));
    match (opening, elsewhere) {
        (Some(opening), Some(elsewhere)) => {
            if opens {
                *opening
            } else {
                *elsewhere
            }
        }
        _ => *first,
    }
}

fn is_money_at(matches: &[Matched], at: usize) -> bool {
    const MONEY: Cues = Cues::of(&[Cue::Rupee, Cue::Of]);
    let marks = matches[at].marks.iter();
    let said = match matches[at].meaning {
        Meaning::Known([first, ..]) => Some(first),
        _ => None,
    };
    said.into_iter().chain(marks).any(|s| matches!(s, Sense::Cue(cue) if MONEY.has(*cue)))
}

/// Whether a single digit stands at a place, in words or written.
fn is_digit_at(matches: &[Matched], at: usize) -> bool {
    matches.get(at).is_some_and(|m| match m.meaning {
        Meaning::Known([Sense::Number(Morph::Number { value, .. }), ..]) => *value < Decimal::whole(10),
        Meaning::Unknown => m.is_written,
        _ => false,
    })
}

/// Whether an unknown word that holds a number word stands beside a number.
fn has_suspect(matches: &[Matched]) -> bool {
    let number = |at: Option<usize>| at.is_some_and(|at| is_number_at(matches, at));
    let is_suspect =
        |(at, m): (usize, &Matched)| m.is_suspect && (number(at.checked_sub(1)) || number(Some(at + 1)));
    matches.iter().enumerate().any(is_suspect)
}

fn is_number_at(matches: &[Matched], at: usize) -> bool {
    const COUNTS: Cues = Cues::of(&[Cue::Article, Cue::Per]);
    matches.get(at).is_some_and(|m| match &m.meaning {
        Meaning::Known([Sense::Number(_), ..]) | Meaning::Fused(_) => true,
        Meaning::Known([Sense::Cue(cue), ..]) => COUNTS.has(*cue),
        Meaning::Known(_) => false,
        Meaning::Unknown => m.is_written,
    })
}

fn next_is(matches: &[Matched], at: usize, wanted: impl Fn(&Sense) -> bool) -> bool {
    matches.get(at + 1).is_some_and(|m| match &m.meaning {
        Meaning::Known(senses) => senses.iter().any(wanted),
        Meaning::Fused(_) => wanted(&Sense::Number(Morph::And)),
        Meaning::Unknown => false,
    })
}

/// Whether a word that may be a number or something else ("do": two, or give) counts what stands beside it.
fn counts_something(matches: &[Matched], at: usize) -> bool {
    const COUNTED: Cues =
        Cues::of(&[Cue::Rupee, Cue::Count, Cue::At, Cue::Of, Cue::Than, Cue::Per, Cue::TalkUnit]);
    const COUNTING: Cues = Cues::of(&[Cue::Of, Cue::For, Cue::Rupee]);
    let is_counted = next_is(matches, at, |s| match s {
        Sense::Number(_) | Sense::Unit { .. } | Sense::Good(_) => true,
        Sense::Cue(cue) => COUNTED.has(*cue),
    });
    let before = at.checked_sub(1).map(|i| &matches[i]);
    let is_counting = before.is_some_and(|m| {
        let said: &[Sense] = match m.meaning {
            Meaning::Known(senses) => senses,
            _ => &[],
        };
        said.iter().chain(&m.marks).any(|s| matches!(s, Sense::Cue(cue) if COUNTING.has(*cue)))
    });
    // "Point nine two", "nine eight two": digits said one by one.
    let number = |back: usize| at.checked_sub(back).is_some_and(|i| is_number_at(matches, i));
    let is_digit = number(1) && number(2);
    let is_alone = is_digit || matches.len() == 1;
    is_counted || is_counting || is_alone || !matches[at].marks.is_empty()
}
