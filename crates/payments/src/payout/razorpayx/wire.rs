//! The vendor's JSON.

use serde::{Deserialize, Serialize};
use types::Money;
use uuid::Uuid;

use crate::payout::PayoutState;
use crate::payout::provider::{self, Fee, Payee};

/// The longest sentence of the vendor's that is kept.
const WHY_CHARS_MAX: usize = 200;

#[derive(Debug, Serialize)]
pub(super) struct NewContact {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub reference_id: String,
}

#[derive(Debug, Serialize)]
pub(super) struct NewFundAccount<'a> {
    contact_id: &'a str,
    account_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account: Option<BankAccount<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpa: Option<Vpa<'a>>,
}

#[derive(Debug, Serialize)]
struct BankAccount<'a> {
    name: &'a str,
    ifsc: &'a str,
    account_number: &'a str,
}

#[derive(Debug, Serialize)]
struct Vpa<'a> {
    address: &'a str,
}

impl<'a> NewFundAccount<'a> {
    pub(super) fn of(contact_id: &'a str, payee: &Payee<'a>) -> Self {
        let vpa = payee.upi_id.map(|address| Vpa { address });
        let bank_account = payee.ifsc.zip(payee.number).map(|(ifsc, account_number)| BankAccount {
            name: payee.holder,
            ifsc,
            account_number,
        });
        let account_type = if vpa.is_some() { "vpa" } else { "bank_account" };
        Self { contact_id, account_type, bank_account, vpa }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct NewPayout<'a> {
    pub account_number: &'a str,
    pub fund_account_id: &'a str,
    pub amount: i64,
    pub currency: &'static str,
    pub mode: &'static str,
    pub purpose: &'static str,
    pub queue_if_low_balance: bool,
    pub reference_id: &'a str,
    pub narration: &'static str,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct List {
    pub items: Vec<Payout>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Payout {
    id: String,
    amount: i64,
    currency: String,
    status: Status,
    #[serde(default)]
    utr: Option<String>,
    #[serde(default)]
    reference_id: Option<String>,
    #[serde(default)]
    status_details: Option<StatusDetails>,
    /// With the tax in it; nothing until the bank is at it.
    #[serde(default)]
    fees: Option<i64>,
    #[serde(default)]
    tax: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct StatusDetails {
    #[serde(default)]
    description: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Scheduled,
    Queued,
    Pending,
    Processing,
    Processed,
    Reversed,
    Cancelled,
    Rejected,
    Failed,
}

impl From<Payout> for provider::Payout {
    fn from(payout: Payout) -> Self {
        let why = payout.status_details.and_then(|details| details.description);
        // What was not made, or came back, has its fee and the tax on it back.
        let costs_nothing =
            matches!(payout.status, Status::Reversed | Status::Cancelled | Status::Rejected | Status::Failed);
        let (fees, tax) = if costs_nothing { (Some(0), None) } else { (payout.fees, payout.tax) };
        let fee = fees.map(|minor| Fee { minor, tax_minor: tax.unwrap_or(0) });
        let reference = payout.reference_id.and_then(|text| Uuid::parse_str(&text).ok());
        Self {
            amount: (payout.currency == "INR").then(|| Money::inr(payout.amount)),
            state: match payout.status {
                Status::Scheduled | Status::Queued | Status::Pending | Status::Processing => {
                    PayoutState::Pending
                }
                Status::Processed => PayoutState::Paid,
                Status::Reversed => PayoutState::Reversed,
                Status::Cancelled => PayoutState::Cancelled,
                Status::Rejected | Status::Failed => PayoutState::Failed,
            },
            reference: reference.map(Into::into),
            // Some of its answers write none as text.
            utr: payout.utr.filter(|utr| utr != "null"),
            why: why.map(|text| text.chars().take(WHY_CHARS_MAX).collect()),
            // A provider that says what makes no sense is asked again at the next look.
            fee: fee.filter(|fee| (0..=fee.minor).contains(&fee.tax_minor)),
            id: payout.id,
        }
    }
}

/// The envelope of every webhook.
#[derive(Debug, Deserialize)]
pub(super) struct Webhook {
    pub event: String,
    #[serde(default)]
    pub payload: Payload,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Payload {
    pub payout: Option<Wrapped>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wrapped {
    pub entity: Named,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_reads_as_the_vendor_documents_it() {
        let body = r#"{"id":"pout_00000000000001","entity":"payout","fund_account_id":"fa_00000000000001","amount":1000000,
            "currency":"INR","notes":[],"fees":590,"tax":90,"status":"processed","purpose":"payout","utr":"HDFCN00000000001",
            "mode":"IMPS","reference_id":"0193a1b2-0000-7000-8000-000000000001","narration":"Acme","batch_id":null,
            "status_details":{"description":"Payout is processed","source":"beneficiary_bank","reason":"payout_processed"},
            "created_at":1545383037}"#;
        let payout: provider::Payout = serde_json::from_str::<Payout>(body).unwrap().into();
        assert_eq!((payout.state, payout.amount), (PayoutState::Paid, Some(Money::inr(10_000_00))));
        assert_eq!(payout.utr.as_deref(), Some("HDFCN00000000001"));
        assert!(payout.reference.is_some());
        assert_eq!(payout.fee, Some(Fee { minor: 5_90, tax_minor: 90 }));
        let back: provider::Payout = serde_json::from_str::<Payout>(
            &body.replace("\"processed\",\"purpose", "\"reversed\",\"purpose"),
        )
        .unwrap()
        .into();
        assert_eq!((back.state, back.fee), (PayoutState::Reversed, Some(Fee { minor: 0, tax_minor: 0 })));
        let queued = body
            .replace("processed\",\"purpose", "queued\",\"purpose")
            .replace("\"HDFCN00000000001\"", "null");
        let queued: provider::Payout = serde_json::from_str::<Payout>(&queued).unwrap().into();
        assert_eq!((queued.state, queued.utr), (PayoutState::Pending, None));
    }
}
