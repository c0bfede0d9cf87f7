//! Which document a sale gets, and everything that it says.
//!
//! | seller | goods | document |
//! | --- | --- | --- |
//! | regular | some taxable | tax invoice |
//! | regular | all exempt or nil-rated | bill of supply |
//! | composition | any | bill of supply, with the sentence that no tax is collected |
//! | not registered | any | receipt |
//!
//! When money of a sale went back, as much of its document is taken back by another: a credit note (CGST s. 34, Rule 53), or the receipt
//! of a refund where the seller is not registered.
//!
//! A regular seller's sale of taxable and exempt goods together gets *one* document: an invoice-cum-bill of supply (CGST Rule
//! 46A, for unregistered buyers), which lists the exempt goods without tax. It is numbered as a tax invoice. A registered buyer gets two:
//! a tax invoice for the taxable goods and a bill of supply beside it for the exempt ones.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use types::{DocumentId, Language, Money, OrderId, Price, Quantity, Unit};
use utoipa::ToSchema;

use crate::sale::{Paid, Sale, SaleLine};
use crate::tax::{Rate, Split, Supply, split};
use crate::tax_profile::{CheckedProfile, Registration};
use crate::{CheckedRecipient, Error, Gstin, PinCode, StateCode};

/// Which paper it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DocumentKind {
    /// Of a regular seller for taxable goods.
    TaxInvoice,
    /// Of a registered seller where no tax is collected.
    BillOfSupply,
    /// Of a seller who is not registered.
    Receipt,
    /// Takes back a registered seller's document, when the money went back.
    CreditNote,
    /// Takes back a receipt, when the money went back.
    RefundReceipt,
    /// Of the platform for a vendor's plan.
    SubscriptionInvoice,
}

/// A document as lists and events show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Document {
    /// The document.
    pub id: DocumentId,
    /// Which paper it is.
    pub kind: DocumentKind,
    /// Its number, unique for the seller in a financial year.
    #[schema(example = "INV/26-27/0001", max_length = 16)]
    pub number: String,
    /// What was sold; of a subscription invoice, behind which no order stands, the plan's invoice.
    pub order_id: OrderId,
    /// What the buyer paid, or had back.
    pub total: Money,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// Whether it has an e-invoice: a tax invoice to a buyer with a GSTIN, or the credit note that takes one back.
    pub e_invoice: bool,
}

/// Everything that the paper says, as it was on the day. Stored with the document; never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Who sells.
    pub seller: Seller,
    /// Whom it names as the buyer, where somebody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<CheckedRecipient>,
    /// Where the goods are supplied; absent where the seller never said where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_of_supply: Option<StateCode>,
    /// What the buyer reads.
    pub buyer_language: Language,
    /// What product names were typed in.
    pub vendor_language: Language,
    /// The order's number at the stall.
    pub order_number: String,
    /// What was sold.
    pub lines: Vec<DocumentLine>,
    /// What the buyer paid.
    pub total: Money,
    /// How.
    pub paid: Paid,
    /// The document that this one takes back, or a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<Credited>,
    /// Who buys, where they are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<Buyer>,
    /// The time that was paid for, where time was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<ServicePeriod>,
}

/// The buyer on a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// The name.
    pub name: String,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateCode>,
    /// The number of the registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gstin: Option<Gstin>,
}

/// The time that was paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePeriod {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end, which is no part of it.
    pub until: DateTime<Utc>,
}

/// A document that another takes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credited {
    /// Which paper it is.
    pub kind: DocumentKind,
    /// Its number.
    pub number: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// What it comes to; absent on papers from before a document was taken back in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
}

/// The seller on a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// What the stall is called.
    pub stall_name: String,
    /// How the seller is registered.
    pub registration: Registration,
    /// The seller's own name, address and state, where they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named: Option<NamedSeller>,
}

/// What a seller's tax profile adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedSeller {
    /// The name.
    pub legal_name: String,
    /// The address.
    pub address: String,
    /// The town of the address, where it was given apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The PIN code of the address, where it was given apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<PinCode>,
    /// The state.
    pub state: StateCode,
    /// The number of the registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gstin: Option<Gstin>,
}

/// One line of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// The product's name as the vendor typed it.
    pub name: String,
    /// Its names in other languages.
    pub names: BTreeMap<Language, String>,
    /// The goods by lemma, or as the vendor typed them.
    pub item: String,
    /// The goods' code in the tax tariff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hsn: Option<String>,
    /// How much.
    pub quantity: Quantity,
    /// The unit of `quantity`.
    pub unit: Unit,
    /// The agreed price, tax included.
    pub price: Price,
    /// What the buyer paid for it.
    pub total: Money,
    /// Its place in the sale, from 0, where the sale has several documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<usize>,
    /// Whether money goes back and none of the goods.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub money_alone: bool,
    /// The tax inside `total`; absent for exempt goods and on documents without tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<LineTax>,
}

/// The tax of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTax {
    /// The rate.
    pub rate: Rate,
    /// What goes where.
    #[serde(flatten)]
    pub split: Split,
}

impl DocumentKind {
    /// How its numbers begin.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::TaxInvoice => "INV",
            Self::BillOfSupply => "BOS",
            Self::Receipt => "RCT",
            Self::CreditNote => "CRN",
            Self::RefundReceipt => "RFD",
            Self::SubscriptionInvoice => "SUB",
        }
    }

    /// Which paper takes this one back; none for one that takes back itself.
    pub const fn taken_back_by(self) -> Option<Self> {
        match self {
            Self::TaxInvoice | Self::BillOfSupply => Some(Self::CreditNote),
            Self::Receipt => Some(Self::RefundReceipt),
            Self::CreditNote | Self::RefundReceipt | Self::SubscriptionInvoice => None,
        }
    }
}

impl Snapshot {
    /// What the document of a sale says.
    ///
    /// # Errors
    /// [`Error::Sale`] where the lines do not sum to the total or a rate is none: the order is wrong.
    pub fn of(sale: &Sale, profile: Option<&CheckedProfile>) -> Result<(DocumentKind, Self), Error> {
        let sum = sale
            .lines
            .iter()
            .try_fold(Money::new(0, sale.total.currency()), |sum, line| sum.plus(line.total))?;
        if sale.lines.is_empty() || sum != sale.total {
            return Err(Error::Sale("the lines do not sum to the total"));
        }
        let registration = profile.map_or(Registration::None, |profile| profile.registration);
        let place_of_supply = sale.place_of_supply.or(profile.map(|profile| profile.state));
        let supply = match (profile, place_of_supply) {
            (Some(profile), Some(place)) if profile.state != place => Supply::InterState,
            _ => Supply::IntraState,
        };
        let collects = registration == Registration::Regular;
        let lines = sale.lines.iter().map(|line| DocumentLine::of(line, collects.then_some(supply)));
        let lines = lines.collect::<Result<Vec<_>, Error>>()?;
        let kind = match registration {
            Registration::None => DocumentKind::Receipt,
            Registration::Regular if lines.iter().any(|line| line.tax.is_some()) => DocumentKind::TaxInvoice,
            Registration::Regular | Registration::Composition => DocumentKind::BillOfSupply,
        };
        let snapshot = Self {
            seller: Seller {
                stall_name: sale.seller_name.clone(),
                registration,
                named: profile.map(NamedSeller::of),
            },
            recipient: sale.recipient.clone(),
            place_of_supply,
            buyer_language: sale.buyer_language,
            vendor_language: sale.vendor_language,
            order_number: sale.order_number.clone(),
            lines,
            total: sale.total,
            paid: sale.paid.clone(),
            credits: None,
            buyer: None,
            period: None,
        };
        Ok((kind, snapshot))
    }

    /// The papers that the document of a sale comes apart into: what a registered buyer is sold free of tax stands on a bill of supply
    /// of its own, beside the tax invoice.
    ///
    /// # Errors
    /// [`Error::Money`].
    pub fn apart(self, kind: DocumentKind) -> Result<Vec<(DocumentKind, Self)>, Error> {
        if kind != DocumentKind::TaxInvoice || !self.is_mixed() || !self.is_to_a_business() {
            return Ok(vec![(kind, self)]);
        }
        let placed = self.lines.iter().enumerate();
        let placed = placed.map(|(place, line)| DocumentLine { place: Some(place), ..line.clone() });
        let (taxed, exempt): (Vec<_>, Vec<_>) = placed.partition(|line| line.tax.is_some());
        let of = |lines: Vec<DocumentLine>| {
            let nothing = Money::new(0, self.total.currency());
            let total = lines.iter().try_fold(nothing, |sum, line| sum.plus(line.total))?;
            Ok::<_, Error>(Self { lines, total, ..self.clone() })
        };
        Ok(vec![(kind, of(taxed)?), (DocumentKind::BillOfSupply, of(exempt)?)])
    }

    /// Where the line at this place of the sale stands on this document.
    pub(crate) fn line_of(&self, place: usize) -> Option<usize> {
        let is_it = |(at, line): (usize, &DocumentLine)| line.place.unwrap_or(at) == place;
        self.lines.iter().enumerate().position(is_it)
    }

    /// Whether goods are supplied from one state into another.
    pub fn is_inter_state(&self) -> bool {
        let seller = self.seller.named.as_ref().map(|named| named.state);
        matches!((seller, self.place_of_supply), (Some(seller), Some(place)) if seller != place)
    }

    /// Whether the buyer is named as registered for goods and services tax.
    pub fn is_to_a_business(&self) -> bool {
        self.recipient.as_ref().is_some_and(|recipient| recipient.gstin.is_some())
    }

    /// Whether this document of that kind has an e-invoice.
    pub fn has_e_invoice(&self, kind: DocumentKind) -> bool {
        let sold_by = self.credits.as_ref().map_or(kind, |credited| credited.kind);
        sold_by == DocumentKind::TaxInvoice && self.is_to_a_business()
    }

    /// Whether taxable and exempt goods stand together: an invoice-cum-bill of supply, where the buyer is not registered.
    pub fn is_mixed(&self) -> bool {
        let taxed = self.lines.iter().filter(|line| line.tax.is_some()).count();
        taxed > 0 && taxed < self.lines.len()
    }
}

impl NamedSeller {
    fn of(profile: &CheckedProfile) -> Self {
        Self {
            legal_name: profile.legal_name.clone(),
            address: profile.address.clone(),
            city: profile.city.clone(),
            pin: profile.pin,
            state: profile.state,
            gstin: profile.gstin.clone(),
        }
    }
}

impl DocumentLine {
    pub(crate) fn of(line: &SaleLine, supply: Option<Supply>) -> Result<Self, Error> {
        let rate = match &line.rate_percent {
            Some(rate) if line.taxable => {
                rate.parse().map_err(|_| Error::Sale("a line's rate of tax is none"))?
            }
            _ => Rate::NIL,
        };
        let tax = match supply {
            Some(supply) if !rate.is_nil() => Some(LineTax { rate, split: split(line.total, rate, supply)? }),
            _ => None,
        };
        Ok(Self {
            name: line.name.clone(),
            names: line.names.clone(),
            item: line.item.clone(),
            hsn: line.hsn.clone(),
            quantity: line.quantity,
            unit: line.unit,
            price: line.price,
            total: line.total,
            place: None,
            money_alone: false,
            tax,
        })
    }
}
