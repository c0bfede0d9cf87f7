//! Checkout sessions made, read, expired and listed.

use serde_json::Value;

use super::currency;
use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::Details;
use super::line_item::LineItem;
use super::listing::Page;
use super::metadata::Metadata;
use super::params::Params;
use super::session::{Mode, Session, Status};
use super::task::Task;

const LASTS_S_MIN: i64 = 30 * 60;
const LASTS_S_MAX: i64 = 24 * 3_600;

impl Desk<'_> {
    pub(crate) fn create_session(&mut self, mut params: Params) -> Result<Value> {
        let session = self.read_session(&mut params)?;
        params.finish()?;
        if session.mode != Mode::Setup {
            currency::check_amount(session.total(), session.currency)?;
        }
        let shown = session.shown();
        let lasts_s = u32::try_from(session.expires_at - self.now_s).unwrap_or(0);
        self.schedule(lasts_s, Task::ExpireSession(session.id.clone()));
        self.account.sessions.put(session);
        Ok(shown)
    }

    fn read_session(&mut self, params: &mut Params) -> Result<Session> {
        let mode = Mode::read(params)?;
        params.choice("ui_mode", &["hosted_page"])?;
        if params.list("payment_method_types")?.iter().any(|kind| kind != "card") {
            return Err(Error::invalid("payment_method_types", "The payment method type is invalid."));
        }
        let (lines, currency) = if mode == Mode::Setup {
            (Vec::new(), currency::take(params)?)
        } else {
            let lines = self.read_line_items(params)?;
            let currency = lines.first().map_or("usd", LineItem::currency);
            (lines, currency)
        };
        mode.check(&lines)?;
        let id = format!("cs_test_{}", self.bench.entropy.token(58));
        let (details, capture_method) = read_payment_details(params, mode)?;
        let (customer, email) = (self.customer_param(params)?, params.text("customer_email")?);
        if customer.is_some() && email.is_some() {
            return Err(Error::invalid(
                "customer_email",
                "You may only specify one of these parameters: customer, customer_email.",
            ));
        }
        let setup_intent = self.set_up_by_session(params, mode, customer.clone())?;
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
            setup_intent,
            mode,
            subscription: None,
            invoice: None,
        })
    }

    /// Makes the setup intent of a session that keeps a card.
    fn set_up_by_session(
        &mut self,
        params: &mut Params,
        mode: Mode,
        customer: Option<String>,
    ) -> Result<Option<String>> {
        let Some(mut data) = params.group("setup_intent_data")? else {
            return Ok((mode == Mode::Setup).then(|| self.begin_setup(customer, Metadata::default())));
        };
        if mode != Mode::Setup {
            let message = format!("You can not pass `setup_intent_data` in `{}` mode.", mode.as_str());
            return Err(Error::invalid("setup_intent_data", message));
        }
        let metadata = Metadata::take(&mut data)?;
        data.finish()?;
        Ok(Some(self.begin_setup(customer, metadata)))
    }

    fn begin_setup(&mut self, customer: Option<String>, metadata: Metadata) -> String {
        let intent = self.new_setup_intent(customer, metadata);
        let id = intent.id.clone();
        self.keep_setup_intent(intent);
        id
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

/// Reads `payment_intent_data` or `subscription_data`, as the mode has it.
fn read_payment_details(params: &mut Params, mode: Mode) -> Result<(Details, &'static str)> {
    let mut details = Details::default();
    let (own, other) = match mode {
        Mode::Payment | Mode::Setup => ("payment_intent_data", "subscription_data"),
        Mode::Subscription => ("subscription_data", "payment_intent_data"),
    };
    if params.group(other)?.is_some() {
        let message = format!("You can not pass `{other}` in `{}` mode.", mode.as_str());
        return Err(Error::invalid(other, message));
    }
    let Some(mut data) = params.group(own)? else { return Ok((details, "automatic_async")) };
    if mode == Mode::Subscription {
        data.set("description", &mut details.description)?;
        details.metadata.change(&mut data)?;
        data.finish()?;
        return Ok((details, "automatic_async"));
    }
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
