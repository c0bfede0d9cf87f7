//! How much of a product there is, how much of it is free, and how that came.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use identity::VendorCaller;
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use types::{ProductId, Quantity, QuantityError, TenantId, Unit};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::stock::{Before, Counted};
use crate::{Catalog, Error, VendorProduct, db};

/// How much of a product there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stock {
    /// What lies there.
    pub on_hand: Quantity,
    /// How much of it is set aside for buyers who agreed and have not paid yet.
    pub held: Quantity,
    /// What is free.
    pub available: Quantity,
    /// What all three are counted in. Not always the price's unit: what is sold by the dozen is counted in pieces.
    pub unit: Unit,
}

/// By how much stock changed; may be less than nothing. Written as a decimal string (`"-2.5"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    milli: i64,
}

/// Why a vendor changes the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// It was counted.
    Counted,
    /// More came.
    Bought,
    /// Some is lost.
    Spoilt,
}

/// A change of the stock by its vendor: `change` or `set`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StockChange {
    /// Made by the phone: a retry carries the same.
    pub client_id: Uuid,
    /// By how much, in the stock's unit: more than nothing where goods were bought, less where they spoilt.
    pub change: Option<Change>,
    /// How much there is now, in the stock's unit; only where it was counted.
    pub set: Option<Quantity>,
    /// Why.
    pub reason: Reason,
}

/// What a vendor says of the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It changed by so much.
    Change(Change),
    /// It is so much.
    Set(Quantity),
}

/// One change of what is on hand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StockMovement {
    /// Its id.
    pub id: Uuid,
    /// `opened`, `counted`, `bought`, `spoilt`, `sold` or `returned`.
    pub kind: String,
    /// By how much.
    pub change: Change,
    /// What was on hand then.
    pub on_hand_after: Quantity,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What stock is counted in that is priced by `unit`: fine enough that eight pieces of a dozen, or 2.55 kg of a quintal, are
/// exact thousandths.
pub(crate) const fn counted_in(unit: Unit) -> Unit {
    match unit {
        Unit::Dozen => Unit::Piece,
        Unit::Quintal => Unit::Kg,
        other => other,
    }
}

impl Stock {
    pub(crate) fn new(on_hand_milli: i64, held_milli: i64, unit: Unit) -> Result<Self, QuantityError> {
        let (on_hand, held) = (Quantity::from_milli(on_hand_milli)?, Quantity::from_milli(held_milli)?);
        Ok(Self { on_hand, held, available: on_hand.minus(held)?, unit })
    }
}

impl Change {
    /// From thousandths.
    pub const fn from_milli(milli: i64) -> Self {
        Self { milli }
    }

    /// In thousandths.
    pub const fn milli(self) -> i64 {
        self.milli
    }
}

impl Reason {
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Bought => "bought",
            Self::Spoilt => "spoilt",
        }
    }
}

impl StockChange {
    fn asked(&self) -> Result<Asked, Error> {
        let asked = match (self.change, self.set) {
            (Some(change), None) => Asked::Change(change),
            (None, Some(quantity)) => Asked::Set(quantity),
            _ => return Err(Error::field("change", "say either change or set")),
        };
        match (asked, self.reason) {
            (Asked::Change(change), _) if change.milli() == 0 => {
                Err(Error::field("change", "the stock does not change"))
            }
            (Asked::Change(change), Reason::Bought) if change.milli() < 0 => {
                Err(Error::field("change", "what is bought adds to the stock"))
            }
            (Asked::Change(change), Reason::Spoilt) if change.milli() > 0 => {
                Err(Error::field("change", "what spoilt is taken from the stock"))
            }
            (Asked::Set(_), Reason::Bought | Reason::Spoilt) => {
                Err(Error::field("set", "only a count says how much there is"))
            }
            _ => Ok(asked),
        }
    }
}

impl Asked {
    /// What is on hand afterwards.
    fn applied_to(self, stock: &Stock) -> Result<Quantity, Error> {
        let after = match self {
            Self::Set(quantity) => quantity.milli(),
            Self::Change(change) => stock.on_hand.milli().saturating_add(change.milli()),
        };
        if after < 0 {
            let detail = format!("only {} {} is on hand", stock.on_hand, stock.unit);
            return Err(Error::field("change", detail));
        }
        let after = Quantity::from_milli(after).map_err(|e| Error::field("change", e.to_string()))?;
        if after < stock.held {
            return Err(Error::StockHeld { held: stock.held, unit: stock.unit });
        }
        Ok(after)
    }
}

impl Catalog {
    /// Changes how much there is, once for each `client_id`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Field`], [`Error::StockHeld`], [`Error::ClientIdReused`], [`Error::Database`].
    pub async fn move_stock(
        &self,
        vendor: VendorCaller,
        product: ProductId,
        change: &StockChange,
    ) -> Result<VendorProduct, Error> {
        let asked = change.asked()?;
        let counted = Counted { product, kind: change.reason.kind(), asked, client_id: change.client_id };
        repeat(|| self.count_stock(vendor.tenant, &counted)).await
    }

    async fn count_stock(&self, tenant: TenantId, counted: &Counted) -> Result<VendorProduct, Error> {
        let mut transaction = self.db.begin().await?;
        let stock =
            db::stock::lock(&mut transaction, tenant, counted.product).await?.ok_or(Error::NotFound)?;
        match db::stock::said_before(&mut transaction, tenant, counted).await? {
            Before::Nothing => {}
            Before::TheSame => return self.vendor_product(&mut transaction, tenant, counted.product).await,
            Before::Otherwise => return Err(Error::ClientIdReused),
        }
        let after = counted.asked.applied_to(&stock)?;
        let change = Change::from_milli(after.milli() - stock.on_hand.milli());
        let now = self.clock.now();
        db::stock::count(&mut transaction, tenant, counted, change, self.entropy.id(now), now).await?;
        let product = self.tell_of(&mut transaction, tenant, counted.product).await?;
        transaction.commit().await?;
        Ok(product)
    }

    /// What changed the stock of a product, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Database`].
    pub async fn stock_movements(
        &self,
        vendor: VendorCaller,
        product: ProductId,
        query: PageQuery,
    ) -> Result<Page<StockMovement>, Error> {
        let mut connection = self.db.acquire().await?;
        let movements = db::stock::movements(&mut connection, vendor.tenant, product, query).await?;
        // Every product's stock was opened, so that nothing at all on a first page means no such product.
        if movements.is_empty() && query.before.is_none() {
            return Err(Error::NotFound);
        }
        Ok(query.page(movements, |movement| movement.id))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.milli < 0 { "-" } else { "" };
        let (whole, fraction) = (self.milli.unsigned_abs() / 1000, self.milli.unsigned_abs() % 1000);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{fraction:03}").trim_end_matches('0'))
    }
}

impl FromStr for Change {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sign, amount) = text.strip_prefix('-').map_or((1, text), |amount| (-1, amount));
        Ok(Self { milli: sign * amount.parse::<Quantity>()?.milli() })
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Change {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(r"^-?\d{1,7}(\.\d{1,3})?$"))
            .description(Some("A decimal of at most three places, which may be negative, as a string."))
            .into()
    }
}

impl ToSchema for Change {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(change: Option<&str>, set: Option<&str>, reason: Reason) -> StockChange {
        StockChange {
            client_id: Uuid::nil(),
            change: change.map(|c| c.parse().unwrap()),
            set: set.map(|s| s.parse().unwrap()),
            reason,
        }
    }

    #[test]
    fn a_change_says_how_or_how_much_and_fits_its_reason() {
        assert!(change(Some("5"), None, Reason::Bought).asked().is_ok());
        assert!(change(Some("-0.5"), None, Reason::Spoilt).asked().is_ok());
        assert!(change(None, Some("0"), Reason::Counted).asked().is_ok());
        for wrong in [
            change(None, None, Reason::Counted),
            change(Some("1"), Some("1"), Reason::Counted),
            change(Some("0"), None, Reason::Counted),
            change(Some("-1"), None, Reason::Bought),
            change(Some("1"), None, Reason::Spoilt),
            change(None, Some("5"), Reason::Bought),
        ] {
            assert!(matches!(wrong.asked(), Err(Error::Field { .. })), "{wrong:?}");
        }
    }

    #[test]
    fn stock_falls_neither_below_nothing_nor_below_what_is_held() {
        let stock = Stock::new(10_000, 4_000, Unit::Kg).unwrap();
        let take = |milli| Asked::Change(Change::from_milli(milli)).applied_to(&stock);
        assert_eq!(take(-6_000).unwrap(), Quantity::whole(4));
        assert!(matches!(take(-6_001), Err(Error::StockHeld { .. })));
        assert!(matches!(take(-10_001), Err(Error::Field { .. })));
        assert!(matches!(take(Quantity::MILLI_MAX), Err(Error::Field { .. })));
    }

    proptest! {
        #[test]
        fn writing_and_reading_gives_the_same_change(milli in -Quantity::MILLI_MAX..=Quantity::MILLI_MAX) {
            prop_assert_eq!(Change::from_milli(milli).to_string().parse(), Ok(Change::from_milli(milli)));
        }

        #[test]
        fn a_change_never_panics(text in any::<String>()) {
            let _ = text.parse::<Change>();
        }
    }
}
