//! Whose rows are in this context's tables.

use platform::personal::{Fate, Holder, Table};

use crate::Catalog;

/// Every table, in the order in which rows can go.
const TABLES: &[Table] = &[
    Table::new("stock_movements", "How stock changed.").business(Fate::Goes),
    Table::new("stock_holds", "Stock that was set aside for orders.").business(Fate::Goes),
    Table::new("stock", "How much there is.").business(Fate::Goes),
    Table::new("products", "What the stall sells, with your own lowest prices.")
        .business(Fate::Goes)
        .without(&["content_hash"], "tells a retry from another product and nothing else"),
    Table::new("shelves", "That there is a shelf.").business(Fate::Goes),
    Table::new("stalls", "The stall as buyers see it.").business(Fate::Goes),
];

impl Holder for Catalog {
    fn context(&self) -> &'static str {
        "catalog"
    }

    fn tables(&self) -> &'static [Table] {
        TABLES
    }
}
