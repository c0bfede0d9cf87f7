//! The context on a database of its own, with vendors who call it.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use catalog::{Catalog, Config};
use chrono::{DateTime, TimeDelta, Utc};
use identity::{Caller, Identity, Person, SignedIn};
use platform::entitlement::{Entitlements, Quota};
use platform::jobs::{Draft, Job, Jobs, Worker};
use platform::keys::Keyring;
use platform::{Clock, Entropy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;
use testkit::TestDb;
use tower::ServiceExt;
use types::{Language, OrderId, ProductId, Quantity, StockHoldId, TenantId, Unit};
use uuid::Uuid;

/// The context's job, as it lies in the queue.
#[derive(Serialize, Deserialize)]
struct ReleaseForgottenHolds {}

impl Job for ReleaseForgottenHolds {
    const KIND: &'static str = "release-forgotten-holds";
}

pub struct Shop {
    pub test: TestDb,
    pub catalog: Catalog,
    pub jobs: Jobs,
}

/// What a plan allows.
#[derive(Debug)]
struct Room(i64);

#[async_trait]
impl Entitlements for Room {
    async fn allowed(&self, _: &mut PgConnection, _: TenantId, _: Quota) -> Result<Option<i64>, sqlx::Error> {
        Ok(Some(self.0))
    }
}

/// A vendor in front of the context's router.
pub struct Vendor {
    pub tenant: TenantId,
    router: Router,
    caller: Caller,
}

impl Shop {
    pub async fn open() -> Self {
        let test = TestDb::create().await;
        let (db, clock, entropy) = (test.db.clone(), test.clock.clone(), test.entropy.clone());
        let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
        let jobs = Jobs::new(db.clone(), clock.clone(), entropy.clone());
        let identity =
            Identity::new(db.clone(), clock.clone(), entropy.clone(), &keyring, identity::Config::default());
        let sync = sync::Sync::new(
            db.clone(),
            clock.clone(),
            entropy.clone(),
            &keyring,
            jobs.clone(),
            identity,
            sync::Config::default(),
        );
        let config = Config { public_url: "https://stall.example:8443/".to_owned() };
        let catalog = Catalog::new(db, clock, entropy, &keyring, sync, config);
        Self { test, catalog, jobs }
    }

    /// A shop whose vendors may have so many products.
    pub async fn with_room(products: i64) -> Self {
        let shop = Self::open().await;
        Self { catalog: shop.catalog.allowing(Arc::new(Room(products))), ..shop }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.test.clock.now()
    }

    pub fn later(&self) -> DateTime<Utc> {
        self.now() + TimeDelta::minutes(30)
    }

    pub fn vendor(&self) -> Vendor {
        let tenant = self.test.entropy.id(self.now());
        let person = Person {
            id: self.test.entropy.id(self.now()),
            name: "Meena".to_owned(),
            phone: Some("9876543210".parse().unwrap()),
            email: None,
            time_zone: identity::TimeZone::default(),
            language: Language::Tamil,
            tenant: Some(tenant),
            operator: false,
        };
        let session = self.test.entropy.id(self.now());
        self.as_caller(tenant, Caller::person(SignedIn { session, person }))
    }

    pub fn as_caller(&self, tenant: TenantId, caller: Caller) -> Vendor {
        Vendor { tenant, router: Router::from(self.catalog.routes()), caller }
    }

    /// What the vendor's phones were told, in order.
    pub async fn news(&self, tenant: TenantId) -> Vec<Value> {
        let payloads = sqlx::query_scalar(
            "select payload from sync_events where tenant_id = $1 and subscriber_id = $1 order by seq",
        );
        payloads.bind(tenant.uuid()).fetch_all(self.test.db.pool()).await.unwrap()
    }

    /// Holds stock in a transaction of its own.
    pub async fn hold(
        &self,
        tenant: TenantId,
        product: ProductId,
        quantity: &str,
        unit: Unit,
    ) -> Result<StockHoldId, catalog::Error> {
        let order: OrderId = self.test.entropy.id(self.now());
        let quantity: Quantity = quantity.parse().unwrap();
        platform::db::repeat(|| async {
            let mut transaction = self.test.db.begin().await?;
            let until = self.later();
            let hold = self
                .catalog
                .hold_stock(&mut transaction, tenant, product, quantity, unit, until, order)
                .await?;
            transaction.commit().await?;
            Ok(hold)
        })
        .await
    }

    pub async fn sell(&self, tenant: TenantId, holds: &[StockHoldId]) -> Result<(), catalog::Error> {
        platform::db::repeat(|| async {
            let mut transaction = self.test.db.begin().await?;
            self.catalog.sell_held(&mut transaction, tenant, holds).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    pub async fn release(&self, tenant: TenantId, holds: &[StockHoldId]) -> Result<(), catalog::Error> {
        platform::db::repeat(|| async {
            let mut transaction = self.test.db.begin().await?;
            self.catalog.release_holds(&mut transaction, tenant, holds).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    pub async fn put_back(&self, tenant: TenantId, holds: &[StockHoldId]) -> Result<(), catalog::Error> {
        platform::db::repeat(|| async {
            let mut transaction = self.test.db.begin().await?;
            self.catalog.put_back(&mut transaction, tenant, holds).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// On hand, held and free, as their texts.
    pub async fn stock(&self, tenant: TenantId, product: ProductId) -> [String; 3] {
        let mut connection = self.test.db.acquire().await.unwrap();
        let stock = self.catalog.products(&mut connection, tenant, &[product]).await.unwrap()[0].stock;
        [stock.on_hand, stock.held, stock.available].map(|quantity| quantity.to_string())
    }

    /// The counters are the sums of what they count, and each movement says what was on hand after it.
    pub async fn assert_balanced(&self) {
        let wrong: Vec<Uuid> = sqlx::query_scalar(
            "select product_id from stock
             where held_milli <> (
                 select coalesce(sum(quantity_milli), 0) from stock_holds as h
                 where h.tenant_id = stock.tenant_id and h.product_id = stock.product_id and state = 'held'
             ) or on_hand_milli <> (
                 select sum(change_milli) from stock_movements as m
                 where m.tenant_id = stock.tenant_id and m.product_id = stock.product_id
             ) or movement_count <> (
                 select max(seq) from stock_movements as m
                 where m.tenant_id = stock.tenant_id and m.product_id = stock.product_id
             )",
        )
        .fetch_all(self.test.db.pool())
        .await
        .unwrap();
        assert!(wrong.is_empty(), "counters differ from what they count: {wrong:?}");
        let astray: Vec<Uuid> = sqlx::query_scalar(
            "select id from (
                 select id, on_hand_after_milli, sum(change_milli) over (
                     partition by tenant_id, product_id order by seq
                 ) as running
                 from stock_movements
             ) as run
             where on_hand_after_milli <> running",
        )
        .fetch_all(self.test.db.pool())
        .await
        .unwrap();
        assert!(astray.is_empty(), "a movement says otherwise than the sum so far: {astray:?}");
    }

    /// Does what comes round by itself.
    pub async fn release_forgotten_holds(&self) {
        let draft = Draft::of_nobody(&ReleaseForgottenHolds {});
        self.jobs.enqueue(&mut self.test.db.acquire().await.unwrap(), draft).await.unwrap();
        let worker = Worker::new(self.jobs.clone(), self.catalog.handlers(), 1);
        assert_eq!(worker.run_due().await.unwrap(), 1);
    }
}

impl Vendor {
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body.to_string())).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::PUT, path, Some(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::PATCH, path, Some(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::DELETE, path, None).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<String>) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        let mut request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        request.extensions_mut().insert(self.caller.clone());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Puts a product on the shelf.
    pub async fn sell(&self, body: &Value) -> ProductId {
        let (status, product) = self.post("/products", body).await;
        assert_eq!(status, StatusCode::CREATED, "{product}");
        product["id"].as_str().unwrap().parse().unwrap()
    }

    /// 120 kg of tomatoes at ₹40.
    pub async fn sell_tomatoes(&self) -> ProductId {
        self.sell(&tomatoes()).await
    }
}

/// An id as a vendor's phone makes it.
pub fn fresh() -> Uuid {
    Entropy::system().id(Clock::system().now())
}

pub fn price(minor: i64, per: &str, unit: &str) -> Value {
    json!({"amount": {"minor": minor, "currency": "INR"}, "per": per, "unit": unit})
}

pub fn tomatoes() -> Value {
    json!({
        "client_id": fresh(), "name": "Tomato", "language": "en", "price": price(4000, "1", "kg"), "stock": "120",
    })
}

pub fn slug(body: &Value) -> &str {
    body["type"].as_str().unwrap_or_default().trim_start_matches("/problems/")
}
