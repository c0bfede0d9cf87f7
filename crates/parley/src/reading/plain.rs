//! Utterances without a price: greetings, questions, agreement and refusal, amounts.

use super::Reading;
use super::talk::{self, Belief};
use crate::act::{Act, Side, Terms};
use crate::context::Context;
use crate::deal::Deal;
use crate::lexicon::cue::{Cue, Cues};
use crate::scene::{Item, Scene};

const REFUSING: Cues = Cues::of(&[Cue::Neg, Cue::No, Cue::Cannot]);
const REQUEST: Cues = Cues::of(&[Cue::Give, Cue::Take, Cue::Want, Cue::Put]);

/// Acts with the place they were said at.
pub(super) type Placed = Vec<(usize, Act)>;

/// Reads an utterance whose numbers name no price.
pub(super) fn read(scene: &Scene, deal: &Deal, context: &Context) -> Reading {
    let plain = Plain { scene, deal, context };
    let mut acts = courtesies(scene);
    let mut doubted = deal.crowded;
    if let Some(leaving) = plain.leaving() {
        acts.push(leaving);
    } else {
        let asked = acts.len();
        acts.extend(plain.question());
        acts.extend(plain.discount());
        let asks = acts.len() > asked;
        doubted |= plain.push_answer(asks, &mut acts);
    }
    acts.sort_by_key(|(at, _)| *at);
    let reading = Reading::from_candidates(vec![acts.into_iter().map(|(_, act)| act).collect()]);
    if doubted { reading.doubted() } else { reading }
}

/// Greetings and thanks.
pub(super) fn courtesies(scene: &Scene) -> Placed {
    let mut acts = Placed::new();
    acts.extend(scene.place(Cue::Greet).map(|at| (at, Act::Greet)));
    acts.extend(scene.place(Cue::Thank).map(|at| (at, Act::Thank)));
    acts
}

/// Whether a negation at the end of a request only softens it: "six for twenty five, give no".
pub(super) fn is_softener(scene: &Scene, at: usize) -> bool {
    const SOFTENED: Cues =
        Cues::of(&[Cue::Give, Cue::Put, Cue::Tell, Cue::Discount, Cue::Take, Cue::Firm, Cue::Agree]);
    let is_last = scene.next(at).is_none_or(|i| matches!(scene.items()[i], Item::Break(_)));
    let follows = at.checked_sub(1).and_then(|i| scene.cue(i)).is_some_and(|c| SOFTENED.has(c));
    is_last && follows && scene.cue(at) != Some(Cue::Cannot)
}

struct Plain<'s, 't, 'c> {
    scene: &'s Scene<'t>,
    deal: &'s Deal,
    context: &'s Context<'c>,
}

impl Plain<'_, '_, '_> {
    fn has(&self, cue: Cue) -> bool {
        self.scene.cues.has(cue)
    }

    fn refuses(&self) -> Option<usize> {
        self.scene.places(REFUSING).find(|i| !is_softener(self.scene, *i))
    }

    fn leaving(&self) -> Option<(usize, Act)> {
        const LEAVING_ROOM: usize = 4;
        if !talk::words(self.scene, LEAVING_ROOM) || self.deal.wanted.is_some() {
            return None;
        }
        if let Some(at) = self.scene.place(Cue::Leave) {
            return Some((at, Act::Leave));
        }
        if self.has(Cue::Elsewhere) && self.scene.cues.any(Cues::of(&[Cue::Go, Cue::Take])) {
            return Some((self.scene.place(Cue::Elsewhere)?, Act::Leave));
        }
        let later = self.scene.place(Cue::Later).filter(|_| !self.has(Cue::Thank))?;
        self.context.theirs().map(|_| (later, Act::Leave))
    }

    fn question(&self) -> Option<(usize, Act)> {
        if let Some(at) = self.final_price() {
            return Some((at, Act::AskFinalPrice));
        }
        if let Some(at) = self.price() {
            let wanted = self.deal.wanted.map(|(amount, _)| amount);
            let item = self.scene.item_name().or_else(|| self.short_unknown_name());
            return Some((at, Act::AskPrice { wanted, item }));
        }
        let at = self.availability()?;
        let item = self.scene.item_name().or_else(|| self.short_unknown_name());
        Some((at, Act::AskAvailability { item }))
    }

    /// Goods that no table knows are named by the words themselves, if they are few.
    fn short_unknown_name(&self) -> Option<String> {
        const NAME_WORDS_MAX: usize = 3;
        (self.scene.unknown <= NAME_WORDS_MAX).then(|| self.scene.unknown_name()).flatten()
    }

    fn final_price(&self) -> Option<usize> {
        const ASKING: Cues = Cues::of(&[Cue::HowMuch, Cue::What, Cue::PriceWord, Cue::Tell]);
        let composed = self.scene.place(Cue::Firm).filter(|_| self.scene.cues.any(ASKING));
        self.scene.place(Cue::FinalAsk).or(composed)
    }

    fn price(&self) -> Option<usize> {
        const UNKNOWN_MAX: usize = 4;
        let counts_talk = self.scene.cues.any(Cues::of(&[Cue::TalkUnit, Cue::Contact]));
        if self.scene.unknown > UNKNOWN_MAX || (counts_talk && self.scene.good().is_none()) {
            return None;
        }
        let how_much = self.scene.place(Cue::HowMuch);
        let asks_word = self.scene.place(Cue::PriceWord).filter(|_| {
            let asks = self.scene.cues.any(Cues::of(&[Cue::What, Cue::Tell])) || self.scene.asks;
            let refuses = self.scene.cues.any(REFUSING) || self.has(Cue::Costly);
            asks || (!refuses && self.scene.good().is_some() && self.scene.content() <= 4)
        });
        how_much.or(asks_word)
    }

    fn availability(&self) -> Option<usize> {
        if self.context.speaker == Side::Vendor || self.refuses().is_some() && !self.has(Cue::Have) {
            return None;
        }
        let goods = self.scene.good().map(|(at, _)| at);
        let is_talk = !talk::words(self.scene, 3);
        if let Some(at) = self.scene.place(Cue::Have).filter(|_| goods.is_some() || !is_talk) {
            // "Two kilos, will I get them?" asks for the two kilos.
            return self.deal.wanted.is_none().then_some(at);
        }
        let is_only_goods =
            self.scene.content() <= 2 + usize::from(self.has(Cue::What)) && self.scene.unknown == 0;
        let asks = self.has(Cue::Is) || (self.scene.asks && self.scene.content() == 1);
        goods.filter(|_| asks && is_only_goods && self.deal.wanted.is_none())
    }

    fn discount(&self) -> Option<(usize, Act)> {
        if self.context.speaker == Side::Vendor {
            return None;
        }
        let asked = self.scene.place(Cue::Discount).or_else(|| {
            self.scene.place(Cue::Less).filter(|_| self.deal.reduction || self.scene.cues.any(REQUEST))
        });
        let is_costly = self.scene.place(Cue::Costly).filter(|_| {
            self.context.theirs().is_some() && self.scene.place(Cue::No).is_none() && self.refuses().is_none()
        });
        let reduced = self.deal.reduction.then_some(0);
        let at = asked.or(reduced).or(is_costly)?;
        talk::words(self.scene, 4).then_some((at, Act::AskDiscount))
    }

    /// Agreement, refusal and amounts; `true` where the app should ask before it moves anything.
    fn push_answer(&self, asks: bool, acts: &mut Placed) -> bool {
        if let Some(refusal) = self.refusal(asks) {
            acts.push(refusal);
        } else if !asks && let Some(agreement) = self.agreement() {
            acts.push(agreement);
        }
        let asks_price = acts.iter().any(|(_, a)| matches!(a, Act::AskPrice { .. } | Act::AskFinalPrice));
        let Some((wanted, at)) = self.deal.wanted.filter(|_| !asks_price && !self.deal.crowded) else {
            return false;
        };
        let belief = talk::amount(self.scene);
        let is_sellers_stock = self.context.speaker == Side::Vendor && !self.scene.cues.any(REQUEST);
        if belief == Belief::None || is_sellers_stock || self.refuses().is_some() {
            return false;
        }
        acts.push((at, Act::SetQuantity { wanted, item: self.scene.item_name() }));
        let named = self.scene.good().is_some();
        let fits = self.context.standing.is_none_or(|s| wanted.unit.converts_to(s.unit));
        belief == Belief::Doubted || !(fits || named)
    }

    fn refusal(&self, asks: bool) -> Option<(usize, Act)> {
        const REFUSAL_ROOM: usize = 2;
        if !talk::words(self.scene, REFUSAL_ROOM) {
            return None;
        }
        let theirs = self.context.theirs();
        if let Some(at) = self.scene.place(Cue::Refuse) {
            return Some((at, if theirs.is_some() { Act::Reject } else { Act::Leave }));
        }
        theirs?;
        let at = self.refuses()?;
        // "Won't you reduce it?" of a buyer asks for less; "it won't get less" of a vendor refuses.
        let negates_question = asks && self.scene.places(REFUSING).all(|i| i > 0 && !self.opens(i));
        let is_whole = self.scene.cue(at) != Some(Cue::Neg) || self.opens(at) || self.is_about_price();
        (is_whole && !negates_question).then_some((at, Act::Reject))
    }

    /// Whether nothing but filler, courtesies and pauses stands before.
    fn opens(&self, at: usize) -> bool {
        const OPENERS: Cues =
            Cues::of(&[Cue::Fill, Cue::Greet, Cue::Neg, Cue::No, Cue::Cannot, Cue::Okay, Cue::Costly]);
        self.scene.items()[..at].iter().all(|item| match item {
            Item::Cue(cue) => OPENERS.has(*cue),
            Item::Break(_) => true,
            _ => false,
        })
    }

    /// Whether a negation is one of the price: "not at that price", "won't give", "not less".
    fn is_about_price(&self) -> bool {
        const PRICE: Cues = Cues::of(&[
            Cue::ThatPrice,
            Cue::Give,
            Cue::Take,
            Cue::Put,
            Cue::Less,
            Cue::More,
            Cue::Discount,
            Cue::PriceWord,
            Cue::Even,
            Cue::Agree,
            Cue::Okay,
            Cue::At,
        ]);
        self.scene.cues.any(PRICE)
    }

    fn agreement(&self) -> Option<(usize, Act)> {
        const AGREEMENT_ROOM: usize = 1;
        const STRONG: Cues = Cues::of(&[Cue::Agree, Cue::Firm]);
        const WEAK: Cues = Cues::of(&[Cue::Okay, Cue::Yes]);
        let standing = self.context.standing?;
        if !talk::words(self.scene, AGREEMENT_ROOM)
            || self.refuses().is_some()
            || self.deal.has_talk
            || self.deal.crowded
            || self.has(Cue::Elsewhere)
        {
            return None;
        }
        let strong = self.scene.places(STRONG).next();
        let weak = self.scene.places(WEAK).next();
        let tag = self.scene.place(Cue::Tag);
        // A request alone takes what stands; with an amount it only asks for the amount.
        let request = self
            .scene
            .places(Cues::of(&[Cue::Give, Cue::Take, Cue::ThatPrice]))
            .next()
            .filter(|_| self.deal.wanted.is_none() && self.scene.good().is_none());
        let at = strong.or(weak).or(request).or(tag)?;
        if tag.is_some() && (strong.is_some() || weak.is_some() || self.scene.content() == 1) {
            return Some((at, Act::Confirm(Terms::default())));
        }
        if standing.by == self.context.speaker {
            return strong.map(|at| (at, Act::Confirm(Terms::default())));
        }
        (strong.is_some() || weak.is_some() || request.is_some()).then(|| (at, Act::Accept(Terms::default())))
    }
}
