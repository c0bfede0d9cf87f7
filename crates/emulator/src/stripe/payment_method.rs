//! Payment methods: test cards in a merchant's hands.

use serde_json::{Value, json};

use super::card::Card;
use super::customer::whole_address;
use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::metadata::Metadata;
use super::params::Params;
use crate::shelf::Kept;

#[derive(Debug, Clone)]
pub(crate) struct PaymentMethod {
    pub(crate) id: String,
    created: i64,
    pub(crate) card: &'static Card,
    pub(crate) customer: Option<String>,
    billing: Value,
    metadata: Metadata,
    /// Once used without a customer, or detached from one, it is used up.
    pub(crate) used_up: bool,
}

impl Kept for PaymentMethod {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for PaymentMethod {
    const KIND: &'static str = "PaymentMethod";

    fn created(&self) -> i64 {
        self.created
    }
}

impl PaymentMethod {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": self.billing_details(),
            "card": self.card.shown(),
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": "card",
        })
    }

    pub(crate) fn billing_details(&self) -> Value {
        let given = &self.billing;
        let address = if given["address"].is_null() { json!({}) } else { given["address"].clone() };
        json!({
            "address": whole_address(&address),
            "email": given["email"],
            "name": given["name"],
            "phone": given["phone"],
            "tax_id": null,
        })
    }
}

impl Desk<'_> {
    fn keep_method(&mut self, card: &'static Card, billing: Value, metadata: Metadata) -> PaymentMethod {
        let method = PaymentMethod {
            id: self.id("pm_"),
            created: self.now_s,
            card,
            customer: None,
            billing,
            metadata,
            used_up: false,
        };
        self.account.payment_methods.put(method.clone());
        method
    }

    /// A method for a hosted page, where a payer chose this card.
    pub(crate) fn method_for(&mut self, card: &'static Card, email: Option<&str>) -> String {
        self.keep_method(card, json!({ "email": email }), Metadata::default()).id
    }

    pub(crate) fn create_method(&mut self, mut params: Params) -> Result<Value> {
        let method = self.read_method(&mut params)?;
        params.finish()?;
        Ok(method.shown())
    }

    /// Reads the parameters of a new method: `type=card`, `card[token]`, `billing_details`, `metadata`.
    pub(crate) fn read_method(&mut self, params: &mut Params) -> Result<PaymentMethod> {
        if params.choice("type", &["card"])?.is_none() {
            return Err(Error::missing("type"));
        }
        let mut given = params.group("card")?.ok_or_else(|| Error::missing("card"))?;
        let token = given.text("token")?.ok_or_else(|| {
            // The vendor refuses numbers too, unless an account may see them.
            Error::refused(
                "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test \
                 tokens that map to the test card you are using, see https://stripe.com/docs/testing.",
            )
        })?;
        given.finish()?;
        let card = Card::named(&token).ok_or_else(|| Error::no_such_param("token", &token, "card[token]"))?;
        let billing = params.object("billing_details")?.unwrap_or_default();
        let metadata = Metadata::take(params)?;
        Ok(self.keep_method(card, billing, metadata))
    }

    /// A method by an id in a path.
    pub(crate) fn method(&self, id: &str) -> Result<&PaymentMethod> {
        self.account
            .payment_methods
            .get(id)
            .ok_or_else(|| Error::no_such("PaymentMethod", id, "payment_method"))
    }

    /// The method behind a parameter: one of the account's, or a new one of a test card's name.
    pub(crate) fn method_param(&mut self, id: &str) -> Result<PaymentMethod> {
        if let Some(card) = Card::named(id).filter(|_| id.starts_with("pm_card_")) {
            return Ok(self.keep_method(card, Value::Null, Metadata::default()));
        }
        let found = self.account.payment_methods.get(id).cloned();
        found.ok_or_else(|| Error::no_such_param("PaymentMethod", id, "payment_method"))
    }

    /// A method of this customer.
    pub(crate) fn method_of(&self, id: &str, customer: &str) -> Result<&PaymentMethod> {
        let method = self.account.payment_methods.get(id);
        method
            .filter(|method| method.customer.as_deref() == Some(customer))
            .ok_or_else(|| Error::no_such_param("PaymentMethod", id, "payment_method"))
    }

    pub(crate) fn attach(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let customer = self.customer_param(&mut params)?.ok_or_else(|| Error::missing("customer"))?;
        params.finish()?;
        self.attach_method(id, &customer)
    }

    pub(crate) fn attach_method(&mut self, id: &str, customer: &str) -> Result<Value> {
        let mut method = self.method_param(id)?;
        if method.customer.is_some() {
            return Err(Error::refused(
                "The payment method you provided has already been attached to a customer.",
            ));
        }
        if method.used_up {
            return Err(Error::refused(
                "This PaymentMethod was previously used without being attached to a Customer or was detached from a \
                 Customer, and may not be used again.",
            ));
        }
        method.customer = Some(customer.to_owned());
        let shown = method.shown();
        self.account.payment_methods.put(method);
        self.announce("payment_method.attached", shown.clone());
        Ok(shown)
    }

    pub(crate) fn detach(&mut self, id: &str, params: Params) -> Result<Value> {
        let mut method = self.method(id)?.clone();
        params.finish()?;
        if method.customer.take().is_none() {
            return Err(Error::refused(
                "The payment method you provided is not attached to a customer so detachment is impossible.",
            ));
        }
        method.used_up = true;
        let shown = method.shown();
        self.account.payment_methods.put(method);
        self.announce("payment_method.detached", shown.clone());
        Ok(shown)
    }

    /// Lists methods; `customer` is named by the path, or else by a parameter.
    pub(crate) fn list_methods(&self, customer: Option<&str>, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let named = self.customer_param(&mut params)?;
        params.choice("type", &["card"])?;
        params.finish()?;
        let (customer, url) = match (customer, named) {
            (Some(id), _) => {
                (Some(self.customer(id)?.id.clone()), format!("/v1/customers/{id}/payment_methods"))
            }
            (None, named) => (named, "/v1/payment_methods".to_owned()),
        };
        let methods = self.account.payment_methods.newest_first();
        let wanted = methods.filter(|method| customer.is_some() && method.customer == customer);
        page.of(wanted, &url, PaymentMethod::shown)
    }
}
