//! Checkout sessions: a hosted page where a payer pays for some lines, once.

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::intent::Details;
use super::line_item::LineItem;
use super::listing::{Listed, list};
use super::metadata::Metadata;
use super::params::Params;
use crate::shelf::Kept;

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) lines: Vec<LineItem>,
    pub(crate) currency: &'static str,
    pub(crate) status: Status,
    pub(crate) paid: bool,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    pub(crate) url: String,
    pub(crate) client_reference_id: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) customer_creation: Option<&'static str>,
    pub(crate) email: Option<String>,
    /// What the payer typed on the page.
    pub(crate) payer_email: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) submit_type: Option<&'static str>,
    pub(crate) locale: Option<String>,
    pub(crate) capture_method: &'static str,
    /// What the payment is to carry.
    pub(crate) details: Details,
    pub(crate) intent: Option<String>,
    pub(crate) setup_intent: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) subscription: Option<String>,
    pub(crate) invoice: Option<String>,
}

/// What a payer gets into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Payment,
    Setup,
    Subscription,
}

impl Mode {
    pub(crate) fn read(params: &mut Params) -> Result<Self> {
        match params.choice("mode", &["payment", "setup", "subscription"])? {
            None => Err(Error::missing("mode")),
            Some("payment") => Ok(Self::Payment),
            Some("setup") => Ok(Self::Setup),
            Some(_) => Ok(Self::Subscription),
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Setup => "setup",
            Self::Subscription => "subscription",
        }
    }

    /// Refuses prices that are not due as this mode has it.
    pub(crate) fn check(self, lines: &[LineItem]) -> Result<()> {
        let mut recurring = lines.iter().map(|line| line.price.recurring.is_some());
        match self {
            Self::Payment if recurring.any(|recurring| recurring) => Err(Error::refused(
                "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use \
                 only one-time prices.",
            )),
            Self::Subscription if !recurring.all(|recurring| recurring) => Err(Error::refused(
                "You must provide at least one recurring price in `subscription` mode when using prices, and this \
                 emulator none that is due once.",
            )),
            _ => Ok(()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    Complete,
    Expired,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

impl Kept for Session {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Session {
    const KIND: &'static str = "checkout.session";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Session {
    pub(crate) fn total(&self) -> i64 {
        self.lines.iter().map(LineItem::amount).sum()
    }

    pub(crate) fn shown(&self) -> Value {
        let mut shown = self.own_fields();
        if let (Some(shown), Value::Object(rest)) = (shown.as_object_mut(), unused_fields()) {
            shown.extend(rest);
        }
        shown
    }

    fn own_fields(&self) -> Value {
        let (open, complete) = (self.status == Status::Open, self.status == Status::Complete);
        let (subscribes, sets_up) = (self.mode == Mode::Subscription, self.mode == Mode::Setup);
        json!({
            "id": self.id,
            "object": "checkout.session",
            "amount_subtotal": (!sets_up).then(|| self.total()),
            "amount_total": (!sets_up).then(|| self.total()),
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_creation": self.customer_creation,
            "customer_details": self.customer_details(),
            "customer_email": self.email,
            "expires_at": self.expires_at,
            "invoice": self.invoice.as_ref().filter(|_| complete),
            "livemode": false,
            "locale": self.locale,
            "metadata": self.metadata,
            "mode": self.mode.as_str(),
            "payment_intent": self.intent.as_ref().filter(|_| !subscribes),
            "payment_method_collection": if subscribes || sets_up { "always" } else { "if_required" },
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
            "payment_method_types": ["card"],
            "payment_status": self.payment_status(),
            "setup_intent": self.setup_intent,
            "status": self.status.as_str(),
            "submit_type": self.submit_type,
            "subscription": self.subscription.as_ref().filter(|_| complete),
            "success_url": self.success_url,
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
            "ui_mode": "hosted_page",
            "url": open.then_some(&self.url),
        })
    }

    fn payment_status(&self) -> &'static str {
        match self.mode {
            Mode::Setup => "no_payment_required",
            _ if self.paid => "paid",
            _ => "unpaid",
        }
    }

    fn customer_details(&self) -> Value {
        let Some(email) = self.payer_email.as_ref().or(self.email.as_ref()) else { return Value::Null };
        json!({
            "address": null,
            "business_name": null,
            "email": email,
            "individual_name": null,
            "name": null,
            "phone": null,
            "tax_exempt": "none",
            "tax_ids": null,
        })
    }

    pub(crate) fn shown_lines(&self) -> Value {
        let url = format!("/v1/checkout/sessions/{}/line_items", self.id);
        let lines: Vec<Value> = self.lines.iter().map(LineItem::shown).collect();
        list(&lines, false, &url)
    }
}

/// The fields of what this emulator's sessions cannot do.
fn unused_fields() -> Value {
    json!({
        "adaptive_pricing": null,
        "after_expiration": null,
        "allow_promotion_codes": null,
        "allowed_payment_method_types": null,
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "billing_address_collection": null,
        "client_secret": null,
        "collected_information": null,
        "consent": null,
        "consent_collection": null,
        "currency_conversion": null,
        "custom_fields": [],
        "custom_text": {
            "after_submit": null,
            "shipping_address": null,
            "submit": null,
            "terms_of_service_acceptance": null,
        },
        "customer_account": null,
        "discounts": [],
        "integration_identifier": null,
        "invoice_creation": null,
        "managed_payments": null,
        "origin_context": null,
        "payment_link": null,
        "payment_method_configuration_details": null,
        "permissions": null,
        "phone_number_collection": { "enabled": false },
        "recovered_from": null,
        "saved_payment_method_options": null,
        "shipping_address_collection": null,
        "shipping_cost": null,
        "shipping_options": [],
        "wallet_options": null,
    })
}
