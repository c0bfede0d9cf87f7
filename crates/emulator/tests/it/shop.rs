//! A merchant with an emulator of its own and a webhook endpoint that remembers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use emulator::razorpay::{Delivery, DeliveryState, Endpoint, NewMerchant, Play, Played, Settings};
use emulator::{Emulator, Options};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

pub const NOW_S: i64 = 1_764_000_000;
pub const WEBHOOK_SECRET: &str = "a webhook secret";

/// An HTTP client that follows no redirect.
pub fn http() -> reqwest::Client {
    // Another test of this process may have installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

pub struct Shop {
    pub emulator: Emulator,
    pub key_id: String,
    key_secret: String,
    http: reqwest::Client,
}

impl Shop {
    /// On a clock that stands still.
    pub async fn open() -> Self {
        Self::open_with(Options::repeatable(NOW_S, 7)).await
    }

    pub async fn open_with(options: Options) -> Self {
        let emulator = Emulator::start(options).await.unwrap();
        let NewMerchant { key_id, key_secret, .. } = NewMerchant::demo();
        Self { emulator, key_id, key_secret, http: http() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.emulator.razorpay_url());
        self.http.request(method, url).basic_auth(&self.key_id, Some(&self.key_secret))
    }

    pub async fn get(&self, path: &str) -> Value {
        answer(self.request(Method::GET, path)).await.1
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    /// The id of a new order over ₹750.
    pub async fn order(&self) -> String {
        self.order_with(json!({})).await
    }

    pub async fn order_with(&self, more: Value) -> String {
        let mut body = json!({ "amount": 75_000, "currency": "INR" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, order) = self.post("/v1/orders", body).await;
        assert_eq!(status, 200, "{order}");
        text(&order["id"])
    }

    /// The id of a new single-use QR code over ₹750.
    pub async fn qr(&self) -> String {
        let body = json!({ "type": "upi_qr", "usage": "single_use", "fixed_amount": true, "payment_amount": 75_000 });
        let (status, qr) = self.post("/v1/payments/qr_codes", body).await;
        assert_eq!(status, 200, "{qr}");
        text(&qr["id"])
    }

    pub fn play(&self, play: &Play) -> Played {
        self.emulator.razorpay().play(play).unwrap()
    }

    /// The id of a payment of ₹750 that was captured.
    pub async fn captured_payment(&self) -> String {
        let order = self.order().await;
        text(&self.play(&Play::order(&order)).payment["id"])
    }

    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.emulator.razorpay().settings(&self.key_id).unwrap();
        change(&mut settings);
        self.emulator.razorpay().set_settings(&self.key_id, settings).unwrap();
    }

    /// Sends all events to this receiver from now on.
    pub fn notify(&self, receiver: &Receiver) {
        let endpoint = Endpoint::new(&receiver.url, WEBHOOK_SECRET);
        self.emulator.razorpay().set_webhooks(&self.key_id, vec![endpoint]).unwrap();
    }

    pub fn deliveries(&self) -> Vec<Delivery> {
        self.emulator.razorpay().deliveries(&self.key_id).unwrap()
    }

    pub fn states(&self) -> Vec<DeliveryState> {
        self.deliveries().iter().map(|delivery| delivery.state).collect()
    }

    pub async fn advance_s(&self, seconds: u64) {
        self.emulator.clock().advance(std::time::Duration::from_secs(seconds));
        self.emulator.razorpay().settle().await;
    }
}

pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, json_of(response).await)
}

pub async fn json_of(response: Response) -> Value {
    let body = response.bytes().await.unwrap();
    if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// One webhook request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub event_id: String,
    pub signature: String,
    pub body: Bytes,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn event(&self) -> String {
        text(&self.json()["event"])
    }

    /// Whether the signature is that of the bytes that arrived.
    pub fn is_genuine(&self) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).unwrap();
        mac.update(&self.body);
        mac.verify_slice(&hex::decode(&self.signature).unwrap()).is_ok()
    }
}

/// A webhook endpoint.
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Kept {
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
}

impl Receiver {
    pub async fn open() -> Self {
        let (received, answers) = (Arc::default(), Arc::default());
        let kept = Kept { received: Arc::clone(&received), answers: Arc::clone(&answers) };
        let router = Router::new().route("/webhooks", post(receive)).with_state(kept);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, received, answers, serving }
    }

    /// Answers the next requests so, and 200 after them.
    pub fn answers(&self, statuses: &[StatusCode]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn events(&self) -> Vec<String> {
        self.received().iter().map(Received::event).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let received =
        Received { event_id: header("x-razorpay-event-id"), signature: header("x-razorpay-signature"), body };
    kept.received.lock().unwrap().push(received);
    kept.answers.lock().unwrap().pop_front().unwrap_or(StatusCode::OK)
}
