//! Exact decimals in JSON: a rupee amount is written digit by digit and never goes through a float.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use types::{Money, Quantity};
use utoipa::ToSchema;

use crate::Error;
use crate::tax::Rate;

/// A decimal number as JSON writes it.
#[derive(Debug, Clone, ToSchema)]
#[schema(value_type = f64)]
pub struct Figure(Box<RawValue>);

impl Figure {
    /// An amount of at least 0 in rupees with two decimal places.
    pub fn rupees(amount: Money) -> Self {
        let paise = amount.minor().max(0);
        Self::written(format!("{}.{:02}", paise / 100, paise % 100))
    }

    /// A quantity with up to three decimal places.
    pub fn quantity(quantity: Quantity) -> Self {
        Self::written(quantity.to_string())
    }

    /// A rate in per cent.
    pub fn rate(rate: Rate) -> Self {
        Self::written(rate.to_string())
    }

    /// What one unit costs, in rupees with three decimal places, rounded half up.
    ///
    /// # Errors
    /// [`Error::Sale`] for no quantity, or a price beyond all prices.
    pub fn a_unit(amount: Money, quantity: Quantity) -> Result<Self, Error> {
        let milli = i128::from(quantity.milli());
        if milli <= 0 {
            return Err(Error::Sale("a line has no quantity"));
        }
        let thousandths = (i128::from(amount.minor()) * 10_000 * 2 + milli) / (milli * 2);
        let thousandths = i64::try_from(thousandths).map_err(|_| Error::Sale("a price is too large"))?;
        Ok(Self::written(format!("{}.{:03}", thousandths / 1000, thousandths % 1000)))
    }

    fn written(digits: String) -> Self {
        Self(RawValue::from_string(digits).expect("digits with a point are a number in JSON"))
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(figure: &Figure) -> String {
        serde_json::to_string(figure).unwrap()
    }

    #[test]
    fn amounts_are_written_to_the_paisa() {
        assert_eq!(json(&Figure::rupees(Money::inr(1_00_00_000_05))), "10000000.05");
        assert_eq!(json(&Figure::rupees(Money::inr(0))), "0.00");
        assert_eq!(json(&Figure::quantity("2.500".parse().unwrap())), "2.5");
    }

    #[test]
    fn a_unit_s_price_is_rounded_to_a_thousandth() {
        let a_unit = |paise, quantity: &str| {
            Figure::a_unit(Money::inr(paise), quantity.parse().unwrap()).map(|figure| json(&figure))
        };
        assert_eq!(a_unit(200_00, "3").unwrap(), "66.667");
        assert_eq!(a_unit(114_28, "0.5").unwrap(), "228.560");
        assert_eq!(a_unit(1, "2000").unwrap(), "0.000");
    }
}
