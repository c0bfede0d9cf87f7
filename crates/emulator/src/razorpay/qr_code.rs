//! UPI QR codes: paid by scanning, once or many times, until closed.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::desk::{Desk, wire};
use super::error::{Error, Result};
use super::fields::{Fields, Notes, missing};
use super::order::well_formed;
use super::task::Task;
use crate::shelf::Kept;

/// The earliest a code may close by itself, counted from its creation.
const CLOSE_BY_S_MIN: i64 = 15 * 60;
const CLOSE_BY_MAX: i64 = 2_147_483_647;
const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

#[derive(Debug, Clone, Serialize)]
pub(crate) struct QrCode {
    pub(crate) id: String,
    pub(crate) entity: &'static str,
    pub(crate) created_at: i64,
    pub(crate) name: Option<String>,
    pub(crate) usage: &'static str,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) image_url: String,
    pub(crate) image_content: String,
    pub(crate) payment_amount: Option<i64>,
    pub(crate) status: QrStatus,
    pub(crate) description: Option<String>,
    pub(crate) fixed_amount: bool,
    pub(crate) payments_amount_received: i64,
    pub(crate) payments_count_received: u32,
    pub(crate) notes: Notes,
    pub(crate) customer_id: Option<String>,
    pub(crate) close_by: Option<i64>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) close_reason: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QrStatus {
    Active,
    Closed,
}

impl Kept for QrCode {
    fn id(&self) -> &str {
        &self.id
    }
}

impl QrCode {
    pub(crate) fn close(&mut self, at_s: i64, reason: Option<&'static str>) {
        self.status = QrStatus::Closed;
        self.closed_at = Some(at_s);
        self.close_reason = reason;
    }
}

/// What a UPI app reads. The handle `@emulator` belongs to no bank, so that a real app refuses to pay it.
fn upi_uri(merchant: &str, qr: &QrCode) -> String {
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let reference = qr.id.trim_start_matches("qr_");
    let note = qr.description.as_deref().or(qr.name.as_deref()).unwrap_or(merchant);
    let amount =
        qr.payment_amount.map_or_else(String::new, |paise| format!("&am={}.{:02}", paise / 100, paise % 100));
    format!(
        "upi://pay?pa=vyaparmitra@emulator&pn={}&tr=RZP{reference}qrv2&tn={}{amount}&cu=INR&mc=5411",
        encode(merchant),
        encode(note)
    )
}

impl Desk<'_> {
    pub(crate) fn create_qr_code(&mut self, mut fields: Fields) -> Result<QrCode> {
        let kind = fields.choice("type", &["upi_qr"])?.ok_or_else(|| missing("type"))?;
        let usage =
            fields.choice("usage", &["single_use", "multiple_use"])?.ok_or_else(|| missing("usage"))?;
        let fixed_amount = fields.flag("fixed_amount")?.unwrap_or(false);
        let payment_amount = self.read_payment_amount(&mut fields, fixed_amount)?;
        let (name, description) = (fields.text("name", 255)?, fields.text("description", 255)?);
        let customer_id = fields.text("customer_id", 64)?;
        if let Some(customer_id) = &customer_id {
            well_formed(customer_id, "cust_")?;
        }
        let close_by = self.read_close_by(&mut fields)?;
        let notes = fields.notes()?;
        fields.finish()?;
        let id = self.id("qr_");
        let mut qr = QrCode {
            image_url: format!("{}/pay/qr/{id}/image", self.bench.public_url),
            id,
            entity: "qr_code",
            created_at: self.now_s,
            name,
            usage,
            kind,
            image_content: String::new(),
            payment_amount,
            status: QrStatus::Active,
            description,
            fixed_amount,
            payments_amount_received: 0,
            payments_count_received: 0,
            notes,
            customer_id,
            close_by,
            closed_at: None,
            close_reason: None,
        };
        qr.image_content = upi_uri(&self.merchant.name, &qr);
        self.open(&qr);
        Ok(qr)
    }

    fn open(&mut self, qr: &QrCode) {
        if let Some(close_by) = qr.close_by {
            self.schedule(close_by, Task::ExpireQr(qr.id.clone()));
        }
        self.merchant.qr_codes.put(qr.clone());
        self.announce("qr_code.created", &[("qr_code", wire(qr))]);
    }

    fn read_payment_amount(&self, fields: &mut Fields, fixed: bool) -> Result<Option<i64>> {
        match fields.integer("payment_amount")? {
            Some(paise) if paise < 1 => {
                Err(Error::invalid("payment_amount", "The payment amount must be at least 1."))
            }
            Some(paise) if paise > self.merchant.settings.amount_paise_max => {
                Err(Error::invalid("payment_amount", "Amount exceeds maximum amount allowed."))
            }
            None if fixed => Err(missing("payment_amount")),
            Some(_) if !fixed => Err(Error::invalid(
                "payment_amount",
                "payment_amount is/are not required and should not be sent",
            )),
            given => Ok(given),
        }
    }

    fn read_close_by(&self, fields: &mut Fields) -> Result<Option<i64>> {
        match fields.integer("close_by")? {
            Some(at) if !(946_684_800..=CLOSE_BY_MAX).contains(&at) => {
                Err(Error::invalid("close_by", "close_by must be between 946684800 and 2147483647"))
            }
            Some(at) if at < self.now_s + CLOSE_BY_S_MIN => {
                Err(Error::invalid("close_by", "close_by should be at least 15 minutes after current time"))
            }
            given => Ok(given),
        }
    }

    pub(crate) fn qr_code(&self, id: &str) -> Result<&QrCode> {
        well_formed(id, "qr_")?;
        self.merchant.qr_codes.get(id).ok_or_else(Error::unknown_id)
    }

    /// Closes a code by hand, which is the only closing that fires `qr_code.closed` in the documents.
    pub(crate) fn close_qr_code(&mut self, id: &str) -> Result<QrCode> {
        if self.qr_code(id)?.status == QrStatus::Closed {
            return Err(Error::refused("QR Code is already closed"));
        }
        let now_s = self.now_s;
        let qr = self.merchant.qr_codes.get_mut(id).ok_or_else(Error::unknown_id)?;
        qr.close(now_s, Some("on_demand"));
        let qr = qr.clone();
        self.announce("qr_code.closed", &[("qr_code", wire(&qr))]);
        Ok(qr)
    }

    /// A code whose time has come closes silently.
    pub(crate) fn expire_qr_code(&mut self, id: &str) {
        let now_s = self.now_s;
        if let Some(qr) = self.merchant.qr_codes.get_mut(id)
            && qr.status == QrStatus::Active
        {
            qr.close(qr.close_by.unwrap_or(now_s), None);
        }
    }
}
