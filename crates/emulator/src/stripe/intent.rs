//! Payment intents: one payment from its amount to its money, through as many attempts as it takes.

use serde_json::{Value, json};

use super::currency;
use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
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
    confirmation_method: &'static str,
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
    fn take_methods(&mut self, params: &mut Params) -> Result<()> {
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

impl Desk<'_> {
    /// An intent over an amount, not yet kept.
    pub(crate) fn new_intent(&mut self, amount: i64, currency: &'static str) -> Intent {
        let id = self.id("pi_");
        Intent {
            client_secret: format!("{id}_secret_{}", self.bench.entropy.token(25)),
            id,
            created: self.now_s,
            amount,
            amount_capturable: 0,
            amount_received: 0,
            currency,
            status: Status::RequiresPaymentMethod,
            capture_method: "automatic_async",
            confirmation_method: "automatic",
            automatic: Some("always"),
            details: Details::default(),
            authenticate: false,
            payment_method: None,
            latest_charge: None,
            last_error: None,
            challenge: None,
            canceled_at: None,
            cancellation_reason: None,
            session: None,
        }
    }

    pub(crate) fn create_intent(&mut self, mut params: Params) -> Result<Value> {
        let amount = params.integer("amount")?.ok_or_else(|| Error::missing("amount"))?;
        let currency = currency::take(&mut params)?;
        currency::check_amount(amount, currency)?;
        let mut intent = self.new_intent(amount, currency);
        intent.details.customer = self.customer_param(&mut params)?;
        intent.details.change(&mut params)?;
        intent.take_methods(&mut params)?;
        let confirmation = params.choice("confirmation_method", &["automatic", "manual"])?;
        intent.confirmation_method = confirmation.unwrap_or("automatic");
        let confirm = params.flag("confirm")?.unwrap_or(false);
        let how = self.read_confirmation(&mut intent, &mut params)?;
        if !confirm && how.is_for_confirming_only() {
            return Err(Error::invalid(
                "confirm",
                "The parameters off_session and return_url can only be passed when confirm is true.",
            ));
        }
        params.finish()?;
        if intent.payment_method.is_some() {
            intent.status = Status::RequiresConfirmation;
        }
        if confirm {
            intent.check_confirmable(&how)?;
        }
        let shown = intent.shown();
        self.account.intents.put(intent.clone());
        self.announce("payment_intent.created", shown.clone());
        if confirm { self.try_intent(intent, how) } else { Ok(shown) }
    }

    pub(crate) fn intent(&self, id: &str) -> Result<&Intent> {
        self.account.intents.get(id).ok_or_else(|| Error::no_such("payment_intent", id, "intent"))
    }

    pub(crate) fn retrieve_intent(&self, id: &str, mut params: Params) -> Result<Value> {
        let intent = self.intent(id)?;
        let secret = params.text("client_secret")?;
        params.finish()?;
        if secret.is_some_and(|secret| secret != intent.client_secret) {
            return Err(Error::invalid("client_secret", "The client_secret provided does not match."));
        }
        Ok(intent.shown())
    }

    pub(crate) fn update_intent(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut intent = self.intent(id)?.clone();
        if matches!(intent.status, Status::Succeeded | Status::Canceled | Status::RequiresCapture) {
            // What is done can only be described.
            intent.details.metadata.change(&mut params)?;
            params.set("description", &mut intent.details.description)?;
            if params.clone().finish().is_err() {
                let status = intent.status.as_str();
                let message = format!(
                    "This PaymentIntent's parameters could not be updated because it has a status of {status}. You may \
                     only update it with one of the following statuses: requires_payment_method, \
                     requires_confirmation, requires_action."
                );
                return Err(Error::refused(message)
                    .code("payment_intent_unexpected_state")
                    .with_intent(intent.shown()));
            }
        } else {
            self.change_open_intent(&mut intent, &mut params)?;
        }
        params.finish()?;
        let shown = intent.shown();
        self.account.intents.put(intent);
        Ok(shown)
    }

    fn change_open_intent(&mut self, intent: &mut Intent, params: &mut Params) -> Result<()> {
        let amount = params.integer("amount")?.unwrap_or(intent.amount);
        if let Some(given) = params.text("currency")? {
            intent.currency = currency::checked(&given)?;
        }
        currency::check_amount(amount, intent.currency)?;
        intent.amount = amount;
        intent.details.customer = self.customer_param(params)?.or(intent.details.customer.take());
        intent.details.change(params)?;
        intent.take_methods(params)?;
        let given = self.read_confirmation(intent, params)?;
        if given.has_method && intent.status != Status::RequiresConfirmation {
            intent.status = Status::RequiresConfirmation;
            intent.challenge = None;
        }
        Ok(())
    }

    pub(crate) fn list_intents(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let customer = params.text("customer")?;
        params.finish()?;
        let intents = self.account.intents.newest_first();
        let wanted = intents.filter(|intent| customer.is_none() || intent.details.customer == customer);
        page.of(wanted, "/v1/payment_intents", Intent::shown)
    }
}
