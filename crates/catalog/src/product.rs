//! A product: what is sold, at what price, and what its vendor keeps to himself.

use std::collections::BTreeMap;

use platform::text;
use serde::{Deserialize, Deserializer, Serialize};
use types::{Language, Price, ProductId, Quantity};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::stock::counted_in;
use crate::{Error, Stock, Tax, goods};

/// As long as an item in `parley`'s acts may be.
const NAME_CHARS_MAX: usize = parley::ITEM_CHARS_MAX;

/// A product. It holds the vendor's secret floor and therefore does not serialise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// As the vendor typed it.
    pub name: String,
    /// The language of `name`.
    pub language: Language,
    /// What it is called: in every language where the goods are known, in the vendor's alone otherwise.
    pub names: BTreeMap<Language, String>,
    /// The kind of goods, where it is known.
    pub lemma: Option<String>,
    /// The price on its tag.
    pub price: Price,
    /// The lowest price the vendor means to agree to; buyers never learn it.
    pub floor: Option<Price>,
    /// How much there is.
    pub stock: Stock,
    /// How it is taxed.
    pub tax: Tax,
    /// Whether it is off the shelf.
    pub hidden: bool,
}

/// A product as its vendor sees it, floor included.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Product)]
pub struct VendorProduct {
    /// Its id.
    pub id: ProductId,
    /// As the vendor typed it.
    pub name: String,
    /// What it is called: in every language where the goods are known, in the vendor's alone otherwise.
    pub names: BTreeMap<Language, String>,
    /// The kind of goods, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lemma: Option<String>,
    /// The price on its tag.
    pub price: Price,
    /// The lowest price the vendor means to agree to; buyers never learn it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<Price>,
    /// How much there is.
    pub stock: Stock,
    /// How it is taxed.
    pub tax: Tax,
    /// Whether it is off the shelf.
    pub hidden: bool,
}

/// A product that is put on the shelf.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewProduct {
    /// The sender's own id for it: the same id with the same product answers as the first time.
    pub client_id: Uuid,
    /// As the vendor calls it.
    pub name: String,
    /// The language of `name`; the stall's where nothing is said.
    pub language: Option<Language>,
    /// The kind of goods it was picked from; found by the name where nothing is said.
    pub lemma: Option<String>,
    /// The price on its tag.
    pub price: Price,
    /// How much there is, in the price's unit.
    pub stock: Quantity,
    /// The lowest price the vendor means to agree to.
    pub floor: Option<Price>,
    /// How it is taxed; exempt under the goods' usual heading where nothing is said.
    pub tax: Option<Tax>,
}

/// What changes of a product; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct ProductChange {
    /// Another name. Without a `lemma` beside it the kind of goods is found anew.
    pub name: Option<String>,
    /// The language of `name`.
    pub language: Option<Language>,
    /// The kind of goods.
    pub lemma: Option<String>,
    /// Another price, in a unit that the stock's converts to.
    pub price: Option<Price>,
    /// Another floor; `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<Price>)]
    pub floor: FloorChange,
    /// Another tax.
    pub tax: Option<Tax>,
    /// On or off the shelf.
    pub hidden: Option<bool>,
}

/// What becomes of the floor: absence is not `null`.
#[derive(Debug, Clone, Copy, Default)]
pub enum FloorChange {
    /// It stays.
    #[default]
    Keep,
    /// There is none any more.
    Remove,
    /// It is this.
    Set(Price),
}

impl<'de> Deserialize<'de> for FloorChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Remove, Self::Set))
    }
}

impl Product {
    /// What it is called in a language; as the vendor typed it where nobody knows.
    pub fn name_in(&self, language: Language) -> &str {
        self.names.get(&language).unwrap_or(&self.name)
    }

    /// Gives it a name and the kind of goods that goes with it.
    fn call(&mut self, name: &str, language: Language, lemma: Option<&str>) -> Result<(), Error> {
        let name = text::line(name, NAME_CHARS_MAX).map_err(Error::text("name"))?;
        let lemma = match lemma {
            Some(lemma) => Some(goods::of_lemma(lemma).ok_or_else(|| {
                Error::field("lemma", "no such kind of goods: leave it out, or pick one from the list")
            })?),
            None => goods::named(&name, language),
        };
        self.lemma = lemma.map(|good| good.lemma.to_owned());
        self.names = goods::names_of(&name, language, self.lemma.as_deref());
        self.name = name;
        self.language = language;
        Ok(())
    }

    fn checked(self) -> Result<Self, Error> {
        if !self.price.unit().converts_to(self.stock.unit) {
            let detail = format!("the stock is counted in {}: add another product instead", self.stock.unit);
            return Err(Error::field("price.unit", detail));
        }
        match self.floor.map(|floor| is_at_most(floor, self.price)) {
            None | Some(Some(true)) => Ok(self),
            Some(Some(false)) => Err(Error::field("floor", "the floor is above the price")),
            Some(None) => Err(Error::field("floor.unit", "the floor's unit does not fit the price's")),
        }
    }

    /// This product as its vendor changes it, checked.
    pub(crate) fn changed_by(mut self, change: &ProductChange) -> Result<Self, Error> {
        let language = change.language.unwrap_or(self.language);
        match (change.name.as_deref(), change.lemma.as_deref()) {
            (Some(name), lemma) => self.call(name, language, lemma)?,
            (None, None) if language == self.language => {}
            (None, lemma) => {
                let (name, known) = (self.name.clone(), self.lemma.clone());
                self.call(&name, language, lemma.or(known.as_deref()))?;
            }
        }
        self.price = change.price.unwrap_or(self.price);
        self.floor = match change.floor {
            FloorChange::Keep => self.floor,
            FloorChange::Remove => None,
            FloorChange::Set(floor) => Some(floor),
        };
        self.tax = change.tax.clone().map_or(Ok(self.tax), Tax::checked)?;
        self.hidden = change.hidden.unwrap_or(self.hidden);
        Self { price: self.price, ..self }.checked()
    }
}

/// Whether a price is at most another for the same amount; `None` where their units do not convert.
fn is_at_most(lower: Price, higher: Price) -> Option<bool> {
    let (numerator, denominator) = lower.unit().ratio_to(higher.unit())?;
    let product = |a: i64, b: i64, c: i64| i128::from(a) * i128::from(b) * i128::from(c);
    let left = product(lower.amount().minor(), higher.per().milli(), denominator);
    Some(left <= product(higher.amount().minor(), lower.per().milli(), numerator))
}

impl From<Product> for VendorProduct {
    fn from(product: Product) -> Self {
        let Product { id, name, language: _, names, lemma, price, floor, stock, tax, hidden } = product;
        Self { id, name, names, lemma, price, floor, stock, tax, hidden }
    }
}

/// A product as its vendor describes it, checked.
pub(crate) fn described(id: ProductId, new: &NewProduct, language: Language) -> Result<Product, Error> {
    let unit = counted_in(new.price.unit());
    let on_hand = new.price.unit().convert(new.stock, unit);
    let on_hand = on_hand.ok_or_else(|| Error::field("stock", "that is more than can be counted"))?;
    let mut product = Product {
        id,
        name: String::new(),
        language,
        names: BTreeMap::new(),
        lemma: None,
        price: new.price,
        floor: new.floor,
        stock: Stock { on_hand, held: Quantity::ZERO, available: on_hand, unit },
        tax: Tax::unsaid(None),
        hidden: false,
    };
    product.call(&new.name, language, new.lemma.as_deref())?;
    let usual = product.lemma.as_deref().and_then(goods::of_lemma).and_then(|good| good.hsn);
    product.tax = new.tax.clone().map_or_else(|| Ok(Tax::unsaid(usual)), Tax::checked)?;
    product.checked()
}

#[cfg(test)]
mod tests {
    use types::{Money, Unit};

    use super::*;

    fn price(rupees: i64, per: u16, unit: Unit) -> Price {
        Price::new(Money::inr(rupees * 100), Quantity::whole(per), unit).unwrap()
    }

    fn tomato() -> NewProduct {
        NewProduct {
            client_id: Uuid::nil(),
            name: "Tomato".to_owned(),
            language: None,
            lemma: None,
            price: price(40, 1, Unit::Kg),
            stock: Quantity::whole(120),
            floor: None,
            tax: None,
        }
    }

    fn described_in(new: &NewProduct, language: Language) -> Result<Product, Error> {
        described(ProductId::from_uuid(Uuid::nil()), new, language)
    }

    #[test]
    fn known_goods_are_named_in_every_language_and_taxed_under_their_heading() {
        let product = described_in(&tomato(), Language::English).unwrap();
        assert_eq!(product.names.len(), Language::ALL.len());
        assert_eq!(product.name_in(Language::Tamil), "தக்காளி");
        assert_eq!(product.tax.hsn.as_deref(), Some("0702"));
    }

    #[test]
    fn what_nobody_knows_is_called_as_the_vendor_typed_it() {
        let new = NewProduct { name: "Zorblax 3000".to_owned(), ..tomato() };
        let product = described_in(&new, Language::Hindi).unwrap();
        assert_eq!(product.names, BTreeMap::from([(Language::Hindi, "Zorblax 3000".to_owned())]));
        assert_eq!(product.name_in(Language::Tamil), "Zorblax 3000");
        assert_eq!((product.lemma, product.tax.hsn), (None, None));
    }

    #[test]
    fn a_picked_kind_keeps_the_vendors_own_word_in_the_vendors_language() {
        let new = NewProduct { name: "Nati tomato".to_owned(), lemma: Some("tomato".to_owned()), ..tomato() };
        let product = described_in(&new, Language::English).unwrap();
        assert_eq!(product.name_in(Language::English), "Nati tomato");
        assert_eq!(product.name_in(Language::Tamil), "தக்காளி");
        let unknown = NewProduct { lemma: Some("dragon egg".to_owned()), ..tomato() };
        assert!(matches!(
            described_in(&unknown, Language::English),
            Err(Error::Field { field: "lemma", .. })
        ));
    }

    #[test]
    fn a_floor_is_of_the_same_kind_and_not_above_the_price() {
        let with = |floor| described_in(&NewProduct { floor: Some(floor), ..tomato() }, Language::English);
        assert!(with(price(40, 1, Unit::Kg)).is_ok());
        assert!(with(price(4000, 1, Unit::Quintal)).is_ok());
        assert!(with(price(150, 5, Unit::Kg)).is_ok());
        assert!(matches!(with(price(41, 1, Unit::Kg)), Err(Error::Field { field: "floor", .. })));
        assert!(matches!(with(price(5, 100, Unit::G)), Err(Error::Field { field: "floor", .. })));
        assert!(matches!(with(price(10, 1, Unit::Litre)), Err(Error::Field { field: "floor.unit", .. })));
    }

    #[test]
    fn what_is_sold_by_the_dozen_is_counted_in_pieces() {
        let eggs = NewProduct { price: price(84, 1, Unit::Dozen), stock: Quantity::whole(10), ..tomato() };
        let stock = described_in(&eggs, Language::English).unwrap().stock;
        assert_eq!((stock.available, stock.unit), (Quantity::whole(120), Unit::Piece));
        let most = Quantity::from_milli(Quantity::MILLI_MAX).unwrap();
        let too_many = NewProduct { stock: most, ..eggs };
        assert!(matches!(
            described_in(&too_many, Language::English),
            Err(Error::Field { field: "stock", .. })
        ));
    }

    #[test]
    fn null_takes_the_floor_away_and_silence_leaves_it() {
        let new = NewProduct { floor: Some(price(30, 1, Unit::Kg)), ..tomato() };
        let product = described_in(&new, Language::English).unwrap();
        let change = |json: &str| serde_json::from_str::<ProductChange>(json).unwrap();
        assert!(product.clone().changed_by(&change("{}")).unwrap().floor.is_some());
        assert!(product.clone().changed_by(&change(r#"{"floor":null}"#)).unwrap().floor.is_none());
        let cheaper = change(r#"{"price":{"amount":{"minor":2900,"currency":"INR"},"per":"1","unit":"kg"}}"#);
        assert!(matches!(product.clone().changed_by(&cheaper), Err(Error::Field { field: "floor", .. })));
        let by_litre =
            change(r#"{"price":{"amount":{"minor":9900,"currency":"INR"},"per":"1","unit":"litre"}}"#);
        assert!(matches!(product.changed_by(&by_litre), Err(Error::Field { field: "price.unit", .. })));
    }

    #[test]
    fn another_name_is_another_kind_of_goods() {
        let product = described_in(&tomato(), Language::English).unwrap();
        let renamed = ProductChange { name: Some("Onion".to_owned()), ..ProductChange::default() };
        let onion = product.clone().changed_by(&renamed).unwrap();
        assert_eq!(onion.name_in(Language::Hindi), "प्याज");
        let unknown = ProductChange { name: Some("Zorblax".to_owned()), ..ProductChange::default() };
        assert_eq!(product.changed_by(&unknown).unwrap().lemma, None);
    }
}
