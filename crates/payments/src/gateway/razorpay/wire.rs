//! The vendor's JSON. Only what we use; what it adds later is ignored.

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use types::{IntentId, Money, TenantId};
use uuid::Uuid;

use super::mandate::Asks;
use crate::gateway;
use crate::reconcile::line::{Line, LineKind};

/// What is written on orders and QR codes, to find the intent again.
#[derive(Debug, Serialize)]
pub(super) struct Notes {
    pub tenant_id: TenantId,
    pub intent_id: IntentId,
}

#[derive(Debug, Serialize)]
pub(super) struct NewOrder<'a> {
    pub amount: i64,
    pub currency: &'static str,
    pub receipt: String,
    pub notes: Notes,
    pub payment: CaptureRule,
    #[serde(flatten)]
    pub mandate: Option<Asks<'a>>,
}

/// When the vendor captures by itself what a bank authorised, and when it gives it back.
#[derive(Debug, Serialize)]
pub(super) struct CaptureRule {
    pub capture: &'static str,
    pub capture_options: CaptureOptions,
}

#[derive(Debug, Serialize)]
pub(super) struct CaptureOptions {
    /// Minutes after the attempt.
    pub automatic_expiry_period: i64,
    pub manual_expiry_period: i64,
    pub refund_speed: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct NewQrCode<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub name: &'a str,
    pub usage: &'static str,
    pub fixed_amount: bool,
    pub payment_amount: i64,
    pub description: &'a str,
    pub close_by: i64,
    pub notes: Notes,
}

#[derive(Debug, Serialize)]
pub(super) struct NewRefund<'a> {
    pub amount: i64,
    pub speed: &'static str,
    pub receipt: &'a str,
}

#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub items: Vec<T>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Order {
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct QrCode {
    pub id: String,
    /// Only on accounts where the vendor switched it on.
    pub image_content: Option<String>,
    pub close_by: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    pub id: String,
    amount: i64,
    currency: String,
    status: PaymentStatus,
    order_id: Option<String>,
    method: Option<String>,
    #[serde(default)]
    captured: bool,
    /// With the tax in it; none before the capture.
    fee: Option<i64>,
    #[serde(default)]
    acquirer_data: Value,
    /// An object, or `[]` for none.
    #[serde(default)]
    notes: Value,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PaymentStatus {
    Created,
    Authorized,
    Captured,
    Refunded,
    Failed,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    id: String,
    payment_id: String,
    amount: i64,
    currency: String,
    status: RefundStatus,
    receipt: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RefundStatus {
    Pending,
    Processed,
    Failed,
}

/// A line of the settlement report.
#[derive(Debug, Deserialize)]
pub(super) struct SettlementLine {
    entity_id: String,
    #[serde(rename = "type")]
    kind: String,
    debit: i64,
    credit: i64,
    amount: i64,
    currency: String,
    /// With the tax in it.
    #[serde(default)]
    fee: i64,
    #[serde(default)]
    tax: i64,
    settled: bool,
    created_at: i64,
    settled_at: Option<i64>,
    settlement_id: Option<String>,
    settlement_utr: Option<String>,
    payment_id: Option<String>,
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
    pub payment: Option<Wrapped>,
    pub qr_code: Option<Wrapped>,
    pub refund: Option<Wrapped>,
    pub dispute: Option<Wrapped>,
    pub token: Option<Wrapped>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wrapped {
    pub entity: Named,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub id: String,
}

/// The body of a refusal.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub error: RefusalError,
}

#[derive(Debug, Deserialize)]
pub(super) struct RefusalError {
    #[serde(default)]
    pub description: String,
}

pub(super) fn rupees(amount: i64, currency: &str) -> Option<Money> {
    (currency == "INR").then(|| Money::inr(amount))
}

impl From<Order> for gateway::Order {
    fn from(order: Order) -> Self {
        Self { id: order.id, page: None }
    }
}

impl From<Payment> for gateway::Payment {
    fn from(payment: Payment) -> Self {
        let note = |name: &str| payment.notes[name].as_str().and_then(|text| Uuid::parse_str(text).ok());
        let intent = note("tenant_id").zip(note("intent_id"));
        let reference = ["rrn", "auth_code", "bank_transaction_id"];
        let reference = reference.iter().find_map(|name| payment.acquirer_data[*name].as_str());
        Self {
            amount: rupees(payment.amount, &payment.currency),
            state: match payment.status {
                PaymentStatus::Created => gateway::PaymentState::Created,
                PaymentStatus::Authorized => gateway::PaymentState::Authorized,
                PaymentStatus::Captured => gateway::PaymentState::Captured,
                PaymentStatus::Refunded => gateway::PaymentState::Refunded,
                PaymentStatus::Failed => gateway::PaymentState::Failed,
            },
            intent: intent.map(|(tenant, intent)| (tenant.into(), intent.into())),
            reference: reference.map(ToOwned::to_owned),
            captured: payment.captured,
            fee_minor: payment.fee,
            method: payment.method.unwrap_or_else(|| "other".to_owned()),
            order: payment.order_id,
            id: payment.id,
        }
    }
}

impl SettlementLine {
    /// The line, once it is settled. What the vendor adds to its kinds later is to be looked at, as adjustments are.
    pub fn settled(self) -> Option<Line> {
        let time = |at_s: i64| DateTime::from_timestamp(at_s, 0);
        let kind = LineKind::parse(&self.kind).unwrap_or(LineKind::Adjustment);
        let itself = (kind == LineKind::Payment).then(|| self.entity_id.clone());
        if !self.settled {
            return None;
        }
        Some(Line {
            payment: self.payment_id.or(itself),
            entity: self.entity_id,
            kind,
            settlement: self.settlement_id?,
            utr: self.settlement_utr,
            debit_minor: self.debit,
            credit_minor: self.credit,
            amount_minor: self.amount,
            fee_minor: self.fee,
            tax_minor: self.tax,
            currency: self.currency,
            created_at: time(self.created_at)?,
            settled_at: time(self.settled_at?)?,
        })
    }
}

impl From<Refund> for gateway::Refund {
    fn from(refund: Refund) -> Self {
        Self {
            amount: rupees(refund.amount, &refund.currency),
            state: match refund.status {
                RefundStatus::Pending => gateway::RefundState::Pending,
                RefundStatus::Processed => gateway::RefundState::Processed,
                RefundStatus::Failed => gateway::RefundState::Failed,
            },
            id: refund.id,
            payment: refund.payment_id,
            receipt: refund.receipt,
        }
    }
}
