//! What was sold, as the order tells it when its money has come.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use types::{GuestId, Language, Money, OrderId, Price, Quantity, TenantId, Unit, VisitId};

use crate::{CheckedRecipient, StateCode};

/// A paid order: all that its document needs.
#[derive(Debug, Clone)]
pub struct Sale {
    /// Who sells.
    pub tenant: TenantId,
    /// The order.
    pub order: OrderId,
    /// The order's number at the stall.
    pub order_number: String,
    /// Where it was agreed.
    pub visit: VisitId,
    /// The buyer.
    pub guest: GuestId,
    /// What the buyer reads.
    pub buyer_language: Language,
    /// What the vendor reads, and types product names in.
    pub vendor_language: Language,
    /// What the stall is called.
    pub seller_name: String,
    /// What was sold; never empty.
    pub lines: Vec<SaleLine>,
    /// What the buyer pays: the sum of the lines, exactly.
    pub total: Money,
    /// How the money came.
    pub paid: Paid,
    /// Where the goods are supplied; the seller's state where nothing is said, as over a counter.
    pub place_of_supply: Option<StateCode>,
    /// Whom the document names as the buyer, where somebody is to be named.
    pub recipient: Option<CheckedRecipient>,
}

/// One thing sold.
#[derive(Debug, Clone)]
pub struct SaleLine {
    /// The product's name as the vendor typed it.
    pub name: String,
    /// Its names in other languages.
    pub names: BTreeMap<Language, String>,
    /// The goods by lemma, or as the vendor typed them.
    pub item: String,
    /// The goods' code in the tax tariff.
    pub hsn: Option<String>,
    /// How much.
    pub quantity: Quantity,
    /// The unit of `quantity`.
    pub unit: Unit,
    /// The agreed price.
    pub price: Price,
    /// What the buyer pays for it, tax included.
    pub total: Money,
    /// Whether the goods bear tax.
    pub taxable: bool,
    /// The rate of tax in per cent. Taxable goods without one count as nil-rated.
    pub rate_percent: Option<String>,
}

/// How the money came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// `upi`, `cash`, `card`…
    pub method: String,
    /// On whose word.
    pub by: PaidBy,
    /// The payment's reference at the gateway or bank.
    pub reference: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// On whose word money has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// The payment gateway saw it.
    Gateway,
    /// The vendor says so.
    Vendor,
    /// It was prepaid credit.
    Credit,
}
