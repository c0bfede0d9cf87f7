//! A vendor and a platform that sells plans: the context on a database of its own.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use axum::{Extension, Router};
use billing::{Billing, Config, Credits, Plans, Platform};
use chrono::{DateTime, TimeDelta, Utc};
use emulator::Emulator;
use identity::{Caller, Identity, Person, SignedIn};
use ledger::{Cause, Ledger, Limit, NewAccount, Posting, Side, Transfer};
use payments::{Payments, TOP_UPS, TopUpPaid};
use platform::fields::Fields;
use platform::jobs::{Jobs, Worker};
use platform::keys::Keyring;
use platform::outbox::{Outbox, Relay, Routes};
use platform::seal::Sealer;
use serde_json::{Value, json};
use sync::Sync;
use testkit::TestDb;
use tower::ServiceExt;
use types::{Currency, IntentId, Language, Money, TenantId, TopUpId};
use uuid::Uuid;

pub struct Office {
    pub test: TestDb,
    pub plans: Plans,
    pub billing: Billing,
    pub ledger: Ledger,
    pub tenant: TenantId,
    pub vendor: Caller,
    pub payments: Payments,
    pub emulator: Option<Emulator>,
    credits: Credits,
    identity: Identity,
    jobs: Jobs,
    worker: Worker,
    relay: Relay,
}

/// ₹299 a month, ₹2,990 a year, ₹50 of credit a month, 200 products.
pub const BASIC: i64 = 299_00;
/// ₹899 a month, ₹8,990 a year, ₹200 of credit a month, 400 products.
pub const PRO: i64 = 899_00;

impl Office {
    /// A platform registered in Karnataka with two plans, and a vendor without credit.
    pub async fn open() -> Self {
        Self::open_with(TestDb::create().await, None, payments::Config::default()).await
    }

    /// The same where vendors pay through these gateways.
    pub async fn open_with(test: TestDb, emulator: Option<Emulator>, gateways: payments::Config) -> Self {
        let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
        let (db, clock, entropy) = (|| test.db.clone(), || test.clock.clone(), || test.entropy.clone());
        let identity = Identity::new(db(), clock(), entropy(), &keyring, identity::Config::default());
        let jobs = Jobs::new(db(), clock(), entropy());
        let config = sync::Config::default();
        let sync = Sync::new(db(), clock(), entropy(), &keyring, jobs.clone(), identity.clone(), config);
        let ledger = Ledger::new(clock(), entropy());
        let payments = Payments::new(
            payments::Foundations {
                db: db(),
                clock: clock(),
                entropy: entropy(),
                jobs: jobs.clone(),
                outbox: Outbox::new(clock(), entropy()),
                sync: sync.clone(),
                ledger: ledger.clone(),
                identity: identity.clone(),
                sealer: Sealer::new(&keyring, "payout-accounts", entropy()),
                fields: Fields::new(&keyring, entropy()),
            },
            payments::Config { commission_percent: "2".parse().unwrap(), ..gateways },
        );
        let credits = Credits::new(billing::Foundations {
            db: db(),
            clock: clock(),
            entropy: entropy(),
            jobs: jobs.clone(),
            sync: sync.clone(),
            identity: identity.clone(),
            ledger: ledger.clone(),
            payments: payments.clone(),
        });
        let billing = Billing::new(db(), clock(), entropy(), sync, Config::default());
        let seller = json!({
            "name": "VyaparMitra", "address": "1 Vidhana Veedhi, Bengaluru", "gstin": "29AAGCB7383J1Z4",
        });
        let seller: Platform = serde_json::from_value(seller).unwrap();
        let plans = Plans::new(credits.clone(), &billing, seller);
        let handlers = credits.handlers().and(plans.handlers()).and(payments.handlers());
        let worker = Worker::new(jobs.clone(), handlers, 2);
        let routes = Routes::default()
            .on(|_, paid: TopUpPaid| vec![billing::top_up_draft(&paid)])
            .on(|_, failed: payments::TopUpFailed| vec![billing::top_up_failed_draft(&failed)]);
        let relay = Relay::new(db(), jobs.clone(), Outbox::new(clock(), entropy()), routes);
        let person = sign_up(&identity, "9876543210").await;
        let (tenant, session) = (person.tenant.unwrap(), test.entropy.id::<Uuid>(test.clock.now()));
        let vendor = Caller::person(SignedIn { session: session.into(), person });
        let office = Self {
            test,
            plans,
            billing,
            ledger,
            tenant,
            vendor,
            payments,
            emulator,
            credits,
            identity,
            jobs,
            worker,
            relay,
        };
        office.plan("basic", BASIC, 50_00, 200, 0).await;
        office.plan("pro", PRO, 200_00, 400, 0).await;
        office
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.test.clock.now()
    }

    /// Goes to a moment, forward or back.
    pub fn go_to(&self, moment: &str) {
        let moment: DateTime<Utc> = moment.parse().unwrap();
        self.test.clock.advance(moment - self.now());
    }

    pub fn id(&self) -> Uuid {
        Uuid::from_u128(u128::from_le_bytes(self.test.entropy.bytes()))
    }

    /// Another vendor, who may call.
    pub async fn another(&self, phone: &str) -> Caller {
        let person = sign_up(&self.identity, phone).await;
        let session: Uuid = self.id();
        Caller::person(SignedIn { session: session.into(), person })
    }

    pub fn operator(&self) -> Caller {
        let person = Person {
            id: self.id().into(),
            name: "Kamala".to_owned(),
            phone: Some("9876543211".parse().unwrap()),
            email: None,
            time_zone: identity::TimeZone::default(),
            language: Language::English,
            tenant: None,
            operator: true,
        };
        Caller::person(SignedIn { session: self.id().into(), person })
    }

    /// Writes a version of a plan; a year costs ten months.
    pub async fn plan(
        &self,
        code: &str,
        month: i64,
        included: i64,
        products: i64,
        trial_days: i64,
    ) -> String {
        let money = |minor: i64| json!({"minor": minor, "currency": "INR"});
        let plan = json!({
            "client_id": self.id(), "code": code, "name": code, "month": money(month), "year": money(month * 10),
            "trial_days": trial_days, "products_max": products, "included": money(included), "reason": "to begin with",
        });
        let (status, body) = self.call(&self.operator(), Method::POST, "/operator/plans", Some(&plan)).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    /// The newest version of a plan.
    pub async fn plan_id(&self, code: &str) -> String {
        let plans = self.get("/plans").await;
        let plan = plans.as_array().unwrap().iter().find(|plan| plan["code"] == code);
        plan.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Puts money in as credit, as a gateway's payment does, and lets what waits for it happen.
    pub async fn pay_in(&self, minor: i64) {
        self.pay_in_for(self.tenant, minor).await;
    }

    pub async fn pay_in_for(&self, tenant: TenantId, minor: i64) {
        let top_up: TopUpId = self.id().into();
        let mut transaction = self.test.db.begin().await.unwrap();
        sqlx::query(
            "insert into credit_top_ups (tenant_id, id, client_id, number, amount_minor, created_at) values ($1, $2, $2, 'C-1', $3, $4)",
        )
        .bind(tenant.uuid())
        .bind(top_up.uuid())
        .bind(minor)
        .bind(self.now())
        .execute(&mut *transaction)
        .await
        .unwrap();
        let account = |code, side, limit| NewAccount { code, side, limit, currency: Currency::Inr };
        let gateway = account("gateway:test", Side::Debit, Limit::None);
        let received = account(TOP_UPS, Side::Credit, Limit::DebitsMustNotExceedCredits);
        let accounts =
            self.ledger.open_accounts(&mut transaction, tenant, &[gateway, received]).await.unwrap();
        let posting = Posting {
            tenant,
            key: format!("test:{top_up}"),
            cause: Cause::new("payment", top_up.uuid()),
            transfers: vec![Transfer::new(accounts[0], accounts[1], Money::inr(minor), "top-up")],
        };
        self.ledger.post(&mut transaction, &posting).await.unwrap();
        let (intent, at): (IntentId, _) = (self.id().into(), self.now());
        let paid = TopUpPaid { tenant, top_up, intent, amount: Money::inr(minor), at };
        self.jobs.enqueue(&mut transaction, billing::top_up_draft(&paid)).await.unwrap();
        transaction.commit().await.unwrap();
        self.run().await;
    }

    /// Runs what is due, the round of the subscriptions too.
    pub async fn run(&self) {
        sqlx::query(
            "insert into job_schedules (name, next_run_at) values ('renew-plans', $1), ('keep-up-credit', $1)
             on conflict (name) do update set next_run_at = excluded.next_run_at",
        )
        .bind(self.now())
        .execute(self.test.db.pool())
        .await
        .unwrap();
        self.worker.run_due().await.unwrap();
    }

    /// Lets time pass, for us and for the gateways, until all is quiet.
    pub async fn pass(&self, step: TimeDelta) {
        self.test.clock.advance(step);
        let emulator = self.emulator.as_ref().unwrap();
        emulator.clock().advance(step.to_std().unwrap());
        loop {
            emulator.razorpay().settle().await;
            emulator.stripe().settle().await;
            let carried = self.relay.relay_batch().await.unwrap();
            if self.worker.run_due().await.unwrap() + carried == 0 {
                return;
            }
        }
    }

    pub async fn later(&self, step: TimeDelta) {
        self.test.clock.advance(step);
        self.run().await;
    }

    /// Chooses a plan, paid by month or year.
    pub async fn choose(&self, code: &str, term: &str) -> Value {
        let (status, body) = self.try_choose(&self.vendor, code, term, None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    pub async fn try_choose(
        &self,
        vendor: &Caller,
        code: &str,
        term: &str,
        coupon: Option<&str>,
    ) -> (StatusCode, Value) {
        let mut choice = json!({"plan_id": self.plan_id(code).await, "term": term});
        if let Some(coupon) = coupon {
            choice["coupon"] = json!(coupon);
        }
        self.call(vendor, Method::PUT, "/plan", Some(&choice)).await
    }

    pub async fn quote(&self, code: &str, term: &str) -> Value {
        let choice = json!({"plan_id": self.plan_id(code).await, "term": term});
        let (status, body) = self.call(&self.vendor, Method::POST, "/plan/quote", Some(&choice)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    pub async fn cancel(&self, cancelled: bool) -> Value {
        let body = json!({"cancelled": cancelled});
        let (status, body) = self.call(&self.vendor, Method::PUT, "/plan/cancellation", Some(&body)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(&self.vendor, Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// What the vendor was asked for, the oldest first: `kind state total`.
    pub async fn invoices(&self) -> Vec<String> {
        let page = self.get("/plan/invoices?limit=100").await;
        let told = |invoice: &Value| {
            let text = |name: &str| invoice[name].as_str().unwrap().to_owned();
            format!("{} {} {}", text("kind"), text("state"), invoice["total"]["minor"])
        };
        page["items"].as_array().unwrap().iter().rev().map(told).collect()
    }

    /// Paid credit that is left, in paise.
    pub async fn paid_credit(&self) -> i64 {
        self.get("/plan").await["paid_credit"]["minor"].as_i64().unwrap()
    }

    /// What an account of the vendor's books holds, in paise.
    pub async fn balance(&self, code: &str) -> i64 {
        let mut connection = self.test.db.acquire().await.unwrap();
        let accounts = self.ledger.accounts(&mut connection, self.tenant, &[code]).await.unwrap();
        accounts.first().map_or(0, |account| account.balance().minor())
    }

    /// The books are right: every total recomputed, debits and credits alike.
    pub async fn check_books(&self) {
        let mut connection = self.test.db.acquire().await.unwrap();
        let report = self.ledger.check(&mut connection).await.unwrap();
        assert!(report.is_sound(), "{report:?}");
    }

    pub async fn call(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let (status, bytes) = self.bytes(caller, method, path, body).await;
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub async fn bytes(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Bytes) {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        let request = request.body(body.map_or(Body::empty(), |body| Body::from(body.to_string()))).unwrap();
        let routes = self.plans.routes().merge(self.credits.routes()).merge(self.billing.routes());
        let routes = routes.merge(self.payments.routes());
        let response = Router::from(routes).layer(Extension(caller.clone())).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts.status, to_bytes(body, 10_000_000).await.unwrap())
    }
}

async fn sign_up(identity: &Identity, phone: &str) -> Person {
    let account =
        json!({"phone": phone, "name": "Annam", "password": "violet kettle rain", "language": "ta"});
    let account = serde_json::from_value(account).unwrap();
    identity.create_account(&Caller::nobody(), account).await.unwrap().0
}
