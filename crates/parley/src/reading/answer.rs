//! Answers to a question the app has just put. What is no answer is read as any other utterance.

use smallvec::SmallVec;
use types::{Price, Unit};

use super::Reading;
use crate::act::{Act, Amount, Offer, Terms};
use crate::context::Context;
use crate::decimal::Decimal;
use crate::figures::{self, Role};
use crate::lexicon::cue::{Cue, Cues};
use crate::numbers::grammar::Numeral;
use crate::scale;
use crate::scene::{Item, Scene};

/// An answer is short: this many unknown words make it something else.
const UNKNOWN_MAX: usize = 2;

/// A number after "which price?".
pub(super) fn price(scene: &Scene, context: &Context) -> Option<Reading> {
    let [number] = &numerals(scene)[..] else { return None };
    if has_amount(scene, context)
        || scene.cues.any(Cues::of(&[Cue::Neg, Cue::No, Cue::Cannot, Cue::Less, Cue::More]))
    {
        return None;
    }
    let expected = context.standing.map(|s| Decimal::hundredths(s.price_minor).size());
    let candidates = scale::rupees(number, false, true, expected)
        .iter()
        .filter_map(|rupees| rupees.as_hundredths())
        .filter(|minor| (1..=Price::AMOUNT_MINOR_MAX).contains(minor))
        .map(|price_minor| {
            vec![Act::Offer(Offer { price_minor, lot: None, wanted: None, item: scene.item_name() })]
        })
        .collect();
    Some(Reading::from_candidates(candidates))
}

/// A number after "how much?".
pub(super) fn quantity(scene: &Scene, unit: Unit, context: &Context) -> Option<Reading> {
    let [number] = &numerals(scene)[..] else { return None };
    let is_price = scene.cues.has(Cue::Rupee);
    let refuses = scene.cues.any(Cues::of(&[Cue::Neg, Cue::No, Cue::Cannot]));
    if is_price || refuses || has_amount(scene, context) {
        return None;
    }
    let quantity = number.value.as_quantity().filter(|q| !q.is_zero())?;
    let wanted = Amount { quantity, unit };
    Some(Reading::Understood(vec![Act::SetQuantity { wanted, item: scene.item_name() }]))
}

/// Yes or no after a read-back. A no with a number is read as any other utterance.
pub(super) fn yes_no(scene: &Scene, context: &Context) -> Option<Reading> {
    const YES: Cues = Cues::of(&[Cue::Yes, Cue::Okay, Cue::Agree, Cue::Tag]);
    const NO: Cues = Cues::of(&[Cue::No, Cue::Neg, Cue::Cannot, Cue::Refuse]);
    let figures = figures::of(scene, context);
    if figures.iter().any(|f| f.role != Role::Talk) || scene.unknown > UNKNOWN_MAX {
        return None;
    }
    match (scene.cues.any(YES), scene.cues.any(NO)) {
        (true, false) => Some(Reading::Understood(vec![Act::Confirm(Terms::default())])),
        (_, true) => Some(Reading::Understood(vec![Act::Reject])),
        _ => None,
    }
}

/// One of the readings that the app has offered, by its price or its place.
pub(super) fn which(scene: &Scene, candidates: &[Vec<Act>], context: &Context) -> Option<Reading> {
    if scene.unknown > UNKNOWN_MAX || scene.cues.any(Cues::of(&[Cue::No, Cue::Neg, Cue::Cannot])) {
        return None;
    }
    let ordinal = [Cue::First, Cue::Second, Cue::Third].iter().position(|c| scene.cues.has(*c));
    if let Some(place) = ordinal {
        return candidates.get(place).map(|acts| Reading::Understood(acts.clone()));
    }
    let [number] = &numerals(scene)[..] else { return None };
    let expected = context.standing.map(|s| Decimal::hundredths(s.price_minor).size());
    let said = scale::rupees(number, false, true, expected);
    let names = |acts: &&Vec<Act>| {
        let by_price = acts.iter().filter_map(Act::price_minor).any(|minor| {
            let price = Decimal::hundredths(minor);
            price == number.value || said.contains(&price)
        });
        let by_amount = acts
            .iter()
            .filter(|a| matches!(a, Act::SetQuantity { .. }))
            .filter_map(Act::wanted)
            .any(|w| Decimal::from(w.quantity) == number.value);
        by_price || by_amount
    };
    let mut named = candidates.iter().filter(names);
    match (named.next(), named.next()) {
        (Some(acts), None) => Some(Reading::Understood(acts.clone())),
        _ => None,
    }
}

fn has_amount(scene: &Scene, context: &Context) -> bool {
    figures::of(scene, context)
        .iter()
        .any(|f| matches!(f.role, Role::Amount(_) | Role::Price { per: Some(_), .. }))
}

/// The numbers of an answer; two digits said one by one are one number here.
fn numerals(scene: &Scene) -> SmallVec<[Numeral; 2]> {
    let found: SmallVec<[Numeral; 2]> = scene
        .items()
        .iter()
        .filter_map(|item| match item {
            Item::Number(n) => Some(*n),
            _ => None,
        })
        .collect();
    if scene.unknown > UNKNOWN_MAX || scene.cues.any(Cues::of(&[Cue::TalkUnit, Cue::Contact])) {
        return SmallVec::new();
    }
    match &found[..] {
        [first, second] if first.digits == 1 && second.digits == 1 => {
            let ten = Decimal::whole(10);
            let value = first.value.times(ten).and_then(|v| v.plus(second.value));
            value.map(|value| Numeral { value, digits: 2, ..*first }).into_iter().collect()
        }
        _ => found,
    }
}
