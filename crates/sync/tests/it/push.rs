//! Web Push, with a push service and a phone of the test's own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use hkdf::Hkdf;
use p256::SecretKey;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use sync::{Config, Contact, Notice, PushConfig, PushTargets};
use tokio::net::TcpListener;

use crate::server::{Server, Vendor};

type Received = Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>;

/// A push service that keeps what it gets; phones called `gone`, `busy` and `broken` are answered so.
struct PushService {
    address: SocketAddr,
    received: Received,
}

impl PushService {
    async fn start() -> Self {
        let received = Received::default();
        let router = Router::new().route("/push/{phone}", post(take)).with_state(Arc::clone(&received));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, received }
    }

    fn endpoint(&self, phone: &str) -> String {
        format!("http://{}/push/{phone}", self.address)
    }

    fn taken(&self) -> Vec<(String, HeaderMap, Bytes)> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

async fn take(
    State(received): State<Received>,
    Path(phone): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1]) {
    let status = match phone.as_str() {
        "gone" => 410,
        "busy" => 429,
        "broken" => 503,
        "picky" => 403,
        _ => 201,
    };
    received.lock().unwrap().push((phone, headers, body));
    (StatusCode::from_u16(status).unwrap(), [("retry-after", "90")])
}

/// The keys of a phone's browser.
struct Phone {
    secret: SecretKey,
    auth: [u8; 16],
}

impl Phone {
    fn new(seed: u8) -> Self {
        Self { secret: SecretKey::from_slice(&[seed; 32]).unwrap(), auth: [seed; 16] }
    }

    fn subscription(&self, endpoint: &str) -> Value {
        let p256dh = URL_SAFE_NO_PAD.encode(self.secret.public_key().to_sec1_bytes());
        json!({"endpoint": endpoint, "expirationTime": null,
               "keys": {"p256dh": p256dh, "auth": URL_SAFE_NO_PAD.encode(self.auth)}})
    }

    /// What the browser does with a message (RFC 8291, the receiving side).
    fn decrypt(&self, message: &[u8]) -> Value {
        let (salt, rest) = message.split_first_chunk::<16>().unwrap();
        let (record, rest) = rest.split_first_chunk::<4>().unwrap();
        assert_eq!(u32::from_be_bytes(*record), 4096);
        let (length, rest) = rest.split_first().unwrap();
        let (sender, sealed) = rest.split_at(usize::from(*length));
        let shared = self.secret.diffie_hellman(&p256::PublicKey::from_sec1_bytes(sender).unwrap());
        let own = self.secret.public_key().to_sec1_bytes();
        let info = [b"WebPush: info\0", own.as_ref(), sender].concat();
        let input: [u8; 32] = derive(&self.auth, shared.raw_secret_bytes(), &info);
        let key: [u8; 16] = derive(salt, &input, b"Content-Encoding: aes128gcm\0");
        let nonce: [u8; 12] = derive(salt, &input, b"Content-Encoding: nonce\0");
        let plain = Aes128Gcm::new(&key.into()).decrypt(&Nonce::from(nonce), sealed).unwrap();
        serde_json::from_slice(plain.strip_suffix(&[2]).unwrap()).unwrap()
    }
}

fn derive<const N: usize>(salt: &[u8], input: &[u8], info: &[u8]) -> [u8; N] {
    let mut key = [0; N];
    Hkdf::<Sha256>::new(Some(salt), input).expand(info, &mut key).unwrap();
    key
}

fn config(targets: PushTargets) -> Config {
    let contact = Contact::try_from("mailto:stall@shop.example".to_owned()).unwrap();
    let push = PushConfig { contact: Some(contact), targets, ..PushConfig::default() };
    Config { push, ..Config::default() }
}

async fn subscribe(vendor: &mut Vendor, subscription: &Value) -> (StatusCode, Value) {
    vendor.browser.call(Method::POST, "/push-subscriptions", subscription).await
}

async fn notify(server: &Server, vendor: &Vendor) {
    let notice = Notice {
        tenant: vendor.tenant,
        title: "புதிய வாங்குபவர்".to_owned(),
        body: "Buyer 4 is at the stall".to_owned(),
        url: "/v/visits/4".to_owned(),
        tag: "visit-4".to_owned(),
    };
    let mut transaction = server.test.db.begin().await.unwrap();
    server.sync.notify(&mut transaction, notice).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn subscriptions(server: &Server) -> Vec<String> {
    sqlx::query_scalar("select endpoint from push_subscriptions order by created_at, id")
        .fetch_all(server.test.db.pool())
        .await
        .unwrap()
}

async fn jobs(server: &Server) -> Vec<(String, i16)> {
    sqlx::query_as("select state, attempts from jobs where kind = 'send-push'")
        .fetch_all(server.test.db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_notice_reaches_every_phone_and_only_the_phone_can_read_it() {
    let (server, service) = (Server::with(config(PushTargets::Anywhere)).await, PushService::start().await);
    let mut vendor = server.vendor("9876543210").await;
    let phones = [Phone::new(1), Phone::new(2)];
    for (phone, name) in phones.iter().zip(["one", "two"]) {
        let (status, body) = subscribe(&mut vendor, &phone.subscription(&service.endpoint(name))).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
    }
    notify(&server, &vendor).await;
    server.run_jobs().await;
    let mut taken = service.taken();
    taken.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(taken.len(), 2);
    for (phone, (_, headers, body)) in phones.iter().zip(&taken) {
        let news = phone.decrypt(body);
        assert_eq!(
            news,
            json!({"title": "புதிய வாங்குபவர்", "body": "Buyer 4 is at the stall", "url": "/v/visits/4", "tag": "visit-4"})
        );
        assert_eq!(headers["content-encoding"], "aes128gcm");
        assert_eq!(headers["ttl"], "1800");
        assert_eq!(headers["urgency"], "high");
        assert!(headers["topic"].len() <= 32);
        let public_key = server.sync.push_public_key().unwrap();
        let authorization = headers["authorization"].to_str().unwrap();
        assert!(
            authorization.starts_with("vapid t=") && authorization.ends_with(&format!(", k={public_key}"))
        );
    }
    assert!(jobs(&server).await.is_empty(), "both are done");
}

#[tokio::test]
async fn a_phone_that_is_gone_is_forgotten() {
    let (server, service) = (Server::with(config(PushTargets::Anywhere)).await, PushService::start().await);
    let mut vendor = server.vendor("9876543210").await;
    subscribe(&mut vendor, &Phone::new(1).subscription(&service.endpoint("gone"))).await;
    notify(&server, &vendor).await;
    server.run_jobs().await;
    assert_eq!(service.taken().len(), 1);
    assert!(subscriptions(&server).await.is_empty() && jobs(&server).await.is_empty());
}

#[tokio::test]
async fn who_no_longer_belongs_to_the_business_is_not_told_its_news() {
    let (server, service) = (Server::with(config(PushTargets::Anywhere)).await, PushService::start().await);
    let mut vendor = server.vendor("9876543210").await;
    subscribe(&mut vendor, &Phone::new(1).subscription(&service.endpoint("one"))).await;
    sqlx::query("delete from members").execute(server.test.db.pool()).await.unwrap();
    notify(&server, &vendor).await;
    server.run_jobs().await;
    assert!(service.taken().is_empty());
    assert!(subscriptions(&server).await.is_empty() && jobs(&server).await.is_empty());
}

#[tokio::test]
async fn a_busy_or_broken_service_is_tried_again_and_a_refusal_is_not() {
    for (name, state, after_90_s) in [("busy", "ready", 1), ("broken", "ready", 1), ("picky", "dead", 0)] {
        let (server, service) =
            (Server::with(config(PushTargets::Anywhere)).await, PushService::start().await);
        let mut vendor = server.vendor("9876543210").await;
        subscribe(&mut vendor, &Phone::new(1).subscription(&service.endpoint(name))).await;
        notify(&server, &vendor).await;
        server.run_jobs().await;
        assert_eq!(service.taken().len(), 1, "{name}");
        assert_eq!(jobs(&server).await, [(state.to_owned(), 1)], "{name}");
        server.test.clock.advance(TimeDelta::seconds(90));
        server.run_jobs().await;
        assert_eq!(service.taken().len(), after_90_s, "{name}");
        assert_eq!(subscriptions(&server).await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn old_news_are_not_sent() {
    let (server, service) = (Server::with(config(PushTargets::Anywhere)).await, PushService::start().await);
    let mut vendor = server.vendor("9876543210").await;
    subscribe(&mut vendor, &Phone::new(1).subscription(&service.endpoint("one"))).await;
    notify(&server, &vendor).await;
    server.test.clock.advance(TimeDelta::minutes(30));
    server.run_jobs().await;
    assert!(service.taken().is_empty() && jobs(&server).await.is_empty());
}

#[tokio::test]
async fn only_push_services_in_the_internet_are_taken() {
    let server = Server::with(config(PushTargets::Public)).await;
    let mut vendor = server.vendor("9876543210").await;
    for endpoint in [
        "http://push.example/x",
        "https://127.0.0.1/x",
        "https://10.0.0.7/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://169.254.169.254/latest",
        "https://push.example:8443/x",
        "https://user:word@push.example/x",
        "ftp://push.example/x",
        "no address",
    ] {
        let (status, body) = subscribe(&mut vendor, &Phone::new(1).subscription(endpoint)).await;
        assert_eq!(
            (status, &body["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("endpoint")),
            "{endpoint}"
        );
    }
    let long = format!("https://push.example/{}", "x".repeat(1024));
    assert_eq!(subscribe(&mut vendor, &Phone::new(1).subscription(&long)).await.1["field"], "endpoint");
    let (status, _) = subscribe(&mut vendor, &Phone::new(1).subscription("https://push.example/x")).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    let server = Server::with(config(PushTargets::Public)).await;
    let mut vendor = server.vendor("9876543210").await;
    subscribe(&mut vendor, &Phone::new(1).subscription("https://push.example/x")).await;
    // As if the name had been turned to this machine, or the row had been written by somebody else.
    sqlx::query("update push_subscriptions set endpoint = 'https://127.0.0.1/x'")
        .execute(server.test.db.pool())
        .await
        .unwrap();
    notify(&server, &vendor).await;
    server.run_jobs().await;
    assert_eq!(jobs(&server).await, [("dead".to_owned(), 1)]);
}

#[tokio::test]
async fn keys_that_are_none_are_refused() {
    let server = Server::with(config(PushTargets::Public)).await;
    let mut vendor = server.vendor("9876543210").await;
    let good = Phone::new(1).subscription("https://push.example/x");
    let off_the_curve = URL_SAFE_NO_PAD.encode([&[4_u8][..], &[7; 64]].concat());
    for (key, value) in [
        ("p256dh", ""),
        ("p256dh", "AAAA"),
        ("p256dh", off_the_curve.as_str()),
        ("auth", "AAAA"),
        ("auth", "??"),
    ] {
        let mut bad = good.clone();
        bad["keys"][key] = json!(value);
        let (status, body) = subscribe(&mut vendor, &bad).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{key} {value}");
        assert_eq!(body["field"], format!("keys.{key}"));
    }
}

#[tokio::test]
async fn a_vendor_has_ten_phones_at_most() {
    let server = Server::with(config(PushTargets::Public)).await;
    let mut vendor = server.vendor("9876543210").await;
    for n in 0..12 {
        server.test.clock.advance(TimeDelta::seconds(1));
        subscribe(&mut vendor, &Phone::new(1).subscription(&format!("https://push.example/{n}"))).await;
    }
    let kept: Vec<String> = (2..12).map(|n| format!("https://push.example/{n}")).collect();
    assert_eq!(subscriptions(&server).await, kept);
}

#[tokio::test]
async fn a_phone_shows_the_news_of_whoever_subscribed_last() {
    let server = Server::with(config(PushTargets::Public)).await;
    let (mut first, mut second) = (server.vendor("9876543210").await, server.vendor("9876543211").await);
    let subscription = Phone::new(1).subscription("https://push.example/x");
    subscribe(&mut first, &subscription).await;
    subscribe(&mut first, &subscription).await;
    subscribe(&mut second, &subscription).await;
    assert_eq!(subscriptions(&server).await.len(), 1);
    notify(&server, &first).await;
    assert!(jobs(&server).await.is_empty());
    let path = "/push-subscriptions";
    let body = json!({"endpoint": "https://push.example/x"});
    first.browser.call(Method::DELETE, path, &body).await;
    assert_eq!(subscriptions(&server).await.len(), 1, "it is not the first vendor's to end");
    let (status, _) = second.browser.call(Method::DELETE, path, &body).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(subscriptions(&server).await.is_empty());
}

#[tokio::test]
async fn without_a_contact_there_is_no_push() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    assert_eq!(server.sync.push_public_key(), None);
    let (status, problem) =
        subscribe(&mut vendor, &Phone::new(1).subscription("https://push.example/x")).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/switched-off")));
    notify(&server, &vendor).await;
    assert!(jobs(&server).await.is_empty());
}

#[tokio::test]
async fn a_buyer_and_a_stranger_subscribe_to_nothing() {
    let server = Server::with(config(PushTargets::Public)).await;
    let vendor = server.vendor("9876543210").await;
    let mut buyer = server.buyer_at(vendor.tenant).await;
    let subscription = Phone::new(1).subscription("https://push.example/x");
    let (status, _) = buyer.browser.call(Method::POST, "/push-subscriptions", &subscription).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(subscriptions(&server).await.is_empty());
}
