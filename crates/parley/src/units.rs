//! Units in text, and what they are called.

use std::ops::Range;

use types::{Language, Quantity, Unit};

use crate::decimal::Decimal;
use crate::say::Style;
use crate::say::voice::Voice;
use crate::scene::{Item, Scene};

/// A unit in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The unit of sale.
    pub unit: Unit,
    /// How much of it the word stands for: a pav is 250 g.
    pub factor: Decimal,
    /// The bytes it covers.
    pub span: Range<usize>,
}

/// Every unit of a text, in order.
pub fn find(text: &str, language: Language) -> Vec<Found> {
    let scene = Scene::of(text, language, None);
    let units = scene.items().iter().enumerate().filter_map(|(at, item)| match item {
        Item::Unit { factor, unit } => Some(Found { unit: *unit, factor: *factor, span: scene.span(at) }),
        _ => None,
    });
    units.collect()
}

/// What so much of a unit is called: kilo, kilos; on a screen kg.
///
/// ```
/// use parley::{Style, units};
/// use types::{Language, Quantity, Unit};
/// assert_eq!(units::name(Unit::Kg, Quantity::whole(5), Language::English, Style::Speech), "kilos");
/// ```
pub fn name(unit: Unit, quantity: Quantity, language: Language, style: Style) -> &'static str {
    let names = Voice::of(language).unit(unit);
    match style {
        Style::Screen => names.screen,
        Style::Speech if quantity <= Quantity::ONE => names.one,
        Style::Speech => names.many,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pav_is_a_quarter_of_a_kilo() {
        let found = find("दो पाव मिर्ची", Language::Hindi);
        assert_eq!((found[0].unit, found[0].factor), (Unit::G, Decimal::whole(250)));
    }
}
