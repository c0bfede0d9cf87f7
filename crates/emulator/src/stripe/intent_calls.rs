//! Payment intents made, read, changed and listed.

use serde_json::Value;

use super::currency;
use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::{Details, Intent, Status};
use super::listing::Page;
use super::params::Params;

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
            invoice: None,
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
        if given.is_for_confirming_only() {
            return Err(Error::unknown_params(&["return_url".to_owned()]));
        }
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
