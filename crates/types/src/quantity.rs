//! Exact decimal quantities.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How much of something: a decimal of at most three places, from 0 to 9,999,999.999, in a unit said elsewhere.
///
/// Written as a decimal string (`"2.5"`), stored as thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
pub struct Quantity {
    milli: i64,
}

/// Why a text or number is not a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a plain decimal number.
    #[error("a quantity is a plain decimal number such as 2.5")]
    NotDecimal,
    /// More than three decimal places.
    #[error("a quantity has at most three decimal places")]
    TooPrecise,
    /// Below zero or above the largest quantity.
    #[error("a quantity lies between 0 and 9,999,999.999")]
    OutOfRange,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self { milli: 0 };
    /// One of the unit.
    pub const ONE: Self = Self { milli: 1000 };
    /// The largest quantity, in thousandths.
    pub const MILLI_MAX: i64 = 9_999_999_999;

    /// A quantity from thousandths (`2500` is 2.5).
    ///
    /// # Errors
    /// [`QuantityError::OutOfRange`].
    pub const fn from_milli(milli: i64) -> Result<Self, QuantityError> {
        if milli < 0 || milli > Self::MILLI_MAX {
            return Err(QuantityError::OutOfRange);
        }
        Ok(Self { milli })
    }

    /// A whole quantity.
    pub const fn whole(count: u16) -> Self {
        Self { milli: count as i64 * 1000 }
    }

    /// The quantity in thousandths.
    pub const fn milli(self) -> i64 {
        self.milli
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.milli == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`QuantityError::OutOfRange`].
    pub const fn plus(self, other: Self) -> Result<Self, QuantityError> {
        Self::from_milli(self.milli + other.milli)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`QuantityError::OutOfRange`] where `other` is the larger.
    pub const fn minus(self, other: Self) -> Result<Self, QuantityError> {
        Self::from_milli(self.milli - other.milli)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.milli / 1000, self.milli % 1000);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{fraction:03}").trim_end_matches('0'))
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err(QuantityError::NotDecimal);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 3 {
            return Err(QuantityError::TooPrecise);
        }
        let whole: i64 = whole.parse().map_err(|_| QuantityError::OutOfRange)?;
        let fraction: i64 = format!("{fraction:0<3}").parse().map_err(|_| QuantityError::NotDecimal)?;
        let milli = whole.checked_mul(1000).and_then(|m| m.checked_add(fraction));
        Self::from_milli(milli.ok_or(QuantityError::OutOfRange)?)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Quantity {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(r"^\d{1,7}(\.\d{1,3})?$"))
            .description(Some("A decimal of at most three places, as a string."))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Quantity {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quantity_reads_as_it_was_written() {
        for text in ["0", "1", "2.5", "0.25", "0.125", "9999999.999"] {
            assert_eq!(text.parse::<Quantity>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "NaN", "inf", "１", "1,5", " 1", "0x10"] {
            assert_eq!(text.parse::<Quantity>(), Err(QuantityError::NotDecimal), "{text:?}");
        }
        assert_eq!("1.0005".parse::<Quantity>(), Err(QuantityError::TooPrecise));
        assert_eq!("10000000".parse::<Quantity>(), Err(QuantityError::OutOfRange));
        assert_eq!("99999999999999999999".parse::<Quantity>(), Err(QuantityError::OutOfRange));
    }

    proptest! {
        #[test]
        fn writing_and_reading_gives_the_same_quantity(milli in 0..=Quantity::MILLI_MAX) {
            let quantity = Quantity::from_milli(milli).unwrap();
            prop_assert_eq!(quantity.to_string().parse(), Ok(quantity));
        }
    }
}
