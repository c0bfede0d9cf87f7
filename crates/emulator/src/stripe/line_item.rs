//! What a checkout session sells: lines with a price, one of the account's or made for the line.

use serde_json::{Value, json};

use super::desk::Desk;
use super::error::{Error, Result};
use super::metadata::Metadata;
use super::params::Params;
use super::price::Price;

const LINES_MAX: usize = 100;
const QUANTITY_MAX: i64 = 999_999;

#[derive(Debug, Clone)]
pub(crate) struct LineItem {
    id: String,
    pub(crate) name: String,
    pub(crate) quantity: i64,
    pub(crate) price: Price,
    metadata: Metadata,
}

impl LineItem {
    pub(crate) fn amount(&self) -> i64 {
        self.price.unit_amount * self.quantity
    }

    pub(crate) fn currency(&self) -> &'static str {
        self.price.currency
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
            "currency": self.currency(),
            "description": self.name,
            "metadata": self.metadata,
            "price": self.price.shown(),
            "quantity": self.quantity,
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
        if lines.windows(2).any(|pair| pair[0].currency() != pair[1].currency()) {
            return Err(Error::invalid("line_items", "All line items must have the same currency."));
        }
        Ok(lines)
    }

    fn read_line_item(&mut self, mut params: Params) -> Result<LineItem> {
        let quantity = params.integer("quantity")?.ok_or_else(|| params.missing("quantity"))?;
        if !(1..=QUANTITY_MAX).contains(&quantity) {
            return Err(Error::invalid("line_items", "This value must be greater than or equal to 1."));
        }
        let price = match (params.text("price")?, params.group("price_data")?) {
            (Some(id), _) => self.price_param(&id, "line_items")?,
            (None, Some(mut data)) => {
                let price = self.read_price(&mut data, false)?;
                data.finish()?;
                price
            }
            (None, None) => return Err(params.missing("price_data")),
        };
        let metadata = Metadata::take(&mut params)?;
        params.finish()?;
        let name = self.product(&price.product)?.name.clone();
        Ok(LineItem { id: self.id("li_"), name, quantity, price, metadata })
    }
}
