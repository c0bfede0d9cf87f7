//! Payments: `created → authorized → captured → refunded`, or `failed`, from where a late bank may still authorise.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::fields::Notes;
use crate::shelf::Kept;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) entity: &'static str,
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) status: PaymentStatus,
    pub(crate) order_id: Option<String>,
    pub(crate) invoice_id: Option<String>,
    pub(crate) international: bool,
    pub(crate) method: Method,
    pub(crate) amount_refunded: i64,
    pub(crate) refund_status: Option<&'static str>,
    pub(crate) captured: bool,
    pub(crate) description: Option<String>,
    pub(crate) card_id: Option<String>,
    pub(crate) bank: Option<String>,
    pub(crate) wallet: Option<String>,
    pub(crate) vpa: Option<String>,
    pub(crate) email: &'static str,
    pub(crate) contact: &'static str,
    pub(crate) notes: Notes,
    pub(crate) fee: Option<i64>,
    pub(crate) tax: Option<i64>,
    pub(crate) error_code: Option<&'static str>,
    pub(crate) error_description: Option<&'static str>,
    pub(crate) error_source: Option<&'static str>,
    pub(crate) error_step: Option<&'static str>,
    pub(crate) error_reason: Option<String>,
    pub(crate) acquirer_data: Map<String, Value>,
    pub(crate) created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upi: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token_id: Option<String>,
    /// Whether the checkout was opened for a mandate.
    #[serde(skip)]
    pub(crate) registers: bool,
    #[serde(skip)]
    pub(crate) qr_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    Created,
    Authorized,
    Captured,
    Refunded,
    Failed,
}

/// How a payer pays. Cards exist in test mode alone: no card data is ever read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A UPI app.
    #[default]
    Upi,
    /// The vendor's test card.
    Card,
}

impl Kept for Payment {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Card payments up to this many paise carry no GST on the fee.
const UNTAXED_CARD_PAISE_MAX: i64 = 2_000_00;
const GST_PERCENT: i64 = 18;

impl Payment {
    pub(crate) fn is_authorized(&self) -> bool {
        self.status == PaymentStatus::Authorized
    }

    /// The vendor's fee with GST, and the GST in it, each rounded to the paisa.
    pub(crate) fn charges(&self, basis_points: i64) -> (i64, i64) {
        let base = rounded(self.amount * basis_points, 10_000);
        let untaxed = self.method == Method::Card && self.amount <= UNTAXED_CARD_PAISE_MAX;
        let tax = if untaxed { 0 } else { rounded(base * GST_PERCENT, 100) };
        (base + tax, tax)
    }

    pub(crate) fn clear_error(&mut self) {
        self.error_code = None;
        self.error_description = None;
        self.error_source = None;
        self.error_step = None;
        self.error_reason = None;
    }

    pub(crate) fn set_error(&mut self, reason: &str) {
        self.error_code = Some("BAD_REQUEST_ERROR");
        self.error_description = Some(describe(reason));
        self.error_source = Some(if reason == "payment_cancelled" { "customer" } else { "issuer" });
        self.error_step = Some("payment_authorization");
        self.error_reason = Some(reason.to_owned());
    }

    /// The card that paid, as the vendor shows it on request.
    pub(crate) fn card(&self) -> Option<Value> {
        let id = self.card_id.as_deref()?;
        Some(json!({
            "id": id, "entity": "card", "name": "", "last4": "1007", "network": "Visa", "type": "debit",
            "issuer": null, "international": false, "emi": false, "sub_type": "consumer", "token_iin": null
        }))
    }
}

fn rounded(numerator: i64, denominator: i64) -> i64 {
    (numerator + denominator / 2).div_euclid(denominator)
}

/// The vendor's sentence for a failure, by its documented reason.
fn describe(reason: &str) -> &'static str {
    match reason {
        "insufficient_funds" => {
            "Payment was unsuccessful as your account does not have sufficient balance. Try using another account."
        }
        "payment_cancelled" => "Your payment has been cancelled. Try again or complete the payment later.",
        "payment_timed_out" | "payment_collect_request_expired" => {
            "Payment was unsuccessful as you could not complete it in time."
        }
        "payment_declined" => "Your payment was declined by the bank. Try using another payment method.",
        "bank_technical_error" | "gateway_technical_error" => {
            "Payment was unsuccessful due to a temporary issue. If amount got deducted, it will be refunded within \
             5-7 working days."
        }
        "payment_mandate_not_active" => {
            "Payment was unsuccessful as the mandate is not active. Ask the customer to register it again."
        }
        _ => "Payment failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(amount: i64, method: Method) -> Payment {
        Payment {
            id: "pay_00000000000000".to_owned(),
            entity: "payment",
            amount,
            currency: "INR",
            status: PaymentStatus::Captured,
            order_id: None,
            invoice_id: None,
            international: false,
            method,
            amount_refunded: 0,
            refund_status: None,
            captured: true,
            description: None,
            card_id: None,
            bank: None,
            wallet: None,
            vpa: None,
            email: "",
            contact: "",
            notes: Notes::default(),
            fee: None,
            tax: None,
            error_code: None,
            error_description: None,
            error_source: None,
            error_step: None,
            error_reason: None,
            acquirer_data: Map::new(),
            created_at: 0,
            upi: None,
            customer_id: None,
            token_id: None,
            registers: false,
            qr_id: None,
        }
    }

    #[test]
    fn fees_are_those_of_the_vendors_samples() {
        for (amount, fee, tax) in
            [(100, 2, 0), (1_000, 24, 4), (2_100, 50, 8), (250_000, 5_900, 900), (500_000, 11_800, 1_800)]
        {
            assert_eq!(payment(amount, Method::Upi).charges(200), (fee, tax), "{amount}");
        }
        assert_eq!(payment(9_900, Method::Card).charges(200), (198, 0));
    }
}
