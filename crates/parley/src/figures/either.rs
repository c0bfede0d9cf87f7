//! Numbers said for one another: "for 150 or 115", "two or three kilos", "two for 100 or three for 140".
//!
//! Every alternative is read by itself, as if only it had been said, and the app asks which. What the alternatives
//! share is said once, beside one of them: the currency, the marker, the unit, the hundreds.

use smallvec::{SmallVec, smallvec};

use super::{Figure, Figures, Role};
use crate::act::Amount;
use crate::decimal::Decimal;
use crate::lexicon::cue::Cue;
use crate::scene::{Item, Scene};

/// So many alternatives fit into a question.
const ALTERNATIVES_MAX: usize = 3;

/// The places of figures that are said for one another.
type Places = SmallVec<[usize; 3]>;

/// The figures of each alternative, in the order they were said; empty where nothing is left open.
pub(crate) fn alternatives(scene: &Scene, figures: &Figures) -> SmallVec<[Figures; 3]> {
    if figures.len() < 2 {
        return SmallVec::new();
    }
    let mut found = whole_offers(scene, figures);
    if found.is_empty() {
        found = single_figures(scene, figures);
    }
    found.truncate(ALTERNATIVES_MAX);
    found
}

/// "Two for 100 or three for 140": each side has a price and what it buys.
fn whole_offers(scene: &Scene, figures: &Figures) -> SmallVec<[Figures; 3]> {
    let mut sides: SmallVec<[Figures; 3]> = smallvec![Figures::new()];
    for (i, figure) in figures.iter().enumerate() {
        if i > 0 && is_open(scene, &figures[i - 1], figure) {
            sides.push(Figures::new());
        }
        sides.last_mut().expect("there is a first side").push(*figure);
    }
    let is_offer = |side: &Figures| {
        let is_price = |f: &&Figure| matches!(f.role, Role::Price { .. });
        let named = side.iter().filter(is_price).any(|f| matches!(f.role, Role::Price { per: Some(_), .. }));
        let bought = side.iter().any(|f| matches!(f.role, Role::Amount(_) | Role::Count | Role::Bare));
        side.iter().any(|f| is_price(&f)) && (bought || named)
    };
    if sides.len() > 1 && sides.iter().all(is_offer) { sides } else { SmallVec::new() }
}

/// "150 or 115": one figure stands for another, and whatever else is said belongs to both.
fn single_figures(scene: &Scene, figures: &Figures) -> SmallVec<[Figures; 3]> {
    let places = chain(scene, figures);
    let said: SmallVec<[Figure; 3]> = places.iter().map(|i| figures[*i]).collect();
    let Some(shared) = share(scene, &said) else { return SmallVec::new() };
    let with = |own: &usize, figure: &Figure| {
        let others = figures.iter().enumerate().filter(|(i, _)| i == own || !places.contains(i));
        others.map(|(i, f)| if i == *own { *figure } else { *f }).collect()
    };
    places.iter().zip(&shared).map(|(own, figure)| with(own, figure)).collect()
}

/// The first figures that "or" joins, as many as it joins.
fn chain(scene: &Scene, figures: &Figures) -> Places {
    let mut places = Places::new();
    for i in 1..figures.len() {
        if !is_open(scene, &figures[i - 1], &figures[i]) {
            if places.is_empty() {
                continue;
            }
            break;
        }
        if places.is_empty() {
            places.push(partner(figures, i));
        }
        places.push(i);
    }
    places
}

/// Whether one of two figures is said for the other: with "or" between them, or as a range.
fn is_open(scene: &Scene, left: &Figure, right: &Figure) -> bool {
    (left.at + 1..right.at).any(|i| scene.cue(i) == Some(Cue::Or))
        || (matches!(left.role, Role::Bare | Role::Price { per: None, .. }) && is_range(scene, left, right))
        || (left.role == Role::Bare && is_about(scene, left, right))
}

/// "Two four bananas", "ten twelve kilos": about so many of what is counted.
fn is_about(scene: &Scene, left: &Figure, right: &Figure) -> bool {
    const FEW: Decimal = Decimal::whole(25);
    let (low, high) = (left.numeral.value, right.numeral.value);
    let touch = scene.next(left.end) == Some(right.at);
    let is_double = low.plus(low).is_some_and(|double| low < high && high <= double);
    // "Three 5 kg bags" are three bags.
    let is_size = matches!(scene.next(right.end).map(|i| scene.items()[i]), Some(Item::Unit { .. }));
    touch && low <= FEW && is_double && !is_size && matches!(right.role, Role::Amount(_) | Role::Count)
}

/// Whether two numbers that touch are from one to the other: "ten twenty rupees", "two three kilos", "four five hundred".
pub(crate) fn is_range(scene: &Scene, first: &Figure, second: &Figure) -> bool {
    const DIGITS: Decimal = Decimal::whole(10);
    let (low, high) = (first.numeral.value, second.numeral.value);
    let touch = scene.next(first.end) == Some(second.at) && first.end == first.at;
    let follows = |scale: u32| {
        let next = low.plus(Decimal::ONE)?.times(Decimal::whole(scale))?;
        Some(low.times(Decimal::whole(scale))? < high && high <= next)
    };
    let is_next = low < DIGITS && [1, 100, 1000, 100_000].iter().any(|s| follows(*s) == Some(true));
    touch && (is_next || is_rounded(low, high))
}

/// "Ten twenty", "fifty fifty-five": whole fives, the higher at most twice the lower.
fn is_rounded(low: Decimal, high: Decimal) -> bool {
    let (Some(low), Some(high)) = (low.as_whole(), high.as_whole()) else { return false };
    low >= 5 && low < high && low.is_multiple_of(5) && high.is_multiple_of(5) && high <= low * 2
}

/// What a figure is said for: "150 for five kilos or 115" leaves the price open, "150 for five or six kilos" the amount.
fn partner(figures: &Figures, right: usize) -> usize {
    let is_money = |f: &Figure| matches!(f.role, Role::Price { .. } | Role::Bare);
    let left = right - 1;
    let is_amount = matches!(figures[left].role, Role::Amount(_) | Role::Count);
    let price =
        left.checked_sub(1).filter(|i| is_amount && is_money(&figures[*i]) && is_money(&figures[right]));
    let apart = |i: usize| (figures[i].numeral.value.size() / figures[right].numeral.value.size()).ln().abs();
    let is_price = |i: &usize| matches!(figures[right].role, Role::Price { .. }) || apart(*i) < apart(left);
    price.filter(is_price).unwrap_or(left)
}

/// The figures as they would be said alone; `None` where they are no alternatives of one thing.
fn share(scene: &Scene, said: &[Figure]) -> Option<SmallVec<[Figure; 3]>> {
    let has = |is: fn(&Role) -> bool| said.iter().any(|f| is(&f.role));
    let give = |role: Role| Some(said.iter().map(|f| Figure { role, ..*f }).collect());
    if said.is_empty() {
        return None;
    }
    if has(|r| *r == Role::Talk) {
        return give(Role::Talk);
    }
    if has(|r| *r == Role::Reduction) {
        return give(Role::Reduction);
    }
    if has(|r| matches!(r, Role::Amount(_))) {
        return share_unit(scene, said);
    }
    if has(|r| *r == Role::Count) {
        return (!has(|r| matches!(r, Role::Price { .. }))).then(|| give(Role::Count)).flatten();
    }
    if has(|r| *r == Role::Trifle) {
        return None;
    }
    Some(share_price(said))
}

/// "Two or three kilos": the unit is said once.
fn share_unit(scene: &Scene, said: &[Figure]) -> Option<SmallVec<[Figure; 3]>> {
    let (factor, unit) = said.iter().find_map(|f| {
        (f.at..=f.end).find_map(|i| match scene.items()[i] {
            Item::Unit { factor, unit } => Some((factor, unit)),
            _ => None,
        })
    })?;
    let largest = said.iter().map(|f| f.numeral.value).max()?;
    let amount = |f: &Figure| match f.role {
        Role::Amount(_) => Some(*f),
        Role::Bare | Role::Count if f.numeral.value.times(Decimal::whole(4))? >= largest => {
            let quantity = f.numeral.value.times(factor)?.as_quantity().filter(|q| !q.is_zero())?;
            Some(Figure { role: Role::Amount(Amount { quantity, unit }), ..*f })
        }
        _ => None,
    };
    said.iter().map(amount).collect()
}

/// "150 or 115 rupees a kilo", "four or five hundred": currency, marker, unit and hundreds are said once.
fn share_price(said: &[Figure]) -> SmallVec<[Figure; 3]> {
    let mut shared: Option<(bool, bool, Option<Amount>)> = None;
    for figure in said {
        if let Role::Price { currency, marked, per } = figure.role {
            let (c, m, p) = shared.unwrap_or_default();
            shared = Some((c || currency, m || marked, p.or(per)));
        }
    }
    let largest = said.iter().map(|f| f.numeral.value).max().unwrap_or(Decimal::ZERO);
    let alone = |f: &Figure| {
        let role = match (f.role, shared) {
            (_, Some((currency, marked, per))) => Role::Price { currency, marked, per },
            (role, None) => role,
        };
        let scaled = with_scale(f, largest);
        let numeral = match scaled {
            Some(value) => super::Numeral { value, pair: None, is_elidable: false, ..f.numeral },
            None => f.numeral,
        };
        Figure { numeral, role, ..*f }
    };
    said.iter().map(alone).collect()
}

/// "Four or five hundred" is four hundred or five.
fn with_scale(figure: &Figure, largest: Decimal) -> Option<Decimal> {
    let value = figure.numeral.value;
    let fits = |scale: &u32| {
        let scaled = value.times(Decimal::whole(*scale))?;
        let is_of_size =
            scaled.times(Decimal::whole(4))? >= largest && scaled <= largest.times(Decimal::whole(4))?;
        let is_scaled = largest.as_whole()?.is_multiple_of(u64::from(*scale));
        (is_of_size && is_scaled).then_some(scaled)
    };
    let is_elided = value.times(Decimal::whole(20)).is_some_and(|v| v <= largest);
    [100, 1000, 100_000].iter().find_map(fits).filter(|_| is_elided)
}
