//! A price: so much money for so much of something.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Money, MoneyError, Quantity, Unit};

/// What `per` of `unit` costs: ₹40 a kilo, or four pieces for ₹20. Never zero or negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Price {
    amount: Money,
    per: Quantity,
    unit: Unit,
}

/// The JSON form, checked on the way in.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Written {
    amount: Money,
    per: Quantity,
    unit: Unit,
}

/// Why a price or a total is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Amount or quantity is zero or negative.
    #[error("a price is more than nothing, for more than nothing")]
    NotPositive,
    /// The amount is above ten crore rupees.
    #[error("a price is at most ₹10,00,00,000")]
    TooHigh,
    /// The quantity is in a unit that the price's unit does not convert to.
    #[error("the quantity's unit does not fit the price's")]
    UnitMismatch,
    /// The total does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Price {
    /// The highest amount a price may have: ten crore rupees, in paise.
    pub const AMOUNT_MINOR_MAX: i64 = 10_000_000_000;

    /// A price of `amount` for `per` of `unit`.
    ///
    /// # Errors
    /// [`PriceError::NotPositive`], [`PriceError::TooHigh`].
    pub fn new(amount: Money, per: Quantity, unit: Unit) -> Result<Self, PriceError> {
        if amount.minor() <= 0 || per.is_zero() {
            return Err(PriceError::NotPositive);
        }
        if amount.minor() > Self::AMOUNT_MINOR_MAX {
            return Err(PriceError::TooHigh);
        }
        Ok(Self { amount, per, unit })
    }

    /// The money.
    pub const fn amount(self) -> Money {
        self.amount
    }

    /// How much the money buys.
    pub const fn per(self) -> Quantity {
        self.per
    }

    /// The unit of `per`.
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// What `quantity` of `unit` costs at this price, rounded half up to a paisa.
    ///
    /// # Errors
    /// [`PriceError::UnitMismatch`] where the units do not convert; [`PriceError::NotPositive`] where it rounds to
    /// nothing; [`PriceError::Money`] on overflow.
    pub fn total_for(self, quantity: Quantity, unit: Unit) -> Result<Money, PriceError> {
        let (numerator, denominator) = unit.ratio_to(self.unit).ok_or(PriceError::UnitMismatch)?;
        let numerator = quantity.milli().checked_mul(numerator).ok_or(MoneyError::Overflow)?;
        let denominator = self.per.milli().checked_mul(denominator).ok_or(MoneyError::Overflow)?;
        let total = self.amount.scale(numerator, denominator)?;
        if total.minor() <= 0 { Err(PriceError::NotPositive) } else { Ok(total) }
    }
}

impl TryFrom<Written> for Price {
    type Error = PriceError;

    fn try_from(Written { amount, per, unit }: Written) -> Result<Self, Self::Error> {
        Self::new(amount, per, unit)
    }
}

impl From<Price> for Written {
    fn from(Price { amount, per, unit }: Price) -> Self {
        Self { amount, per, unit }
    }
}

/// `₹40/kg`, `₹20/4 piece`: for logs and tests; people read `parley`'s rendering.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.per == Quantity::ONE {
            return write!(f, "{}/{}", self.amount, self.unit);
        }
        write!(f, "{}/{} {}", self.amount, self.per, self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(paise: i64, per: &str, unit: Unit) -> Price {
        Price::new(Money::inr(paise), per.parse().unwrap(), unit).unwrap()
    }

    #[test]
    fn a_quantity_in_another_unit_of_the_same_kind_is_priced() {
        let forty_a_kilo = price(4000, "1", Unit::Kg);
        assert_eq!(forty_a_kilo.total_for("250".parse().unwrap(), Unit::G), Ok(Money::inr(1000)));
        let sixty_a_dozen = price(6000, "1", Unit::Dozen);
        assert_eq!(sixty_a_dozen.total_for(Quantity::whole(8), Unit::Piece), Ok(Money::inr(4000)));
    }

    #[test]
    fn a_lot_price_is_exact_for_the_lot() {
        let five_for_one_fifty = price(15_000, "5", Unit::Kg);
        assert_eq!(five_for_one_fifty.total_for(Quantity::whole(5), Unit::Kg), Ok(Money::inr(15_000)));
        let three_for_ten = price(1000, "3", Unit::Piece);
        assert_eq!(three_for_ten.total_for(Quantity::ONE, Unit::Piece), Ok(Money::inr(333)));
    }

    #[test]
    fn litres_cannot_be_bought_at_a_price_by_the_kilo() {
        assert_eq!(
            price(4000, "1", Unit::Kg).total_for(Quantity::ONE, Unit::Litre),
            Err(PriceError::UnitMismatch)
        );
    }

    #[test]
    fn a_price_of_nothing_or_for_nothing_is_refused() {
        assert_eq!(Price::new(Money::inr(0), Quantity::ONE, Unit::Kg), Err(PriceError::NotPositive));
        assert_eq!(Price::new(Money::inr(-100), Quantity::ONE, Unit::Kg), Err(PriceError::NotPositive));
        assert_eq!(Price::new(Money::inr(100), Quantity::ZERO, Unit::Kg), Err(PriceError::NotPositive));
        assert_eq!(Price::new(Money::inr(i64::MAX), Quantity::ONE, Unit::Kg), Err(PriceError::TooHigh));
        let written = r#"{"amount":{"minor":0,"currency":"INR"},"per":"1","unit":"kg"}"#;
        assert!(serde_json::from_str::<Price>(written).is_err());
    }
}
