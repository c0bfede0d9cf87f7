//! What a spoken number means in rupees: "fifteen fifty" is 1550 or 15.50, "साढ़े चार" 4.50, 450 or 4,500.
//!
//! The offer on the table decides. Where it does not, every reading is returned and the caller asks.

use smallvec::{SmallVec, smallvec};

use crate::decimal::Decimal;
use crate::numbers::grammar::Numeral;

/// Readings in rupees, likeliest first; never empty. More than one means the app should ask.
pub(crate) type Readings = SmallVec<[Decimal; 3]>;

/// A price this far from what is on the table may still be an answer to it.
const NEAR: std::ops::RangeInclusive<f64> = 0.3..=3.0;

const HUNDRED: Decimal = Decimal::whole(100);
const THOUSAND: Decimal = Decimal::whole(1000);
const LAKH: Decimal = Decimal::whole(100_000);

/// Reads a number as rupees. `expected` is what the offer on the table would cost, `currency` whether rupees were
/// said, `marked` whether something else marks the number as a price.
pub(crate) fn rupees(numeral: &Numeral, currency: bool, marked: bool, expected: Option<f64>) -> Readings {
    if let Some((whole, hundredths)) = numeral.pair {
        return pair(numeral.value, whole, hundredths, currency, expected);
    }
    let literal = numeral.value;
    // "At half" leaves no hundred out.
    if literal < Decimal::ONE {
        return smallvec![literal];
    }
    let Some(expected) = expected else {
        // "Sadhe teen" without rupees and without an offer: hundreds at most stalls, rupees at some.
        if !numeral.is_elidable || currency {
            return smallvec![literal];
        }
        return [literal.times(HUNDRED), Some(literal)].into_iter().flatten().collect();
    };
    let is_near = |value: &Decimal| NEAR.contains(&(value.size() / expected));
    if is_near(&literal)
        || numeral.is_written
        || numeral.digits > 1
        || !(numeral.is_elidable || is_small(literal))
    {
        return smallvec![literal];
    }
    let scaled: Readings =
        [HUNDRED, THOUSAND, LAKH].iter().filter_map(|s| literal.times(*s)).filter(is_near).collect();
    match (scaled.first(), currency) {
        (None, _) => smallvec![literal],
        (Some(likely), false) if marked || numeral.is_elidable => smallvec![*likely],
        // A bare "four" against ₹500 may be four hundred, or four of them; "four rupees" should be four.
        (Some(likely), _) => smallvec![*likely, literal],
    }
}

/// Whether a number is of a size whose hundreds or thousands people leave out.
fn is_small(value: Decimal) -> bool {
    value <= Decimal::whole(20)
}

fn pair(
    value: Decimal,
    whole: Decimal,
    hundredths: Decimal,
    currency: bool,
    expected: Option<f64>,
) -> Readings {
    let with_paise = hundredths.times(Decimal::hundredths(1)).and_then(|h| whole.plus(h));
    let Some(with_paise) = with_paise else { return smallvec![value] };
    match expected {
        None if whole >= Decimal::whole(10) && !currency => smallvec![value, with_paise],
        None => smallvec![value],
        // "Sixty? Fifty!" against sixty: the first half is the price on the table.
        Some(expected) if (whole.size() - expected).abs() < f64::EPSILON => {
            let alone = hundredths;
            smallvec![alone, with_paise]
        }
        Some(expected) => {
            let distance = |v: Decimal| (v.size() / expected).ln().abs();
            if distance(with_paise) < distance(value) { smallvec![with_paise] } else { smallvec![value] }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::grammar::{Morph, read};

    fn whole(value: u32) -> Decimal {
        Decimal::whole(value)
    }

    fn fifteen_fifty() -> Numeral {
        let n = |value| Morph::Number { value: whole(value), pairs: true };
        read(&[n(15), n(50)])[0]
    }

    fn sadhe_char() -> Numeral {
        let four = Morph::Number { value: whole(4), pairs: false };
        read(&[Morph::More(Decimal::hundredths(50)), four])[0]
    }

    #[test]
    fn a_pair_is_read_in_the_scale_of_the_offer() {
        let reading = |expected| rupees(&fifteen_fifty(), false, false, expected);
        assert_eq!(reading(Some(1600.0))[..], [whole(1550)]);
        assert_eq!(reading(Some(16.0))[..], [Decimal::hundredths(1550)]);
        assert_eq!(reading(None).len(), 2);
    }

    #[test]
    fn elided_hundreds_and_thousands_come_back() {
        let reading = |expected| rupees(&sadhe_char(), false, true, expected);
        assert_eq!(reading(Some(500.0))[..], [whole(450)]);
        assert_eq!(reading(Some(5000.0))[..], [whole(4500)]);
        assert_eq!(reading(Some(5.0))[..], [Decimal::hundredths(450)]);
        assert_eq!(reading(None).len(), 2);
    }

    #[test]
    fn rupees_said_and_scale_heard_are_asked_about() {
        assert_eq!(rupees(&sadhe_char(), true, true, Some(500.0)).len(), 2);
        assert_eq!(rupees(&sadhe_char(), true, true, None)[..], [Decimal::hundredths(450)]);
    }
}
