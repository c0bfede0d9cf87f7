//! What a coupon takes off a price.

use serde::{Deserialize, Serialize};
use types::{Money, MoneyError};
use utoipa::ToSchema;

use crate::tax::Rate;

/// What is taken off the price of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Discount {
    /// A share of it.
    Percent {
        /// Per cent, above 0 and at most 100, with at most three decimal places.
        #[schema(value_type = String, example = "12.5")]
        percent: Rate,
    },
    /// An amount; at most the whole price.
    Fixed {
        /// How much.
        amount: Money,
    },
}

impl Discount {
    /// What it takes off a price: never more than the price. A share is rounded to the nearest paisa.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub(crate) fn off(self, price: Money) -> Result<Money, MoneyError> {
        let off = match self {
            Self::Percent { percent } => {
                price.scale(i64::from(percent.milli()), i64::from(Rate::WHOLE.milli()))?
            }
            Self::Fixed { amount } => amount,
        };
        Ok(Money::new(off.minor().clamp(0, price.minor().max(0)), price.currency()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn percent(text: &str) -> Discount {
        Discount::Percent { percent: text.parse().unwrap() }
    }

    #[test]
    fn a_share_is_rounded_and_an_amount_ends_at_nothing() {
        assert_eq!(percent("12.5").off(Money::inr(99_99)).unwrap(), Money::inr(12_50));
        assert_eq!(percent("100").off(Money::inr(99_99)).unwrap(), Money::inr(99_99));
        let fixed = Discount::Fixed { amount: Money::inr(150_00) };
        assert_eq!(fixed.off(Money::inr(100_00)).unwrap(), Money::inr(100_00));
        assert_eq!(fixed.off(Money::inr(200_00)).unwrap(), Money::inr(150_00));
    }

    proptest! {
        #[test]
        fn nothing_ever_costs_less_than_nothing(price in 0i64..=1_000_000_000, milli in 1u32..=100_000, fixed in 1i64..=1_000_000_000) {
            let percent = Discount::Percent { percent: Rate::from_milli(milli).unwrap() };
            for discount in [percent, Discount::Fixed { amount: Money::inr(fixed) }] {
                let off = discount.off(Money::inr(price)).unwrap().minor();
                prop_assert!((0..=price).contains(&off));
            }
        }
    }
}
