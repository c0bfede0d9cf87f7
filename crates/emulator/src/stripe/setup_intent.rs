//! Setup intents: a card that is kept for later without being charged.
//!
//! Deliberately absent: the bank's page. A card whose bank wants to see its owner at every payment is refused here; one that wants to
//! at a payment with the owner there counts as seen.

use serde_json::{Value, json};

use super::card::{AUTHENTICATION_REQUIRED, Authentication, Decline};
use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::metadata::Metadata;
use super::params::Params;
use crate::shelf::Kept;

#[derive(Debug, Clone)]
pub(crate) struct SetupIntent {
    pub(crate) id: String,
    created: i64,
    client_secret: String,
    pub(crate) customer: Option<String>,
    description: Option<String>,
    pub(crate) metadata: Metadata,
    payment_method: Option<String>,
    last_error: Option<Value>,
    status: Status,
    usage: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    Succeeded,
    Canceled,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

impl Kept for SetupIntent {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for SetupIntent {
    const KIND: &'static str = "setup_intent";

    fn created(&self) -> i64 {
        self.created
    }
}

impl SetupIntent {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "setup_intent",
            "allowed_payment_method_types": null,
            "application": null,
            "automatic_payment_methods": null,
            "cancellation_reason": null,
            "client_secret": self.client_secret,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "description": self.description,
            "excluded_payment_method_types": null,
            "flow_directions": null,
            "last_setup_error": self.last_error,
            "latest_attempt": null,
            "livemode": false,
            "mandate": null,
            "metadata": self.metadata,
            "next_action": null,
            "on_behalf_of": null,
            "payment_method": self.payment_method,
            "payment_method_configuration_details": null,
            "payment_method_options": {
                "card": { "mandate_options": null, "network": null, "request_three_d_secure": "automatic" },
            },
            "payment_method_types": ["card"],
            "single_use_mandate": null,
            "status": self.status.as_str(),
            "usage": self.usage,
        })
    }

    fn check_open(&self) -> Result<()> {
        if matches!(self.status, Status::Succeeded | Status::Canceled) {
            let status = self.status.as_str();
            let message =
                format!("You cannot perform this action on a SetupIntent with a status of {status}.");
            return Err(Error::refused(message).code("setup_intent_unexpected_state"));
        }
        Ok(())
    }
}

impl Desk<'_> {
    /// One for a customer, not told of yet.
    pub(crate) fn new_setup_intent(&mut self, customer: Option<String>, metadata: Metadata) -> SetupIntent {
        let id = self.id("seti_");
        SetupIntent {
            client_secret: format!("{id}_secret_{}", self.bench.entropy.token(25)),
            id,
            created: self.now_s,
            customer,
            description: None,
            metadata,
            payment_method: None,
            last_error: None,
            status: Status::RequiresPaymentMethod,
            usage: "off_session",
        }
    }

    pub(crate) fn keep_setup_intent(&mut self, intent: SetupIntent) {
        let shown = intent.shown();
        self.account.setup_intents.put(intent);
        self.announce("setup_intent.created", shown);
    }

    pub(crate) fn create_setup_intent(&mut self, mut params: Params) -> Result<Value> {
        let (customer, metadata) = (self.customer_param(&mut params)?, Metadata::take(&mut params)?);
        let mut intent = self.new_setup_intent(customer, metadata);
        params.set("description", &mut intent.description)?;
        intent.usage = params.choice("usage", &["off_session", "on_session"])?.unwrap_or("off_session");
        if params.list("payment_method_types")?.iter().any(|kind| kind != "card") {
            return Err(Error::invalid("payment_method_types", "The payment method type is invalid."));
        }
        let method = params.text("payment_method")?;
        let confirm = params.flag("confirm")?.unwrap_or(false);
        params.finish()?;
        if let Some(method) = method {
            intent.payment_method = Some(self.method_param(&method)?.id);
            intent.status = Status::RequiresConfirmation;
        }
        let (id, shown) = (intent.id.clone(), intent.shown());
        self.keep_setup_intent(intent);
        if confirm { self.try_setup(&id) } else { Ok(shown) }
    }

    pub(crate) fn setup_intent(&self, id: &str) -> Result<&SetupIntent> {
        self.account.setup_intents.get(id).ok_or_else(|| Error::no_such("setupintent", id, "intent"))
    }

    pub(crate) fn confirm_setup_intent(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut intent = self.setup_intent(id)?.clone();
        intent.check_open()?;
        if let Some(method) = params.text("payment_method")? {
            intent.payment_method = Some(self.method_param(&method)?.id);
        }
        params.finish()?;
        self.account.setup_intents.put(intent);
        self.try_setup(id)
    }

    pub(crate) fn cancel_setup_intent(&mut self, id: &str, params: Params) -> Result<Value> {
        let mut intent = self.setup_intent(id)?.clone();
        intent.check_open()?;
        params.finish()?;
        intent.status = Status::Canceled;
        let shown = intent.shown();
        self.account.setup_intents.put(intent);
        self.announce("setup_intent.canceled", shown.clone());
        Ok(shown)
    }

    pub(crate) fn list_setup_intents(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let customer = params.text("customer")?;
        params.finish()?;
        let all = self.account.setup_intents.newest_first();
        let wanted = all.filter(|intent| customer.is_none() || intent.customer == customer);
        page.of(wanted, "/v1/setup_intents", SetupIntent::shown)
    }

    /// A payer tries this card.
    pub(crate) fn try_setup_with(&mut self, id: &str, method: String) -> Result<Value> {
        let mut intent = self.setup_intent(id)?.clone();
        intent.payment_method = Some(method);
        self.account.setup_intents.put(intent);
        self.try_setup(id)
    }

    fn try_setup(&mut self, id: &str) -> Result<Value> {
        let mut intent = self.setup_intent(id)?.clone();
        intent.check_open()?;
        let Some(method) = intent.payment_method.clone() else {
            return Err(Error::refused(
                "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a \
                 payment method and then confirm it again.",
            ));
        };
        let method = self.method_param(&method)?;
        let wants_owner =
            (method.card.authentication == Authentication::Always).then_some(AUTHENTICATION_REQUIRED);
        if let Some(decline) = method.card.decline.or(wants_owner) {
            return self.fail_setup(intent, &decline, method.shown());
        }
        if let Some(customer) = intent.customer.clone().filter(|_| method.customer.is_none()) {
            self.attach_method(&method.id, &customer)?;
        }
        (intent.status, intent.last_error) = (Status::Succeeded, None);
        let shown = intent.shown();
        self.account.setup_intents.put(intent);
        self.announce("setup_intent.succeeded", shown.clone());
        Ok(shown)
    }

    fn fail_setup(&mut self, mut intent: SetupIntent, decline: &Decline, method: Value) -> Result<Value> {
        let error = Error::declined(decline).with_method(method);
        intent.last_error = Some(error.remembered());
        (intent.payment_method, intent.status) = (None, Status::RequiresPaymentMethod);
        let shown = intent.shown();
        self.account.setup_intents.put(intent);
        self.announce("setup_intent.setup_failed", shown);
        Err(error)
    }
}
