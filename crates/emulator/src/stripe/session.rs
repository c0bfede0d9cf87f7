//! Checkout sessions: a hosted page where a payer pays for some lines, once.

use serde_json::{Value, json};

use super::currency;
use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::Details;
use super::line_item::LineItem;
use super::listing::{Listed, Page, list};
use super::metadata::Metadata;
use super::params::Params;
use super::task::Task;
use crate::shelf::Kept;

const LASTS_S_MIN: i64 = 30 * 60;
const LASTS_S_MAX: i64 = 24 * 3_600;

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    created: i64,
    pub(crate) expires_at: i64,
    pub(crate) lines: Vec<LineItem>,
    pub(crate) currency: &'static str,
    pub(crate) status: Status,
    pub(crate) paid: bool,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    url: String,
    client_reference_id: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) customer_creation: Option<&'static str>,
    pub(crate) email: Option<String>,
    /// What the payer typed on the page.
    pub(crate) payer_email: Option<String>,
    metadata: Metadata,
    submit_type: Option<&'static str>,
    locale: Option<String>,
    pub(crate) capture_method: &'static str,
    /// What the payment is to carry.
    pub(crate) details: Details,
    pub(crate) intent: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    Complete,
    Expired,
}

impl Status {
    fn as_str(self) -> &'static str {
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
        let open = self.status == Status::Open;
        json!({
            "id": self.id,
            "object": "checkout.session",
            "adaptive_pricing": null,
            "after_expiration": null,
            "allow_promotion_codes": null,
            "allowed_payment_method_types": null,
            "amount_subtotal": self.total(),
            "amount_total": self.total(),
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "billing_address_collection": null,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "client_secret": null,
            "collected_information": null,
            "consent": null,
            "consent_collection": null,
            "created": self.created,
            "currency": self.currency,
            "currency_conversion": null,
            "custom_fields": [],
            "custom_text": {
                "after_submit": null,
                "shipping_address": null,
                "submit": null,
                "terms_of_service_acceptance": null,
            },
            "customer": self.customer,
            "customer_account": null,
            "customer_creation": self.customer_creation,
            "customer_details": self.customer_details(),
            "customer_email": self.email,
            "discounts": [],
            "expires_at": self.expires_at,
            "integration_identifier": null,
            "invoice": null,
            "invoice_creation": null,
            "livemode": false,
            "locale": self.locale,
            "managed_payments": null,
            "metadata": self.metadata,
            "mode": "payment",
            "origin_context": null,
            "payment_intent": self.intent,
            "payment_link": null,
            "payment_method_collection": "if_required",
            "payment_method_configuration_details": null,
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
            "payment_method_types": ["card"],
            "payment_status": if self.paid { "paid" } else { "unpaid" },
            "permissions": null,
            "phone_number_collection": { "enabled": false },
            "recovered_from": null,
            "saved_payment_method_options": null,
            "setup_intent": null,
            "shipping_address_collection": null,
            "shipping_cost": null,
            "shipping_options": [],
            "status": self.status.as_str(),
            "submit_type": self.submit_type,
            "subscription": null,
            "success_url": self.success_url,
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
            "ui_mode": "hosted_page",
            "url": open.then_some(&self.url),
            "wallet_options": null,
        })
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

impl Desk<'_> {
    pub(crate) fn create_session(&mut self, mut params: Params) -> Result<Value> {
        let session = self.read_session(&mut params)?;
        params.finish()?;
        currency::check_amount(session.total(), session.currency)?;
        let shown = session.shown();
        let lasts_s = u32::try_from(session.expires_at - self.now_s).unwrap_or(0);
        self.schedule(lasts_s, Task::ExpireSession(session.id.clone()));
        self.account.sessions.put(session);
        Ok(shown)
    }

    fn read_session(&mut self, params: &mut Params) -> Result<Session> {
        if params.choice("mode", &["payment"])?.is_none() {
            return Err(Error::missing("mode"));
        }
        params.choice("ui_mode", &["hosted_page"])?;
        if params.list("payment_method_types")?.iter().any(|kind| kind != "card") {
            return Err(Error::invalid("payment_method_types", "The payment method type is invalid."));
        }
        let lines = self.read_line_items(params)?;
        let currency = lines.first().map_or("usd", LineItem::currency);
        let id = format!("cs_test_{}", self.bench.entropy.token(58));
        let (details, capture_method) = read_payment_details(params)?;
        let (customer, email) = (self.customer_param(params)?, params.text("customer_email")?);
        if customer.is_some() && email.is_some() {
            return Err(Error::invalid(
                "customer_email",
                "You may only specify one of these parameters: customer, customer_email.",
            ));
        }
        let creation = params.choice("customer_creation", &["always", "if_required"])?;
        Ok(Session {
            url: format!("{}/c/pay/{id}", self.bench.public_url),
            id,
            created: self.now_s,
            expires_at: self.read_expiry(params)?,
            lines,
            currency,
            status: Status::Open,
            paid: false,
            success_url: read_url(params, "success_url")?.ok_or_else(|| Error::missing("success_url"))?,
            cancel_url: read_url(params, "cancel_url")?,
            client_reference_id: params.text("client_reference_id")?,
            customer_creation: if customer.is_some() {
                None
            } else {
                Some(creation.unwrap_or("if_required"))
            },
            customer,
            email,
            payer_email: None,
            metadata: Metadata::take(params)?,
            submit_type: params.choice("submit_type", &["auto", "book", "donate", "pay"])?,
            locale: params.text("locale")?,
            capture_method,
            details,
            intent: None,
        })
    }

    fn read_expiry(&self, params: &mut Params) -> Result<i64> {
        let expires_at = params.integer("expires_at")?.unwrap_or(self.now_s + LASTS_S_MAX);
        if expires_at < self.now_s + LASTS_S_MIN {
            let sentence =
                "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.";
            return Err(Error::invalid("expires_at", sentence));
        }
        if expires_at > self.now_s + LASTS_S_MAX {
            let sentence =
                "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.";
            return Err(Error::invalid("expires_at", sentence));
        }
        Ok(expires_at)
    }

    pub(crate) fn session(&self, id: &str) -> Result<&Session> {
        self.account.sessions.get(id).ok_or_else(|| Error::no_such("checkout.session", id, "session"))
    }

    pub(crate) fn update_session(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut session = self.session(id)?.clone();
        session.metadata.change(&mut params)?;
        params.finish()?;
        let shown = session.shown();
        self.account.sessions.put(session);
        Ok(shown)
    }

    pub(crate) fn expire_session(&mut self, id: &str, params: Params) -> Result<Value> {
        let status = self.session(id)?.status;
        params.finish()?;
        if status != Status::Open {
            let message = format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status \
                 of `{}`.",
                status.as_str()
            );
            return Err(Error::refused(message));
        }
        self.expire_session_by_itself(id);
        self.session(id).map(Session::shown)
    }

    /// Closes a session that nobody paid, and the intent of attempts that came to nothing.
    pub(crate) fn expire_session_by_itself(&mut self, id: &str) {
        let open = self.account.sessions.get_mut(id).filter(|session| session.status == Status::Open);
        let Some(session) = open else { return };
        session.status = Status::Expired;
        let (shown, intent) = (session.shown(), session.intent.clone());
        if let Some(intent) = intent.and_then(|id| self.account.intents.get(&id).cloned()) {
            self.end_intent(intent, Some("automatic"), "charge.expired");
        }
        self.announce("checkout.session.expired", shown);
    }

    pub(crate) fn list_lines(&self, id: &str, mut params: Params) -> Result<Value> {
        Page::take(&mut params)?;
        params.finish()?;
        self.session(id).map(Session::shown_lines)
    }

    pub(crate) fn list_sessions(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (intent, customer) = (params.text("payment_intent")?, params.text("customer")?);
        let status = params.choice("status", &["complete", "expired", "open"])?;
        params.finish()?;
        let wanted = self.account.sessions.newest_first().filter(|session| {
            (intent.is_none() || session.intent == intent)
                && (customer.is_none() || session.customer == customer)
                && status.is_none_or(|status| session.status.as_str() == status)
        });
        page.of(wanted, "/v1/checkout/sessions", Session::shown)
    }
}

fn read_payment_details(params: &mut Params) -> Result<(Details, &'static str)> {
    let mut details = Details::default();
    let Some(mut data) = params.group("payment_intent_data")? else {
        return Ok((details, "automatic_async"));
    };
    details.change(&mut data)?;
    let capture = data.choice("capture_method", &["automatic", "automatic_async", "manual"])?;
    data.finish()?;
    Ok((details, capture.unwrap_or("automatic_async")))
}

/// An address of a web page. The vendor takes `http` in test mode.
fn read_url(params: &mut Params, name: &str) -> Result<Option<String>> {
    let Some(url) = params.text(name)? else { return Ok(None) };
    let web = reqwest::Url::parse(&url).is_ok_and(|parsed| matches!(parsed.scheme(), "http" | "https"));
    if web { Ok(Some(url)) } else { Err(Error::invalid(name, "Not a valid URL").code("url_invalid")) }
}
