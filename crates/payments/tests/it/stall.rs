//! A stall with a buyer, a worker, and a gateway that calls back.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use axum::{Extension, Router};
use chrono::{DateTime, TimeDelta, Utc};
use emulator::razorpay::{ACCOUNT_NUMBER, EVENTS, Endpoint, NewMerchant, Play, Played};
use emulator::stripe::NewAccount;
use emulator::{Emulator, Options, Razorpay, Stripe};
use identity::{Caller, Identity, Pass, Person, SignedIn};
use ledger::Ledger;
use payments::{
    Config, Foundations, NewIntent, Payments, PayoutConfig, RazorpayConfig, RazorpayXConfig, StripeConfig,
};
use platform::fields::Fields;
use platform::jobs::{Jobs, Worker};
use platform::keys::Keyring;
use platform::outbox::Outbox;
use platform::seal::Sealer;
use serde_json::{Value, json};
use testkit::TestDb;
use tower::ServiceExt;
use types::{GuestId, IntentId, Language, Money, OrderId, PersonId, SessionId, TenantId, VisitId};

pub const SECRET: &str = "webhook-secret-0001";
const PAYOUT_SECRET: &str = "payout-secret-0001";
/// ₹150.
pub const AMOUNT: i64 = 150_00;
/// 2.5 per cent of it.
pub const COMMISSION: i64 = 3_75;
const HELD_FOR: TimeDelta = TimeDelta::minutes(10);

pub struct Stall {
    pub test: TestDb,
    pub emulator: Option<Emulator>,
    pub payments: Payments,
    pub ledger: Ledger,
    worker: Worker,
    pub tenant: TenantId,
    pub visit: VisitId,
    pub guest: GuestId,
    pub order: OrderId,
    pub hook: String,
}

impl Stall {
    /// A stall whose payments go through the gateway.
    pub async fn with_gateway() -> Self {
        Self::emulated([true, false, false]).await
    }

    /// A stall whose payments go through Stripe.
    pub async fn with_stripe() -> Self {
        Self::emulated([false, true, false]).await
    }

    /// A stall on an installation with both gateways.
    pub async fn with_both() -> Self {
        Self::emulated([true, true, false]).await
    }

    /// A stall whose payments go through the gateway, and whose payouts a provider makes.
    pub async fn with_provider() -> Self {
        Self::emulated([true, false, true]).await
    }

    async fn emulated([razorpay, stripe, razorpayx]: [bool; 3]) -> Self {
        let test = TestDb::create().await;
        let unix_s = test.clock.now().timestamp();
        let emulator = Emulator::start(Options::repeatable(unix_s, 7)).await.unwrap();
        let merchant = NewMerchant::demo();
        let razorpay = razorpay.then(|| RazorpayConfig {
            base_url: emulator.razorpay_url().to_owned(),
            key_id: merchant.key_id,
            key_secret: merchant.key_secret.into(),
            webhook_secret: SECRET.to_owned().into(),
            checkout_script_url: format!("{}/v1/checkout.js", emulator.razorpay_url()),
        });
        let stripe = stripe.then(|| StripeConfig {
            base_url: emulator.stripe_url().to_owned(),
            secret_key: NewAccount::demo().secret_key.into(),
            webhook_secret: SECRET.to_owned().into(),
        });
        let merchant = NewMerchant::demo();
        let razorpayx = razorpayx.then(|| RazorpayXConfig {
            base_url: emulator.razorpay_url().to_owned(),
            key_id: merchant.key_id,
            key_secret: merchant.key_secret.into(),
            account_number: ACCOUNT_NUMBER.to_owned(),
            webhook_secret: PAYOUT_SECRET.to_owned().into(),
        });
        // Runs are asked for: a test sees what comes of each.
        let payouts = PayoutConfig { daily: false, ..PayoutConfig::default() };
        let config = Config { razorpay, stripe, razorpayx, payouts, ..Config::default() };
        let stall = Self::open(test, Some(emulator), config).await;
        stall.listen();
        stall
    }

    /// A stall on an installation without a gateway.
    pub async fn without_gateway() -> Self {
        Self::open(TestDb::create().await, None, Config::default()).await
    }

    async fn open(test: TestDb, emulator: Option<Emulator>, config: Config) -> Self {
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
            identity.clone(),
            sync::Config::default(),
        );
        let ledger = Ledger::new(clock.clone(), entropy.clone());
        let foundations = Foundations {
            db,
            clock: clock.clone(),
            entropy: entropy.clone(),
            jobs: jobs.clone(),
            outbox: Outbox::new(clock.clone(), entropy.clone()),
            sync,
            ledger: ledger.clone(),
            identity,
            sealer: Sealer::new(&keyring, "payout-accounts", entropy.clone()),
            fields: Fields::new(&keyring, entropy.clone()),
        };
        let public_url = "https://vyapar.example".to_owned();
        let config = Config { commission_percent: "2.5".parse().unwrap(), public_url, ..config };
        let payments = Payments::new(foundations, config);
        let worker = Worker::new(jobs, payments.handlers(), 4);
        let now = clock.now();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::from(payments.routes())).into_future());
        Self {
            tenant: entropy.id(now),
            visit: entropy.id(now),
            guest: entropy.id(now),
            order: entropy.id(now),
            hook,
            test,
            emulator,
            payments,
            ledger,
            worker,
        }
    }

    /// Has the gateways call back.
    fn listen(&self) {
        let of_payouts = |event: &&str| event.starts_with("payout.");
        let endpoint = |name: &str, secret: &str, payouts: bool| {
            let events = EVENTS.iter().filter(|event| of_payouts(event) == payouts);
            let events = Some(events.map(|event| (*event).to_owned()).collect());
            Endpoint { events, ..Endpoint::new(&format!("{}/webhooks/{name}", self.hook), secret) }
        };
        let endpoints = vec![endpoint("razorpay", SECRET, false), endpoint("razorpayx", PAYOUT_SECRET, true)];
        self.razorpay().set_webhooks(&NewMerchant::demo().key_id, endpoints).unwrap();
        let endpoint = Endpoint::new(&format!("{}/webhooks/stripe", self.hook), SECRET);
        self.stripe().set_webhooks(&NewAccount::demo().secret_key, vec![endpoint]).unwrap();
    }

    pub fn stripe(&self) -> &Stripe {
        self.emulator.as_ref().unwrap().stripe()
    }

    pub fn razorpay(&self) -> &Razorpay {
        self.emulator.as_ref().unwrap().razorpay()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.test.clock.now()
    }

    pub fn new_intent(&self) -> NewIntent {
        NewIntent {
            tenant: self.tenant,
            order: self.order,
            order_number: "12".to_owned(),
            visit: self.visit,
            guest: self.guest,
            stall_name: "Meena's Tomatoes".to_owned(),
            amount: Money::inr(AMOUNT),
            expires_at: self.now() + HELD_FOR,
        }
    }

    /// Asks for the order's money and does what follows from it.
    pub async fn ask(&self) -> IntentId {
        let intent = self.ask_for(&self.new_intent()).await;
        self.work().await;
        intent
    }

    pub async fn ask_for(&self, new: &NewIntent) -> IntentId {
        let mut transaction = self.test.db.begin().await.unwrap();
        let intent = self.payments.open_intent(&mut transaction, new).await.unwrap();
        transaction.commit().await.unwrap();
        intent
    }

    /// A sale of so many paise through the gateway.
    pub async fn sell(&self, order: OrderId, paise: i64) {
        let intent = self.ask_for(&NewIntent { order, amount: Money::inr(paise), ..self.new_intent() }).await;
        self.work().await;
        self.play(&Play::qr(&self.gateway_qr(intent).await));
        self.work().await;
    }

    pub async fn cancel(&self) {
        let mut transaction = self.test.db.begin().await.unwrap();
        self.payments.cancel(&mut transaction, self.tenant, self.order).await.unwrap();
        transaction.commit().await.unwrap();
        self.work().await;
    }

    pub async fn refund(&self, order: OrderId) -> Result<(), payments::Error> {
        let mut transaction = self.test.db.begin().await.unwrap();
        self.payments.refund(&mut transaction, self.tenant, order, "sold out").await?;
        transaction.commit().await.unwrap();
        self.work().await;
        Ok(())
    }

    /// Asks for a part of the order's money back; what follows is not done yet.
    pub async fn ask_back(&self, minor: i64) -> Result<(), payments::Error> {
        let mut transaction = self.test.db.begin().await.unwrap();
        let amount = Money::inr(minor);
        self.payments.refund_part(&mut transaction, self.tenant, self.order, amount, "wilted").await?;
        transaction.commit().await.unwrap();
        Ok(())
    }

    /// Gives a part of the order's money back, and does what follows.
    pub async fn refund_part(&self, minor: i64) -> Result<(), payments::Error> {
        self.ask_back(minor).await?;
        self.work().await;
        Ok(())
    }

    /// Does every job that is due, and delivers what the gateway has to say, until all is quiet.
    pub async fn work(&self) {
        loop {
            if let Some(emulator) = &self.emulator {
                emulator.razorpay().settle().await;
                emulator.stripe().settle().await;
            }
            if self.worker.run_due().await.unwrap() == 0 {
                return;
            }
        }
    }

    pub async fn jobs_only(&self) {
        self.worker.run_due().await.unwrap();
    }

    /// Lets time pass, for us and for the gateway.
    pub async fn pass(&self, seconds: u32) {
        self.test.clock.advance(TimeDelta::seconds(seconds.into()));
        if let Some(emulator) = &self.emulator {
            emulator.clock().advance(Duration::from_secs(seconds.into()));
        }
        self.work().await;
    }

    pub fn play(&self, play: &Play) -> Played {
        self.razorpay().play(play).unwrap()
    }

    pub fn vendor(&self) -> Caller {
        signed_in(Some(self.tenant), false)
    }

    pub fn buyer(&self) -> Caller {
        Caller::guest(vec![Pass {
            visit: self.visit,
            tenant: self.tenant,
            guest: self.guest,
            stall_name: "Meena's Tomatoes".to_owned(),
            expires_at: self.now() + TimeDelta::days(7),
        }])
    }

    pub async fn get(&self, caller: Caller, path: &str) -> (StatusCode, Value) {
        self.call(caller, Method::GET, path, None).await
    }

    pub async fn post(&self, caller: Caller, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(caller, Method::POST, path, Some(body)).await
    }

    pub async fn call(
        &self,
        caller: Caller,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let router = Router::from(self.payments.routes()).layer(Extension(caller));
        let response = router.oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// What is answered to an empty request, as text.
    pub async fn text_of(&self, caller: Caller, path: &str) -> String {
        self.answer(caller, Method::POST, path).await
    }

    /// A file that is there to be taken.
    pub async fn file(&self, caller: Caller, path: &str) -> String {
        self.answer(caller, Method::GET, path).await
    }

    async fn answer(&self, caller: Caller, method: Method, path: &str) -> String {
        let router = Router::from(self.payments.routes()).layer(Extension(caller));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        String::from_utf8(to_bytes(response.into_body(), 1_000_000).await.unwrap().to_vec()).unwrap()
    }

    /// The payment as the buyer's phone shows it.
    pub async fn payment(&self) -> Value {
        let (status, payment) = self.get(self.buyer(), &format!("/orders/{}/payment", self.order)).await;
        assert_eq!(status, StatusCode::OK, "{payment}");
        payment
    }

    pub async fn received(&self, client_id: uuid::Uuid, method: &str) -> (StatusCode, Value) {
        let body = json!({"client_id": client_id, "method": method});
        self.post(self.vendor(), &format!("/orders/{}/payment/received", self.order), &body).await
    }

    pub async fn gateway_order(&self, intent: IntentId) -> String {
        self.text(&format!("select gateway_order_id from gateway_orders where intent_id = '{intent}'")).await
    }

    pub async fn gateway_qr(&self, intent: IntentId) -> String {
        self.text(&format!("select gateway_qr_id from gateway_qr_codes where intent_id = '{intent}'")).await
    }

    pub async fn text(&self, sql: &str) -> String {
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()));
        query.fetch_one(self.test.db.pool()).await.unwrap()
    }

    pub async fn count(&self, from_where: &str) -> i64 {
        let sql = format!("select count(*) from {from_where}");
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
        query.fetch_one(self.test.db.pool()).await.unwrap()
    }

    /// How often it was published that the order is paid, and that its money went back.
    pub async fn published(&self) -> (i64, i64) {
        let paid = self.count("outbox_events where kind = 'intent-paid'").await;
        (paid, self.count("outbox_events where kind = 'payment-refunded'").await)
    }

    pub async fn balance(&self, code: &str) -> i64 {
        let mut connection = self.test.db.acquire().await.unwrap();
        let accounts = self.ledger.accounts(&mut connection, self.tenant, &[code]).await.unwrap();
        accounts.first().map_or(0, |account| account.balance().minor())
    }

    /// The books are sound, and hold this: at the gateway, for the vendor, commission, for buyers.
    pub async fn books_hold(&self, gateway: i64, vendor: i64, commission: i64, buyers: i64) {
        let report = self.ledger.check(&mut self.test.db.acquire().await.unwrap()).await.unwrap();
        assert_eq!(report.faults, Vec::new());
        assert_eq!(report.debits_minor, report.credits_minor);
        let held = (
            self.balance("gateway:razorpay").await,
            self.balance("vendor:payable").await,
            self.balance("platform:commission").await,
            self.balance("refunds:pending").await + self.balance("refunds:surplus").await,
        );
        assert_eq!(held, (gateway, vendor, commission, buyers));
    }

    /// The refunds that the gateway made.
    pub async fn refunds_at_gateway(&self) -> usize {
        self.at_gateway("/v1/refunds?count=100").await["items"].as_array().unwrap().len()
    }

    pub async fn at_gateway(&self, path: &str) -> Value {
        let merchant = NewMerchant::demo();
        let client = platform::http::client(Duration::from_secs(5));
        let url = format!("{}{path}", self.emulator.as_ref().unwrap().razorpay_url());
        let request = client.get(url).basic_auth(merchant.key_id, Some(merchant.key_secret));
        request.send().await.unwrap().json().await.unwrap()
    }
}

pub fn operator() -> Caller {
    signed_in(None, true)
}

pub fn signed_in(tenant: Option<TenantId>, operator: bool) -> Caller {
    let person = Person {
        id: PersonId::from_uuid(uuid::Uuid::from_u128(1)),
        name: "Meena".to_owned(),
        phone: Some("9876543210".parse().unwrap()),
        email: None,
        time_zone: identity::TimeZone::default(),
        language: Language::Tamil,
        tenant,
        operator,
    };
    Caller::person(SignedIn { session: SessionId::from_uuid(uuid::Uuid::from_u128(2)), person })
}

pub fn way<'a>(payment: &'a Value, kind: &str) -> &'a Value {
    let ways = payment["ways"].as_array().unwrap();
    ways.iter().find(|way| way["kind"] == kind).unwrap_or(&Value::Null)
}

pub fn kinds(payment: &Value) -> Vec<String> {
    let ways = payment["ways"].as_array().unwrap();
    ways.iter()
        .map(|way| format!("{}/{}", way["kind"].as_str().unwrap(), way["by"].as_str().unwrap()))
        .collect()
}
