//! Products: what prices are for.

use serde_json::{Value, json};

use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::metadata::Metadata;
use super::params::Params;
use crate::shelf::Kept;

#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: String,
    created: i64,
    updated: i64,
    pub(crate) name: String,
    active: bool,
    description: Option<String>,
    metadata: Metadata,
}

impl Kept for Product {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Product {
    const KIND: &'static str = "product";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Product {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "product",
            "active": self.active,
            "created": self.created,
            "default_price": null,
            "description": self.description,
            "images": [],
            "livemode": false,
            "marketing_features": [],
            "metadata": self.metadata,
            "name": self.name,
            "package_dimensions": null,
            "shippable": null,
            "statement_descriptor": null,
            "tax_code": null,
            "tax_details": null,
            "type": "service",
            "unit_label": null,
            "updated": self.updated,
            "url": null,
        })
    }
}

impl Desk<'_> {
    /// Reads a new product: `name`, `description`, `metadata`, and `active` where it may be given.
    pub(crate) fn read_product(&mut self, params: &mut Params) -> Result<String> {
        let product = Product {
            id: format!("prod_{}", self.bench.entropy.token(14)),
            created: self.now_s,
            updated: self.now_s,
            name: params.required("name")?,
            active: params.flag("active")?.unwrap_or(true),
            description: params.text("description")?,
            metadata: Metadata::take(params)?,
        };
        let id = product.id.clone();
        self.account.products.put(product);
        Ok(id)
    }

    pub(crate) fn create_product(&mut self, mut params: Params) -> Result<Value> {
        let id = self.read_product(&mut params)?;
        if let Err(refused) = params.finish() {
            self.account.products.remove(&id);
            return Err(refused);
        }
        let shown = self.product(&id)?.shown();
        self.announce("product.created", shown.clone());
        Ok(shown)
    }

    pub(crate) fn product(&self, id: &str) -> Result<&Product> {
        self.account.products.get(id).ok_or_else(|| Error::no_such("product", id, "id"))
    }

    pub(crate) fn update_product(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut product = self.product(id)?.clone();
        let before = product.shown();
        product.name = params.text("name")?.unwrap_or(product.name);
        product.active = params.flag("active")?.unwrap_or(product.active);
        params.set("description", &mut product.description)?;
        product.metadata.change(&mut params)?;
        params.finish()?;
        product.updated = self.now_s;
        let shown = product.shown();
        self.account.products.put(product);
        self.announce_change("product.updated", &before, shown.clone());
        Ok(shown)
    }

    pub(crate) fn list_products(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let active = params.flag("active")?;
        params.finish()?;
        let products = self.account.products.newest_first();
        let wanted = products.filter(|product| active.is_none_or(|active| product.active == active));
        page.of(wanted, "/v1/products", Product::shown)
    }
}
