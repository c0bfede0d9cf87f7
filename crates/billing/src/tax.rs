//! Tax that is inside a price: the agreed total, split into what the goods are worth and what the state gets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use types::{Money, MoneyError, Quantity};

/// A rate of tax, in per cent of the taxable value: 0 to 100, at most three decimal places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    /// Thousandths of a per cent: 18 % is 18,000.
    milli_percent: u32,
}

/// A text that is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate of tax is a number from 0 to 100 with at most three decimal places")]
pub struct NotARate;

/// Who gets the tax: it depends on whether the goods are supplied in the seller's own state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// In the seller's state: half CGST, half SGST (or UTGST).
    IntraState,
    /// In another state: all of it IGST.
    InterState,
}

/// What a line's total consists of. The parts sum to the total exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// What the goods are worth without tax.
    pub taxable_value: Money,
    /// The centre's half within a state.
    pub cgst: Money,
    /// The state's or union territory's half; always as much as `cgst`.
    pub sgst: Money,
    /// The tax between states.
    pub igst: Money,
}

/// One hundred per cent, in thousandths of a per cent.
const WHOLE: u32 = 100_000;

impl Rate {
    /// No tax: goods at this rate are exempt.
    pub const NIL: Self = Self { milli_percent: 0 };
    /// One hundred per cent.
    pub(crate) const WHOLE: Self = Self { milli_percent: WHOLE };

    /// So many thousandths of a per cent; none where that is more than all.
    pub(crate) const fn from_milli(milli_percent: u32) -> Option<Self> {
        if milli_percent <= WHOLE { Some(Self { milli_percent }) } else { None }
    }

    /// Thousandths of a per cent.
    pub(crate) const fn milli(self) -> u32 {
        self.milli_percent
    }

    /// Whether nothing is due.
    pub const fn is_nil(self) -> bool {
        self.milli_percent == 0
    }

    /// Half of the rate, as CGST and SGST have it: `2.5` for 5 %, `0.0005` where the rate has three places.
    pub fn half(self) -> String {
        decimal(u64::from(self.milli_percent) * 5, 10_000)
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let milli = text.parse::<Quantity>().map_err(|_| NotARate)?.milli();
        let milli_percent = u32::try_from(milli).ok().filter(|milli| *milli <= WHOLE).ok_or(NotARate)?;
        Ok(Self { milli_percent })
    }
}

impl TryFrom<String> for Rate {
    type Error = NotARate;

    fn try_from(text: String) -> Result<Self, NotARate> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(u64::from(self.milli_percent), 1000))
    }
}

/// `value / scale` without needless zeros.
fn decimal(value: u64, scale: u64) -> String {
    let (whole, rest) = (value / scale, value % scale);
    if rest == 0 {
        return whole.to_string();
    }
    let places = scale.ilog10() as usize;
    format!("{whole}.{rest:0places$}").trim_end_matches('0').to_owned()
}

/// Splits a total that includes tax.
///
/// Between states the two parts are rounded by the largest remainder. Within a state the halves are equal by law, so each
/// is rounded by itself and the taxable value takes the rest: it is within a paisa of the exact quotient.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn split(total: Money, rate: Rate, supply: Supply) -> Result<Split, MoneyError> {
    let none = Money::new(0, total.currency());
    match supply {
        Supply::InterState => {
            let parts = total.split(&[WHOLE, rate.milli_percent])?;
            let [taxable_value, igst] = parts[..] else { return Err(MoneyError::NoParts) };
            Ok(Split { taxable_value, cgst: none, sgst: none, igst })
        }
        Supply::IntraState => {
            let gross = i64::from(WHOLE + rate.milli_percent);
            let half = total.scale(i64::from(rate.milli_percent), 2 * gross)?;
            Ok(Split { taxable_value: total.minus(half)?.minus(half)?, cgst: half, sgst: half, igst: none })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_is_written_as_it_is_said() {
        let written = ["0", "0.25", "1.5", "5", "18", "28", "100"].map(|text| rate(text).to_string());
        assert_eq!(written, ["0", "0.25", "1.5", "5", "18", "28", "100"]);
        assert_eq!(
            ["5", "0.25", "18", "0.001"].map(|text| rate(text).half()),
            ["2.5", "0.125", "9", "0.0005"]
        );
        for bad in ["", "-1", "100.001", "5%", "NaN", "1e3", "0.0001"] {
            assert_eq!(bad.parse::<Rate>(), Err(NotARate), "{bad}");
        }
    }

    #[test]
    fn a_hundred_and_five_rupees_at_five_per_cent_are_a_hundred_and_five() {
        let within = split(Money::inr(105_00), rate("5"), Supply::IntraState).unwrap();
        assert_eq!(
            (within.taxable_value, within.cgst, within.sgst),
            (Money::inr(100_00), Money::inr(2_50), Money::inr(2_50))
        );
        let between = split(Money::inr(105_00), rate("5"), Supply::InterState).unwrap();
        assert_eq!((between.taxable_value, between.igst), (Money::inr(100_00), Money::inr(5_00)));
    }

    #[test]
    fn a_single_paisa_is_not_lost() {
        let within = split(Money::inr(1), rate("28"), Supply::IntraState).unwrap();
        assert_eq!((within.taxable_value.minor(), within.cgst.minor()), (1, 0));
    }

    proptest! {
        #[test]
        fn the_parts_sum_to_what_the_buyer_pays(
            paise in 1i64..=100_000_000_000, milli_percent in 0u32..=WHOLE, inter in any::<bool>(),
        ) {
            let supply = if inter { Supply::InterState } else { Supply::IntraState };
            let parts = split(Money::inr(paise), Rate { milli_percent }, supply).unwrap();
            let sum = [parts.taxable_value, parts.cgst, parts.sgst, parts.igst].map(Money::minor).iter().sum::<i64>();
            prop_assert_eq!(sum, paise);
            prop_assert_eq!(parts.cgst, parts.sgst);
            prop_assert!(parts.taxable_value.minor() >= 0 && parts.cgst.minor() >= 0 && parts.igst.minor() >= 0);
        }

        #[test]
        fn the_taxable_value_is_within_a_paisa_of_the_quotient(
            paise in 1i64..=100_000_000_000, milli_percent in 0u32..=WHOLE, inter in any::<bool>(),
        ) {
            let supply = if inter { Supply::InterState } else { Supply::IntraState };
            let taxable = split(Money::inr(paise), Rate { milli_percent }, supply).unwrap().taxable_value.minor();
            // |taxable − paise × 100 / (100 + rate)| ≤ 1, without dividing.
            let gross = i128::from(WHOLE + milli_percent);
            let apart = (i128::from(taxable) * gross - i128::from(paise) * i128::from(WHOLE)).abs();
            prop_assert!(apart <= gross);
        }

        #[test]
        fn tax_is_the_same_to_a_paisa_wherever_the_buyer_is(paise in 1i64..=100_000_000_000, milli_percent in 0u32..=WHOLE) {
            let rate = Rate { milli_percent };
            let within = split(Money::inr(paise), rate, Supply::IntraState).unwrap();
            let between = split(Money::inr(paise), rate, Supply::InterState).unwrap();
            prop_assert!((within.cgst.minor() + within.sgst.minor() - between.igst.minor()).abs() <= 1);
        }
    }
}
