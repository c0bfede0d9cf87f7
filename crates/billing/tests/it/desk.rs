//! A seller's desk: the context on a database of its own, sales to document, callers to ask.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::{Extension, Router};
use billing::{Billing, Config, CreditLine, Document, Error, NewCreditNote, Paid, PaidBy, Sale, SaleLine};
use chrono::{DateTime, Utc};
use identity::{Caller, Identity, Pass, Person, SignedIn};
use platform::db::repeat;
use platform::jobs::Jobs;
use platform::keys::Keyring;
use serde_json::{Value, json};
use sync::Sync;
use testkit::TestDb;
use tower::ServiceExt;
use types::{GuestId, Language, Money, Price, Quantity, RefundId, TenantId, Unit};
use uuid::Uuid;

pub struct Desk {
    pub test: TestDb,
    pub billing: Billing,
    pub tenant: TenantId,
}

impl Desk {
    pub async fn open() -> Self {
        let test = TestDb::create().await;
        let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
        let (db, clock, entropy) = (test.db.clone(), test.clock.clone(), test.entropy.clone());
        let identity =
            Identity::new(db.clone(), clock.clone(), entropy.clone(), &keyring, identity::Config::default());
        let jobs = Jobs::new(db.clone(), clock.clone(), entropy.clone());
        let sync = Sync::new(
            db.clone(),
            clock.clone(),
            entropy.clone(),
            &keyring,
            jobs,
            identity,
            sync::Config::default(),
        );
        let billing = Billing::new(db, clock, entropy, sync, Config::default());
        let tenant = test.entropy.id(test.clock.now());
        Self { test, billing, tenant }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.test.clock.now()
    }

    fn id<I: From<Uuid>>(&self) -> I {
        self.test.entropy.id(self.now())
    }

    /// A paid order of 5 kg of tomatoes for ₹150.
    pub fn sale(&self) -> Sale {
        Sale {
            tenant: self.tenant,
            order: self.id(),
            order_number: "17".to_owned(),
            visit: self.id(),
            guest: self.id(),
            buyer_language: Language::English,
            vendor_language: Language::Tamil,
            seller_name: "Fresh Vegetables".to_owned(),
            lines: vec![tomatoes()],
            total: Money::inr(150_00),
            paid: Paid { method: "upi".to_owned(), by: PaidBy::Vendor, reference: None, at: self.now() },
            place_of_supply: None,
            recipient: None,
        }
    }

    /// Issues in a transaction of its own, again where it lost a race.
    pub async fn issue(&self, sale: &Sale) -> Result<Document, Error> {
        repeat(|| async {
            let mut transaction = self.test.db.begin().await?;
            let document = self.billing.issue(&mut transaction, sale).await?;
            transaction.commit().await?;
            Ok(document)
        })
        .await
    }

    /// Takes a sale's document back whole, again where it lost a race.
    pub async fn take_back(&self, sale: &Sale) -> Option<Document> {
        let of_line = |(place, line): (usize, &SaleLine)| CreditLine {
            place,
            before: Money::inr(0),
            amount: line.total,
            quantity: Some(line.quantity),
        };
        let lines = sale.lines.iter().enumerate().map(of_line).collect();
        self.take_back_parts(sale, sale.order.uuid().into(), lines).await
    }

    /// Takes parts of a sale's document back, again where it lost a race.
    pub async fn take_back_parts(
        &self,
        sale: &Sale,
        refund: RefundId,
        lines: Vec<CreditLine>,
    ) -> Option<Document> {
        let credit = NewCreditNote { tenant: sale.tenant, order: sale.order, refund, lines };
        let back = repeat(|| async {
            let mut transaction = self.test.db.begin().await?;
            let back = self.billing.take_back(&mut transaction, &credit).await?;
            transaction.commit().await?;
            Ok::<_, Error>(back)
        });
        back.await.unwrap().into_iter().next()
    }

    /// Takes parts of a sale's documents back, each of them.
    pub async fn take_back_all(
        &self,
        sale: &Sale,
        refund: RefundId,
        lines: Vec<CreditLine>,
    ) -> Vec<Document> {
        let credit = NewCreditNote { tenant: sale.tenant, order: sale.order, refund, lines };
        let mut transaction = self.test.db.begin().await.unwrap();
        let back = self.billing.take_back(&mut transaction, &credit).await.unwrap();
        transaction.commit().await.unwrap();
        back
    }

    pub fn vendor(&self) -> Caller {
        self.vendor_of(self.tenant)
    }

    pub fn vendor_of(&self, tenant: TenantId) -> Caller {
        let person = Person {
            id: self.id(),
            name: "Meena".to_owned(),
            phone: Some("9876543210".parse().unwrap()),
            email: None,
            time_zone: identity::TimeZone::default(),
            language: Language::Tamil,
            tenant: Some(tenant),
            operator: false,
        };
        Caller::person(SignedIn { session: self.id(), person })
    }

    /// The phone that holds the pass of the sale's visit.
    pub fn buyer(&self, sale: &Sale) -> Caller {
        self.phone(sale, sale.guest)
    }

    pub fn phone(&self, sale: &Sale, guest: GuestId) -> Caller {
        Caller::guest(vec![Pass {
            visit: sale.visit,
            tenant: sale.tenant,
            guest,
            stall_name: sale.seller_name.clone(),
            expires_at: self.now() + chrono::TimeDelta::days(7),
        }])
    }

    pub async fn get(&self, caller: &Caller, path: &str) -> (StatusCode, Value) {
        let (status, _, bytes) = self.call(caller, Method::GET, path, None).await;
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub async fn put(&self, caller: &Caller, path: &str, body: &Value) -> (StatusCode, Value) {
        let (status, _, bytes) = self.call(caller, Method::PUT, path, Some(body)).await;
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub async fn call(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, HeaderMap, Bytes) {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        let request = request.body(body.map_or(Body::empty(), |body| Body::from(body.to_string()))).unwrap();
        let router = Router::from(self.billing.routes()).layer(Extension(caller.clone()));
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts.status, parts.headers, to_bytes(body, 10_000_000).await.unwrap())
    }
}

pub fn tomatoes() -> SaleLine {
    SaleLine {
        name: "தக்காளி".to_owned(),
        names: [(Language::English, "Tomato".to_owned())].into(),
        item: "tomato".to_owned(),
        hsn: Some("0702".to_owned()),
        quantity: Quantity::whole(5),
        unit: Unit::Kg,
        price: Price::new(Money::inr(30_00), Quantity::ONE, Unit::Kg).unwrap(),
        total: Money::inr(150_00),
        taxable: false,
        rate_percent: None,
    }
}

pub fn turmeric() -> SaleLine {
    SaleLine {
        name: "மஞ்சள் தூள்".to_owned(),
        names: [].into(),
        item: "turmeric".to_owned(),
        hsn: Some("0910".to_owned()),
        quantity: Quantity::ONE,
        unit: Unit::Kg,
        price: Price::new(Money::inr(210_00), Quantity::ONE, Unit::Kg).unwrap(),
        total: Money::inr(210_00),
        taxable: true,
        rate_percent: Some("5".to_owned()),
    }
}

pub fn profile(registration: &str) -> Value {
    let mut profile = json!({
        "registration": registration, "legal_name": "Meena Stores", "address": "4 Market Road, Bengaluru",
        "state_code": "29",
    });
    if registration != "none" {
        profile["gstin"] = json!("29AAGCB7383J1Z4");
    }
    profile
}
