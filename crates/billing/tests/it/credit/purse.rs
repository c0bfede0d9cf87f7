//! A vendor's purse: the context on a database of its own, a price, an operator.

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use axum::{Extension, Router};
use billing::Credits;
use identity::{Caller, Identity, Person, SignedIn};
use ledger::Ledger;
use payments::{Foundations, Payments};
use platform::jobs::{Failure, Handlers, Job, Jobs, Worker};
use platform::keys::Keyring;
use platform::meter::{self, Cause, Measure, Meter, Reservation, Work};
use platform::outbox::Outbox;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sync::Sync;
use testkit::TestDb;
use tower::ServiceExt;
use types::{Language, TenantId};
use uuid::Uuid;

pub struct Purse {
    pub test: TestDb,
    pub credits: Credits,
    pub jobs: Jobs,
    pub tenant: TenantId,
    identity: Identity,
    vendor: Caller,
    worker: Worker,
}

/// Work that waits for credit.
#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    tenant: TenantId,
}

impl Job for Waiting {
    const KIND: &'static str = "waiting";
}

impl Purse {
    /// An empty purse. A minute of sound costs 30 paise at `bhashini`, a character of a translation a third of a paisa.
    pub async fn open() -> Self {
        let test = TestDb::create().await;
        let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
        let (db, clock, entropy) = (|| test.db.clone(), || test.clock.clone(), || test.entropy.clone());
        let identity = Identity::new(db(), clock(), entropy(), &keyring, identity::Config::default());
        let jobs = Jobs::new(db(), clock(), entropy());
        let config = sync::Config::default();
        let sync = Sync::new(db(), clock(), entropy(), &keyring, jobs.clone(), identity.clone(), config);
        let ledger = Ledger::new(clock(), entropy());
        let on = Foundations {
            db: db(),
            clock: clock(),
            entropy: entropy(),
            jobs: jobs.clone(),
            outbox: Outbox::new(clock(), entropy()),
            sync: sync.clone(),
            ledger: ledger.clone(),
        };
        let payments = Payments::new(
            on,
            payments::Config { commission_percent: "2".parse().unwrap(), ..payments::Config::default() },
        );
        let on = billing::Foundations {
            db: db(),
            clock: clock(),
            entropy: entropy(),
            jobs: jobs.clone(),
            sync,
            identity: identity.clone(),
            ledger,
            payments,
        };
        let credits = Credits::new(on);
        let person = sign_up(&identity, "9876543210").await;
        let session: Uuid = test.entropy.id(test.clock.now());
        let tenant = person.tenant.unwrap();
        let vendor = Caller::person(SignedIn { session: session.into(), person });
        let waiting = credits.clone();
        let handlers = Handlers::default().on(move |job: Waiting| try_again(waiting.clone(), job));
        let worker = Worker::new(jobs.clone(), credits.handlers().and(handlers), 4);
        sqlx::query("insert into job_schedules (name, next_run_at) values ('keep-up-credit', $1)")
            .bind(test.clock.now() + chrono::TimeDelta::minutes(1))
            .execute(test.db.pool())
            .await
            .unwrap();
        let purse = Self { test, credits, jobs, tenant, identity, vendor, worker };
        purse.price("audio_ms", 60_000, 300_000).await;
        purse.price("translation_characters", 3, 10_000).await;
        purse
    }

    pub async fn another_vendor(&self, phone: &str) -> TenantId {
        sign_up(&self.identity, phone).await.tenant.unwrap()
    }

    pub fn operator(&self) -> Caller {
        let person = Person {
            id: self.test.entropy.id(self.test.clock.now()),
            name: "Kamala".to_owned(),
            phone: "9876543211".parse().unwrap(),
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

    /// What can be spent, in paise, and what is set aside.
    pub async fn standing(&self) -> (i64, i64) {
        let credit = self.get("/credit").await;
        (credit["available"]["minor"].as_i64().unwrap(), credit["reserved"]["minor"].as_i64().unwrap())
    }

    pub fn work(&self, measure: Measure, amount_max: u64) -> Work {
        let cause = Cause { kind: "message", id: Uuid::from_u128(7), visit: None };
        Work { tenant: self.tenant, provider: "bhashini", measure, amount_max, cause }
    }

    pub async fn reserve(&self, measure: Measure, amount_max: u64) -> Result<Reservation, meter::Error> {
        self.credits.reserve(&self.work(measure, amount_max)).await
    }

    /// Enqueues work that needs a minute of sound.
    pub async fn enqueue_waiting(&self) {
        let mut connection = self.test.db.acquire().await.unwrap();
        let draft = platform::jobs::Draft::new(self.tenant, &Waiting { tenant: self.tenant });
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

async fn sign_up(identity: &Identity, phone: &str) -> Person {
    let account =
        json!({"phone": phone, "name": "Annam", "password": "violet kettle rain", "language": "ta"});
    let account = serde_json::from_value(account).unwrap();
    identity.create_account(&Caller::nobody(), account).await.unwrap().0
}

async fn try_again(credits: Credits, job: Waiting) -> Result<(), Failure> {
    let cause = Cause { kind: "message", id: Uuid::from_u128(8), visit: None };
    let (tenant, provider, measure) = (job.tenant, "bhashini", Measure::AudioMs);
    match credits.reserve(&Work { tenant, provider, measure, amount_max: 60_000, cause }).await {
        Ok(reservation) => Ok(credits.capture(reservation, 60_000).await?),
        Err(meter::Error::NoCredit) => Err(Failure::NoCredit),
        Err(error) => Err(error.into()),
    }
}
