//! The units goods are sold in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Quantity, QuantityError};

/// What a quantity counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "lowercase"))]
#[expect(missing_docs, reason = "the names say it")]
pub enum Unit {
    Kg,
    G,
    Quintal,
    Litre,
    Ml,
    Piece,
    Dozen,
    Packet,
    Bunch,
    Metre,
    Box,
    Bag,
}

/// What a unit measures. Quantities convert within [`Dimension::Mass`], [`Dimension::Volume`] and
/// [`Dimension::Count`]; a packet, bunch, box or bag is only ever itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Dimension {
    Mass,
    Volume,
    Count,
    Length,
    Container,
}

/// A text that names no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no unit of sale")]
pub struct UnknownUnit(pub String);

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 12] = [
        Self::Kg,
        Self::G,
        Self::Quintal,
        Self::Litre,
        Self::Ml,
        Self::Piece,
        Self::Dozen,
        Self::Packet,
        Self::Bunch,
        Self::Metre,
        Self::Box,
        Self::Bag,
    ];

    /// The stable lower-case code (`kg`).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kg => "kg",
            Self::G => "g",
            Self::Quintal => "quintal",
            Self::Litre => "litre",
            Self::Ml => "ml",
            Self::Piece => "piece",
            Self::Dozen => "dozen",
            Self::Packet => "packet",
            Self::Bunch => "bunch",
            Self::Metre => "metre",
            Self::Box => "box",
            Self::Bag => "bag",
        }
    }

    /// What the unit measures.
    pub const fn dimension(self) -> Dimension {
        match self {
            Self::Kg | Self::G | Self::Quintal => Dimension::Mass,
            Self::Litre | Self::Ml => Dimension::Volume,
            Self::Piece | Self::Dozen => Dimension::Count,
            Self::Metre => Dimension::Length,
            Self::Packet | Self::Bunch | Self::Box | Self::Bag => Dimension::Container,
        }
    }

    /// How many of the dimension's smallest unit (gram, millilitre, piece) one of this is; 1 elsewhere.
    const fn smallest(self) -> i64 {
        match self {
            Self::Quintal => 100_000,
            Self::Kg | Self::Litre => 1000,
            Self::Dozen => 12,
            _ => 1,
        }
    }

    /// Whether a quantity of this unit can be said in `other`.
    pub fn converts_to(self, other: Self) -> bool {
        self == other
            || (self.dimension() == other.dimension()
                && matches!(self.dimension(), Dimension::Mass | Dimension::Volume | Dimension::Count))
    }

    /// `quantity` of this unit, said in `other`; `None` where the units do not convert or the result has more than
    /// three decimal places (1 piece is not a decimal number of dozens).
    pub fn convert(self, quantity: Quantity, other: Self) -> Option<Quantity> {
        if !self.converts_to(other) {
            return None;
        }
        let smallest = i128::from(quantity.milli()) * i128::from(self.smallest());
        let into = i128::from(other.smallest());
        let exact: Result<Quantity, QuantityError> = (smallest % into == 0)
            .then(|| i64::try_from(smallest / into).ok())
            .flatten()
            .map(Quantity::from_milli)?;
        exact.ok()
    }

    /// `(numerator, denominator)` of this unit over `other`: one kilogram is `(1000, 1)` grams. `None` where the
    /// units do not convert.
    pub fn ratio_to(self, other: Self) -> Option<(i64, i64)> {
        self.converts_to(other).then(|| (self.smallest(), other.smallest()))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Unit {
    type Err = UnknownUnit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|u| u.code() == text).ok_or_else(|| UnknownUnit(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn half_a_kilo_is_five_hundred_grams_and_back() {
        assert_eq!(Unit::Kg.convert(quantity("0.5"), Unit::G), Some(quantity("500")));
        assert_eq!(Unit::G.convert(quantity("500"), Unit::Kg), Some(quantity("0.5")));
        assert_eq!(Unit::Quintal.convert(quantity("1"), Unit::Kg), Some(quantity("100")));
    }

    #[test]
    fn eight_pieces_are_no_exact_number_of_dozens() {
        assert_eq!(Unit::Piece.convert(quantity("8"), Unit::Dozen), None);
        assert_eq!(Unit::Piece.convert(quantity("24"), Unit::Dozen), Some(quantity("2")));
    }

    #[test]
    fn a_bag_is_never_a_box_nor_a_number_of_kilos() {
        assert_eq!(Unit::Bag.convert(quantity("1"), Unit::Box), None);
        assert_eq!(Unit::Bag.convert(quantity("1"), Unit::Kg), None);
    }

    #[test]
    fn every_code_reads_back() {
        for unit in Unit::ALL {
            assert_eq!(unit.code().parse(), Ok(unit));
            assert_eq!(serde_json::to_string(&unit).unwrap(), format!("\"{unit}\""));
        }
    }
}
