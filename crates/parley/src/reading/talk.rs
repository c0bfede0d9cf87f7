//! How much of an utterance must be known before it may move a deal.
//!
//! The more plainly a number is a price, the more unknown words may stand around it; a number beside nothing needs
//! an utterance that is all about the deal.

use crate::act::Side;
use crate::deal::Deal;
use crate::figures::{Figure, Figures, Role};
use crate::lexicon::cue::{Cue, Cues};
use crate::scene::{Item, Scene};

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

/// Whether a price is asked about and not put: "how many lemons for twenty?" wants an amount, which no act asks for.
///
/// A vendor who names a price without a marker and asks how much is wanted ("forty rupees, how many?") puts it, but it
/// has to be asked about.
pub(crate) fn how_many(scene: &Scene, figures: &Figures, speaker: Side) -> Belief {
    figures
        .iter()
        .map(|figure| match figure.role {
            Role::Price { currency, marked, per: None } if is_asked_of(scene, figure, marked) => {
                if speaker == Side::Vendor && currency && !marked { Belief::Doubted } else { Belief::None }
            }
            // "Lemons how many twenty for": the question may be the price's or the amount's.
            Role::Price { marked: true, per: None, .. } if is_asked_first(scene, figure) => Belief::Doubted,
            _ => Belief::Sure,
        })
        .find(|belief| *belief != Belief::Sure)
        .unwrap_or(Belief::Sure)
}

fn is_asked_first(scene: &Scene, price: &Figure) -> bool {
    scene.prev(price.at).is_some_and(|at| scene.cue(at) == Some(Cue::HowMuch)) && scene.good().is_some()
}

/// "Tomatoes of a hundred rupees" may be as many as a hundred buys: no price of theirs.
pub(crate) fn is_worth(scene: &Scene, figures: &Figures) -> bool {
    let buys = figures.iter().any(|f| matches!(f.role, Role::Amount(_) | Role::Count));
    let of_good = |f: &Figure| {
        let next = scene.next(f.end).map(|i| scene.items()[i]);
        scene.cue(f.end) == Some(Cue::Of) && matches!(next, Some(Item::Good(_)))
    };
    !buys && figures.iter().any(|f| matches!(f.role, Role::Price { per: None, .. }) && of_good(f))
}

/// Whether the question for an amount belongs to a price: in the same breath, and of goods, a unit or a count.
fn is_asked_of(scene: &Scene, price: &Figure, marked: bool) -> bool {
    const ASKING: Cues = Cues::of(&[Cue::HowMany, Cue::HowMuch]);
    scene.places(ASKING).any(|at| {
        let between = if at < price.at { at + 1..price.at } else { price.end + 1..at };
        if scene.items()[between].iter().any(|item| matches!(item, Item::Break(_))) {
            return false;
        }
        let of = scene.next(at).map(|i| scene.items()[i]);
        let counts = matches!(of, Some(Item::Good(_) | Item::Unit { .. } | Item::Cue(Cue::Count)));
        let follows = scene.next(price.end) == Some(at);
        scene.cue(at) == Some(Cue::HowMany) || (counts && (marked || follows)) || (marked && follows)
    })
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
    let is_talk = scene.cues.any(Cues::of(&[Cue::Topic, Cue::Contact, Cue::Stock, Cue::Elsewhere]))
        || scene.has_figures;
    let room = if asks_for_it { 2 } else { 1 };
    match (is_talk, scene.unknown) {
        (false, unknown) if unknown <= room => Belief::Sure,
        (false, unknown) if unknown <= room + 1 => Belief::Doubted,
        (true, 0..=1) if asks_for_it => Belief::Doubted,
        _ => Belief::None,
    }
}
