//! A market: one stall, its vendor, buyers' phones, and the jobs that run between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use billing::Billing;
use catalog::Catalog;
use chrono::TimeDelta;
use identity::Identity;
use ledger::Ledger;
use negotiation::{Negotiation, Parts};
use orders::Orders;
use payments::{Foundations, IntentPaid, Payments};
use platform::blob::BlobStore;
use platform::jobs::{Jobs, Worker};
use platform::keys::Keyring;
use platform::meter::{self, Meter, Reservation, Work};
use platform::outbox::{Outbox, Relay, Routes};
use platform::{Clock, Entropy};
use serde_json::{Value, json};
use sync::Sync;
use testkit::TestDb;
use tower::ServiceExt;
use types::TenantId;
use uuid::Uuid;
use voice::Voice;

/// The vendor's private floor, in paise: a number that appears nowhere else.
pub const FLOOR_MINOR: i64 = 28_37;

/// Nothing costs anything here.
#[derive(Debug)]
struct Unpriced;

#[async_trait]
impl Meter for Unpriced {
    async fn reserve(&self, _: &Work) -> Result<Reservation, meter::Error> {
        Ok(Reservation(Uuid::nil()))
    }

    async fn capture(&self, _: Reservation, _: u64) -> Result<(), meter::Error> {
        Ok(())
    }

    async fn release(&self, _: Reservation) -> Result<(), meter::Error> {
        Ok(())
    }
}

/// The contexts, on a database of their own.
pub struct Market {
    pub test: TestDb,
    pub negotiation: Negotiation,
    pub blobs: BlobStore,
    router: Router,
    worker: Worker,
    relay: Relay,
    _files: tempfile::TempDir,
}

/// A browser: keeps cookies, and all that it was ever told.
pub struct Phone {
    router: Router,
    clock: Clock,
    entropy: Entropy,
    cookies: BTreeMap<String, String>,
    /// Every answer this phone got, as text.
    pub told: String,
}

/// What a phone was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub body: Value,
}

/// Voices and recognisers of no kind.
pub fn without_tools() -> voice::Config {
    let nowhere = || Some("/nonexistent/tool".into());
    voice::Config {
        espeak: nowhere(),
        pocketsphinx_library: nowhere(),
        pocketsphinx_model: nowhere(),
        ..voice::Config::default()
    }
}

impl Market {
    pub async fn open() -> Self {
        Self::open_with(without_tools()).await
    }

    pub async fn open_with(voices: voice::Config) -> Self {
        let test = TestDb::create().await;
        let files = tempfile::tempdir().unwrap();
        let blobs = BlobStore::local(files.path()).unwrap();
        let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
        let (db, clock, entropy) = (test.db.clone(), test.clock.clone(), test.entropy.clone());
        let base = || (db.clone(), clock.clone(), entropy.clone());

        let (a, b, c) = base();
        let identity = Identity::new(a, b, c, &keyring, identity::Config::default());
        let (a, b, c) = base();
        let jobs = Jobs::new(a, b, c);
        let outbox = Outbox::new(clock.clone(), entropy.clone());
        let (a, b, c) = base();
        let sync = Sync::new(a, b, c, &keyring, jobs.clone(), identity.clone(), sync::Config::default());
        let (a, b, c) = base();
        let public_url = "https://stall.example".to_owned();
        let catalog = Catalog::new(a, b, c, &keyring, sync.clone(), catalog::Config { public_url });
        let payments = Payments::new(
            Foundations {
                db: db.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
                jobs: jobs.clone(),
                outbox: outbox.clone(),
                sync: sync.clone(),
                ledger: Ledger::new(clock.clone(), entropy.clone()),
            },
            payments::Config { razorpay: None, commission_percent: "2".parse().unwrap() },
        );
        let (a, b, c) = base();
        let billing = Billing::new(a, b, c, sync.clone(), billing::Config::default());
        let (a, b, c) = base();
        let parts = orders::Parts { sync: sync.clone(), catalog: catalog.clone(), payments: payments.clone(), billing };
        let orders = Orders::new(a, b, c, jobs.clone(), parts);
        let voice = Voice::new(voices, clock.clone(), blobs.clone(), Arc::new(Unpriced));
        let parts = Parts {
            jobs: jobs.clone(),
            sync: sync.clone(),
            catalog: catalog.clone(),
            orders: orders.clone(),
            identity: identity.clone(),
            voice,
            blobs: blobs.clone(),
        };
        let (a, b, c) = base();
        let negotiation = Negotiation::new(a, b, c, &keyring, parts);
        sync.relay_through(Arc::new(negotiation.clone()));

        let routes = identity.routes().merge(catalog.routes()).merge(payments.routes());
        let routes = routes.merge(orders.routes()).merge(negotiation.routes());
        let handlers = negotiation.handlers().and(orders.handlers()).and(payments.handlers());
        let handlers = handlers.and(catalog.handlers()).and(sync.handlers());
        let paid = |tenant: TenantId, paid: IntentPaid| {
            vec![orders::settle_draft(&paid), negotiation::paid_draft(tenant, paid.order, paid.amount)]
        };
        let relay = Relay::new(db, jobs.clone(), outbox, Routes::default().on(paid));
        Self {
            router: identity.protect(Router::from(routes)),
            worker: Worker::new(jobs, handlers, 4),
            relay,
            negotiation,
            blobs,
            test,
            _files: files,
        }
    }

    pub fn phone(&self) -> Phone {
        Phone {
            router: self.router.clone(),
            clock: self.test.clock.clone(),
            entropy: self.test.entropy.clone(),
            cookies: BTreeMap::new(),
            told: String::new(),
        }
    }

    /// A vendor who reads Tamil and sells tomatoes at ₹40 a kilo, with a private floor.
    pub async fn vendor(&self) -> Phone {
        let mut vendor = self.vendor_named("9876543210", "Annam Vegetables").await;
        vendor.sell("Tomato", 40_00, "120", Some(FLOOR_MINOR)).await;
        vendor
    }

    /// A vendor with a stall and nothing on it.
    pub async fn vendor_named(&self, number: &str, stall: &str) -> Phone {
        let mut vendor = self.phone();
        let account = json!({"phone": number, "name": "Annam", "password": "violet kettle rain", "language": "ta"});
        vendor.post("/accounts", &account).await.is(StatusCode::CREATED);
        vendor.put("/stall", &json!({"name": stall, "language": "ta"})).await.is(StatusCode::OK);
        vendor
    }

    /// A buyer who reads English and has just entered this vendor's stall: the phone and the visit's address.
    pub async fn buyer_at(&self, vendor: &mut Phone) -> (Phone, String) {
        let mut buyer = self.phone();
        let visit = buyer.enter(&vendor.code().await, "en").await;
        (buyer, visit)
    }

    /// Runs everything that is due.
    pub async fn work(&self) {
        while self.relay.relay_batch().await.unwrap() > 0 {}
        self.worker.run_due().await.unwrap();
        while self.relay.relay_batch().await.unwrap() > 0 {}
        self.worker.run_due().await.unwrap();
    }

    pub fn later(&self, step: TimeDelta) {
        self.test.clock.advance(step);
    }

    /// What a side of a visit was told by its log, in order: `(kind, data)`.
    pub async fn log_of(&self, visit: &str, side: &str) -> Vec<(String, Value)> {
        let id: Uuid = visit.trim_start_matches("/visits/").parse().unwrap();
        let rows: Vec<(Value,)> = sqlx::query_as(
            "select payload from sync_events e
             join visits v on v.tenant_id = e.tenant_id
             where v.id = $1 and e.subscriber_id = case when $2 = 'buyer' then v.guest_id else v.tenant_id end
             order by e.seq",
        )
        .bind(id)
        .bind(side)
        .fetch_all(self.test.db.pool())
        .await
        .unwrap();
        rows.into_iter().map(|(e,)| (e["kind"].as_str().unwrap().to_owned(), e["data"].clone())).collect()
    }
}

impl Answer {
    #[track_caller]
    pub fn is(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Refused with this problem.
    #[track_caller]
    pub fn refused(self, slug: &str) -> Value {
        assert_eq!(self.body["type"], format!("/problems/{slug}"), "{} {}", self.status, self.body);
        self.body
    }
}

impl Phone {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(("application/json", body.to_string().into()))).await
    }

    pub async fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, Some(("application/json", body.to_string().into()))).await
    }

    pub async fn patch(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, Some(("application/json", body.to_string().into()))).await
    }

    pub async fn call(&mut self, method: Method, path: &str, body: Option<(&str, Bytes)>) -> Answer {
        // No two things happen in one millisecond at a stall.
        self.clock.advance(TimeDelta::milliseconds(2));
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(COOKIE, cookies.join("; "));
        if let Some((content_type, _)) = body {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let request = request.body(Body::from(body.map(|(_, bytes)| bytes).unwrap_or_default())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            let (pair, _) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let bytes = to_bytes(body, 10_000_000).await.unwrap();
        self.told += &String::from_utf8_lossy(&bytes);
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, bytes, body }
    }

    /// Another tab of the same browser.
    pub fn tab(&self) -> Self {
        Self {
            router: self.router.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            cookies: self.cookies.clone(),
            told: String::new(),
        }
    }

    /// An id of this phone's own.
    pub fn fresh(&self) -> Uuid {
        self.entropy.id(self.clock.now())
    }

    /// Puts something on the shelf, priced by the kilo; gives its id.
    pub async fn sell(&mut self, name: &str, minor: i64, stock: &str, floor: Option<i64>) -> String {
        let mut new = json!({"name": name, "language": "en", "price": price(minor, "1"), "stock": stock});
        if let Some(floor) = floor {
            new["floor"] = price(floor, "1");
        }
        let product = self.post("/products", &new).await.is(StatusCode::CREATED);
        product["id"].as_str().unwrap().to_owned()
    }

    /// The token of a fresh code.
    pub async fn code(&mut self) -> String {
        let qr = self.get("/stall/qr").await.is(StatusCode::OK);
        qr["token"].as_str().unwrap().to_owned()
    }

    /// Enters a stall; gives the visit's address.
    pub async fn enter(&mut self, token: &str, language: &str) -> String {
        let answer = self.post("/visits", &json!({"token": token, "language": language})).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        format!("/visits/{}", answer.body["id"].as_str().unwrap())
    }

    pub async fn say(&mut self, visit: &str, text: &str) -> Value {
        self.send(visit, text, "typed").await.is(StatusCode::CREATED)
    }

    pub async fn send(&mut self, visit: &str, text: &str, via: &str) -> Answer {
        let body = json!({"client_id": self.fresh(), "text": text, "via": via});
        self.post(&format!("{visit}/messages"), &body).await
    }

    /// Offers so much for so many kilos, by keypad.
    pub async fn offer(&mut self, visit: &str, minor: i64, kilos: &str) -> Answer {
        let product = self.product(visit).await;
        let body = json!({
            "client_id": self.fresh(), "product_id": product, "price": price(minor, kilos),
            "quantity": kilos, "quantity_unit": "kg",
        });
        self.post(&format!("{visit}/offers"), &body).await
    }

    /// The first product on the stall.
    pub async fn product(&mut self, visit: &str) -> String {
        let visit = self.get(visit).await.is(StatusCode::OK);
        visit["products"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Has an offer read back.
    pub async fn accept(&mut self, visit: &str, offer: &Value) -> Answer {
        let body = json!({"client_id": self.fresh(), "offer_id": offer["id"]});
        self.post(&format!("{visit}/acceptances"), &body).await
    }

    /// Says yes to a question.
    pub async fn confirm(&mut self, visit: &str, read_back: &Value) -> Answer {
        let id = read_back["id"].as_str().unwrap();
        self.post(&format!("{visit}/read-backs/{id}/confirm"), &json!({"client_id": self.fresh()})).await
    }

    pub async fn visit(&mut self, visit: &str) -> Value {
        self.get(visit).await.is(StatusCode::OK)
    }

    /// What was said, oldest first.
    pub async fn messages(&mut self, visit: &str) -> Vec<Value> {
        let page = self.get(&format!("{visit}/messages")).await.is(StatusCode::OK);
        page["items"].as_array().unwrap().iter().rev().cloned().collect()
    }

    pub async fn last_message(&mut self, visit: &str) -> Value {
        self.messages(visit).await.pop().unwrap()
    }
}

/// So many paise for so many kilos.
pub fn price(minor: i64, per: &str) -> Value {
    json!({"amount": {"minor": minor, "currency": "INR"}, "per": per, "unit": "kg"})
}
