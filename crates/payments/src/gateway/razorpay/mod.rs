//! Razorpay: orders, UPI QR codes, payments, refunds, disputes, webhooks, what was settled, mandates (`mandate`).
//!
//! Deliberately absent: its plans and subscriptions (ADR 0017), capturing by hand (the vendor captures by itself within the order's time, and gives back what a
//! bank authorises later), Route, payouts, instant settlements.

mod dispute;
mod error;
mod mandate;
mod webhook;
mod wire;

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use types::Money;

pub(crate) use webhook::verifies;

use super::{
    Asked, Contest, Dispute, Error, EvidenceUpload, Gateway, Kept as KeptFor, Mandate, Method as Kept, News,
    Order, Payer, Payment, QrCode, Refund, RefundAsked,
};
use crate::config::RazorpayConfig;
use crate::reconcile::line::Line;
use crate::view::Checkout;

/// The longest a whole call may take.
const TIMEOUT: Duration = Duration::from_secs(8);
/// The longest that a file takes on its way.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(1);
/// No answer that we ask for is larger.
const ANSWER_BYTES_MAX: usize = 512 * 1024;
/// The vendor closes no QR code sooner than 15 minutes after it was made; the rest is for clocks that differ.
const QR_OPEN_MIN: TimeDelta = TimeDelta::minutes(20);
/// The bounds of the time in which the vendor captures by itself, in minutes.
const CAPTURE_MINUTES_MIN: i64 = 12;
const CAPTURE_MINUTES_MAX: i64 = 7_200;
/// Rows of a page of a list, the most that all of the vendor's lists give, and the most pages of one.
const PAGE_ROWS: usize = 100;
const PAGES_MAX: usize = 1_000;
/// The longest name on a QR code, in characters.
const NAME_CHARS_MAX: usize = 100;

/// The gateway under one account.
#[derive(Debug)]
pub(crate) struct Razorpay {
    client: Client,
    config: RazorpayConfig,
}

impl Razorpay {
    pub(crate) fn new(config: RazorpayConfig) -> Self {
        Self { client: platform::http::client(TIMEOUT), config }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/v1{path}", self.config.base_url.trim_end_matches('/'));
        let secret = self.config.key_secret.expose_secret();
        self.client.request(method, url).basic_auth(&self.config.key_id, Some(secret))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        answer(self.request(Method::GET, path)).await
    }

    /// All pages of a list; `path` has its parameters already.
    async fn all<W: DeserializeOwned>(&self, path: &str) -> Result<Vec<W>, Error> {
        let mut items = Vec::new();
        for page in 0..PAGES_MAX {
            let skip = page * PAGE_ROWS;
            let list: wire::List<W> = self.get(&format!("{path}&count={PAGE_ROWS}&skip={skip}")).await?;
            let rows = list.items.len();
            items.extend(list.items);
            if rows < PAGE_ROWS {
                return Ok(items);
            }
        }
        Err(Error::TooMany)
    }

    /// Makes an order, and has its payment register a mandate where one is asked for.
    async fn order(&self, asked: &Asked<'_>, mandate: Option<mandate::Asks<'_>>) -> Result<Order, Error> {
        let order = wire::NewOrder {
            amount: asked.amount.minor(),
            currency: "INR",
            receipt: asked.intent.to_string(),
            notes: Self::notes(asked),
            payment: capture_rule(asked),
            mandate,
        };
        let order: wire::Order = answer(self.request(Method::POST, "/orders").json(&order)).await?;
        Ok(order.into())
    }

    fn notes(asked: &Asked<'_>) -> wire::Notes {
        wire::Notes { tenant_id: asked.tenant, intent_id: asked.intent }
    }
}

/// The answer to a request, in the vendor's own shape.
pub(crate) async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Error> {
    let response = request.send().await.map_err(platform::http::Error::from)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = platform::http::read_body(response, ANSWER_BYTES_MAX).await?;
    if !status.is_success() {
        return Err(error::refusal(status, &headers, &body));
    }
    serde_json::from_slice(&body).map_err(Error::Unreadable)
}

/// An id goes into a path: what is none of the vendor's never leaves the house.
pub(crate) fn plain(id: &str) -> Result<&str, Error> {
    let fits = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if fits { Ok(id) } else { Err(Error::Unknown) }
}

fn capture_rule(asked: &Asked<'_>) -> wire::CaptureRule {
    let minutes = (asked.expires_at - asked.now).num_minutes() + 1;
    let minutes = minutes.clamp(CAPTURE_MINUTES_MIN, CAPTURE_MINUTES_MAX);
    wire::CaptureRule {
        capture: "automatic",
        capture_options: wire::CaptureOptions {
            automatic_expiry_period: minutes,
            manual_expiry_period: minutes,
            refund_speed: "normal",
        },
    }
}

/// A time as the vendor's lists take it: seconds, both ends within.
fn within(time: &Range<DateTime<Utc>>) -> String {
    format!("from={}&to={}", time.start.timestamp(), time.end.timestamp() - 1)
}

fn many<W, T: From<W>>(list: wire::List<W>) -> Vec<T> {
    list.items.into_iter().map(T::from).collect()
}

#[async_trait]
impl Gateway for Razorpay {
    fn name(&self) -> &'static str {
        "razorpay"
    }

    fn amount_min(&self) -> Money {
        Money::inr(1_00)
    }

    fn checkout(&self, order: &str, customer: Option<&str>) -> Option<Checkout> {
        Some(Checkout {
            key_id: self.config.key_id.clone(),
            order_id: order.to_owned(),
            script_url: self.config.checkout_script_url.clone(),
            customer_id: customer.map(str::to_owned),
        })
    }

    async fn create_order(&self, asked: &Asked<'_>) -> Result<Order, Error> {
        self.order(asked, asked.customer.map(|customer| mandate::Asks::of(customer, asked))).await
    }

    async fn find_order(&self, asked: &Asked<'_>) -> Result<Option<Order>, Error> {
        let list: wire::List<wire::Order> = self.get(&format!("/orders?receipt={}", asked.intent)).await?;
        Ok(list.items.into_iter().next_back().map(Order::from))
    }

    async fn close_order(&self, _: &str) -> Result<(), Error> {
        // The vendor closes none; what comes late is taken in.
        Ok(())
    }

    fn shows_qr_codes(&self) -> bool {
        true
    }

    async fn create_qr_code(&self, asked: &Asked<'_>) -> Result<QrCode, Error> {
        let name: String = asked.payee.chars().take(NAME_CHARS_MAX).collect();
        let close_by = asked.expires_at.max(asked.now + QR_OPEN_MIN);
        let qr = wire::NewQrCode {
            kind: "upi_qr",
            name: &name,
            usage: "single_use",
            fixed_amount: true,
            payment_amount: asked.amount.minor(),
            description: asked.purpose,
            close_by: close_by.timestamp(),
            notes: Self::notes(asked),
        };
        let qr: wire::QrCode = answer(self.request(Method::POST, "/payments/qr_codes").json(&qr)).await?;
        let closes_at = qr.close_by.and_then(|at| DateTime::<Utc>::from_timestamp(at, 0)).unwrap_or(close_by);
        Ok(QrCode { id: qr.id, content: qr.image_content, closes_at })
    }

    async fn close_qr_code(&self, qr: &str) -> Result<(), Error> {
        let close = self.request(Method::POST, &format!("/payments/qr_codes/{}/close", plain(qr)?));
        match answer::<wire::QrCode>(close).await {
            Err(Error::Refused(why)) if why.contains("closed") => Ok(()),
            other => other.map(drop),
        }
    }

    async fn payment(&self, payment: &str) -> Result<Payment, Error> {
        let payment: wire::Payment = self.get(&format!("/payments/{}", plain(payment)?)).await?;
        Ok(payment.into())
    }

    async fn payments_of_order(&self, order: &str) -> Result<Vec<Payment>, Error> {
        self.get(&format!("/orders/{}/payments?count=100", plain(order)?)).await.map(many::<wire::Payment, _>)
    }

    async fn payments_of_qr_code(&self, qr: &str) -> Result<Vec<Payment>, Error> {
        let path = format!("/payments/qr_codes/{}/payments?count=100", plain(qr)?);
        self.get(&path).await.map(many::<wire::Payment, _>)
    }

    async fn refund(&self, asked: &RefundAsked<'_>) -> Result<Refund, Error> {
        let path = format!("/payments/{}/refund", plain(asked.payment)?);
        let refund = wire::NewRefund { amount: asked.amount.minor(), speed: "normal", receipt: asked.key };
        let request = self.request(Method::POST, &path).header("X-Refund-Idempotency", asked.key);
        let refund: wire::Refund = answer(request.json(&refund)).await?;
        Ok(refund.into())
    }

    async fn fetch_refund(&self, refund: &str) -> Result<Refund, Error> {
        let refund: wire::Refund = self.get(&format!("/refunds/{}", plain(refund)?)).await?;
        Ok(refund.into())
    }

    async fn refunds_of_payment(&self, payment: &str) -> Result<Vec<Refund>, Error> {
        let path = format!("/payments/{}/refunds?count=100", plain(payment)?);
        self.get(&path).await.map(many::<wire::Refund, _>)
    }

    async fn payments_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Payment>, Error> {
        let payments = self.all::<wire::Payment>(&format!("/payments?{}", within(time))).await?;
        Ok(payments.into_iter().map(Payment::from).collect())
    }

    async fn refunds_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Refund>, Error> {
        let refunds = self.all::<wire::Refund>(&format!("/refunds?{}", within(time))).await?;
        Ok(refunds.into_iter().map(Refund::from).collect())
    }

    async fn settlement_lines(&self, day: NaiveDate) -> Result<Vec<Line>, Error> {
        let (year, month, day) = (day.year(), day.month(), day.day());
        let path = format!("/settlements/recon/combined?year={year}&month={month}&day={day}");
        let lines = self.all::<wire::SettlementLine>(&path).await?;
        Ok(lines.into_iter().filter_map(wire::SettlementLine::settled).collect())
    }

    async fn dispute(&self, dispute: &str) -> Result<Dispute, Error> {
        let dispute: dispute::Dispute = self.get(&format!("/disputes/{}", plain(dispute)?)).await?;
        Ok(dispute.into())
    }

    async fn disputes_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Dispute>, Error> {
        let disputes = self.all::<dispute::Dispute>(&format!("/disputes?{}", within(time))).await?;
        Ok(disputes.into_iter().map(Dispute::from).collect())
    }

    async fn accept_dispute(&self, dispute: &str) -> Result<Dispute, Error> {
        let path = format!("/disputes/{}/accept", plain(dispute)?);
        let accept = self.request(Method::POST, &path).json(&serde_json::json!({}));
        answer::<dispute::Dispute>(accept).await.map(Dispute::from)
    }

    async fn upload_evidence(&self, file: &EvidenceUpload<'_>) -> Result<String, Error> {
        let part = Part::bytes(file.content.to_vec()).file_name(file.name.to_owned());
        let part = part.mime_str(file.media_type).map_err(platform::http::Error::from)?;
        let form = Form::new().text("purpose", "dispute_evidence").part("file", part);
        let upload = self.request(Method::POST, "/documents").multipart(form).timeout(UPLOAD_TIMEOUT);
        let document: dispute::Document = answer(upload).await?;
        Ok(document.id)
    }

    async fn contest_dispute(&self, contest: &Contest<'_>) -> Result<Dispute, Error> {
        let path = format!("/disputes/{}/contest", plain(contest.dispute)?);
        let request = self.request(Method::PATCH, &path).json(&dispute::Evidence::from(contest));
        answer::<dispute::Dispute>(request).await.map(Dispute::from)
    }

    fn signed_webhook(&self, body: &[u8], signature: &str, _: DateTime<Utc>) -> bool {
        verifies(&self.config.webhook_secret, body, signature)
    }

    fn read_webhook(&self, body: &[u8]) -> Option<News> {
        webhook::read(body)
    }

    fn keeps_methods(&self) -> bool {
        true
    }

    fn mandate(&self) -> Option<Mandate> {
        Some(mandate::BOUNDS)
    }

    async fn create_customer(&self, payer: &Payer<'_>, _: DateTime<Utc>) -> Result<String, Error> {
        self.make_customer(payer).await
    }

    async fn methods_of(&self, customer: &str) -> Result<Vec<Kept>, Error> {
        self.tokens_of(customer).await
    }

    async fn forget_method(&self, kept: &KeptFor<'_>) -> Result<(), Error> {
        self.delete_token(kept).await
    }

    async fn charge(&self, asked: &Asked<'_>, kept: &KeptFor<'_>) -> Result<Payment, Error> {
        self.charge_token(asked, kept).await
    }

    fn signed_checkout(&self, order: &str, payment: &str, signature: &str) -> bool {
        let message = format!("{order}|{payment}");
        verifies(&self.config.key_secret, message.as_bytes(), signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_would_leave_its_path_is_unknown() {
        assert!(plain("pay_00000000000001").is_ok());
        for bad in ["", "../orders", "pay_1/refund", "pay_1?x", "pay 1", &"a".repeat(65)] {
            assert!(matches!(plain(bad), Err(Error::Unknown)), "{bad}");
        }
    }
}
