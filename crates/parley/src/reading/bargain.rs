//! Utterances that name a price: offers, counter-offers, agreement to a number, refusal of one.

use types::{Language, Price};

use super::talk::{self, Belief};
use super::{Reading, plain};
use crate::act::{Act, Offer, Side, Standing, Terms};
use crate::confusion;
use crate::context::Context;
use crate::deal::{self, Deal, Proposal};
use crate::figures::{self, Figures, Role, either};
use crate::lexicon::cue::{Cue, Cues};
use crate::scene::{Item, Scene};

const REFUSING: Cues = Cues::of(&[Cue::Neg, Cue::No, Cue::Cannot]);
const MARKING: Cues = Cues::of(&[Cue::For, Cue::Rate]);
const COMPARING: Cues = Cues::of(&[Cue::Less, Cue::More]);

/// Reads an utterance that answers no question of the app.
pub(super) fn read(scene: &Scene, context: &Context, language: Language) -> Reading {
    let figures = figures::of(scene, context);
    let alternatives = either::alternatives(scene, &figures);
    if alternatives.is_empty() {
        return read_figures(scene, &figures, context, language);
    }
    Reading::either(alternatives.iter().map(|figures| read_figures(scene, figures, context, language)))
}

fn read_figures(scene: &Scene, figures: &Figures, context: &Context, language: Language) -> Reading {
    let asked = talk::how_many(scene, figures, context.speaker);
    if asked == Belief::None || is_measured(scene, figures) {
        return Reading::Talk;
    }
    let deal = deal::of(scene, figures, context);
    if deal.proposals.is_empty() || deal.wanted.is_some() {
        return with_hidden_price(scene, &deal, context, plain::read(scene, &deal, context));
    }
    if deal.crowded {
        return plain::read(scene, &Deal { has_talk: true, ..Deal::default() }, context).doubted();
    }
    let belief = talk::price(scene, &deal);
    if belief == Belief::None {
        return plain::read(scene, &Deal { has_talk: true, ..Deal::default() }, context);
    }
    let candidates =
        deal.proposals.iter().map(|p| Bargain { scene, context, deal: &deal, proposal: *p }.acts());
    let reading = Reading::from_candidates(candidates.collect());
    let is_doubted = [belief, asked].contains(&Belief::Doubted) || talk::is_worth(scene, figures);
    let reading = if is_doubted { reading.doubted() } else { reading };
    let reading = if is_far(scene, &deal) || scene.has_suspect || outbids(scene, &deal, context) {
        reading.doubted()
    } else {
        reading
    };
    suspect_mishearing(reading, context, language)
}

/// "Two ser of milk for sixty": a size that only the vendor knows, so that the price is none we could write down.
fn is_measured(scene: &Scene, figures: &Figures) -> bool {
    scene.cues.has(Cue::Measure) && figures.iter().any(|f| f.role != Role::Talk)
}

/// "Fifty kilo" where kilos cost about fifty: ask which.
fn with_hidden_price(scene: &Scene, deal: &Deal, context: &Context, reading: Reading) -> Reading {
    let (Some(proposal), Reading::Understood(acts)) = (deal.proposals.first(), &reading) else {
        return reading;
    };
    if !acts.iter().any(|a| matches!(a, Act::SetQuantity { .. })) {
        return reading;
    }
    let offer = Bargain { scene, context, deal, proposal: *proposal }.acts();
    let likelier = scene.cues.has(Cue::Put) || context.speaker == Side::Vendor;
    let candidates = if likelier { vec![offer, acts.clone()] } else { vec![acts.clone(), offer] };
    Reading::from_candidates(candidates)
}

/// A price far from what is on the table is more often misheard than meant; other goods have other prices.
fn is_far(scene: &Scene, deal: &Deal) -> bool {
    const NEAR: std::ops::RangeInclusive<f64> = 0.25..=4.0;
    let [proposal] = &deal.proposals[..] else { return false };
    scene.good().is_none() && proposal.ratio.is_some_and(|ratio| !NEAR.contains(&ratio))
}

/// A buyer who names more than the vendor asks has more often been misheard, or wonders at the price, or means what
/// so much money buys; other goods have other prices.
fn outbids(scene: &Scene, deal: &Deal, context: &Context) -> bool {
    const OTHER_GOODS: f64 = 1.5;
    let [proposal] = &deal.proposals[..] else { return false };
    let is_buyer = context.speaker == Side::Buyer && context.theirs().is_some();
    let most = if scene.good().is_some() { OTHER_GOODS } else { 1.0 };
    is_buyer && proposal.ratio.is_some_and(|ratio| ratio > most)
}

/// A recogniser that mixes up fifteen and fifty: where the number heard fits nothing and its double is exactly what
/// stands, ask.
fn suspect_mishearing(reading: Reading, context: &Context, language: Language) -> Reading {
    let (true, Reading::Understood(acts), Some(theirs)) = (context.spoken, &reading, context.theirs()) else {
        return reading;
    };
    let [Act::Offer(offer)] = &acts[..] else { return reading };
    let fits = offer.price_minor * 2 >= theirs.price_minor && offer.price_minor <= theirs.price_minor * 2;
    let is_mistakable = !fits && confusion::prices(offer.price_minor, language).contains(&theirs.price_minor);
    if !is_mistakable || offer.lot.is_some() {
        return reading;
    }
    let accept = Act::Accept(Terms { price_minor: Some(theirs.price_minor), ..Terms::default() });
    Reading::from_candidates(vec![vec![accept], acts.clone()])
}

/// One reading of the price on its way to acts.
struct Bargain<'s, 't, 'c> {
    scene: &'s Scene<'t>,
    context: &'s Context<'c>,
    deal: &'s Deal,
    proposal: Proposal,
}

/// How a refusal stands to the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    None,
    /// "No, sixty": what stands is refused, the price is new.
    Before,
    /// "Not below sixty".
    Bound,
    /// "Sixty won't do".
    OfPrice,
}

impl Bargain<'_, '_, '_> {
    fn acts(&self) -> Vec<Act> {
        let mut acts = plain::courtesies(self.scene);
        let at = self.proposal.at;
        match self.refusal() {
            Refusal::OfPrice => acts.push((at, Act::Reject)),
            Refusal::Before if self.context.theirs().is_some_and(|s| self.equals(s)) => {
                acts.push((at, Act::Reject));
            }
            Refusal::Bound | Refusal::Before if self.context.standing.is_some() => {
                acts.push((at, Act::Reject));
                acts.push((at, self.offer()));
            }
            _ => self.push_price(&mut acts),
        }
        if self.asks_discount_first() {
            acts.push((0, Act::AskDiscount));
        }
        acts.sort_by_key(|(at, _)| *at);
        acts.into_iter().map(|(_, act)| act).collect()
    }

    fn push_price(&self, acts: &mut Vec<(usize, Act)>) {
        let at = self.proposal.at;
        let asks_price = self.scene.cues.has(Cue::HowMuch) && self.deal.evidence < 2;
        if asks_price {
            let item = self.scene.item_name();
            acts.push((at, Act::AskPrice { wanted: self.proposal.wanted, item }));
            return;
        }
        let standing = self.context.standing.filter(|s| self.equals(*s));
        let is_theirs = standing.is_some_and(|s| s.by != self.context.speaker);
        let makes_sure = self.scene.cues.has(Cue::Tag)
            || (!is_theirs && self.scene.cues.any(Cues::of(&[Cue::Agree, Cue::Okay])));
        match standing {
            Some(_) if makes_sure => acts.push((at, Act::Confirm(self.terms(self.proposal.wanted)))),
            Some(_) if is_theirs && self.complains() => acts.push((at, Act::AskDiscount)),
            Some(_) if is_theirs => self.push_acceptance(acts),
            _ => acts.push((at, self.offer())),
        }
    }

    /// Agreement to the price; a quantity beside it that is not the lot itself is an act of its own.
    fn push_acceptance(&self, acts: &mut Vec<(usize, Act)>) {
        let at = self.proposal.at;
        let separate = self.proposal.wanted.filter(|w| self.proposal.lot != Some(*w));
        let wanted = self.proposal.wanted.filter(|_| separate.is_none());
        acts.push((at, Act::Accept(self.terms(wanted))));
        if let Some(wanted) = separate {
            acts.push((at, Act::SetQuantity { wanted, item: None }));
        }
    }

    fn offer(&self) -> Act {
        let Proposal { minor, lot, wanted, .. } = self.proposal;
        Act::Offer(Offer { price_minor: minor, lot, wanted, item: self.scene.item_name() })
    }

    fn terms(&self, wanted: Option<crate::act::Amount>) -> Terms {
        let Proposal { minor, lot, is_counted, .. } = self.proposal;
        // What was agreed is said whole by either side: "one ten for two dozen, right?"
        let wanted = wanted.or(lot.filter(|_| is_counted));
        Terms { price_minor: Some(minor), lot, wanted, item: self.scene.item_name() }
    }

    /// Whether the price is the standing one: the same money, for the same or as much per unit.
    fn equals(&self, standing: Standing) -> bool {
        let Some(lot) = self.proposal.lot else { return self.proposal.minor == standing.price_minor };
        let price = Price::new(types::Money::inr(standing.price_minor), standing.for_quantity, standing.unit);
        let total = price.and_then(|p| p.total_for(lot.quantity, lot.unit));
        total.is_ok_and(|t| t.minor() == self.proposal.minor)
    }

    fn refusal(&self) -> Refusal {
        let cues = self.scene.cues;
        if !cues.any(REFUSING) {
            return Refusal::None;
        }
        let Some(negation) = self.negation() else { return Refusal::None };
        if self.deal.trifle || self.is_bounded(negation) {
            return Refusal::Bound;
        }
        if negation > self.proposal.at {
            return if self.is_refused_behind(negation) { Refusal::OfPrice } else { Refusal::None };
        }
        // "Not fifty": the negation touches the number.
        let next = self.scene.next(negation);
        let touches = next == Some(self.proposal.at)
            || next.is_some_and(|i| {
                self.scene.cue(i).is_some_and(|c| MARKING.has(c))
                    && self.scene.next(i) == Some(self.proposal.at)
            });
        let is_verbal = self.scene.cue(negation) == Some(Cue::Cannot);
        if touches && is_verbal && self.deal.marked { Refusal::OfPrice } else { Refusal::Before }
    }

    /// The refusal that matters to the price: the last before it, else the first behind it. A softener at the end
    /// of a request ("give no") is none.
    fn negation(&self) -> Option<usize> {
        let before = self.scene.places(REFUSING).rfind(|i| *i < self.proposal.at);
        before.or_else(|| {
            self.scene
                .places(REFUSING)
                .find(|i| *i > self.proposal.at)
                .filter(|i| !plain::is_softener(self.scene, *i))
        })
    }

    /// "Not below sixty", "सौ से कम नहीं": a comparison beside the price, under the negation.
    fn is_bounded(&self, negation: usize) -> bool {
        const REACH: usize = 5;
        let compares = |i: &usize| {
            let is_behind = *i > self.proposal.at && *i <= self.proposal.end + REACH;
            let is_before = *i < self.proposal.at
                && *i + 2 >= self.proposal.at
                && (negation <= *i || self.scene.cues.any(MARKING) || *i + 1 == self.proposal.at);
            is_behind || is_before
        };
        self.scene.places(COMPARING).any(|i| compares(&i))
            || self.scene.places(Cues::of(&[Cue::Discount])).any(|i| i > self.proposal.at && negation > i)
    }

    /// "Forty won't do": the negation follows the price in the same breath, with no other offer made in between.
    fn is_refused_behind(&self, negation: usize) -> bool {
        let between = self.proposal.end + 1..negation;
        let breaks = between.clone().any(|i| matches!(self.scene.items()[i], Item::Break(_)));
        let is_theirs = self.context.theirs().is_some_and(|s| self.equals(s));
        let near = between.len() <= 2;
        !breaks
            && (is_theirs || (near && (self.deal.marked || self.scene.cue(negation) == Some(Cue::Cannot))))
    }

    /// "Reduce a little, make it fifty": the request has its own verb before the price.
    /// "Sixty is too much": the buyer repeats their price and agrees to nothing.
    fn complains(&self) -> bool {
        const AGREEING: Cues = Cues::of(&[Cue::Agree, Cue::Okay, Cue::Yes]);
        const TAKING: Cues = Cues::of(&[Cue::Give, Cue::Take, Cue::Want, Cue::Put]);
        let cues = self.scene.cues;
        let is_too_much = cues.has(Cue::Costly) || (cues.has(Cue::More) && !cues.any(TAKING));
        self.context.speaker == Side::Buyer && is_too_much && !cues.any(AGREEING)
    }

    fn asks_discount_first(&self) -> bool {
        let place = self.scene.place(Cue::Discount).filter(|i| *i < self.proposal.at);
        place.is_some_and(|i| i + 1 < self.proposal.at)
            && !self.scene.cues.any(REFUSING)
            && self.context.speaker == Side::Buyer
            && self.context.theirs().is_some_and(|s| !self.equals(s))
    }
}
