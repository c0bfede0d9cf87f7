//! The e-invoice of a document: INV-01, the JSON that a seller uploads to an invoice registration portal.
//!
//! Made from the snapshot, so that it says what the paper says, whenever it is asked for. Amounts are exact decimals of rupees.
//! The fields, their lengths and what the portal adds up are those of the API of the National Informatics Centre
//! (`einv-apisandbox.nic.in`, "Generate IRN"); units are codes of its master list.
//!
//! **Deliberately absent**: handing it to a portal, which takes a contract of the seller's own with one; the signed QR code, which
//! only a portal gives; supplies to special economic zones and exports; the reverse charge; cess; e-way bills.

mod figure;
mod inv01;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use types::{DocumentId, Language, Money, TenantId, Unit};
use utoipa::IntoParams;

pub use figure::Figure;
pub use inv01::EInvoice;

use crate::document::{DocumentLine, NamedSeller, Snapshot};
use crate::recipient::CheckedRecipient;
use crate::series::{FinancialYear, in_india};
use crate::tax::{Rate, Split};
use crate::{Billing, Document, DocumentKind, Error, Gstin, StateCode, db};
use inv01::{BuyerDtls, DocDtls, Item, PrecDocDtls, RefDtls, SellerDtls, TranDtls, ValDtls};

/// Which version of the schema the file names. The fields that we write are the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, utoipa::ToSchema)]
pub enum SchemaVersion {
    /// The version of the notified form.
    #[default]
    #[serde(rename = "1.01")]
    V101,
    /// The version that the portals ask for since October 2020.
    #[serde(rename = "1.1")]
    V11,
}

/// How an e-invoice is asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EInvoiceQuery {
    /// The version of the schema; 1.01 where none is named.
    #[serde(default)]
    pub version: SchemaVersion,
}

/// An e-invoice with what names it.
#[derive(Debug)]
pub struct NamedEInvoice {
    /// The document's number.
    pub number: String,
    /// The reference that a portal gives this document: it is computed, so it is known before.
    pub irn: String,
    /// The file.
    pub e_invoice: EInvoice,
}

/// What an e-invoice needs and a document does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The town of the seller's address.
    SellerCity,
    /// The PIN code of the seller's address.
    SellerPin,
    /// A name of at least three letters on either side.
    Name,
    /// The tariff code of some of the goods.
    Hsn,
}

/// Names and addresses in the file have at least so many characters.
const TEXT_CHARS_MIN: usize = 3;
/// …and at most so many a line.
const LINE_CHARS_MAX: usize = 100;
/// A description of goods has at most so many.
const DESCRIPTION_CHARS_MAX: usize = 300;

impl Missing {
    /// Its name in a problem.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SellerCity => "seller.city",
            Self::SellerPin => "seller.pin",
            Self::Name => "name",
            Self::Hsn => "hsn",
        }
    }
}

/// The reference of a document at every portal: SHA-256 over the seller's GSTIN, the financial year, the type and the number.
pub fn irn(gstin: &Gstin, year: FinancialYear, typ: &str, number: &str) -> String {
    reference(gstin.as_str(), year, typ, number)
}

fn reference(gstin: &str, year: FinancialYear, typ: &str, number: &str) -> String {
    let text = format!("{gstin}{}{typ}{number}", year.in_full());
    hex::encode(Sha256::digest(text.as_bytes()))
}

impl Billing {
    /// The e-invoice of a seller's document.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NoEInvoice`] where the document is of another kind or names no buyer with a GSTIN;
    /// [`Error::EInvoiceIncomplete`]; [`Error::Stored`], [`Error::Database`].
    pub async fn e_invoice(
        &self,
        tenant: TenantId,
        document: DocumentId,
        version: SchemaVersion,
    ) -> Result<NamedEInvoice, Error> {
        let mut connection = self.db.acquire().await?;
        let found = db::documents::with_snapshot(&mut connection, tenant, document).await?;
        let (document, stored) = found.ok_or(Error::NotFound)?;
        let snapshot: Snapshot = serde_json::from_value(stored).map_err(Error::Stored)?;
        let (irn, e_invoice) = e_invoice_of(&document, &snapshot, version)?;
        Ok(NamedEInvoice { number: document.number, irn, e_invoice })
    }
}

/// The reference and the file of a document.
fn e_invoice_of(
    document: &Document,
    snapshot: &Snapshot,
    version: SchemaVersion,
) -> Result<(String, EInvoice), Error> {
    let (Some(seller), Some(buyer), true) =
        (&snapshot.seller.named, &snapshot.recipient, snapshot.has_e_invoice(document.kind))
    else {
        return Err(Error::NoEInvoice);
    };
    let (Some(gstin), Some(buyer_gstin)) = (&seller.gstin, &buyer.gstin) else {
        return Err(Error::NoEInvoice);
    };
    let missing = missing(seller, buyer, snapshot);
    let (Some(city), Some(pin), true) = (&seller.city, seller.pin, missing.is_empty()) else {
        return Err(Error::EInvoiceIncomplete(missing));
    };
    let typ = if document.kind == DocumentKind::CreditNote { "CRN" } else { "INV" };
    let day = |at| in_india(at).format("%d/%m/%Y").to_string();
    let (addr1, addr2) = address(&seller.address);
    let seller_dtls = SellerDtls {
        gstin: gstin.to_string(),
        lgl_nm: text(&seller.legal_name, LINE_CHARS_MAX),
        trd_nm: optional(&snapshot.seller.stall_name),
        addr1,
        addr2,
        loc: text(city, LINE_CHARS_MAX),
        pin: pin.number(),
        stcd: seller.state.to_string(),
    };
    let e_invoice = EInvoice {
        version,
        tran_dtls: TranDtls::business(),
        doc_dtls: DocDtls { typ, no: document.number.clone(), dt: day(document.issued_at) },
        seller_dtls,
        buyer_dtls: buyer_dtls(buyer, buyer_gstin, snapshot.place_of_supply.unwrap_or(seller.state)),
        item_list: items(snapshot)?,
        val_dtls: values(snapshot)?,
        ref_dtls: snapshot.credits.as_ref().map(|credited| RefDtls {
            prec_doc_dtls: vec![PrecDocDtls {
                inv_no: credited.number.clone(),
                inv_dt: day(credited.issued_at),
            }],
        }),
    };
    let irn = irn(gstin, FinancialYear::of(document.issued_at), typ, &document.number);
    Ok((irn, e_invoice))
}

fn buyer_dtls(buyer: &CheckedRecipient, gstin: &Gstin, place_of_supply: StateCode) -> BuyerDtls {
    let (addr1, addr2) = address(&buyer.address);
    BuyerDtls {
        gstin: gstin.to_string(),
        lgl_nm: text(&buyer.legal_name, LINE_CHARS_MAX),
        pos: place_of_supply.to_string(),
        addr1,
        addr2,
        loc: text(&buyer.city, LINE_CHARS_MAX),
        pin: buyer.pin.number(),
        stcd: buyer.state.to_string(),
    }
}

/// What the two sides do not say, but an e-invoice must.
fn missing(seller: &NamedSeller, buyer: &CheckedRecipient, snapshot: &Snapshot) -> Vec<Missing> {
    let mut missing = Vec::new();
    if seller.city.is_none() {
        missing.push(Missing::SellerCity);
    }
    if seller.pin.is_none() {
        missing.push(Missing::SellerPin);
    }
    if [&seller.legal_name, &buyer.legal_name].iter().any(|name| name.chars().count() < TEXT_CHARS_MIN) {
        missing.push(Missing::Name);
    }
    if snapshot.lines.iter().any(|line| line.hsn.is_none()) {
        missing.push(Missing::Hsn);
    }
    missing
}

/// The lines; each has a tariff code.
fn items(snapshot: &Snapshot) -> Result<Vec<Item>, Error> {
    let coded = snapshot.lines.iter().filter_map(|line| line.hsn.as_ref().map(|hsn| (line, hsn)));
    coded.enumerate().map(|(index, (line, hsn))| item(index + 1, line, hsn)).collect()
}

fn item(place: usize, line: &DocumentLine, hsn: &str) -> Result<Item, Error> {
    let (rate, split) = parts(line);
    Ok(Item {
        sl_no: place.to_string(),
        prd_desc: Some(text(&described(line), DESCRIPTION_CHARS_MAX))
            .filter(|name| name.chars().count() >= TEXT_CHARS_MIN),
        is_servc: "N",
        hsn_cd: hsn.to_owned(),
        qty: Figure::quantity(line.quantity),
        unit: unit(line.unit),
        unit_price: Figure::a_unit(split.taxable_value, line.quantity)?,
        tot_amt: Figure::rupees(split.taxable_value),
        ass_amt: Figure::rupees(split.taxable_value),
        gst_rt: Figure::rate(rate),
        igst_amt: Figure::rupees(split.igst),
        cgst_amt: Figure::rupees(split.cgst),
        sgst_amt: Figure::rupees(split.sgst),
        tot_item_val: Figure::rupees(line.total),
    })
}

/// The rate and the parts of a line; exempt goods are worth all that was paid for them.
fn parts(line: &DocumentLine) -> (Rate, Split) {
    let none = Money::new(0, line.total.currency());
    let exempt = Split { taxable_value: line.total, cgst: none, sgst: none, igst: none };
    line.tax.map_or((Rate::NIL, exempt), |tax| (tax.rate, tax.split))
}

fn values(snapshot: &Snapshot) -> Result<ValDtls, Error> {
    let none = Money::new(0, snapshot.total.currency());
    let sum = |part: fn(&Split) -> Money| {
        snapshot.lines.iter().try_fold(none, |sum, line| sum.plus(part(&parts(line).1))).map(Figure::rupees)
    };
    Ok(ValDtls {
        ass_val: sum(|split| split.taxable_value)?,
        cgst_val: sum(|split| split.cgst)?,
        sgst_val: sum(|split| split.sgst)?,
        igst_val: sum(|split| split.igst)?,
        tot_inv_val: Figure::rupees(snapshot.total),
    })
}

/// The goods by a name that the tax office reads.
fn described(line: &DocumentLine) -> String {
    let known = || parley::goods::by_lemma(&line.item).map(|good| good.name(Language::English).to_owned());
    line.names.get(&Language::English).cloned().or_else(known).unwrap_or_else(|| line.name.clone())
}

/// The code of a unit in the portal's master list.
const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Kg => "KGS",
        Unit::G => "GMS",
        Unit::Quintal => "QTL",
        Unit::Litre => "LTR",
        Unit::Ml => "MLT",
        Unit::Piece => "PCS",
        Unit::Dozen => "DOZ",
        Unit::Packet => "PAC",
        Unit::Bunch => "BUN",
        Unit::Metre => "MTR",
        Unit::Box => "BOX",
        Unit::Bag => "BAG",
    }
}

/// A text as the portal takes it: without double quotes and back slashes, not longer than its place.
fn text(typed: &str, chars_max: usize) -> String {
    let clean = typed.chars().map(|c| match c {
        '"' => '\'',
        '\\' => '/',
        other => other,
    });
    clean.take(chars_max).collect::<String>().trim().to_owned()
}

fn optional(typed: &str) -> Option<String> {
    Some(text(typed, LINE_CHARS_MAX)).filter(|text| text.chars().count() >= TEXT_CHARS_MIN)
}

/// An address on two lines, parted between words; what does not fit on them is left out.
fn address(typed: &str) -> (String, Option<String>) {
    if typed.chars().count() <= LINE_CHARS_MAX {
        return (text(typed, LINE_CHARS_MAX), None);
    }
    let first: String = typed.chars().take(LINE_CHARS_MAX).collect();
    let parted = first.rfind(' ').filter(|at| *at > 0).unwrap_or(first.len());
    (text(&typed[..parted], LINE_CHARS_MAX), optional(typed[parted..].trim_start()))
}
