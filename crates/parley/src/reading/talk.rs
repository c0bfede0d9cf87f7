//! How much of an utterance must be known before it may move a deal.
//!
//! The more plainly a number is a price, the more unknown words may stand around it; a number beside nothing needs
//! an utterance that is all about the deal.

use crate::deal::Deal;
use crate::lexicon::cue::{Cue, Cues};
use crate::scene::Scene;

/// Words that people bargain with, by which a bare number becomes an offer.
const BARGAINING: Cues = Cues::of(&[
    Cue::Give,
    Cue::Take,
    Cue::Want,
    Cue::Put,
    Cue::Firm,
    Cue::FinalAsk,
    Cue::Agree,
    Cue::Okay,
    Cue::Yes,
    Cue::Tag,
    Cue::No,
    Cue::Neg,
    Cue::Cannot,
    Cue::PriceWord,
    Cue::Less,
    Cue::More,
    Cue::Total,
    Cue::Minimum,
    Cue::Costly,
    Cue::Have,
]);

/// How far a deal may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belief {
    Sure,
    /// Ask before anything moves.
    Doubted,
    /// It is talk.
    None,
}

/// How far the price of an utterance may be believed.
pub(crate) fn price(scene: &Scene, deal: &Deal) -> Belief {
    let bargains = usize::from(scene.cues.any(BARGAINING) || scene.good().is_some());
    let evidence = deal.evidence.max(bargains);
    if scene.cues.any(Cues::of(&[Cue::Topic, Cue::TalkUnit, Cue::Contact])) || scene.has_figures {
        // "At six thirty" and "for two weeks" are marked like prices: a marker alone is not enough here.
        let asks_for_it = scene.cues.any(Cues::of(&[Cue::Give, Cue::Take, Cue::Put, Cue::Firm, Cue::Agree]));
        return match (deal.evidence, scene.unknown) {
            (3.., 0..=3) => Belief::Sure,
            (2.., 0..=2) if asks_for_it => Belief::Sure,
            (3.., _) => Belief::Doubted,
            (2.., _) if asks_for_it => Belief::Doubted,
            _ => Belief::None,
        };
    }
    // What another stall asks is an argument, not an offer, unless the speaker puts a price.
    if scene.cues.has(Cue::Elsewhere) {
        let puts = deal.evidence >= 2 && scene.cues.any(Cues::of(&[Cue::Put, Cue::Firm]));
        return if puts { Belief::Doubted } else { Belief::None };
    }
    let allowed = match evidence {
        0 => usize::from(scene.content() <= 2),
        1 => 1,
        2 => 2,
        3 => 4,
        _ => 6,
    };
    match (scene.unknown, evidence) {
        (unknown, _) if unknown <= allowed => Belief::Sure,
        (_, 2..) => Belief::Doubted,
        _ => Belief::None,
    }
}

/// Whether words alone may move the deal: agreement, refusal, leaving. `room` is how many unknown words they bear.
pub(crate) fn words(scene: &Scene, room: usize) -> bool {
    let is_talk = scene.cues.any(Cues::of(&[Cue::Topic, Cue::TalkUnit, Cue::Contact])) || scene.has_figures;
    !is_talk && scene.unknown <= room
}

/// How far an amount without a price may be believed.
pub(crate) fn amount(scene: &Scene) -> Belief {
    let asks_for_it =
        scene.cues.any(Cues::of(&[Cue::Give, Cue::Take, Cue::Want, Cue::Put, Cue::Okay, Cue::Agree]));
    let is_talk = scene.cues.any(Cues::of(&[Cue::Topic, Cue::Contact, Cue::Stock, Cue::Elsewhere]));
    let room = if asks_for_it { 2 } else { 1 };
    match (is_talk, scene.unknown) {
        (false, unknown) if unknown <= room => Belief::Sure,
        (false, unknown) if unknown <= room + 1 => Belief::Doubted,
        (true, 0..=1) if asks_for_it => Belief::Doubted,
        _ => Belief::None,
    }
}
