//! What a word means where it stands: "do" is two beside a unit and give elsewhere, "or" joins two numbers and is
//! filler elsewhere.

use smallvec::SmallVec;

use crate::decimal::Decimal;
use crate::lexicon::cue::{Cue, Cues};
use crate::lexicon::{Matched, Meaning, Sense};
use crate::numbers::grammar::Morph;

/// Chooses between the meanings of a word by what stands beside it.
pub(super) fn choose(matches: &[Matched], at: usize, senses: &[Sense]) -> Sense {
    const OR: Sense = Sense::Cue(Cue::Or);
    if !senses.contains(&OR) {
        return settle(matches, at, senses);
    }
    let other: SmallVec<[Sense; 4]> = senses.iter().filter(|s| **s != OR).copied().collect();
    let only_joins = other.iter().all(|s| *s == Sense::Cue(Cue::Fill));
    if joins(matches, at, at + 1, only_joins) { OR } else { settle(matches, at, &other) }
}

/// Whether an ending of the word at a place says "or" between its number and the next (നൂറോ ഇരുനൂറോ).
pub(super) fn ending_joins(matches: &[Matched], at: usize) -> bool {
    joins(matches, at + 1, at + 1, false)
}

/// Whether what stands between `before` and `ahead` joins a number before it and one behind it. What also says something
/// else ("না": or, no) has to touch both.
fn joins(matches: &[Matched], before: usize, ahead: usize, only_joins: bool) -> bool {
    const REACH_BACK: usize = 5;
    const REACH: usize = 4;
    const TOUCHING: Cues =
        Cues::of(&[Cue::Rupee, Cue::Paisa, Cue::At, Cue::For, Cue::Rate, Cue::Of, Cue::Article]);
    let is_skipped = |i: &usize| match matches[*i].meaning {
        Meaning::Known([Sense::Cue(cue), ..]) => TOUCHING.has(*cue) || (only_joins && *cue == Cue::Fill),
        Meaning::Known([Sense::Good(_), ..]) => only_joins,
        _ => only_joins && matches[*i].is_pause,
    };
    let mut behind = (0..before).rev().take(REACH_BACK);
    let follows = if only_joins {
        behind.any(|i| is_value_at(matches, i))
    } else {
        behind.find(|i| !is_skipped(i)).is_some_and(|i| is_value_at(matches, i))
    };
    let next = (ahead..matches.len()).take(REACH).find(|i| !is_skipped(i));
    follows && next.is_some_and(|i| is_value_at(matches, i))
}

/// Whether a number itself stands at a place: no word that only counts.
fn is_value_at(matches: &[Matched], at: usize) -> bool {
    match &matches[at].meaning {
        Meaning::Known(senses) => senses.iter().any(|s| matches!(s, Sense::Number(_))),
        Meaning::Fused(_) => true,
        Meaning::Unknown => matches[at].is_written,
    }
}

/// Chooses between the meanings that are no "or".
fn settle(matches: &[Matched], at: usize, senses: &[Sense]) -> Sense {
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
pub(super) fn has_suspect(matches: &[Matched]) -> bool {
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
    const COUNTING: Cues = Cues::of(&[Cue::Of, Cue::For, Cue::Rate, Cue::Rupee]);
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
