//! Stripe: hosted checkout pages, payments, refunds, disputes answered in words and files, webhooks, what was paid out.
//!
//! What we call an order is a checkout session: the payer is sent to the vendor's own page and comes back, so that no card ever
//! touches us. What we call a payment is a payment intent, which may take several attempts; each carries whom it is for in its
//! metadata. What we call settled is what was in a payout, on the day that it reached the bank.
//!
//! Deliberately absent: UPI codes (the page offers what the account takes), payments in parts, capturing by hand, Connect.

mod dispute;
mod error;
mod webhook;
mod wire;

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use reqwest::header::CONTENT_TYPE;
use reqwest::multipart::{self, Part};
use reqwest::{Client, Method as Verb, RequestBuilder};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use types::Money;
use uuid::Uuid;

use self::wire::{Listed, Movement, PaymentIntent, Payout, Session};
use super::{
    Asked, Contest, Dispute, Error, EvidenceUpload, Gateway, Kept, Method, News, Order, Payer, Payment,
    QrCode, Refund, RefundAsked,
};
use crate::config::StripeConfig;
use crate::dispute::EvidenceLimits;
use crate::india;
use crate::reconcile::line::Line;
use crate::view::Checkout;

/// The version of the API that our requests and `wire` are written in.
const API_VERSION: &str = "2026-10-28.endive";
/// The longest a whole call may take.
const TIMEOUT: Duration = Duration::from_secs(8);
/// The longest an upload may take.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(30);
/// What the vendor's guide to disputes takes in all: less than 4.5 MB, and as many pages as the strictest network reads (Mastercard:
/// 19), one of which the words take.
const EVIDENCE_LIMITS: EvidenceLimits = EvidenceLimits { bytes: 4_500_000, pages: 18 };
/// No answer that we ask for is larger: a page of payments with their charges.
const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Rows of a page of a list, the most that the vendor gives, and the most pages of one.
const PAGE_ROWS: usize = 100;
const PAGES_MAX: usize = 1_000;
/// The bounds of the time in which a page can be paid, with room for clocks that differ.
const PAGE_OPEN_MIN: TimeDelta = TimeDelta::minutes(31);
const PAGE_OPEN_MAX: TimeDelta = TimeDelta::minutes(23 * 60 + 59);
/// How far the vendor's clock may be behind ours.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);
/// The vendor keeps what it answered to a key for a day; the rest is for clocks that differ.
const KEY_KEPT: TimeDelta = TimeDelta::hours(23);
/// What a payment is shown with: how it was paid, and what was kept of it.
const WITH_FEE: &str = "latest_charge.balance_transaction";

/// The gateway under one account.
#[derive(Debug)]
pub(crate) struct Stripe {
    client: Client,
    config: StripeConfig,
    /// Where payers come back to, without a slash at the end.
    public_url: String,
}

/// The parameters of a call, as a form has them.
type Form = Vec<(String, String)>;

impl Stripe {
    pub(crate) fn new(config: StripeConfig, public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { client: platform::http::client(TIMEOUT), config, public_url }
    }

    fn request(&self, method: Verb, path: &str) -> RequestBuilder {
        let url = format!("{}/v1{path}", self.config.base_url.trim_end_matches('/'));
        let request = self.client.request(method, url).bearer_auth(self.config.secret_key.expose_secret());
        request.header("Stripe-Version", API_VERSION)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        answer(self.request(Verb::GET, path)).await
    }

    /// Does something once, however often the request arrives under the same key.
    async fn post<T: DeserializeOwned>(&self, path: &str, form: &Form, key: &str) -> Result<T, Error> {
        let request = self.request(Verb::POST, path).header("Idempotency-Key", key);
        answer(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(encoded(form))).await
    }

    /// All pages of a list, newest first; `path` has its parameters already.
    async fn all<W: DeserializeOwned + Listed>(&self, path: &str) -> Result<Vec<W>, Error> {
        let mut items: Vec<W> = Vec::new();
        for _ in 0..PAGES_MAX {
            let after = items.last().map(|last| format!("&starting_after={}", last.id())).unwrap_or_default();
            let mut list: wire::List<W> = self.get(&format!("{path}&limit={PAGE_ROWS}{after}")).await?;
            let is_last = !list.has_more || list.data.is_empty();
            items.append(&mut list.data);
            if is_last {
                return Ok(items);
            }
        }
        Err(Error::TooMany)
    }

    /// What was in a payout.
    async fn lines_of(&self, payout: &Payout) -> Result<Vec<Line>, Error> {
        if !payout.automatic {
            return Ok(payout.line().into_iter().collect());
        }
        let path = format!("/balance_transactions?payout={}&expand[]=data.source", plain(&payout.id)?);
        let movements = self.all::<Movement>(&path).await?;
        Ok(movements.into_iter().filter_map(|movement| movement.settled(payout)).collect())
    }

    /// The charge that was made for an intent before.
    async fn charged_before(&self, asked: &Asked<'_>, kept: &Kept<'_>) -> Result<Option<Payment>, Error> {
        let since = (asked.created_at - CLOCKS_DIFFER).timestamp();
        let path = format!("/payment_intents?customer={}&created[gte]={since}", plain(kept.customer)?);
        let made = self.all::<PaymentIntent>(&path).await?.into_iter().map(Payment::from);
        let intent = Some((asked.tenant, asked.intent));
        Ok(made.into_iter().find(|payment| payment.intent == intent))
    }

    fn new_page(&self, asked: &Asked<'_>) -> Form {
        let back = format!("{}{}", self.public_url, asked.back);
        let expires_at = asked.expires_at.clamp(asked.now + PAGE_OPEN_MIN, asked.now + PAGE_OPEN_MAX);
        let price = "line_items[0][price_data]";
        let mut form = vec![
            ("mode".to_owned(), "payment".to_owned()),
            ("client_reference_id".to_owned(), asked.intent.to_string()),
            ("line_items[0][quantity]".to_owned(), "1".to_owned()),
            (format!("{price}[currency]"), "inr".to_owned()),
            (format!("{price}[unit_amount]"), asked.amount.minor().to_string()),
            (format!("{price}[product_data][name]"), asked.purpose.to_owned()),
            ("payment_intent_data[description]".to_owned(), format!("{} – {}", asked.payee, asked.purpose)),
            ("success_url".to_owned(), format!("{back}?returned=1")),
            ("cancel_url".to_owned(), back),
            ("expires_at".to_owned(), expires_at.timestamp().to_string()),
        ];
        form.extend(marked("metadata", asked));
        form.extend(marked("payment_intent_data[metadata]", asked));
        if let Some(customer) = asked.customer {
            form.push(("customer".to_owned(), customer.to_owned()));
            form.push(("payment_intent_data[setup_future_usage]".to_owned(), "off_session".to_owned()));
        }
        form
    }
}

/// Whom something is for, as metadata.
fn marked(group: &str, asked: &Asked<'_>) -> Form {
    vec![
        (format!("{group}[{}]", wire::TENANT), asked.tenant.to_string()),
        (format!("{group}[{}]", wire::INTENT), asked.intent.to_string()),
    ]
}

fn encoded(form: &Form) -> String {
    let mut url = reqwest::Url::parse("form:").expect("a scheme alone is a URL");
    url.query_pairs_mut().extend_pairs(form);
    url.query().unwrap_or_default().to_owned()
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Error> {
    let response = request.send().await.map_err(platform::http::Error::from)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = platform::http::read_body(response, ANSWER_BYTES_MAX).await?;
    if !status.is_success() {
        return Err(error::refusal(status, &headers, &body));
    }
    serde_json::from_slice(&body).map_err(Error::Unreadable)
}

/// An id goes into a path: what is none of the vendor's never leaves the house.
fn plain(id: &str) -> Result<&str, Error> {
    let fits = (1..=255).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if fits { Ok(id) } else { Err(Error::Unknown) }
}

/// Whether an order is a payment of its own, made without a page.
fn is_payment(order: &str) -> bool {
    order.starts_with("pi_")
}

/// A time as the vendor's lists take it.
fn within(field: &str, time: &Range<DateTime<Utc>>) -> String {
    format!("{field}[gte]={}&{field}[lt]={}", time.start.timestamp(), time.end.timestamp())
}

#[async_trait]
impl Gateway for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn amount_min(&self) -> Money {
        Money::inr(50)
    }

    fn checkout(&self, _: &str, _: Option<&str>) -> Option<Checkout> {
        None
    }

    async fn create_order(&self, asked: &Asked<'_>) -> Result<Order, Error> {
        // Another try is another page: the answer to a key is kept, and an error would be as well.
        let key = format!("page-{}-{}", asked.intent, asked.now.timestamp_micros());
        let session: Session = self.post("/checkout/sessions", &self.new_page(asked), &key).await?;
        Ok(session.order())
    }

    async fn find_order(&self, asked: &Asked<'_>) -> Result<Option<Order>, Error> {
        let since = (asked.created_at - CLOCKS_DIFFER).timestamp();
        let sessions = self.all::<Session>(&format!("/checkout/sessions?created[gte]={since}")).await?;
        let reference = asked.intent.to_string();
        let is_its = |session: &Session| {
            session.client_reference_id.as_deref() == Some(&reference) && session.url.is_some()
        };
        Ok(sessions.into_iter().find(is_its).map(Session::order))
    }

    async fn close_order(&self, order: &str) -> Result<(), Error> {
        if is_payment(order) {
            // A charge without its payer is over at once.
            return Ok(());
        }
        let path = format!("/checkout/sessions/{}/expire", plain(order)?);
        self.post::<Session>(&path, &Form::new(), &format!("close-{order}")).await.map(drop)
    }

    fn shows_qr_codes(&self) -> bool {
        false
    }

    async fn create_qr_code(&self, _: &Asked<'_>) -> Result<QrCode, Error> {
        Err(Error::Unknown)
    }

    async fn close_qr_code(&self, _: &str) -> Result<(), Error> {
        Err(Error::Unknown)
    }

    async fn payment(&self, payment: &str) -> Result<Payment, Error> {
        let path = format!("/payment_intents/{}?expand[]={WITH_FEE}", plain(payment)?);
        self.get::<PaymentIntent>(&path).await.map(Payment::from)
    }

    async fn payments_of_order(&self, order: &str) -> Result<Vec<Payment>, Error> {
        if is_payment(order) {
            return Ok(vec![self.payment(order).await?]);
        }
        let path = format!("/checkout/sessions/{}?expand[]=payment_intent.{WITH_FEE}", plain(order)?);
        let session: Session = self.get(&path).await?;
        Ok(session.payment().map(Payment::from).into_iter().collect())
    }

    async fn payments_of_qr_code(&self, _: &str) -> Result<Vec<Payment>, Error> {
        Err(Error::Unknown)
    }

    async fn refund(&self, asked: &RefundAsked<'_>) -> Result<Refund, Error> {
        // The vendor forgets keys after a day; what is written on the refund stays.
        let path = format!("/refunds?payment_intent={}", plain(asked.payment)?);
        let made = self.all::<wire::Refund>(&path).await?;
        if let Some(made) = made.into_iter().find(|refund| refund.was_asked_under(asked.key)) {
            return made.known().ok_or(Error::Unknown);
        }
        let form = vec![
            ("payment_intent".to_owned(), asked.payment.to_owned()),
            ("amount".to_owned(), asked.amount.minor().to_string()),
            (format!("metadata[{}]", wire::REFUND_KEY), asked.key.to_owned()),
        ];
        let refund: wire::Refund = self.post("/refunds", &form, asked.key).await?;
        refund.known().ok_or(Error::Unknown)
    }

    async fn fetch_refund(&self, refund: &str) -> Result<Refund, Error> {
        let refund: wire::Refund = self.get(&format!("/refunds/{}", plain(refund)?)).await?;
        refund.known().ok_or(Error::Unknown)
    }

    async fn refunds_of_payment(&self, payment: &str) -> Result<Vec<Refund>, Error> {
        let path = format!("/refunds?payment_intent={}", plain(payment)?);
        Ok(self.all::<wire::Refund>(&path).await?.into_iter().filter_map(wire::Refund::known).collect())
    }

    fn refunds_may_come_back(&self) -> bool {
        true
    }

    async fn payments_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Payment>, Error> {
        let path = format!("/payment_intents?{}&expand[]=data.{WITH_FEE}", within("created", time));
        Ok(self.all::<PaymentIntent>(&path).await?.into_iter().map(Payment::from).collect())
    }

    async fn refunds_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Refund>, Error> {
        let refunds = self.all::<wire::Refund>(&format!("/refunds?{}", within("created", time))).await?;
        Ok(refunds.into_iter().filter_map(wire::Refund::known).collect())
    }

    async fn settlement_lines(&self, day: NaiveDate) -> Result<Vec<Line>, Error> {
        let arrived = within("arrival_date", &india::hours(day));
        let mut lines = Vec::new();
        for payout in self.all::<Payout>(&format!("/payouts?status=paid&{arrived}")).await? {
            lines.append(&mut self.lines_of(&payout).await?);
        }
        Ok(lines)
    }

    async fn dispute(&self, dispute: &str) -> Result<Dispute, Error> {
        let dispute: dispute::Dispute = self.get(&format!("/disputes/{}", plain(dispute)?)).await?;
        dispute.known().ok_or(Error::Unknown)
    }

    async fn disputes_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Dispute>, Error> {
        let disputes =
            self.all::<dispute::Dispute>(&format!("/disputes?{}", within("created", time))).await?;
        Ok(disputes.into_iter().filter_map(dispute::Dispute::known).collect())
    }

    async fn accept_dispute(&self, dispute: &str) -> Result<Dispute, Error> {
        let path = format!("/disputes/{}/close", plain(dispute)?);
        let closed: dispute::Dispute = self.post(&path, &Form::new(), &format!("accept-{dispute}")).await?;
        closed.known().ok_or(Error::Unknown)
    }

    fn evidence_limits(&self) -> EvidenceLimits {
        EVIDENCE_LIMITS
    }

    async fn upload_evidence(&self, file: &EvidenceUpload<'_>) -> Result<String, Error> {
        let part = Part::bytes(file.content.to_vec()).file_name(file.name.to_owned());
        let part = part.mime_str(file.media_type).map_err(platform::http::Error::from)?;
        let form = multipart::Form::new().text("purpose", "dispute_evidence").part("file", part);
        // The vendor takes files at a host of its own, beside its API's.
        let url = self.config.base_url.trim_end_matches('/').replace("://api.", "://files.");
        let upload = self.client.post(format!("{url}/v1/files")).timeout(UPLOAD_TIMEOUT).multipart(form);
        let upload = upload.bearer_auth(self.config.secret_key.expose_secret());
        let file: dispute::File = answer(upload.header("Stripe-Version", API_VERSION)).await?;
        Ok(file.id)
    }

    async fn contest_dispute(&self, contest: &Contest<'_>) -> Result<Dispute, Error> {
        let path = format!("/disputes/{}", plain(contest.dispute)?);
        let form = dispute::evidence(contest);
        // Another answer has other words or files; the same one is sent once.
        let words = hex::encode(Sha256::digest(encoded(&form)));
        let key = format!("contest-{}-{words}", contest.dispute);
        let contested: dispute::Dispute = self.post(&path, &form, &key).await?;
        contested.known().ok_or(Error::Unknown)
    }

    fn signed_webhook(&self, body: &[u8], signature: &str, now: DateTime<Utc>) -> bool {
        webhook::verifies(&self.config.webhook_secret, body, signature, now)
    }

    fn read_webhook(&self, body: &[u8]) -> Option<News> {
        webhook::read(body)
    }

    fn signed_checkout(&self, _: &str, _: &str, _: &str) -> bool {
        false
    }

    fn keeps_methods(&self) -> bool {
        true
    }

    async fn create_customer(&self, payer: &Payer<'_>, now: DateTime<Utc>) -> Result<String, Error> {
        let tenant = payer.tenant;
        let form = vec![(format!("metadata[{}]", wire::TENANT), tenant.to_string())];
        let key = format!("customer-{tenant}-{}", now.timestamp_micros());
        let customer: wire::Named = self.post("/customers", &form, &key).await?;
        Ok(customer.id)
    }

    fn keeps_at_pages(&self) -> bool {
        true
    }

    async fn keeping_page(&self, customer: &str, id: Uuid) -> Result<String, Error> {
        let back = format!("{}/v/payment-methods", self.public_url);
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let form = vec![
            text("mode", "setup"),
            text("currency", "inr"),
            text("customer", customer),
            text("success_url", &format!("{back}?kept={id}")),
            text("cancel_url", &back),
        ];
        let session: Session = self.post("/checkout/sessions", &form, &format!("keep-{id}")).await?;
        session.order().page.ok_or(Error::Unknown)
    }

    async fn methods_of(&self, customer: &str) -> Result<Vec<Method>, Error> {
        let path = format!("/customers/{}/payment_methods?type=card", plain(customer)?);
        let mut methods = self.all::<wire::PaymentMethod>(&path).await?;
        methods.reverse();
        Ok(methods.into_iter().filter_map(wire::PaymentMethod::kept).collect())
    }

    async fn forget_method(&self, kept: &Kept<'_>) -> Result<(), Error> {
        let method = kept.method;
        let path = format!("/payment_methods/{}/detach", plain(method)?);
        self.post::<wire::Named>(&path, &Form::new(), &format!("forget-{method}")).await.map(drop)
    }

    async fn charge(&self, asked: &Asked<'_>, kept: &Kept<'_>) -> Result<Payment, Error> {
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut form = vec![
            text("amount", &asked.amount.minor().to_string()),
            text("currency", "inr"),
            text("customer", kept.customer),
            text("payment_method", kept.method),
            text("off_session", "true"),
            text("confirm", "true"),
            text("description", &format!("{} – {}", asked.payee, asked.purpose)),
        ];
        form.extend(marked("metadata", asked));
        // Under one key, so that the card is charged once; once the vendor may have forgotten that, it is looked for.
        if asked.now - asked.created_at > KEY_KEPT
            && let Some(made) = self.charged_before(asked, kept).await?
        {
            return Ok(made);
        }
        let key = format!("charge-{}", asked.intent);
        self.post::<PaymentIntent>("/payment_intents", &form, &key).await.map(Payment::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_would_leave_its_path_is_unknown() {
        assert!(plain("pi_3MtwBwLkdIwHu7ix28a3tqPa").is_ok());
        for bad in ["", "../payouts", "pi_1/cancel", "pi_1?x", "pi 1", &"a".repeat(256)] {
            assert!(matches!(plain(bad), Err(Error::Unknown)), "{bad}");
        }
    }

    #[test]
    fn a_form_is_encoded_as_the_vendor_reads_it() {
        let form = vec![("a[b]".to_owned(), "Meena's & Co – ₹".to_owned()), ("c".to_owned(), "1".to_owned())];
        assert_eq!(encoded(&form), "a%5Bb%5D=Meena%27s+%26+Co+%E2%80%93+%E2%82%B9&c=1");
    }
}
