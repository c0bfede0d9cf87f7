//! What an utterance does to a deal: language-neutral acts, and the offer they are read against.
//!
//! The JSON form is that of the gold sets: one flat object an act, amounts in paise, quantities as decimal strings.

use serde::{Deserialize, Serialize};
use types::{Price, Quantity, Unit};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "the names say it")]
pub enum Side {
    Buyer,
    Vendor,
}

impl Side {
    /// The one across the stall.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Buyer => Self::Vendor,
            Self::Vendor => Self::Buyer,
        }
    }
}

/// So much of something: 2.5 kg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Amount {
    /// How much, in `unit`.
    pub quantity: Quantity,
    /// What `quantity` counts.
    pub unit: Unit,
}

impl Amount {
    /// `quantity` of `unit`.
    pub const fn new(quantity: Quantity, unit: Unit) -> Self {
        Self { quantity, unit }
    }

    /// One of `unit`.
    pub const fn one(unit: Unit) -> Self {
        Self { quantity: Quantity::ONE, unit }
    }
}

/// The offer on the table: `price_minor` paise for `for_quantity` of `unit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Standing {
    /// Who made it.
    pub by: Side,
    /// In paise.
    pub price_minor: i64,
    /// How much that price buys.
    pub for_quantity: Quantity,
    /// The unit of `for_quantity`.
    pub unit: Unit,
}

impl Standing {
    /// What the price buys.
    pub const fn lot(self) -> Amount {
        Amount { quantity: self.for_quantity, unit: self.unit }
    }
}

/// A price somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Offer {
    /// In paise, 1 to [`Price::AMOUNT_MINOR_MAX`].
    pub price_minor: i64,
    /// What the price buys; `None` inherits the standing offer's.
    pub lot: Option<Amount>,
    /// How much the speaker wants, or sells at this price only.
    pub wanted: Option<Amount>,
    /// The goods: an English lemma of [`crate::goods`], or the words as said where the goods are unknown.
    pub item: Option<String>,
}

/// What was said while agreeing; every part only where it was spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Terms {
    /// In paise.
    pub price_minor: Option<i64>,
    /// What the price buys.
    pub lot: Option<Amount>,
    /// How much the speaker wants.
    pub wanted: Option<Amount>,
    /// The goods.
    pub item: Option<String>,
}

/// One thing an utterance does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub enum Act {
    /// Says hello.
    Greet,
    /// Asks what something costs.
    AskPrice {
        /// For how much of it, where said.
        wanted: Option<Amount>,
        /// Of what.
        item: Option<String>,
    },
    /// Asks for the last price.
    AskFinalPrice,
    /// Asks whether the stall has something.
    AskAvailability {
        /// What.
        item: Option<String>,
    },
    /// Asks for less, without naming a price.
    AskDiscount,
    /// Proposes a price; a counter-offer is an offer made while another stands.
    Offer(Offer),
    /// Takes the other side's standing offer.
    Accept(Terms),
    /// Refuses the other side's standing offer.
    Reject,
    /// Says how much is wanted.
    SetQuantity {
        /// How much.
        wanted: Amount,
        /// Of what.
        item: Option<String>,
    },
    /// Makes sure of what was agreed, or says yes to a read-back.
    Confirm(Terms),
    /// Thanks.
    Thank,
    /// Walks away from the deal.
    Leave,
}

impl Act {
    /// Whether the act may change what is agreed. Greetings, thanks and questions never do.
    pub const fn moves_the_deal(&self) -> bool {
        matches!(
            self,
            Self::Offer(_)
                | Self::Accept(_)
                | Self::Reject
                | Self::SetQuantity { .. }
                | Self::Confirm(_)
                | Self::Leave
        )
    }

    /// The price the act names, in paise.
    pub const fn price_minor(&self) -> Option<i64> {
        match self {
            Self::Offer(offer) => Some(offer.price_minor),
            Self::Accept(terms) | Self::Confirm(terms) => terms.price_minor,
            _ => None,
        }
    }

    /// The goods the act names.
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::Offer(offer) => offer.item.as_deref(),
            Self::Accept(terms) | Self::Confirm(terms) => terms.item.as_deref(),
            Self::AskPrice { item, .. } | Self::AskAvailability { item } | Self::SetQuantity { item, .. } => {
                item.as_deref()
            }
            _ => None,
        }
    }

    /// How much the act says is wanted.
    pub const fn wanted(&self) -> Option<Amount> {
        match self {
            Self::Offer(offer) => offer.wanted,
            Self::Accept(terms) | Self::Confirm(terms) => terms.wanted,
            Self::SetQuantity { wanted, .. } => Some(*wanted),
            Self::AskPrice { wanted, .. } => *wanted,
            _ => None,
        }
    }
}

/// Why a written act is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// An offer names no price.
    #[error("an offer names a price")]
    NoPrice,
    /// A price is zero, negative or above ten crore rupees.
    #[error("a price is between one paisa and ten crore rupees")]
    PriceOutOfRange,
    /// A quantity is zero.
    #[error("a quantity is more than nothing")]
    NoQuantity,
    /// A quantity has no unit, or a unit no quantity.
    #[error("a quantity and its unit come together")]
    HalfAnAmount,
    /// The goods' name is longer than [`ITEM_CHARS_MAX`] characters.
    #[error("the name of the goods is too long")]
    ItemTooLong,
}

/// The longest name of goods an act carries, in characters.
pub const ITEM_CHARS_MAX: usize = 80;

/// The kinds of act, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ActKind))]
enum Kind {
    Greet,
    AskPrice,
    AskFinalPrice,
    AskAvailability,
    AskDiscount,
    Offer,
    Accept,
    Reject,
    SetQuantity,
    Confirm,
    Thank,
    Leave,
}

/// The flat JSON form. Where a price is written, so are `for_quantity` and `unit`, as `null` when inherited.
#[expect(clippy::option_option, reason = "what is left out and what is null are written differently")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Act))]
struct Written {
    act: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price_minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Quantity>))]
    for_quantity: Option<Option<Quantity>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Unit>))]
    unit: Option<Option<Unit>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantity: Option<Quantity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantity_unit: Option<Unit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    item: Option<String>,
}

impl Written {
    const fn bare(act: Kind) -> Self {
        Self {
            act,
            price_minor: None,
            for_quantity: None,
            unit: None,
            quantity: None,
            quantity_unit: None,
            item: None,
        }
    }

    fn wanting(act: Kind, wanted: Option<Amount>, item: Option<String>) -> Self {
        let mut written = Self::bare(act);
        written.quantity = wanted.map(|w| w.quantity);
        written.unit = wanted.map(|w| Some(w.unit));
        written.item = item;
        written
    }

    fn priced(act: Kind, terms: Terms) -> Self {
        let Terms { price_minor, lot, wanted, item } = terms;
        let mut written = Self::bare(act);
        written.price_minor = price_minor;
        if price_minor.is_some() {
            written.for_quantity = Some(lot.map(|l| l.quantity));
            written.unit = Some(lot.map(|l| l.unit));
        }
        if let Some(wanted) = wanted {
            written.quantity = Some(wanted.quantity);
            if price_minor.is_none() {
                written.unit = Some(Some(wanted.unit));
            } else if lot.is_none_or(|l| l.unit != wanted.unit) {
                written.quantity_unit = Some(wanted.unit);
            }
        }
        written.item = item;
        written
    }

    fn amount(quantity: Option<Quantity>, unit: Option<Unit>) -> Result<Option<Amount>, ActError> {
        match (quantity, unit) {
            (Some(quantity), _) if quantity.is_zero() => Err(ActError::NoQuantity),
            (Some(quantity), Some(unit)) => Ok(Some(Amount { quantity, unit })),
            (None, None) => Ok(None),
            _ => Err(ActError::HalfAnAmount),
        }
    }

    /// The wanted amount of an act that names no price.
    fn wanted(&self) -> Result<Option<Amount>, ActError> {
        let unit = self.quantity_unit.or(self.unit.flatten());
        Self::amount(self.quantity, self.quantity.and(unit))
    }

    fn terms(self) -> Result<Terms, ActError> {
        if self.price_minor.is_none() && self.for_quantity.flatten().is_none() {
            let wanted = self.wanted()?;
            return Ok(Terms { price_minor: None, lot: None, wanted, item: self.item });
        }
        if self.price_minor.is_some_and(|p| !(1..=Price::AMOUNT_MINOR_MAX).contains(&p)) {
            return Err(ActError::PriceOutOfRange);
        }
        let unit = self.unit.flatten();
        let for_quantity = self.for_quantity.flatten();
        let lot = Self::amount(for_quantity, for_quantity.and(unit))?;
        let wanted = Self::amount(self.quantity, self.quantity.and(self.quantity_unit.or(unit)))?;
        Ok(Terms { price_minor: self.price_minor, lot, wanted, item: self.item })
    }
}

impl From<Act> for Written {
    fn from(act: Act) -> Self {
        match act {
            Act::Greet => Self::bare(Kind::Greet),
            Act::AskPrice { wanted, item } => Self::wanting(Kind::AskPrice, wanted, item),
            Act::AskFinalPrice => Self::bare(Kind::AskFinalPrice),
            Act::AskAvailability { item } => Self::wanting(Kind::AskAvailability, None, item),
            Act::AskDiscount => Self::bare(Kind::AskDiscount),
            Act::Offer(offer) => Self::priced(Kind::Offer, offer.into()),
            Act::Accept(terms) => Self::priced(Kind::Accept, terms),
            Act::Reject => Self::bare(Kind::Reject),
            Act::SetQuantity { wanted, item } => Self::wanting(Kind::SetQuantity, Some(wanted), item),
            Act::Confirm(terms) => Self::priced(Kind::Confirm, terms),
            Act::Thank => Self::bare(Kind::Thank),
            Act::Leave => Self::bare(Kind::Leave),
        }
    }
}

impl TryFrom<Written> for Act {
    type Error = ActError;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        if written.item.as_ref().is_some_and(|i| i.chars().count() > ITEM_CHARS_MAX) {
            return Err(ActError::ItemTooLong);
        }
        Ok(match written.act {
            Kind::Greet => Self::Greet,
            Kind::AskPrice => Self::AskPrice { wanted: written.wanted()?, item: written.item },
            Kind::AskFinalPrice => Self::AskFinalPrice,
            Kind::AskAvailability => Self::AskAvailability { item: written.item },
            Kind::AskDiscount => Self::AskDiscount,
            Kind::Offer => Self::Offer(written.terms()?.try_into()?),
            Kind::Accept => Self::Accept(written.terms()?),
            Kind::Reject => Self::Reject,
            Kind::SetQuantity => {
                let wanted = written.wanted()?.ok_or(ActError::NoQuantity)?;
                Self::SetQuantity { wanted, item: written.item }
            }
            Kind::Confirm => Self::Confirm(written.terms()?),
            Kind::Thank => Self::Thank,
            Kind::Leave => Self::Leave,
        })
    }
}

impl From<Offer> for Terms {
    fn from(Offer { price_minor, lot, wanted, item }: Offer) -> Self {
        Self { price_minor: Some(price_minor), lot, wanted, item }
    }
}

impl TryFrom<Terms> for Offer {
    type Error = ActError;

    fn try_from(Terms { price_minor, lot, wanted, item }: Terms) -> Result<Self, ActError> {
        Ok(Self { price_minor: price_minor.ok_or(ActError::NoPrice)?, lot, wanted, item })
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Act {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Written::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Act {
    fn name() -> std::borrow::Cow<'static, str> {
        "Act".into()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        <Written as utoipa::ToSchema>::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(json: &str) -> Result<Act, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn every_kind_of_act_keeps_its_json() {
        for json in [
            r#"{"act":"greet"}"#,
            r#"{"act":"ask_price","unit":"kg","quantity":"3","item":"onion"}"#,
            r#"{"act":"ask_availability","item":"curry leaf"}"#,
            r#"{"act":"offer","price_minor":5000,"for_quantity":null,"unit":null}"#,
            r#"{"act":"offer","price_minor":6000,"for_quantity":"1","unit":"dozen","quantity":"8","quantity_unit":"piece"}"#,
            r#"{"act":"offer","price_minor":5000,"for_quantity":null,"unit":null,"quantity":"2","quantity_unit":"kg"}"#,
            r#"{"act":"accept"}"#,
            r#"{"act":"accept","price_minor":5500,"for_quantity":null,"unit":null}"#,
            r#"{"act":"set_quantity","unit":"kg","quantity":"0.5","item":"ginger"}"#,
            r#"{"act":"confirm","price_minor":11000,"for_quantity":"2","unit":"dozen","quantity":"2","item":"banana"}"#,
        ] {
            assert_eq!(serde_json::to_string(&act(json).unwrap()).unwrap(), json);
        }
    }

    #[test]
    fn acts_that_mean_nothing_are_refused() {
        for json in [
            r#"{"act":"offer"}"#,
            r#"{"act":"offer","price_minor":0}"#,
            r#"{"act":"offer","price_minor":-100}"#,
            r#"{"act":"offer","price_minor":1000000000000}"#,
            r#"{"act":"offer","price_minor":NaN}"#,
            r#"{"act":"offer","price_minor":100,"for_quantity":"0","unit":"kg"}"#,
            r#"{"act":"offer","price_minor":100,"for_quantity":"1"}"#,
            r#"{"act":"set_quantity"}"#,
            r#"{"act":"set_quantity","quantity":"1"}"#,
            r#"{"act":"bribe"}"#,
        ] {
            assert!(act(json).is_err(), "{json}");
        }
        let long = "a".repeat(ITEM_CHARS_MAX + 1);
        assert!(act(&format!(r#"{{"act":"ask_price","item":"{long}"}}"#)).is_err());
    }
}
