//! INV-01, field by field, under the names that the portal gives them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Figure, SchemaVersion};

/// An e-invoice as a portal takes it. The names of the fields are the schema's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EInvoice {
    /// The schema's version.
    pub version: SchemaVersion,
    /// What kind of supply it is.
    pub tran_dtls: TranDtls,
    /// Which document.
    pub doc_dtls: DocDtls,
    /// Who sells.
    pub seller_dtls: SellerDtls,
    /// Who buys.
    pub buyer_dtls: BuyerDtls,
    /// What is sold.
    pub item_list: Vec<Item>,
    /// What it comes to.
    pub val_dtls: ValDtls,
    /// What a credit note refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ref_dtls: Option<RefDtls>,
}

/// What kind of supply it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TranDtls {
    /// `GST`.
    pub tax_sch: &'static str,
    /// `B2B`: to a registered buyer.
    pub sup_typ: &'static str,
    /// `N`: the seller pays the tax.
    pub reg_rev: &'static str,
    /// `N`: within a state there is no IGST.
    pub igst_on_intra: &'static str,
}

/// Which document.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DocDtls {
    /// `INV` or `CRN`.
    pub typ: &'static str,
    /// Its number.
    pub no: String,
    /// Its day, `dd/mm/yyyy`.
    pub dt: String,
}

/// Who sells.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SellerDtls {
    /// The GSTIN.
    pub gstin: String,
    /// The legal name.
    pub lgl_nm: String,
    /// The name of the stall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trd_nm: Option<String>,
    /// The address.
    pub addr1: String,
    /// More of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addr2: Option<String>,
    /// The town.
    pub loc: String,
    /// The PIN code.
    pub pin: u32,
    /// The code of the state.
    pub stcd: String,
}

/// Who buys.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BuyerDtls {
    /// The GSTIN.
    pub gstin: String,
    /// The legal name.
    pub lgl_nm: String,
    /// The code of the state where the goods are supplied.
    pub pos: String,
    /// The address.
    pub addr1: String,
    /// More of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addr2: Option<String>,
    /// The town.
    pub loc: String,
    /// The PIN code.
    pub pin: u32,
    /// The code of the state.
    pub stcd: String,
}

/// One thing sold. Amounts are in rupees.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = EInvoiceItem)]
pub struct Item {
    /// Its place, from 1.
    pub sl_no: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prd_desc: Option<String>,
    /// `N`: goods.
    pub is_servc: &'static str,
    /// The code in the tax tariff.
    pub hsn_cd: String,
    /// How much.
    pub qty: Figure,
    /// The code of the unit.
    pub unit: &'static str,
    /// What a unit costs without tax.
    pub unit_price: Figure,
    /// What all of it costs without tax.
    pub tot_amt: Figure,
    /// The taxable value.
    pub ass_amt: Figure,
    /// The rate of tax in per cent, both halves together.
    pub gst_rt: Figure,
    /// The tax between states.
    pub igst_amt: Figure,
    /// The centre's half.
    pub cgst_amt: Figure,
    /// The state's half.
    pub sgst_amt: Figure,
    /// What the buyer pays.
    pub tot_item_val: Figure,
}

/// What it comes to, in rupees.
#[expect(clippy::struct_field_names, reason = "the names of the document")]
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ValDtls {
    /// The taxable value.
    pub ass_val: Figure,
    /// The centre's halves.
    pub cgst_val: Figure,
    /// The state's halves.
    pub sgst_val: Figure,
    /// The tax between states.
    pub igst_val: Figure,
    /// What the buyer pays.
    pub tot_inv_val: Figure,
}

/// What a credit note refers to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RefDtls {
    /// The invoice that it takes back.
    pub prec_doc_dtls: Vec<PrecDocDtls>,
}

/// An invoice that a credit note takes back.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PrecDocDtls {
    /// Its number.
    pub inv_no: String,
    /// Its day, `dd/mm/yyyy`.
    pub inv_dt: String,
}

impl TranDtls {
    /// A sale from business to business, the only one that is made here.
    pub const fn business() -> Self {
        Self { tax_sch: "GST", sup_typ: "B2B", reg_rev: "N", igst_on_intra: "N" }
    }
}
