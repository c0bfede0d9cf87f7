//! A server with identity and sync, and browsers in front of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use chrono::TimeDelta;
use identity::{Admission, Caller, Identity, SetCookie};
use platform::jobs::{Jobs, Worker};
use platform::keys::Keyring;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sync::{Config, Event, SocketLimits, Subscriber, Sync};
use testkit::TestDb;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use types::{GuestId, TenantId, VisitId};

use crate::device::Device;

pub const ORIGIN: &str = "https://stall.example";

/// One node on a database of its own.
pub struct Server {
    pub test: Arc<TestDb>,
    pub sync: Sync,
    pub jobs: Jobs,
    pub address: SocketAddr,
    stop: CancellationToken,
}

/// A browser: keeps cookies.
#[derive(Clone)]
pub struct Browser {
    http: Client,
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
}

/// A buyer's browser, with its visit.
#[derive(Clone)]
pub struct Buyer {
    pub browser: Browser,
    pub visit: VisitId,
    pub subscriber: Subscriber,
}

/// A vendor's browser, with its business.
#[derive(Clone)]
pub struct Vendor {
    pub browser: Browser,
    pub tenant: TenantId,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with_sockets(sockets: SocketLimits) -> Self {
        Self::with(Config { sockets, ..Config::default() }).await
    }

    pub async fn with(config: Config) -> Self {
        Self::on(Arc::new(TestDb::create().await), config).await
    }

    /// Another process on the same database.
    pub async fn another_node(&self) -> Self {
        Self::on(Arc::clone(&self.test), Config::default()).await
    }

    async fn on(test: Arc<TestDb>, config: Config) -> Self {
        let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
        let (db, clock, entropy) = (test.db.clone(), test.clock.clone(), test.entropy.clone());
        let settings = identity::Config { origins: vec![ORIGIN.to_owned()], ..identity::Config::default() };
        let identity = Identity::new(db.clone(), clock.clone(), entropy.clone(), &keyring, settings);
        let jobs = Jobs::new(db.clone(), clock.clone(), entropy.clone());
        let sync = Sync::new(db, clock, entropy, &keyring, jobs.clone(), identity.clone(), config);

        let visits = Router::new()
            .route("/test/visits", post(visit))
            .with_state((Arc::clone(&test), identity.clone()));
        let routes = Router::from(identity.routes()).merge(Router::from(sync.routes())).merge(visits);
        let service = identity.protect(routes).into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(sync.clone().run(stop.clone()));
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { test, sync, jobs, address, stop }
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }

    pub fn browser(&self) -> Browser {
        let http = platform::http::client(Duration::from_secs(10));
        Browser { http, address: self.address, cookies: BTreeMap::new() }
    }

    pub async fn vendor(&self, phone: &str) -> Vendor {
        let mut browser = self.browser();
        let account =
            json!({"phone": phone, "name": "Meena", "password": "violet kettle rain", "language": "ta"});
        let (status, person) = browser.call(Method::POST, "/accounts", &account).await;
        assert_eq!(status, StatusCode::CREATED, "{person}");
        let tenant = person["tenant_id"].as_str().unwrap().parse().unwrap();
        Vendor { browser, tenant }
    }

    pub async fn buyer_at(&self, tenant: TenantId) -> Buyer {
        let mut browser = self.browser();
        let (_, visit) = browser.call(Method::POST, "/test/visits", &json!({"tenant": tenant})).await;
        let guest: GuestId = visit["guest"].as_str().unwrap().parse().unwrap();
        let visit = visit["visit"].as_str().unwrap().parse().unwrap();
        Buyer { browser, visit, subscriber: Subscriber::guest(tenant, guest) }
    }

    /// Publishes the numbers as events of their own, each in a transaction of its own.
    pub async fn tell(&self, subscriber: Subscriber, numbers: impl IntoIterator<Item = i64>) {
        for n in numbers {
            let mut transaction = self.test.db.begin().await.unwrap();
            self.sync.publish(&mut transaction, subscriber, event(n)).await.unwrap();
            transaction.commit().await.unwrap();
        }
    }

    /// Publishes several events in one transaction.
    pub async fn tell_at_once(&self, subscriber: Subscriber, events: Vec<Event>) {
        let mut transaction = self.test.db.begin().await.unwrap();
        let events = events.into_iter().map(|event| (subscriber, event)).collect();
        self.sync.publish_all(&mut transaction, events).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// A vendor's device that said hello for the first time.
    pub async fn device_of(&self, vendor: &mut Vendor) -> Device {
        let ticket = vendor.browser.ticket(&json!({})).await;
        Device::connect(self.address).await.hello(&ticket, None, None).await
    }

    /// A buyer's device that said hello for the first time.
    pub async fn device_of_buyer(&self, buyer: &mut Buyer) -> Device {
        let ticket = buyer.browser.ticket(&json!({"visit_id": buyer.visit})).await;
        Device::connect(self.address).await.hello(&ticket, None, None).await
    }

    pub async fn run_jobs(&self) -> usize {
        Worker::new(self.jobs.clone(), self.sync.handlers(), 4).run_due().await.unwrap()
    }

    /// Waits until this many sockets are open.
    pub async fn sockets_become(&self, number: usize) {
        let became = async {
            while self.sync.open_sockets() != number {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), became).await;
        assert!(in_time.is_ok(), "{} sockets are open, not {number}", self.sync.open_sockets());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Browser {
    pub async fn ticket(&mut self, body: &Value) -> String {
        let (status, answer) = self.call(Method::POST, "/socket-tickets", body).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        answer["ticket"].as_str().unwrap().to_owned()
    }

    pub async fn call(&mut self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("http://{}{path}", self.address));
        let response = request.header("cookie", cookies.join("; ")).json(body).send().await.unwrap();
        for line in response.headers().get_all("set-cookie") {
            let (pair, _) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    }
}

pub fn event(n: i64) -> Event {
    Event { kind: "message", visit_id: None, data: json!({"n": n}) }
}

/// A visit begins.
async fn visit(
    State((test, identity)): State<(Arc<TestDb>, Identity)>,
    caller: Caller,
    Json(body): Json<Value>,
) -> (SetCookie, Json<Value>) {
    let now = test.clock.now();
    let admission = Admission {
        tenant: body["tenant"].as_str().unwrap().parse().unwrap(),
        visit: test.entropy.id(now),
        stall_name: "Fresh Vegetables".to_owned(),
        until: now + TimeDelta::days(7),
    };
    let mut connection = test.db.acquire().await.unwrap();
    let (pass, cookie) = identity.admit_guest(&mut connection, &caller, admission).await.unwrap();
    (cookie, Json(json!({"visit": pass.visit, "guest": pass.guest})))
}
