//! Amounts said in two pieces: "one kilo two hundred grams" is 1.2 kg, "two two kilos" two of each.

use types::{Quantity, Unit};

use super::{Figures, Role};
use crate::act::Amount;
use crate::decimal::Decimal;
use crate::scene::Scene;

/// Adds an amount in a smaller unit to the one that it stands right behind.
pub(super) fn join(scene: &Scene, figures: &mut Figures) {
    for i in (1..figures.len()).rev() {
        let (whole, part) = (figures[i - 1], figures[i]);
        let Role::Amount(large) = whole.role else { continue };
        let small = match part.role {
            Role::Amount(small) => Some(small),
            Role::Count => {
                part.numeral.value.as_quantity().map(|quantity| Amount { quantity, unit: Unit::Piece })
            }
            _ => None,
        };
        if scene.next(whole.end) != Some(part.at) {
            continue;
        }
        if let Some(sum) = small.and_then(|small| sum(large, small)) {
            figures[i - 1].role = Role::Amount(sum);
            figures[i - 1].end = part.end;
            figures.remove(i);
        }
    }
}

/// "Two two kilos", "five five hundred grams": so much of each, said twice.
pub(super) fn drop_repeated(scene: &Scene, figures: &mut Figures) {
    for i in 1..figures.len() {
        let (first, second) = (figures[i - 1], figures[i]);
        let touch = scene.next(first.end) == Some(second.at);
        let is_same =
            |scale: &u32| first.numeral.value.times(Decimal::whole(*scale)) == Some(second.numeral.value);
        let is_each = first.role == Role::Bare && matches!(second.role, Role::Amount(_));
        if touch && is_each && [1, 100].iter().any(is_same) {
            figures[i - 1].role = Role::Talk;
        }
    }
}

/// The sum, in the larger unit where that is exact; `None` where the second is no part of one unit of the first.
fn sum(large: Amount, small: Amount) -> Option<Amount> {
    let (above, below) = large.unit.ratio_to(small.unit).filter(|_| small.unit != large.unit)?;
    let one = Quantity::ONE.milli().checked_mul(above)?.checked_div(below)?;
    if small.quantity.milli() >= one {
        return None;
    }
    let milli =
        large.quantity.milli().checked_mul(above)?.checked_div(below)?.checked_add(small.quantity.milli())?;
    let in_large = milli.checked_mul(below)?;
    if in_large % above == 0 {
        return Some(Amount { quantity: Quantity::from_milli(in_large / above).ok()?, ..large });
    }
    Some(Amount { quantity: Quantity::from_milli(milli).ok()?, ..small })
}
