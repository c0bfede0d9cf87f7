//! A vendor's purse: the context on a database of its own, a price, an operator.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use axum::{Extension, Router};
use billing::Credits;
use emulator::razorpay::{Endpoint, NewMerchant, Play};
use emulator::stripe::{Authentication, NewAccount, Payment};
use emulator::{Emulator, Options, Razorpay, Stripe};
use identity::{Caller, Identity, Person, Role, SignedIn, Standing};
use ledger::Ledger;
use payments::{Foundations, Payments, RazorpayConfig, StripeConfig};
use platform::fields::Fields;
use platform::jobs::{Failure, Handlers, Job, Jobs, Worker};
use platform::kept::Keeper;
use platform::keys::Keyring;
use platform::meter::{self, Cause, Measure, Meter, Reservation, Work};
use platform::outbox::{Outbox, Relay, Routes};
use platform::seal::Sealer;
use platform::switches::Switches;
use platform::{Clock, Db, Entropy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sync::Sync;
use testkit::TestDb;
use tower::ServiceExt;
use types::{Language, PersonId, TenantId};
use uuid::Uuid;

pub struct Purse {
    pub test: TestDb,
    pub payments: Payments,
    pub emulator: Option<Emulator>,
    relay: Relay,
    pub credits: Credits,
    pub switches: Switches,
    pub jobs: Jobs,
    pub tenant: TenantId,
    identity: Identity,
    vendor: Caller,
    worker: Worker,
}

const SECRET: &str = "webhook-secret-0001";

/// Work that waits for credit.
#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    tenant: TenantId,
    by: Option<PersonId>,
}

impl Job for Waiting {
    const KIND: &'static str = "waiting";
}

impl Purse {
    /// An empty purse. A minute of sound costs 30 paise at `bhashini`, a character of a translation a third of a paisa.
    pub async fn open() -> Self {
        Self::open_with(TestDb::create().await, None, payments::Config::default()).await
    }

    /// A purse that is topped up at the platform's own UPI id.
    pub async fn with_till() -> Self {
        let mut purse = Self::open().await;
        purse.credits = purse.credits.paid_at(Some("vyapar@okbank".parse().unwrap()));
        purse
    }

    /// A purse that is topped up through a gateway.
    pub async fn with_gateway() -> Self {
        let test = TestDb::create().await;
        let emulator = Emulator::start(Options::repeatable(test.clock.now().timestamp(), 7)).await.unwrap();
        let config =
            payments::Config { razorpay: Some(account_at(&emulator)), ..payments::Config::default() };
        let purse = Self::open_with(test, Some(emulator), config).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = format!("http://{}/webhooks/razorpay", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::from(purse.payments.routes())).into_future());
        let endpoint = Endpoint::new(&hook, SECRET);
        purse.razorpay().set_webhooks(&NewMerchant::demo().key_id, vec![endpoint]).unwrap();
        purse
    }

    /// A purse that is topped up at Stripe, which keeps cards.
    pub async fn with_cards() -> Self {
        let test = TestDb::create().await;
        let emulator = Emulator::start(Options::repeatable(test.clock.now().timestamp(), 7)).await.unwrap();
        let config = payments::Config {
            stripe: Some(stripe_at(&emulator)),
            public_url: "https://vyapar.test".to_owned(),
            ..payments::Config::default()
        };
        let purse = Self::open_with(test, Some(emulator), config).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = format!("http://{}/webhooks/stripe", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::from(purse.payments.routes())).into_future());
        let endpoint = Endpoint::new(&hook, SECRET);
        purse.stripe().set_webhooks(&NewAccount::demo().secret_key, vec![endpoint]).unwrap();
        purse
    }

    async fn open_with(test: TestDb, emulator: Option<Emulator>, gateways: payments::Config) -> Self {
        let on = ground(test.db.clone(), test.clock.clone(), test.entropy.clone(), gateways);
        let (identity, jobs, payments) = (on.identity.clone(), on.jobs.clone(), on.payments.clone());
        let switches = Switches::new(test.db.clone());
        let credits = Credits::new(on).switched_by(switches.clone());
        let person = sign_up(&identity, "9876543210").await;
        let session: Uuid = test.entropy.id(test.clock.now());
        let tenant = person.tenant.unwrap();
        let vendor = Caller::person(SignedIn { session: session.into(), person });
        let waiting = credits.clone();
        let handlers = Handlers::default().on(move |job: Waiting| try_again(waiting.clone(), job));
        let handlers = credits.handlers().and(payments.handlers()).and(handlers);
        let keepers: [Arc<dyn Keeper>; 1] = [Arc::new(payments.clone())];
        let handlers = handlers.and(credits.storage_handlers(keepers));
        let worker = Worker::new(jobs.clone(), handlers, 4);
        let routes = Routes::default()
            .on(|_, paid: payments::TopUpPaid| vec![billing::top_up_draft(&paid)])
            .on(|_, failed: payments::TopUpFailed| vec![billing::top_up_failed_draft(&failed)])
            .on(|_, made: payments::TopUpRefunded| vec![billing::top_up_refunded_draft(&made)])
            .on(|_, refused: payments::TopUpRefundRefused| {
                vec![billing::top_up_refund_refused_draft(&refused)]
            })
            .on(|_, back: payments::TopUpTakenBack| vec![billing::top_up_taken_back_draft(&back)]);
        let outbox = Outbox::new(test.clock.clone(), test.entropy.clone());
        let relay = Relay::new(test.db.clone(), jobs.clone(), outbox, routes);
        sqlx::query("insert into job_schedules (name, next_run_at) values ('keep-up-credit', $1)")
            .bind(test.clock.now() + chrono::TimeDelta::minutes(1))
            .execute(test.db.pool())
            .await
            .unwrap();
        let purse = Self {
            test,
            payments,
            emulator,
            relay,
            credits,
            switches,
            jobs,
            tenant,
            identity,
            vendor,
            worker,
        };
        purse.price("audio_ms", 60_000, 300_000).await;
        purse.price("translation_characters", 3, 10_000).await;
        purse
    }

    pub fn razorpay(&self) -> &Razorpay {
        self.emulator.as_ref().unwrap().razorpay()
    }

    pub fn stripe(&self) -> &Stripe {
        self.emulator.as_ref().unwrap().stripe()
    }

    /// Tops up with a card that is kept.
    pub async fn keep_card(&self, card: &str, paise: i64) {
        let id = Uuid::from_u128(u128::from_le_bytes(self.test.entropy.bytes()));
        let ask = json!({"client_id": id, "amount": {"minor": paise, "currency": "INR"}, "keep_card": true});
        let (status, asked) = self.post("/credit/top-ups", &ask).await;
        assert_eq!(status, StatusCode::CREATED, "{asked}");
        self.settle().await;
        let page = "select gateway_order_id from gateway_orders order by intent_id desc limit 1";
        let page: String = sqlx::query_scalar(page).fetch_one(self.test.db.pool()).await.unwrap();
        let paid = self.stripe().pay(&Payment::of(&page).by(card)).unwrap();
        self.settle().await;
        if let Some(payment_intent) = paid.payment_intent["id"].as_str().map(str::to_owned) {
            // Where its bank wants to.
            let _ = self.stripe().authenticate(&Authentication { payment_intent, approve: true });
        }
        self.pass(1).await;
        let top_up = self.get(&format!("/credit/top-ups/{}", asked["id"].as_str().unwrap())).await;
        assert_eq!(top_up["state"], "paid", "{top_up}");
    }

    pub async fn put(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(&self.vendor, Method::PUT, path, Some(body)).await
    }

    /// Does every job that is due, carries the news, and delivers what the gateway has to say, until all is quiet.
    pub async fn settle(&self) {
        loop {
            if self.emulator.is_some() {
                self.razorpay().settle().await;
                self.stripe().settle().await;
            }
            let carried = self.relay.relay_batch().await.unwrap();
            if self.worker.run_due().await.unwrap() + carried == 0 {
                return;
            }
        }
    }

    /// What the gateway gave back, in paise.
    pub async fn razorpay_refunds(&self) -> Vec<i64> {
        let made = "select amount_minor from refunds where state = 'processed' and gateway_refund_id is not null order by id";
        sqlx::query_scalar(made).fetch_all(self.test.db.pool()).await.unwrap()
    }

    /// Lets time pass, for us and for the gateway.
    pub async fn pass(&self, seconds: u32) {
        self.test.clock.advance(chrono::TimeDelta::seconds(seconds.into()));
        if let Some(emulator) = &self.emulator {
            emulator.clock().advance(std::time::Duration::from_secs(seconds.into()));
        }
        self.settle().await;
    }

    /// Tops up through the gateway; gives what the gateway calls the payment.
    pub async fn top_up(&self, paise: i64) -> String {
        let id = Uuid::from_u128(u128::from_le_bytes(self.test.entropy.bytes()));
        let ask = json!({"client_id": id, "amount": {"minor": paise, "currency": "INR"}});
        let (status, asked) = self.post("/credit/top-ups", &ask).await;
        assert_eq!(status, StatusCode::CREATED, "{asked}");
        self.settle().await;
        let qr = "select gateway_qr_id from gateway_qr_codes order by intent_id desc limit 1";
        let qr: String = sqlx::query_scalar(qr).fetch_one(self.test.db.pool()).await.unwrap();
        self.razorpay().play(&Play::qr(&qr)).unwrap();
        self.pass(1).await;
        let top_up = self.get(&format!("/credit/top-ups/{}", asked["id"].as_str().unwrap())).await;
        assert_eq!(top_up["state"], "paid", "{top_up}");
        let payment = "select gateway_payment_id from payments where top_up_id = $1::uuid";
        let payment =
            sqlx::query_scalar(payment).bind(asked["id"].as_str().unwrap().parse::<Uuid>().unwrap());
        payment.fetch_one(self.test.db.pool()).await.unwrap()
    }

    pub async fn another_vendor(&self, phone: &str) -> TenantId {
        sign_up(&self.identity, phone).await.tenant.unwrap()
    }

    /// Somebody who joins the business in this role, and who they are.
    pub async fn member(&self, phone: &str, role: Role) -> (PersonId, Caller) {
        let person = sign_up(&self.identity, phone).await;
        let joins = "insert into members (tenant_id, person_id, role, joined_at) values ($1, $2, $3, $4)";
        let joins = sqlx::query(joins).bind(self.tenant.uuid()).bind(person.id.uuid());
        let joins = joins.bind(role).bind(self.test.clock.now());
        joins.execute(self.test.db.pool()).await.unwrap();
        let session: Uuid = self.test.entropy.id(self.test.clock.now());
        let person = Person { tenant: Some(self.tenant), ..person };
        let (id, standing) = (person.id, Standing { role: Some(role), operator: None });
        (id, Caller::standing(SignedIn { session: session.into(), person }, standing))
    }

    /// A minute of sound is set aside for a member's act.
    pub async fn reserve_for(&self, by: PersonId) -> Result<Reservation, meter::Error> {
        let work = self.work(Measure::AudioMs, 60_000);
        let cause = Cause { by: Some(by), ..work.cause };
        self.credits.reserve(&Work { cause, ..work }).await
    }

    /// What a member may spend in a month, as the owner says.
    pub async fn limit(&self, person: PersonId, paise: Option<i64>) -> Value {
        let limit = paise.map_or(json!({}), |minor| json!({"limit": {"minor": minor, "currency": "INR"}}));
        let (status, body) = self.put(&format!("/credit/members/{person}/limit"), &limit).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    pub fn operator(&self) -> Caller {
        let person = Person {
            id: self.test.entropy.id(self.test.clock.now()),
            name: "Kamala".to_owned(),
            phone: Some("9876543211".parse().unwrap()),
            email: None,
            time_zone: identity::TimeZone::default(),
            language: Language::English,
            tenant: None,
            operator: true,
        };
        let session: Uuid = self.test.entropy.id(self.test.clock.now());
        Caller::person(SignedIn { session: session.into(), person })
    }

    pub async fn price(&self, measure: &str, per: i64, micros: i64) -> Value {
        let price = json!({
            "client_id": Uuid::from_u128(u128::from_le_bytes(self.test.entropy.bytes())), "provider": "bhashini",
            "measure": measure, "per": per, "price_micros": micros, "reason": "as the provider charges",
        });
        let (status, body) =
            self.call(&self.operator(), Method::POST, "/operator/prices", Some(&price)).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body
    }

    /// Puts a price on a model of `bhashini`.
    pub async fn price_of_model(&self, model: &str, measure: &str, per: i64, micros: i64) {
        let price = json!({
            "client_id": Uuid::from_u128(u128::from_le_bytes(self.test.entropy.bytes())), "provider": "bhashini",
            "model": model, "measure": measure, "per": per, "price_micros": micros, "reason": "a better voice",
        });
        let (status, body) =
            self.call(&self.operator(), Method::POST, "/operator/prices", Some(&price)).await;
        assert_eq!((status, &body["model"]), (StatusCode::CREATED, &json!(model)), "{body}");
    }

    /// Gives credit that lasts so many days, or for ever.
    pub async fn grant(&self, paise: i64, days: Option<i64>) -> Value {
        let expires_at = days.map(|days| self.test.clock.now() + chrono::TimeDelta::days(days));
        let mut grant = json!({
            "client_id": Uuid::from_u128(u128::from_le_bytes(self.test.entropy.bytes())),
            "amount": {"minor": paise, "currency": "INR"}, "reason": "to begin with",
        });
        if let Some(expires_at) = expires_at {
            grant["expires_at"] = json!(expires_at);
        }
        let (status, body) = self.send_grant(&grant).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body
    }

    pub async fn send_grant(&self, grant: &Value) -> (StatusCode, Value) {
        let path = format!("/operator/credits/{}/grants", self.tenant);
        self.call(&self.operator(), Method::POST, &path, Some(grant)).await
    }

    pub async fn freeze(&self, frozen: bool) {
        let path = format!("/operator/credits/{}/freeze", self.tenant);
        let body = json!({"frozen": frozen, "reason": "a complaint"});
        let (status, body) = self.call(&self.operator(), Method::PUT, &path, Some(&body)).await;
        assert_eq!((status, &body["frozen"]), (StatusCode::OK, &json!(frozen)));
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(&self.vendor, Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(&self.vendor, Method::POST, path, Some(body)).await
    }

    /// What the vendor is answered, whatever that is.
    pub async fn call_as_vendor(&self, path: &str) -> (StatusCode, Value) {
        self.call(&self.vendor, Method::GET, path, None).await
    }

    /// What an operator's call answers.
    pub async fn operate(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        self.call(&self.operator(), method, path, body).await
    }

    /// Takes in a file of the platform's bank.
    pub async fn bank_file(&self, text: &str) -> (StatusCode, Value) {
        let path = "/operator/top-ups/bank-file?reason=as%20of%20today";
        let request = Request::builder().method(Method::POST).uri(path).header(CONTENT_TYPE, "text/csv");
        let request = request.body(Body::from(text.to_owned())).unwrap();
        let router = Router::from(self.credits.routes()).layer(Extension(self.operator()));
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 1_000_000).await.unwrap();
        (parts.status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// What can be spent, in paise, and what is set aside.
    pub async fn standing(&self) -> (i64, i64) {
        let credit = self.get("/credit").await;
        (credit["available"]["minor"].as_i64().unwrap(), credit["reserved"]["minor"].as_i64().unwrap())
    }

    pub fn work(&self, measure: Measure, amount_max: u64) -> Work {
        let cause = Cause { kind: "message", id: Uuid::from_u128(7), visit: None, by: None };
        Work { tenant: self.tenant, provider: "bhashini", model: None, measure, amount_max, cause }
    }

    pub async fn reserve(&self, measure: Measure, amount_max: u64) -> Result<Reservation, meter::Error> {
        self.credits.reserve(&self.work(measure, amount_max)).await
    }

    /// How often the vendor's devices were told of the credit.
    pub async fn times_told(&self) -> i64 {
        let count = "select count(*) from sync_events where payload->>'kind' = 'credit'";
        sqlx::query_scalar(count).fetch_one(self.test.db.pool()).await.unwrap()
    }

    /// Enqueues work that needs a minute of sound.
    pub async fn enqueue_waiting(&self) {
        self.enqueue_waiting_of(None).await;
    }

    /// Enqueues work that needs a minute of sound and that this member's act caused.
    pub async fn enqueue_waiting_of(&self, by: Option<PersonId>) {
        let mut connection = self.test.db.acquire().await.unwrap();
        let draft = platform::jobs::Draft::new(self.tenant, &Waiting { tenant: self.tenant, by });
        self.jobs.enqueue(&mut connection, draft).await.unwrap();
    }

    pub async fn run_jobs(&self) {
        self.worker.run_due().await.unwrap();
    }

    /// The books are right: every total recomputed.
    pub async fn check_books(&self) {
        let mut connection = self.test.db.acquire().await.unwrap();
        let ledger = Ledger::new(self.test.clock.clone(), self.test.entropy.clone());
        let report = ledger.check(&mut connection).await.unwrap();
        assert!(report.faults.is_empty(), "{report:?}");
    }

    /// What a path answers, as it is.
    pub async fn text(&self, path: &str) -> String {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let router = Router::from(self.credits.routes()).layer(Extension(self.vendor.clone()));
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        String::from_utf8(to_bytes(response.into_body(), 1_000_000).await.unwrap().to_vec()).unwrap()
    }

    pub async fn call(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        let request = request.body(body.map_or(Body::empty(), |body| Body::from(body.to_string()))).unwrap();
        let router = Router::from(self.credits.routes()).layer(Extension(caller.clone()));
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1_000_000).await.unwrap();
        (parts.status, serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

/// What credit stands on in this database.
pub fn ground(db: Db, clock: Clock, entropy: Entropy, gateways: payments::Config) -> billing::Foundations {
    let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
    let base = || (db.clone(), clock.clone(), entropy.clone());
    let (a, b, c) = base();
    let identity = Identity::new(a, b, c, &keyring, identity::Config::default());
    let (a, b, c) = base();
    let jobs = Jobs::new(a, b, c);
    let (a, b, c) = base();
    let config = sync::Config::default();
    let sync = Sync::new(a, b, c, &keyring, jobs.clone(), identity.clone(), config);
    let ledger = Ledger::new(clock.clone(), entropy.clone());
    let on = Foundations {
        db: db.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        jobs: jobs.clone(),
        outbox: Outbox::new(clock.clone(), entropy.clone()),
        sync: sync.clone(),
        ledger: ledger.clone(),
        identity: identity.clone(),
        sealer: Sealer::new(&keyring, "payout-accounts", entropy.clone()),
        fields: Fields::new(&keyring, entropy.clone()),
    };
    let payments = Payments::new(on, gateways);
    billing::Foundations { db, clock, entropy, jobs, sync, identity, ledger, payments }
}

fn account_at(emulator: &Emulator) -> RazorpayConfig {
    let merchant = NewMerchant::demo();
    RazorpayConfig {
        base_url: emulator.razorpay_url().to_owned(),
        key_id: merchant.key_id,
        key_secret: merchant.key_secret.into(),
        webhook_secret: SECRET.to_owned().into(),
        checkout_script_url: format!("{}/v1/checkout.js", emulator.razorpay_url()),
    }
}

fn stripe_at(emulator: &Emulator) -> StripeConfig {
    StripeConfig {
        base_url: emulator.stripe_url().to_owned(),
        secret_key: NewAccount::demo().secret_key.into(),
        webhook_secret: SECRET.to_owned().into(),
    }
}

async fn sign_up(identity: &Identity, phone: &str) -> Person {
    let account =
        json!({"phone": phone, "name": "Annam", "password": "violet kettle rain", "language": "ta"});
    let account = serde_json::from_value(account).unwrap();
    identity.create_account(&Caller::nobody(), account).await.unwrap().0
}

async fn try_again(credits: Credits, job: Waiting) -> Result<(), Failure> {
    let cause = Cause { kind: "message", id: Uuid::from_u128(8), visit: None, by: job.by };
    let (tenant, provider, measure) = (job.tenant, "bhashini", Measure::AudioMs);
    match credits.reserve(&Work { tenant, provider, model: None, measure, amount_max: 60_000, cause }).await {
        Ok(reservation) => Ok(credits.capture(reservation, 60_000).await?),
        Err(error) if error.waits_for_payer() => Err(Failure::NoCredit),
        Err(error) => Err(error.into()),
    }
}
