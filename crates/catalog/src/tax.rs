//! How a product is taxed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use types::Quantity;
use utoipa::ToSchema;

use crate::Error;

/// How a product is taxed. Prices include the tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tax {
    /// The heading of the tariff: 4, 6 or 8 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hsn: Option<String>,
    /// Whether the goods carry GST at all.
    pub treatment: Treatment,
    /// The whole rate of GST in percent (`"5"`), of taxable goods alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_percent: Option<Percent>,
}

/// Whether goods carry GST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Treatment {
    /// None, as most fresh food.
    Exempt,
    /// At a rate.
    Taxable,
}

/// A rate from 0 to 100 in percent, of at most three decimal places: written as a decimal string (`"2.5"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(Quantity);

/// What is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a decimal number from 0 to 100 of at most three places")]
pub struct NotAPercentage;

impl Treatment {
    /// As stored and sent.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::Taxable => "taxable",
        }
    }
}

impl Percent {
    /// From thousandths of a percent (`2500` is 2.5 %).
    ///
    /// # Errors
    /// [`NotAPercentage`].
    pub fn from_milli(milli: i64) -> Result<Self, NotAPercentage> {
        let within = Quantity::from_milli(milli).ok().filter(|q| *q <= Quantity::whole(100));
        within.map(Self).ok_or(NotAPercentage)
    }

    /// In thousandths of a percent.
    pub const fn milli(self) -> i64 {
        self.0.milli()
    }
}

impl Tax {
    /// What a product carries whose vendor said nothing of tax.
    pub(crate) fn unsaid(hsn: Option<&str>) -> Self {
        Self { hsn: hsn.map(str::to_owned), treatment: Treatment::Exempt, rate_percent: None }
    }

    /// Refuses what cannot be printed on an invoice; an empty heading is none.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let hsn = self.hsn.filter(|hsn| !hsn.is_empty());
        let is_heading =
            |hsn: &String| matches!(hsn.len(), 4 | 6 | 8) && hsn.bytes().all(|b| b.is_ascii_digit());
        if !hsn.as_ref().is_none_or(is_heading) {
            return Err(Error::field("tax.hsn", "an HSN heading has 4, 6 or 8 digits"));
        }
        match (self.treatment, self.rate_percent) {
            (Treatment::Taxable, None) => {
                Err(Error::field("tax.rate_percent", "taxable goods have a rate, such as 5"))
            }
            (Treatment::Exempt, Some(_)) => {
                Err(Error::field("tax.rate_percent", "exempt goods have no rate"))
            }
            _ => Ok(Self { hsn, ..self }),
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Percent {
    type Err = NotAPercentage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rate: Quantity = text.parse().map_err(|_| NotAPercentage)?;
        Self::from_milli(rate.milli())
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Percent {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(r"^\d{1,3}(\.\d{1,3})?$"))
            .description(Some("A rate in percent, from 0 to 100, as a decimal string."))
            .into()
    }
}

impl ToSchema for Percent {}

#[cfg(test)]
mod tests {
    use super::*;

    fn tax(hsn: Option<&str>, treatment: Treatment, rate: Option<&str>) -> Result<Tax, Error> {
        let rate_percent = rate.map(|r| r.parse().unwrap());
        Tax { hsn: hsn.map(str::to_owned), treatment, rate_percent }.checked()
    }

    #[test]
    fn a_rate_is_between_nothing_and_all() {
        for text in ["0", "2.5", "0.25", "18", "100"] {
            assert_eq!(text.parse::<Percent>().unwrap().to_string(), text);
        }
        for text in ["-1", "100.001", "NaN", "5%", "", "1e1", "1000000000000"] {
            assert_eq!(text.parse::<Percent>(), Err(NotAPercentage), "{text:?}");
        }
    }

    #[test]
    fn a_rate_belongs_to_taxable_goods() {
        assert!(tax(Some("0702"), Treatment::Exempt, None).is_ok());
        assert!(tax(Some("21069099"), Treatment::Taxable, Some("5")).is_ok());
        assert!(tax(None, Treatment::Taxable, None).is_err());
        assert!(tax(None, Treatment::Exempt, Some("5")).is_err());
        assert_eq!(tax(Some(""), Treatment::Exempt, None).unwrap().hsn, None);
    }

    #[test]
    fn a_heading_has_four_six_or_eight_digits() {
        for hsn in ["07", "07021", "0702a", "०७०२", "070200000", "0702 "] {
            assert!(tax(Some(hsn), Treatment::Exempt, None).is_err(), "{hsn:?}");
        }
    }
}
