//! Payment intents: one payment from its amount to its money, through as many attempts as it takes.

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::listing::Listed;
use super::metadata::Metadata;
use super::params::Params;
use crate::shelf::Kept;

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    RequiresCapture,
    Succeeded,
    Canceled,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// A bank's wish to see its customer, not yet fulfilled.
#[derive(Debug, Clone)]
pub(crate) struct Challenge {
    pub(crate) source: String,
    pub(crate) secret: String,
    /// The bank's page.
    pub(crate) url: String,
    /// Where the customer goes from there.
    pub(crate) return_url: Option<String>,
    /// Whether the vendor's own script leads the customer.
    pub(crate) by_script: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) client_secret: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) amount_capturable: i64,
    pub(crate) amount_received: i64,
    pub(crate) currency: &'static str,
    pub(crate) status: Status,
    pub(crate) capture_method: &'static str,
    pub(crate) confirmation_method: &'static str,
    /// `automatic_payment_methods[allow_redirects]` where the methods are those of the dashboard.
    pub(crate) automatic: Option<&'static str>,
    pub(crate) details: Details,
    pub(crate) authenticate: bool,
    pub(crate) payment_method: Option<String>,
    pub(crate) latest_charge: Option<String>,
    pub(crate) last_error: Option<Value>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) cancellation_reason: Option<&'static str>,
    /// The checkout session it pays.
    pub(crate) session: Option<String>,
    /// The invoice it pays.
    pub(crate) invoice: Option<String>,
}

/// What a merchant may say of a payment and change later.
#[derive(Debug, Clone, Default)]
pub(crate) struct Details {
    pub(crate) customer: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) receipt_email: Option<String>,
    pub(crate) setup_future_usage: Option<&'static str>,
    pub(crate) shipping: Value,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) statement_descriptor_suffix: Option<String>,
    pub(crate) transfer_group: Option<String>,
}

impl Kept for Intent {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Intent {
    const KIND: &'static str = "payment_intent";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Details {
    pub(crate) fn change(&mut self, params: &mut Params) -> Result<()> {
        params.set("description", &mut self.description)?;
        params.set("receipt_email", &mut self.receipt_email)?;
        params.set("statement_descriptor", &mut self.statement_descriptor)?;
        params.set("statement_descriptor_suffix", &mut self.statement_descriptor_suffix)?;
        params.set("transfer_group", &mut self.transfer_group)?;
        self.metadata.change(params)?;
        if let Some(shipping) = params.object("shipping")? {
            self.shipping = shipping;
        }
        if params.is_cleared("setup_future_usage") {
            params.discard("setup_future_usage");
            self.setup_future_usage = None;
        }
        let usage = params.choice("setup_future_usage", &["off_session", "on_session"])?;
        self.setup_future_usage = usage.or(self.setup_future_usage);
        Ok(())
    }
}

impl Intent {
    pub(crate) fn shown(&self) -> Value {
        let details = &self.details;
        let automatic =
            self.automatic.map(|redirects| json!({ "allow_redirects": redirects, "enabled": true }));
        json!({
            "id": self.id,
            "object": "payment_intent",
            "allowed_payment_method_types": null,
            "amount": self.amount,
            "amount_capturable": self.amount_capturable,
            "amount_details": { "tip": {} },
            "amount_received": self.amount_received,
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": automatic,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method,
            "client_secret": self.client_secret,
            "confirmation_method": self.confirmation_method,
            "created": self.created,
            "currency": self.currency,
            "customer": details.customer,
            "customer_account": null,
            "description": details.description,
            "excluded_payment_method_types": null,
            "last_payment_error": self.last_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "managed_payments": null,
            "metadata": details.metadata,
            "next_action": self.next_action(),
            "on_behalf_of": null,
            "payment_method": self.payment_method,
            "payment_method_configuration_details": null,
            "payment_method_options": self.method_options(),
            "payment_method_types": ["card"],
            "payment_record": null,
            "processing": null,
            "receipt_email": details.receipt_email,
            "review": null,
            "setup_future_usage": details.setup_future_usage,
            "shipping": details.shipping,
            "source": null,
            "statement_descriptor": details.statement_descriptor,
            "statement_descriptor_suffix": details.statement_descriptor_suffix,
            "status": self.status.as_str(),
            "transfer_data": null,
            "transfer_group": details.transfer_group,
        })
    }

    fn method_options(&self) -> Value {
        let three_d_secure = if self.authenticate { "any" } else { "automatic" };
        json!({ "card": {
            "installments": null,
            "mandate_options": null,
            "network": null,
            "request_three_d_secure": three_d_secure,
        } })
    }

    fn next_action(&self) -> Value {
        let Some(challenge) = &self.challenge else { return Value::Null };
        if challenge.by_script {
            return json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {
                "type": "three_d_secure_redirect",
                "stripe_js": challenge.url,
                "source": challenge.source,
            } });
        }
        json!({ "type": "redirect_to_url", "redirect_to_url": {
            "return_url": challenge.return_url,
            "url": challenge.url,
        } })
    }

    /// Reads `automatic_payment_methods`, or `payment_method_types` in its place; cards are the only type here.
    pub(crate) fn take_methods(&mut self, params: &mut Params) -> Result<()> {
        let types = params.list("payment_method_types")?;
        if let Some(other) = types.iter().find(|kind| *kind != "card") {
            let message = format!("The payment method type \"{}\" is invalid.", super::params::cut(other));
            return Err(Error::invalid("payment_method_types", message));
        }
        if !types.is_empty() {
            self.automatic = None;
        }
        let Some(mut automatic) = params.group("automatic_payment_methods")? else { return Ok(()) };
        let enabled = automatic.flag("enabled")?.unwrap_or(false);
        let redirects = automatic.choice("allow_redirects", &["always", "never"])?.unwrap_or("always");
        automatic.finish()?;
        if enabled && !types.is_empty() {
            return Err(Error::invalid(
                "payment_method_types",
                "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
            ));
        }
        self.automatic = enabled.then_some(redirects);
        Ok(())
    }

    pub(crate) fn take_method_options(&mut self, params: &mut Params) -> Result<()> {
        let Some(mut options) = params.group("payment_method_options")? else { return Ok(()) };
        if let Some(mut card) = options.group("card")? {
            let asked = card.choice("request_three_d_secure", &["any", "automatic", "challenge"])?;
            card.finish()?;
            self.authenticate = asked.is_some_and(|asked| asked != "automatic");
        }
        options.finish()
    }
}
