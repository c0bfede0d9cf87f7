//! Numbers that a recogniser mixes up because they sound alike: fifteen and fifty, saat and saath.

use types::{Language, Price, Quantity};

use crate::act::{Act, Amount};
use crate::decimal::Decimal;
use crate::lexicon::table;
use crate::lexicon::{Lexicon, Source};

/// The questions that one reading raises are at most so many.
const ALTERNATIVES_MAX: usize = 2;

/// Every confusable pair of a language, both ways.
fn pairs(source: &'static Source) -> impl Iterator<Item = (u64, u64)> {
    let rows = table::rows::<5>(source.numbers, source.code).filter(|[_, kind, ..]| *kind == "confused");
    rows.flat_map(move |[one, _, other, ..]| {
        let whole = |cell| table::decimal(cell, source.code).as_whole().unwrap_or_default();
        [(whole(one), whole(other)), (whole(other), whole(one))]
    })
}

/// The places where a spoken number between one and ninety-nine can stand.
const PLACES: [u64; 5] = [1, 100, 1000, 100_000, 10_000_000];

/// What a whole number may have been, with one of its words misheard.
fn alternatives(value: u64, language: Language) -> Vec<u64> {
    let source = Lexicon::voice(language);
    let mut found = Vec::new();
    for (heard, meant) in pairs(source) {
        for place in PLACES {
            let holds = (value / place) % 100 == heard && (place == 1 || value / place > 0);
            let other = value.checked_sub(heard * place).and_then(|v| v.checked_add(meant * place));
            if holds && let Some(other) = other.filter(|o| !found.contains(o)) {
                found.push(other);
            }
        }
    }
    found
}

/// What a price in paise may have been; empty where the price is not in whole rupees.
pub(crate) fn prices(minor: i64, language: Language) -> Vec<i64> {
    let Some(rupees) = u64::try_from(minor).ok().filter(|m| m % 100 == 0).map(|m| m / 100) else {
        return Vec::new();
    };
    alternatives(rupees, language)
        .into_iter()
        .filter_map(|v| i64::try_from(v).ok()?.checked_mul(100))
        .filter(|minor| (1..=Price::AMOUNT_MINOR_MAX).contains(minor))
        .collect()
}

/// The acts that one act may have been, had a recogniser mixed up a number: what "₹150 or ₹115?" asks about. At most
/// two, by price first, then by quantity; empty where no number of the act is easily mixed up.
///
/// ```
/// use parley::{Act, confusables};
/// use types::Language;
/// let heard: Act = serde_json::from_str(r#"{"act":"offer","price_minor":15000}"#)?;
/// let others: Vec<_> = confusables(&heard, Language::English).iter().filter_map(Act::price_minor).collect();
/// assert_eq!(others, [11500]);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn confusables(act: &Act, language: Language) -> Vec<Act> {
    let mut others = Vec::new();
    for minor in act.price_minor().map(|minor| prices(minor, language)).unwrap_or_default() {
        others.push(with_price(act, minor));
    }
    for quantity in act.wanted().map(|w| quantities(w, language)).unwrap_or_default() {
        others.extend(with_quantity(act, quantity));
    }
    others.truncate(ALTERNATIVES_MAX);
    others
}

fn quantities(wanted: Amount, language: Language) -> Vec<Quantity> {
    let whole = Decimal::from(wanted.quantity).as_whole();
    let others = whole.map(|v| alternatives(v, language)).unwrap_or_default();
    others
        .into_iter()
        .filter_map(|v| Quantity::from_milli(i64::try_from(v).ok()?.checked_mul(1000)?).ok())
        .collect()
}

fn with_price(act: &Act, minor: i64) -> Act {
    let mut act = act.clone();
    match &mut act {
        Act::Offer(offer) => offer.price_minor = minor,
        Act::Accept(terms) | Act::Confirm(terms) => terms.price_minor = Some(minor),
        _ => {}
    }
    act
}

/// The act with another quantity; a lot that was wanted whole changes with it.
fn with_quantity(act: &Act, quantity: Quantity) -> Option<Act> {
    let mut act = act.clone();
    match &mut act {
        Act::SetQuantity { wanted, .. } => wanted.quantity = quantity,
        Act::Offer(offer) => {
            let wanted = offer.wanted.as_mut()?;
            if offer.lot == Some(*wanted) {
                offer.lot = Some(Amount { quantity, ..*wanted });
            }
            wanted.quantity = quantity;
        }
        _ => return None,
    }
    Some(act)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saat_and_saath_are_mixed_up_in_hindi() {
        assert!(prices(6000, Language::Hindi).contains(&700));
        assert!(prices(700, Language::Hindi).contains(&6000));
    }

    #[test]
    fn a_number_that_sounds_like_no_other_raises_no_question() {
        let act: Act = serde_json::from_str(r#"{"act":"offer","price_minor":20000}"#).unwrap();
        assert!(confusables(&act, Language::English).is_empty());
    }

    #[test]
    fn a_quantity_is_mixed_up_with_its_lot() {
        let json = r#"{"act":"offer","price_minor":20000,"for_quantity":"15","unit":"kg","quantity":"15"}"#;
        let others = confusables(&serde_json::from_str(json).unwrap(), Language::English);
        assert_eq!(
            serde_json::to_string(&others).unwrap(),
            r#"[{"act":"offer","price_minor":20000,"for_quantity":"50","unit":"kg","quantity":"50"}]"#
        );
    }
}
