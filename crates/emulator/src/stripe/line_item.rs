//! What a checkout session sells: lines with a price made for them.

use serde_json::{Value, json};

use super::currency;
use super::desk::Desk;
use super::error::{Error, Result};
use super::metadata::Metadata;
use super::params::Params;

const LINES_MAX: usize = 100;
const QUANTITY_MAX: i64 = 999_999;

#[derive(Debug, Clone)]
pub(crate) struct LineItem {
    id: String,
    pub(crate) name: String,
    pub(crate) quantity: i64,
    unit_amount: i64,
    currency: &'static str,
    price_id: String,
    product_id: String,
    created: i64,
    metadata: Metadata,
}

impl LineItem {
    pub(crate) fn amount(&self) -> i64 {
        self.unit_amount * self.quantity
    }

    pub(crate) fn currency(&self) -> &'static str {
        self.currency
    }

    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "item",
            "adjustable_quantity": null,
            "amount_discount": 0,
            "amount_subtotal": self.amount(),
            "amount_tax": 0,
            "amount_total": self.amount(),
            "currency": self.currency,
            "description": self.name,
            "metadata": self.metadata,
            "price": self.price(),
            "quantity": self.quantity,
        })
    }

    fn price(&self) -> Value {
        json!({
            "id": self.price_id,
            "object": "price",
            // A price made for one session is not for another.
            "active": false,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": null,
            "metadata": {},
            "nickname": null,
            "product": self.product_id,
            "recurring": null,
            "tax_behavior": "unspecified",
            "tiers_mode": null,
            "transform_quantity": null,
            "type": "one_time",
            "unit_amount": self.unit_amount,
            "unit_amount_decimal": self.unit_amount.to_string(),
        })
    }
}

impl Desk<'_> {
    /// Reads `line_items`, all in one currency.
    pub(crate) fn read_line_items(&mut self, params: &mut Params) -> Result<Vec<LineItem>> {
        let groups = params.groups("line_items")?;
        if groups.is_empty() {
            return Err(Error::missing("line_items"));
        }
        if groups.len() > LINES_MAX {
            return Err(Error::invalid("line_items", "You can pass at most 100 line items."));
        }
        let lines = groups.into_iter().map(|group| self.read_line_item(group)).collect::<Result<Vec<_>>>()?;
        if lines.windows(2).any(|pair| pair[0].currency != pair[1].currency) {
            return Err(Error::invalid("line_items", "All line items must have the same currency."));
        }
        Ok(lines)
    }

    fn read_line_item(&mut self, mut params: Params) -> Result<LineItem> {
        let quantity = params.integer("quantity")?.ok_or_else(|| params.missing("quantity"))?;
        if let Some(price) = params.text("price")? {
            // No prices are kept here: each is made with its line.
            return Err(Error::no_such_param("price", &price, "line_items"));
        }
        let mut price = params.group("price_data")?.ok_or_else(|| params.missing("price_data"))?;
        let metadata = Metadata::take(&mut params)?;
        params.finish()?;
        let currency = currency::take(&mut price)?;
        let unit_amount = price.integer("unit_amount")?.ok_or_else(|| price.missing("unit_amount"))?;
        if unit_amount < 0 || !(1..=QUANTITY_MAX).contains(&quantity) {
            return Err(Error::invalid("line_items", "This value must be greater than or equal to 1."));
        }
        price.choice("tax_behavior", &["exclusive", "inclusive", "unspecified"])?;
        let product = price.group("product_data")?.ok_or_else(|| price.missing("product_data"))?;
        price.finish()?;
        let name = read_product(product)?;
        Ok(LineItem {
            id: self.id("li_"),
            name,
            quantity,
            unit_amount,
            currency,
            price_id: self.id("price_"),
            product_id: format!("prod_{}", self.bench.entropy.token(14)),
            created: self.now_s,
            metadata,
        })
    }
}

/// Reads a product made for one line: of what it may say, this emulator shows the name.
fn read_product(mut product: Params) -> Result<String> {
    let name = product.required("name")?;
    product.text("description")?;
    product.list("images")?;
    Metadata::take(&mut product)?;
    product.finish()?;
    Ok(name)
}
