//! A stall with products, buyers who agree, and the jobs that follow.

use std::sync::atomic::{AtomicI32, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::{Extension, Router};
use billing::Billing;
use catalog::{Catalog, NewProduct, StallChange, StockChange};
use chrono::{DateTime, TimeDelta, Utc};
use identity::{Caller, Identity, Pass, Person, SignedIn, VendorCaller};
use ledger::Ledger;
use orders::{Agreement, OrderCard, Orders, Parts};
use payments::{Foundations, IntentPaid, PaymentRefunded, Payments};
use platform::db::repeat;
use platform::fields::Fields;
use platform::jobs::{Jobs, Worker};
use platform::keys::Keyring;
use platform::outbox::{Outbox, Relay, Routes};
use platform::scan::{Scanner, Settings};
use platform::seal::Sealer;
use serde_json::{Value, json};
use sync::Sync;
use testkit::TestDb;
use tower::ServiceExt;
use types::{
    GuestId, Language, Money, OfferId, OrderId, Price, ProductId, Quantity, SessionId, TenantId, Unit,
    VisitId,
};

pub struct Market {
    pub test: TestDb,
    pub orders: Orders,
    pub catalog: Catalog,
    payments: Payments,
    parts: Parts,
    pub router: Router,
    outbox: Outbox,
    worker: Worker,
    relay: Relay,
    buyers: AtomicI32,
}

/// A vendor, signed in.
#[derive(Clone)]
pub struct Vendor {
    pub caller: Caller,
    pub seller: VendorCaller,
    pub tenant: TenantId,
}

/// A buyer at a stall.
#[derive(Clone)]
pub struct Buyer {
    pub tenant: TenantId,
    pub visit: VisitId,
    pub guest: GuestId,
    pub number: i32,
    pub caller: Caller,
}

impl Market {
    pub async fn open() -> Self {
        Self::open_with(payments::Config::default()).await
    }

    pub async fn open_with(config: payments::Config) -> Self {
        let test = TestDb::create().await;
        let (db, clock, entropy) = (test.db.clone(), test.clock.clone(), test.entropy.clone());
        let keyring = Keyring::from_hex(&"7".repeat(64)).unwrap();
        let jobs = Jobs::new(db.clone(), clock.clone(), entropy.clone());
        let outbox = Outbox::new(clock.clone(), entropy.clone());
        let fields = Fields::new(&keyring, entropy.clone());
        let identity =
            Identity::new(db.clone(), clock.clone(), entropy.clone(), &keyring, identity::Config::default());
        let sync = Sync::new(
            db.clone(),
            clock.clone(),
            entropy.clone(),
            &keyring,
            jobs.clone(),
            identity.clone(),
            sync::Config::default(),
        );
        let public = catalog::Config { public_url: "https://stall.example".to_owned() };
        let catalog =
            Catalog::new(db.clone(), clock.clone(), entropy.clone(), &keyring, sync.clone(), public);
        let foundations = Foundations {
            db: db.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            jobs: jobs.clone(),
            outbox: outbox.clone(),
            sync: sync.clone(),
            ledger: Ledger::new(clock.clone(), entropy.clone()),
            identity,
            sealer: Sealer::new(&keyring, "payout-accounts", entropy.clone()),
            fields: fields.clone(),
        };
        let payments = Payments::new(foundations, config);
        let billing = Billing::new(
            db.clone(),
            clock.clone(),
            entropy.clone(),
            sync.clone(),
            billing::Config::default(),
        );
        let parts = Parts {
            sync: sync.clone(),
            catalog: catalog.clone(),
            payments: payments.clone(),
            billing: billing.clone(),
            fields,
        };
        let orders = Orders::new(db.clone(), clock, entropy, jobs.clone(), parts.clone());
        let routes = Routes::default()
            .on(|_, event: IntentPaid| vec![orders::settle_draft(&event)])
            .on(|_, event: PaymentRefunded| vec![orders::refunded_draft(&event)]);
        let handlers =
            orders.handlers().and(payments.handlers()).and(catalog.handlers()).and(sync.handlers());
        let router = orders.routes().merge(payments.routes()).merge(billing.routes());
        Self {
            orders,
            catalog,
            payments,
            parts,
            router: router.into(),
            worker: Worker::new(jobs.clone(), handlers, 4),
            relay: Relay::new(db, jobs, outbox.clone(), routes),
            outbox,
            buyers: AtomicI32::new(0),
            test,
        }
    }

    /// The same market, where the scanner of files does not answer.
    pub fn without_a_scanner(&self) -> Router {
        let away = Settings { clamd: Some("127.0.0.1:1".to_owned()) };
        let payments = self.payments.clone().scanned_by(Scanner::new(&away));
        let parts = Parts { payments, ..self.parts.clone() };
        let TestDb { db, clock, entropy, .. } = &self.test;
        let jobs = Jobs::new(db.clone(), clock.clone(), entropy.clone());
        Orders::new(db.clone(), clock.clone(), entropy.clone(), jobs, parts).routes().into()
    }

    /// Opens a stall of this name.
    pub async fn vendor(&self, stall: &str, language: Language) -> Vendor {
        let now = self.test.clock.now();
        let tenant: TenantId = self.test.entropy.id(now);
        let person = Person {
            id: self.test.entropy.id(now),
            name: "Meena".to_owned(),
            phone: Some("9876543210".parse().unwrap()),
            email: None,
            time_zone: identity::TimeZone::default(),
            language,
            tenant: Some(tenant),
            operator: false,
        };
        let session: SessionId = self.test.entropy.id(now);
        let seller = VendorCaller { person: person.id, tenant, language, session };
        let change = StallChange { name: stall.to_owned(), language, about: None };
        self.catalog.change_stall(seller, &change).await.unwrap();
        Vendor { caller: Caller::person(SignedIn { session, person }), seller, tenant }
    }

    /// Somebody who runs the installation.
    pub fn operator(&self) -> Caller {
        let now = self.test.clock.now();
        let person = Person {
            id: self.test.entropy.id(now),
            name: "Om".to_owned(),
            phone: Some("9876500000".parse().unwrap()),
            email: None,
            time_zone: identity::TimeZone::default(),
            language: Language::English,
            tenant: None,
            operator: true,
        };
        Caller::person(SignedIn { session: self.test.entropy.id(now), person })
    }

    /// Puts a product on the shelf at ₹40 a unit.
    pub async fn product(&self, vendor: &Vendor, name: &str, stock: &str, unit: Unit) -> ProductId {
        let new = NewProduct {
            client_id: self.test.entropy.id(self.test.clock.now()),
            name: name.to_owned(),
            language: Some(Language::English),
            lemma: None,
            price: Price::new(Money::inr(40_00), Quantity::ONE, unit).unwrap(),
            stock: stock.parse().unwrap(),
            floor: None,
            tax: None,
        };
        self.catalog.add_product(vendor.seller, &new).await.unwrap().id
    }

    /// A buyer who has scanned the stall's code.
    pub fn buyer(&self, vendor: &Vendor) -> Buyer {
        let now = self.test.clock.now();
        let (visit, guest) = (self.test.entropy.id(now), self.test.entropy.id(now));
        let tenant = vendor.tenant;
        let expires_at = now + TimeDelta::days(7);
        let pass = Pass { visit, tenant, guest, stall_name: "Fresh".to_owned(), expires_at };
        let number = self.buyers.fetch_add(1, Ordering::SeqCst) + 1;
        Buyer { tenant, visit, guest, number, caller: Caller::guest(vec![pass]) }
    }

    /// What the two agreed: so much of the product at ₹40 a kilo or piece.
    pub fn agreement(&self, buyer: &Buyer, product: ProductId, quantity: &str, unit: Unit) -> Agreement {
        let offer: OfferId = self.test.entropy.id(self.test.clock.now());
        let price = Price::new(Money::inr(40_00), Quantity::ONE, unit).unwrap();
        let quantity: Quantity = quantity.parse().unwrap();
        Agreement {
            tenant: buyer.tenant,
            visit: buyer.visit,
            guest: buyer.guest,
            buyer_number: buyer.number,
            buyer_language: Language::Hindi,
            vendor_language: Language::Tamil,
            offer,
            product,
            item: "tomato".to_owned(),
            product_name: "Tomato".to_owned(),
            price,
            quantity,
            unit,
            total: price.total_for(quantity, unit).unwrap(),
            transcript: json!([{ "by": "buyer", "text": "five kilos" }]),
        }
    }

    pub async fn agree(&self, agreement: &Agreement) -> Result<OrderCard, orders::Error> {
        repeat(|| async {
            let mut transaction = self.test.db.begin().await?;
            let card = self.orders.agree(&mut transaction, agreement).await?;
            transaction.commit().await?;
            Ok(card)
        })
        .await
    }

    /// Turns news into jobs and runs what is due, until nothing is left; gives how much there was.
    pub async fn run_jobs(&self) -> usize {
        let mut done = 0;
        loop {
            let relayed = self.relay.relay_batch().await.unwrap();
            let ran = self.worker.run_due().await.unwrap();
            if relayed + ran == 0 {
                return done;
            }
            done += relayed + ran;
        }
    }

    /// Only what is enqueued already; news stays news.
    pub async fn run_jobs_without_news(&self) {
        self.worker.run_due().await.unwrap();
    }

    pub async fn call(&self, caller: &Caller, request: Request<Body>) -> (StatusCode, Value) {
        let router = self.router.clone().layer(Extension(caller.clone()));
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    pub async fn get(&self, caller: &Caller, path: &str) -> (StatusCode, Value) {
        self.call(caller, Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, caller: &Caller, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::post(path).header("content-type", "application/json");
        self.call(caller, request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub async fn put(&self, caller: &Caller, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::put(path).header("content-type", "application/json");
        self.call(caller, request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// The order as this caller reads it.
    pub async fn show(&self, caller: &Caller, order: OrderId) -> Value {
        let (status, body) = self.get(caller, &format!("/orders/{order}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// The vendor says that the cash came.
    pub async fn take_cash(&self, vendor: &Vendor, order: OrderId) -> (StatusCode, Value) {
        let client_id: uuid::Uuid = self.test.entropy.id(self.test.clock.now());
        let body = json!({ "client_id": client_id, "method": "cash" });
        self.post(&vendor.caller, &format!("/orders/{order}/payment/received"), &body).await
    }

    /// The money comes although the order may wait no longer, as a bank's late word lets it.
    pub async fn pay_late(&self, vendor: &Vendor, order: OrderId) {
        sqlx::query("update payment_intents set state = 'waiting' where order_id = $1 and state = 'expired'")
            .bind(order.uuid())
            .execute(self.test.db.pool())
            .await
            .unwrap();
        let (status, payment) = self.take_cash(vendor, order).await;
        assert_eq!(status, StatusCode::OK, "{payment}");
    }

    /// The news that the money has come, once more.
    pub async fn settle_again(&self, tenant: TenantId, order: OrderId, payment: &Value) {
        let event = IntentPaid {
            tenant,
            order,
            intent: payment["intent_id"].as_str().unwrap().parse().unwrap(),
            amount: Money::inr(payment["amount"]["minor"].as_i64().unwrap()),
            at: self.test.clock.now(),
        };
        let mut transaction = self.test.db.begin().await.unwrap();
        self.outbox.publish(&mut transaction, tenant, &event).await.unwrap();
        transaction.commit().await.unwrap();
        self.run_jobs().await;
    }

    /// The money is given back.
    pub async fn refund(&self, tenant: TenantId, order: OrderId) {
        let mut transaction = self.test.db.begin().await.unwrap();
        self.payments.refund(&mut transaction, tenant, order, "wilted").await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// The vendor counts so much of the product.
    pub async fn count_stock(&self, vendor: &Vendor, product: ProductId, set: &str) {
        let change = json!({ "client_id": product.uuid(), "set": set, "reason": "counted" });
        let change: StockChange = serde_json::from_value(change).unwrap();
        self.catalog.move_stock(vendor.seller, product, &change).await.unwrap();
    }

    pub async fn count(&self, question: &'static str) -> i64 {
        sqlx::query_scalar(question).fetch_one(self.test.db.pool()).await.unwrap()
    }

    pub fn pass_time(&self, step: TimeDelta) -> DateTime<Utc> {
        self.test.clock.advance(step);
        self.test.clock.now()
    }

    /// On hand, held and the sum of the live holds, in thousandths; they are checked to agree with the movements.
    pub async fn stock(&self, tenant: TenantId, product: ProductId) -> (i64, i64) {
        let (on_hand, held, live, moved): (i64, i64, i64, i64) = sqlx::query_as(
            "select on_hand_milli, held_milli,
                 (select coalesce(sum(quantity_milli), 0)::bigint from stock_holds
                  where tenant_id = $1 and product_id = $2 and state = 'held'),
                 (select coalesce(sum(change_milli), 0)::bigint from stock_movements
                  where tenant_id = $1 and product_id = $2)
             from stock
             where tenant_id = $1 and product_id = $2",
        )
        .bind(tenant.uuid())
        .bind(product.uuid())
        .fetch_one(self.test.db.pool())
        .await
        .unwrap();
        assert_eq!(held, live, "the counter is the sum of the live holds");
        assert_eq!(on_hand, moved, "what is there is the sum of the movements");
        (on_hand, held)
    }

    /// Names of the events in this subscriber's log, oldest first.
    pub async fn news(&self, tenant: TenantId, subscriber: uuid::Uuid) -> Vec<(String, Value)> {
        let rows: Vec<(Value,)> = sqlx::query_as(
            "select payload from sync_events where tenant_id = $1 and subscriber_id = $2 order by seq",
        )
        .bind(tenant.uuid())
        .bind(subscriber)
        .fetch_all(self.test.db.pool())
        .await
        .unwrap();
        let event =
            |(payload,): (Value,)| (payload["kind"].as_str().unwrap().to_owned(), payload["data"].clone());
        rows.into_iter().map(event).collect()
    }
}
