//! A market: one stall, its vendor, buyers' phones, and the jobs that run between them.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use billing::{Billing, Credits};
use catalog::Catalog;
use chrono::TimeDelta;
use identity::Identity;
use ledger::Ledger;
use negotiation::{Negotiation, Parts};
use orders::Orders;
use payments::{Foundations, IntentPaid, Payments};
use platform::blob::BlobStore;
use platform::fields::{Fields, PHONE_NUMBERS};
use platform::jobs::{Jobs, Worker};
use platform::keys::Keyring;
use platform::outbox::{Outbox, Relay, Routes};
use platform::seal::Sealer;
use serde_json::{Value, json};
use sync::Sync;
use testkit::TestDb;
use types::TenantId;
use uuid::Uuid;
use voice::Voice;

use crate::phone::{AGREED, Phone};

/// The vendor's private floor, in paise: an amount that appears nowhere else.
pub const FLOOR_MINOR: i64 = 28_37;

/// Whether a text of the API tells the floor. Its digits alone may stand in an id.
pub fn tells_the_floor(text: &str) -> bool {
    text.contains("floor") || text.contains(&format!(":{FLOOR_MINOR}")) || text.contains("₹28.37")
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

/// The contexts below, wired as the server wires them.
#[derive(Clone)]
struct Below {
    identity: Identity,
    jobs: Jobs,
    outbox: Outbox,
    sync: Sync,
    catalog: Catalog,
    payments: Payments,
    credits: Credits,
    orders: Orders,
}

impl Below {
    fn on(test: &TestDb, keyring: &Keyring, voices: &voice::Config) -> Self {
        let db = || test.db.clone();
        let clock = || test.clock.clone();
        let entropy = || test.entropy.clone();
        let config = identity::Config { outside: voices.outside(), ..identity::Config::default() };
        let identity = Identity::new(db(), clock(), entropy(), keyring, config);
        let jobs = Jobs::new(db(), clock(), entropy());
        let outbox = Outbox::new(clock(), entropy());
        let config = sync::Config::default();
        let sync = Sync::new(db(), clock(), entropy(), keyring, jobs.clone(), identity.clone(), config);
        let config = catalog::Config { public_url: "https://stall.example".to_owned() };
        let catalog = Catalog::new(db(), clock(), entropy(), keyring, sync.clone(), config);
        let on = Foundations {
            db: db(),
            clock: clock(),
            entropy: entropy(),
            jobs: jobs.clone(),
            outbox: outbox.clone(),
            sync: sync.clone(),
            ledger: Ledger::new(clock(), entropy()),
            identity: identity.clone(),
            sealer: Sealer::new(keyring, "payout-accounts", entropy()),
            fields: Fields::new(keyring, entropy()),
        };
        let ledger = on.ledger.clone();
        let config =
            payments::Config { commission_percent: "2".parse().unwrap(), ..payments::Config::default() };
        let payments = Payments::new(on, config);
        let credits = Credits::new(billing::Foundations {
            db: db(),
            clock: clock(),
            entropy: entropy(),
            jobs: jobs.clone(),
            sync: sync.clone(),
            identity: identity.clone(),
            ledger,
            payments: payments.clone(),
        });
        let billing = Billing::new(db(), clock(), entropy(), sync.clone(), billing::Config::default());
        let parts = orders::Parts {
            sync: sync.clone(),
            catalog: catalog.clone(),
            payments: payments.clone(),
            billing,
            fields: Fields::new(keyring, entropy()),
        };
        let orders = Orders::new(db(), clock(), entropy(), jobs.clone(), parts);
        Self { identity, jobs, outbox, sync, catalog, payments, credits, orders }
    }
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
        let below = Below::on(&test, &keyring, &voices);
        let Below { identity, jobs, outbox, sync, catalog, payments, credits, orders } = below.clone();
        let voice = Voice::new(voices, test.clock.clone(), blobs.clone(), Arc::new(credits.clone()));
        let parts = Parts { jobs, sync, catalog, orders, identity, voice, blobs: blobs.clone() };
        let (db, clock, entropy) = (test.db.clone(), test.clock.clone(), test.entropy.clone());
        let negotiation = Negotiation::new(db, clock, entropy, &keyring, parts);
        below.sync.relay_through(Arc::new(negotiation.clone()));

        let routes = below.identity.routes().merge(below.catalog.routes()).merge(payments.routes());
        let routes = routes.merge(below.orders.routes()).merge(negotiation.routes()).merge(credits.routes());
        let handlers = negotiation.handlers().and(below.orders.handlers()).and(payments.handlers());
        let handlers =
            handlers.and(below.catalog.handlers()).and(below.sync.handlers()).and(credits.handlers());
        let paid = |tenant: TenantId, paid: IntentPaid| {
            vec![orders::settle_draft(&paid), negotiation::paid_draft(tenant, paid.order, paid.amount)]
        };
        let routed = Routes::default().on(paid);
        Self {
            router: below.identity.protect(Router::from(routes)),
            relay: Relay::new(test.db.clone(), below.jobs.clone(), outbox, routed),
            worker: Worker::new(below.jobs, handlers, 4),
            negotiation,
            blobs,
            test,
            _files: files,
        }
    }

    pub fn phone(&self) -> Phone {
        Phone::new(self.router.clone(), self.test.clock.clone(), self.test.entropy.clone())
    }

    /// A vendor who reads Tamil and sells tomatoes at ₹40 a kilo, with a private floor.
    pub async fn vendor(&self) -> Phone {
        let mut vendor = self.vendor_named("9876543210", "Annam Vegetables").await;
        vendor.sell("Tomato", 40_00, "120", Some(FLOOR_MINOR)).await;
        vendor
    }

    /// A vendor with a stall and nothing on it, who agrees to what is asked there.
    pub async fn vendor_named(&self, number: &str, stall: &str) -> Phone {
        let mut vendor = self.phone();
        let account =
            json!({"phone": number, "name": "Annam", "password": "violet kettle rain", "language": "ta"});
        vendor.post("/accounts", &account).await.is(StatusCode::CREATED);
        for purpose in AGREED {
            let decision = json!({"given": true, "notice": 2, "language": "ta"});
            vendor.put(&format!("/me/consents/{purpose}"), &decision).await.is(StatusCode::OK);
        }
        vendor.put("/stall", &json!({"name": stall, "language": "ta"})).await.is(StatusCode::OK);
        vendor
    }

    /// Somebody who runs the installation.
    pub async fn operator(&self) -> Phone {
        let operator = self.vendor_named("9876500000", "The operator's own").await;
        self.make_admin("+919876500000").await;
        operator
    }

    /// Has whoever signs in with this number run the installation.
    pub async fn make_admin(&self, number: &str) {
        let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
        let index = Fields::new(&keyring, self.test.entropy.clone()).index(PHONE_NUMBERS, number);
        sqlx::query("update people set operator = true, operator_role = 'admin' where phone_index = $1")
            .bind(index)
            .execute(self.test.db.pool())
            .await
            .unwrap();
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
