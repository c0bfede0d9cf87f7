//! An account with an emulator of its own and a webhook endpoint that remembers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use emulator::stripe::{Delivery, Endpoint, NewAccount, Settings, Stripe};
use emulator::{Emulator, Options};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::shop::{NOW_S, http, json_of, text};

pub const WEBHOOK_SECRET: &str = "whsec_of_a_test";

/// Parameters of a card payment of ₹750 that is booked at once.
pub const PAYMENT: [(&str, &str); 5] = [
    ("amount", "75000"),
    ("currency", "inr"),
    ("payment_method_types[]", "card"),
    ("capture_method", "automatic"),
    ("confirm", "true"),
];

pub struct Store {
    pub emulator: Emulator,
    pub key: String,
    http: reqwest::Client,
}

impl Store {
    /// On a clock that stands still.
    pub async fn open() -> Self {
        let emulator = Emulator::start(Options::repeatable(NOW_S, 7)).await.unwrap();
        Self { emulator, key: NewAccount::demo().secret_key, http: http() }
    }

    pub fn stripe(&self) -> &Stripe {
        self.emulator.stripe()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.emulator.stripe_url());
        self.http.request(method, url).bearer_auth(&self.key)
    }

    pub fn posting(&self, path: &str, params: &[(&str, &str)]) -> RequestBuilder {
        let request = self.request(Method::POST, path);
        request.header("Content-Type", "application/x-www-form-urlencoded").body(encoded(params))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, found) = answer(self.request(Method::GET, path)).await;
        assert_eq!(status, 200, "{found}");
        found
    }

    pub async fn post(&self, path: &str, params: &[(&str, &str)]) -> (u16, Value) {
        answer(self.posting(path, params)).await
    }

    /// The same where it must succeed.
    pub async fn make(&self, path: &str, params: &[(&str, &str)]) -> Value {
        let (status, made) = self.post(path, params).await;
        assert_eq!(status, 200, "{made}");
        made
    }

    /// A payment of ₹750 with this test card.
    pub async fn pay_with(&self, card: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let params = [PAYMENT.as_slice(), &[("payment_method", card)], more].concat();
        self.post("/v1/payment_intents", &params).await
    }

    /// The intent of a payment of ₹750 that succeeded.
    pub async fn paid(&self, card: &str) -> Value {
        let (status, intent) = self.pay_with(card, &[]).await;
        assert_eq!((status, &intent["status"]), (200, &"succeeded".into()), "{intent}");
        intent
    }

    /// A checkout session over 5 × ₹150.
    pub async fn session(&self, more: &[(&str, &str)]) -> Value {
        let line = [
            ("mode", "payment"),
            ("line_items[0][quantity]", "5"),
            ("line_items[0][price_data][currency]", "inr"),
            ("line_items[0][price_data][unit_amount]", "15000"),
            ("line_items[0][price_data][product_data][name]", "Tomatoes, 1 kg"),
            ("success_url", "https://shop.example/paid?session={CHECKOUT_SESSION_ID}"),
            ("cancel_url", "https://shop.example/cart"),
        ];
        self.make("/v1/checkout/sessions", &[line.as_slice(), more].concat()).await
    }

    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.stripe().settings(&self.key).unwrap();
        change(&mut settings);
        self.stripe().set_settings(&self.key, settings).unwrap();
    }

    /// Sends all events to this receiver from now on.
    pub fn notify(&self, receiver: &Receiver) {
        let endpoint = Endpoint::new(&receiver.url, WEBHOOK_SECRET);
        self.stripe().set_webhooks(&self.key, vec![endpoint]).unwrap();
    }

    pub fn deliveries(&self) -> Vec<Delivery> {
        self.stripe().deliveries(&self.key).unwrap()
    }

    pub async fn advance_s(&self, seconds: u64) {
        self.emulator.clock().advance(Duration::from_secs(seconds));
        self.stripe().settle().await;
    }

    /// The kinds of all events, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let listed = self.get("/v1/events?limit=100").await;
        listed["data"].as_array().unwrap().iter().rev().map(|event| text(&event["type"])).collect()
    }
}

fn encoded(params: &[(&str, &str)]) -> String {
    let url = reqwest::Url::parse_with_params("http://localhost/", params).unwrap();
    url.query().unwrap_or_default().to_owned()
}

pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), json_of(response).await)
}

pub fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

/// One webhook request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub signature: String,
    pub body: Bytes,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// When the attempt was signed, in seconds since 1970.
    pub fn signed_s(&self) -> i64 {
        self.part("t").parse().unwrap()
    }

    /// Whether the signature is that of the time and the bytes that arrived.
    pub fn is_genuine(&self) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).unwrap();
        mac.update(format!("{}.", self.signed_s()).as_bytes());
        mac.update(&self.body);
        mac.verify_slice(&hex::decode(self.part("v1")).unwrap()).is_ok()
    }

    fn part(&self, name: &str) -> &str {
        let mut parts = self.signature.split(',').filter_map(|part| part.split_once('='));
        parts.find(|(key, _)| *key == name).unwrap().1
    }
}

/// A webhook endpoint.
pub struct Receiver {
    pub url: String,
    kept: Kept,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Kept {
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
}

impl Receiver {
    pub async fn open() -> Self {
        let kept = Kept::default();
        let router = Router::new().route("/webhooks", post(receive)).with_state(kept.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, kept, serving }
    }

    /// Answers the next requests so, and 200 after them.
    pub fn answers(&self, statuses: &[StatusCode]) {
        self.kept.answers.lock().unwrap().extend(statuses);
    }

    pub fn received(&self) -> Vec<Received> {
        self.kept.received.lock().unwrap().clone()
    }

    pub fn events(&self) -> Vec<String> {
        self.received().iter().map(|webhook| text(&webhook.json()["type"])).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    kept.received.lock().unwrap().push(Received { signature, body });
    kept.answers.lock().unwrap().pop_front().unwrap_or(StatusCode::OK)
}
