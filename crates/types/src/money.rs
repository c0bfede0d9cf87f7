//! Exact amounts of money.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A currency with its number of minor units. Only the rupee is traded so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text"))]
pub enum Currency {
    /// Indian rupee, 100 paise.
    #[serde(rename = "INR")]
    #[cfg_attr(feature = "sqlx", sqlx(rename = "INR"))]
    Inr,
}

/// An amount in the currency's minor unit (paise). May be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why two amounts could not be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The two amounts are of different currencies.
    #[error("the amounts are of different currencies")]
    CurrencyMismatch,
    /// The result does not fit in 64 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
    /// A split was asked for no parts, or for parts that weigh nothing.
    #[error("an amount cannot be split into parts that weigh nothing")]
    NoParts,
}

impl Money {
    /// An amount of `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// An amount in paise.
    pub const fn inr(paise: i64) -> Self {
        Self::new(paise, Currency::Inr)
    }

    /// The amount in minor units (paise).
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] and [`MoneyError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// This amount less `other`; may be negative.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] and [`MoneyError::Overflow`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, op: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor = op(self.minor, other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// `numerator / denominator` of this amount, rounded half away from zero to a minor unit.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]; [`MoneyError::NoParts`] for a denominator of zero.
    pub fn scale(self, numerator: i64, denominator: i64) -> Result<Self, MoneyError> {
        if denominator == 0 {
            return Err(MoneyError::NoParts);
        }
        let product = i128::from(self.minor) * i128::from(numerator);
        let rounded = divide_half_away_from_zero(product, i128::from(denominator));
        let minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Splits the amount by weight. The parts sum to exactly this amount; what does not divide goes, a minor unit
    /// each, to the parts with the largest remainder, earlier ones first.
    ///
    /// # Errors
    /// [`MoneyError::NoParts`] where the weights sum to nothing; [`MoneyError::Overflow`].
    pub fn split(self, weights: &[u32]) -> Result<Vec<Self>, MoneyError> {
        let whole: i128 = weights.iter().copied().map(i128::from).sum();
        if whole == 0 {
            return Err(MoneyError::NoParts);
        }
        let amount = i128::from(self.minor);
        let mut parts: Vec<i128> =
            weights.iter().map(|w| (amount * i128::from(*w)).div_euclid(whole)).collect();
        let left = amount - parts.iter().sum::<i128>();

        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|i| std::cmp::Reverse((amount * i128::from(weights[*i])).rem_euclid(whole)));
        for index in by_remainder.into_iter().take(usize::try_from(left).map_err(|_| MoneyError::Overflow)?) {
            parts[index] += 1;
        }
        parts
            .into_iter()
            .map(|p| i64::try_from(p).map(|minor| Self { minor, ..self }).map_err(|_| MoneyError::Overflow))
            .collect()
    }
}

/// Rounds a quotient to the nearest integer, halves away from zero.
fn divide_half_away_from_zero(numerator: i128, denominator: i128) -> i128 {
    let (quotient, remainder) = (numerator / denominator, numerator % denominator);
    let half_or_more = remainder.abs() * 2 >= denominator.abs();
    if half_or_more { quotient + (numerator.signum() * denominator.signum()) } else { quotient }
}

/// The amount as every screen shows it: `₹1,25,000`, paise only where there are any.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let absolute = self.minor.unsigned_abs();
        let (rupees, paise) = (absolute / 100, absolute % 100);
        write!(f, "{sign}₹{}", group_en_in(rupees))?;
        if paise > 0 { write!(f, ".{paise:02}") } else { Ok(()) }
    }
}

/// Groups digits the Indian way: the last three, then twos (`1,25,000`).
pub fn group_en_in(number: u64) -> String {
    let digits = number.to_string();
    let (head, tail) = digits.split_at(digits.len().saturating_sub(3));
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 2);
    for (index, digit) in head.chars().enumerate() {
        let left = head.len() - index;
        if index > 0 && left.is_multiple_of(2) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !head.is_empty() {
        grouped.push(',');
    }
    grouped + tail
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_grouped_in_lakhs_and_crores() {
        let shown: Vec<String> = [0, 5, 999_00, 1_000_00, 1_25_000_00, 12_34_56_789_05]
            .map(|m| Money::inr(m).to_string())
            .to_vec();
        assert_eq!(shown, ["₹0", "₹0.05", "₹999", "₹1,000", "₹1,25,000", "₹12,34,56,789.05"]);
    }

    #[test]
    fn a_debt_shows_its_sign_before_the_symbol() {
        assert_eq!(Money::inr(-15_050).to_string(), "-₹150.50");
    }

    #[test]
    fn adding_past_the_largest_amount_is_an_error() {
        assert_eq!(Money::inr(i64::MAX).plus(Money::inr(1)), Err(MoneyError::Overflow));
    }

    #[test]
    fn scaling_rounds_halves_away_from_zero() {
        assert_eq!(Money::inr(5).scale(1, 2), Ok(Money::inr(3)));
        assert_eq!(Money::inr(-5).scale(1, 2), Ok(Money::inr(-3)));
        assert_eq!(Money::inr(10).scale(1, 0), Err(MoneyError::NoParts));
    }

    #[test]
    fn splitting_by_nothing_is_an_error() {
        assert_eq!(Money::inr(100).split(&[]), Err(MoneyError::NoParts));
        assert_eq!(Money::inr(100).split(&[0, 0]), Err(MoneyError::NoParts));
    }

    proptest! {
        #[test]
        fn splitting_money_conserves_the_total(
            minor in any::<i64>(), weights in prop::collection::vec(0u32..1_000_000, 1..12),
        ) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let parts = Money::inr(minor).split(&weights).unwrap();
            prop_assert_eq!(parts.iter().map(|p| i128::from(p.minor())).sum::<i128>(), i128::from(minor));
        }

        #[test]
        fn a_part_differs_from_its_exact_share_by_less_than_a_paisa(
            minor in -1_000_000i64..1_000_000, weights in prop::collection::vec(1u32..1000, 1..6),
        ) {
            let whole: i64 = weights.iter().copied().map(i64::from).sum();
            for (part, weight) in Money::inr(minor).split(&weights).unwrap().iter().zip(&weights) {
                let distance = (part.minor() * whole - minor * i64::from(*weight)).abs();
                prop_assert!(distance < whole);
            }
        }
    }
}
