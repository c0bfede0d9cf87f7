//! Exact decimal numbers as people say them: 2½, 0.75, 1.25 lakh.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use types::Quantity;

/// A number of at most six decimal places, from 0 to below 10^18. Never rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    micro: i128,
}

/// A text that is no plain decimal number, or one too large or too precise to be exact here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number is a plain decimal below 10^18 with at most six places")]
pub struct NotDecimal;

const MICRO: i128 = 1_000_000;
/// Below this every sum and product of two numbers fits in 128 bits.
const MICRO_END: i128 = MICRO * 1_000_000_000_000_000_000;

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self { micro: 0 };
    /// One.
    pub const ONE: Self = Self { micro: MICRO };

    /// A whole number.
    pub const fn whole(value: u32) -> Self {
        Self { micro: value as i128 * MICRO }
    }

    /// `hundredths` / 100: 250 is 2.5.
    pub const fn hundredths(hundredths: i64) -> Self {
        Self { micro: hundredths as i128 * (MICRO / 100) }
    }

    /// The number as a whole, where it is one that fits.
    pub fn as_whole(self) -> Option<u64> {
        (self.micro % MICRO == 0).then(|| u64::try_from(self.micro / MICRO).ok()).flatten()
    }

    /// The number in hundredths (rupees to paise), where that is exact and fits.
    pub fn as_hundredths(self) -> Option<i64> {
        let step = MICRO / 100;
        (self.micro % step == 0).then(|| i64::try_from(self.micro / step).ok()).flatten()
    }

    /// The number as a quantity, where it has at most three places and fits.
    pub fn as_quantity(self) -> Option<Quantity> {
        let step = MICRO / 1000;
        let milli = (self.micro % step == 0).then(|| i64::try_from(self.micro / step).ok()).flatten()?;
        Quantity::from_milli(milli).ok()
    }

    /// The sum, where it stays in range.
    pub fn plus(self, other: Self) -> Option<Self> {
        Self::checked(self.micro + other.micro)
    }

    /// The difference, where it is not negative.
    pub fn minus(self, other: Self) -> Option<Self> {
        Self::checked(self.micro - other.micro)
    }

    /// The product, where it is exact and stays in range.
    pub fn times(self, other: Self) -> Option<Self> {
        let product = self.micro.checked_mul(other.micro)?;
        (product % MICRO == 0).then(|| Self::checked(product / MICRO)).flatten()
    }

    fn checked(micro: i128) -> Option<Self> {
        (0..MICRO_END).contains(&micro).then_some(Self { micro })
    }

    /// The whole part and the hundredths behind it, where there is nothing beyond.
    pub(crate) fn whole_and_hundredths(self) -> Option<(u64, u8)> {
        let hundredths = u64::try_from(self.as_hundredths()?).ok()?;
        Some((hundredths / 100, u8::try_from(hundredths % 100).ok()?))
    }

    /// The number for comparing sizes only; amounts never pass through it.
    #[expect(
        clippy::cast_precision_loss,
        reason = "ratios decide between readings, they are never an amount"
    )]
    pub(crate) fn size(self) -> f64 {
        self.micro as f64 / MICRO as f64
    }
}

impl From<Quantity> for Decimal {
    fn from(quantity: Quantity) -> Self {
        Self { micro: i128::from(quantity.milli()) * (MICRO / 1000) }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.micro / MICRO, self.micro % MICRO);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{fraction:06}").trim_end_matches('0'))
    }
}

impl FromStr for Decimal {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let fraction = if fraction.len() > 1 { fraction.trim_end_matches('0') } else { fraction };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 40 || fraction.len() > 6 || !digits(whole) || !digits(fraction) {
            return Err(NotDecimal);
        }
        let whole: i128 = whole.parse().map_err(|_| NotDecimal)?;
        let micro = fraction.bytes().fold((0, MICRO / 10), |(sum, place), digit| {
            (sum + i128::from(digit - b'0') * place, place / 10)
        });
        whole.checked_mul(MICRO).and_then(|w| Self::checked(w + micro.0)).ok_or(NotDecimal)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_quarter_less_than_two_times_a_hundred_is_exact() {
        let paune_do = decimal("2").minus(decimal("0.25")).unwrap();
        assert_eq!(paune_do.times(decimal("100")), Some(decimal("175")));
        assert_eq!(decimal("12.5").as_hundredths(), Some(1250));
        assert_eq!(decimal("0.005").as_hundredths(), None);
        assert_eq!(decimal("0.125").as_quantity().unwrap().to_string(), "0.125");
    }

    #[test]
    fn what_cannot_be_exact_is_refused() {
        for text in ["", ".", "-1", "1e3", "NaN", "1.0000001", "1000000000000000000", &"9".repeat(60)] {
            assert_eq!(text.parse::<Decimal>(), Err(NotDecimal), "{text}");
        }
        assert_eq!(decimal("999999999999999999").times(decimal("10")), None);
        assert_eq!(decimal("0.001").times(decimal("0.0001")), None);
    }

    proptest! {
        #[test]
        fn a_number_reads_as_it_is_written(micro in 0..MICRO_END) {
            let number = Decimal { micro };
            prop_assert_eq!(number.to_string().parse(), Ok(number));
        }
    }
}
