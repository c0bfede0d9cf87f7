//! A stall in the whole program, with an owner of whom everything tells who they are, a buyer, and the mail that goes out.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use app::wiring::{App, Ground};
use app::{Config, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use chrono::TimeDelta;
use platform::fields::{Column, Fields, PHONE_NUMBERS};
use platform::keys::Keyring;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use testkit::{Mailbox, TestDb};
use tower::ServiceExt;

use crate::story::{PASSWORD, id};

pub const NAME: &str = "Zephyrine Quandary";
pub const PHONE: &str = "9876500001";
pub const EMAIL: &str = "zq.greens@example.com";
pub const STALL: &str = "Quandary Greens";
pub const UPI: &str = "zephyrine@okaxis";
pub const HOLDER: &str = "Z Quandary Holder";
pub const BUYERS_WORDS: &str = "marigolds for my wedding";
pub const VENDORS_WORDS: &str = "my cousin Perpetua grows them";
const SOUND: &[u8] = include_bytes!("../../../voice/fixtures/offers/five-kilos-for-150-slt.flac");
/// One red pixel.
const PICTURE: &[u8] = include_bytes!("dot.png");

/// Tables in which the law wants the names that stand on papers.
const PAPERS: [&str; 2] = ["documents", "plan_invoices"];

#[derive(Default)]
pub struct Browser(pub BTreeMap<String, String>);

pub struct Place {
    pub app: App,
    router: Router,
    pub test: TestDb,
    files: tempfile::TempDir,
    pub mailbox: Mailbox,
}

impl Place {
    pub async fn open() -> Self {
        Self::open_with(|_| ()).await
    }

    /// The same, with other settings.
    pub async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let test = TestDb::create().await;
        let files = tempfile::tempdir().unwrap();
        let mailbox = Mailbox::open();
        let from = Some("no-reply@market.example".to_owned());
        let mail = mail::Config { server: Some(mailbox.url().into()), from };
        let mut config = Config { data_dir: files.path().to_owned(), mail, ..Config::default() };
        change(&mut config);
        let ground = Ground { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy.clone() };
        let app = App::new(config, ground).unwrap();
        let router = router::router(&app);
        Self { app, router, test, files, mailbox }
    }

    pub async fn send(
        &self,
        who: &mut Browser,
        method: &str,
        path: &str,
        body: Option<(&str, Body)>,
    ) -> (StatusCode, Vec<u8>) {
        let line: Vec<String> = who.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(format!("/api/v1{path}"))
            .header(COOKIE, line.join("; "));
        let request = match body {
            None => request.body(Body::empty()),
            Some((kind, body)) => request.header(CONTENT_TYPE, kind).body(body),
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        for line in response.headers().get_all(SET_COOKIE) {
            let (name, value) = line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            who.0.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status();
        (status, to_bytes(response.into_body(), 100_000_000).await.unwrap().to_vec())
    }

    pub async fn call(
        &self,
        who: &mut Browser,
        method: &str,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let sent = (!body.is_null()).then(|| ("application/json", Body::from(body.to_string())));
        let (status, bytes) = self.send(who, method, path, sent).await;
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub async fn done(&self, who: &mut Browser, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(who, method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {answer}");
        answer
    }

    pub async fn refused(
        &self,
        who: &mut Browser,
        method: &str,
        path: &str,
        body: Value,
    ) -> (u16, String, Value) {
        let (status, answer) = self.call(who, method, path, body).await;
        assert!(status.is_client_error(), "{method} {path}: {status} {answer}");
        let slug = answer["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned();
        (status.as_u16(), slug, answer)
    }

    pub async fn account(&self, name: &str, phone: &str) -> Browser {
        let mut browser = Browser::default();
        let account = json!({ "phone": phone, "name": name, "password": PASSWORD, "language": "en" });
        self.done(&mut browser, "POST", "/accounts", account).await;
        self.test.clock.advance(TimeDelta::minutes(1));
        browser
    }

    /// Adds an address by the link that comes there, and leaves another letter on its way.
    pub async fn reached_by_mail(&self, who: &mut Browser, address: &str) {
        self.done(who, "POST", "/me/email", json!({ "email": address })).await;
        self.work().await;
        let letter = self.mailbox.next().await.text;
        let token = letter.split_once('#').unwrap().1.split_whitespace().next().unwrap();
        self.done(who, "PUT", "/me/email", json!({ "token": token })).await;
        self.done(who, "POST", "/password-resets", json!({ "email": address })).await;
    }

    /// The account on another phone.
    pub async fn signed_in(&self, phone: &str) -> Browser {
        let mut browser = Browser::default();
        self.done(&mut browser, "POST", "/sessions", json!({ "phone": phone, "password": PASSWORD })).await;
        browser
    }

    /// Whatever is on its way arrives, and is put aside.
    pub async fn letters_are_read(&self) {
        self.work().await;
        while self.mailbox.take().is_some() {}
    }

    /// Has a picture, and a code on its way to the telephone.
    pub async fn pictured_and_written_to(&self, who: &mut Browser) {
        let picture = ("application/octet-stream", Body::from(PICTURE));
        let (status, answer) = self.send(who, "PUT", "/me/picture", Some(picture)).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{}", String::from_utf8_lossy(&answer));
        let me = self.done(who, "GET", "/me", Value::Null).await;
        let keyring = Keyring::load(&self.app.config.keys, self.files.path(), &self.test.entropy).unwrap();
        let (fields, row) = (Fields::new(&keyring, self.test.entropy.clone()), id());
        let number = text(&me["person"]["phone"]);
        let message = "insert into texts
             (id, kind, person_id, phone_sealed, phone_index, language, channel, guesses_left, expires_at)
             values ($1, 'reset', $2::uuid, $3, $4, 'en', 'sms', 5, now() + interval '10 years')";
        sqlx::query(message)
            .bind(row)
            .bind(text(&me["person"]["id"]))
            .bind(fields.seal(Column::of("texts", "phone"), row, &number))
            .bind(fields.index(PHONE_NUMBERS, &number))
            .execute(self.test.db.pool())
            .await
            .unwrap();
    }

    pub async fn confirm(&self, who: &mut Browser) {
        self.done(who, "POST", "/me/confirmations", json!({ "password": PASSWORD })).await;
    }

    pub async fn work(&self) {
        while self.app.relay().relay_batch().await.unwrap() > 0
            || self.app.worker().run_due().await.unwrap() > 0
        {}
    }

    /// The owner's stall with everything in it that tells who they are.
    pub async fn stall(&self, owner: &mut Browser) -> String {
        self.done(owner, "PUT", "/stall", json!({ "name": STALL, "language": "en" })).await;
        self.done(owner, "PUT", "/payment-profile", json!({ "upi_id": UPI, "cash": true })).await;
        let account =
            json!({ "kind": "bank", "holder": HOLDER, "ifsc": "HDFC0000053", "number": "765432101234" });
        self.done(owner, "PUT", "/payout-account", account).await;
        let price = json!({ "amount": { "minor": 4000, "currency": "INR" }, "per": "1", "unit": "kg" });
        let product = json!({
            "client_id": id(), "name": "Tomato", "language": "en", "lemma": "tomato", "stock": "120", "price": price,
        });
        let product = self.done(owner, "POST", "/products", product).await;
        text(&product["id"])
    }

    /// A visit in which both say something, one is recorded and kept, and two kilos are bought and paid in cash.
    pub async fn deal(&self, owner: &mut Browser, buyer: &mut Browser, product: &str) -> (String, String) {
        let (visit, order) = self.agree(owner, buyer, product).await;
        self.pay(owner, &order).await;
        (visit, order)
    }

    /// The vendor has seen the cash for an order.
    pub async fn pay(&self, owner: &mut Browser, order: &str) {
        let paid = json!({ "client_id": id(), "method": "cash" });
        self.done(owner, "POST", &format!("/orders/{order}/payment/received"), paid).await;
        self.work().await;
    }

    /// The same, before it is paid.
    pub async fn agree(&self, owner: &mut Browser, buyer: &mut Browser, product: &str) -> (String, String) {
        let qr = self.done(owner, "GET", "/stall/qr", Value::Null).await;
        let visit =
            self.done(buyer, "POST", "/visits", json!({ "token": qr["token"], "language": "en" })).await;
        let visit = text(&visit["id"]);
        let at = |rest: &str| format!("/visits/{visit}{rest}");
        let say = |words: &str| json!({ "client_id": id(), "text": words, "via": "typed" });
        self.done(buyer, "POST", &at("/messages"), say(BUYERS_WORDS)).await;
        self.done(owner, "POST", &at("/messages"), say(VENDORS_WORDS)).await;
        let keep = json!({ "given": true, "notice": 2, "language": "en" });
        self.done(buyer, "PUT", "/passes/consents/kept_recordings", keep).await;
        let kept = at(&format!("/recordings?client_id={}", id()));
        let (status, said) = self.send(buyer, "POST", &kept, Some(("audio/flac", Body::from(SOUND)))).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{}", String::from_utf8_lossy(&said));
        let price = json!({ "amount": { "minor": 7000, "currency": "INR" }, "per": "2", "unit": "kg" });
        let offer = json!({
            "client_id": id(), "product_id": product, "price": price, "quantity": "2", "quantity_unit": "kg",
        });
        let offer = self.done(buyer, "POST", &at("/offers"), offer).await;
        let accept = json!({ "client_id": id(), "offer_id": offer["id"] });
        let question = self.done(owner, "POST", &at("/acceptances"), accept).await;
        let confirm = at(&format!("/read-backs/{}/confirm", text(&question["id"])));
        let settled = self.done(owner, "POST", &confirm, json!({ "client_id": id() })).await;
        (visit, text(&settled["order"]["id"]))
    }

    /// Asks for a copy, has it made, and gives its key and its files.
    pub async fn copy(&self, who: &mut Browser, at: &str) -> (String, BTreeMap<String, Vec<u8>>) {
        let asked = self.done(who, "POST", at, Value::Null).await;
        let again = self.done(who, "POST", at, Value::Null).await;
        assert_eq!((&asked["state"], &asked["key"]), (&json!("asked"), &again["key"]));
        self.work().await;
        let listed = self.done(who, "GET", at, Value::Null).await;
        assert_eq!(
            (&listed["items"][0]["state"], &listed["items"][0]["whole"]),
            (&json!("ready"), &json!(true))
        );
        let key = text(&asked["key"]);
        if at == "/passes/exports" {
            let (before, _) = self.send(who, "GET", &format!("{at}/{key}"), None).await;
            assert_eq!(before, StatusCode::OK, "the endpoint before works until it goes");
        }
        let (status, bytes) = self.send(who, "POST", &format!("{at}/{key}/file"), None).await;
        assert_eq!(status, StatusCode::OK);
        (key, unzipped(bytes))
    }

    /// Every table as text.
    pub async fn dump(&self) -> BTreeMap<String, String> {
        let names: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
        )
        .fetch_all(self.test.db.pool())
        .await
        .unwrap();
        let mut all = BTreeMap::new();
        for name in names {
            let rows = AssertSqlSafe(format!("select to_jsonb(kept)::text from {name} as kept"));
            let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(self.test.db.pool()).await.unwrap();
            all.insert(name, rows.join("\n"));
        }
        all
    }

    /// The tables, besides those that the law wants, in which these words are found.
    pub async fn found_in(&self, words: &[&str]) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (table, rows) in self.dump().await {
            for word in words.iter().filter(|word| !PAPERS.contains(&table.as_str()) && rows.contains(**word))
            {
                found.push((table.clone(), (*word).to_owned()));
            }
        }
        found
    }

    /// Sealed values of people who were erased, and of businesses that ended with them.
    pub async fn sealed_of_the_erased(&self) -> i64 {
        sqlx::query_scalar(
            "select (select count(*) from people
                 where erased_at is not null and num_nonnulls(name_sealed, phone_sealed, phone_index, email_sealed, email_index) > 0)
                 + (select count(*) from tenants
                     where name_sealed is not null and not exists (select from members where tenant_id = tenants.id))
                 + (select count(*) from payout_accounts where num_nonnulls(holder_sealed, upi_id_sealed) > 0)
                 + (select count(*) from payment_profiles) + (select count(*) from letters where person_id is not null)",
        )
        .fetch_one(self.test.db.pool())
        .await
        .unwrap()
    }

    pub fn blobs(&self, kind: &str) -> usize {
        std::fs::read_dir(self.files.path().join("blobs").join(kind)).map_or(0, Iterator::count)
    }
}

fn unzipped(bytes: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().to_owned(), bytes);
    }
    files
}

pub fn has(files: &BTreeMap<String, Vec<u8>>, name: &str, word: &str) -> bool {
    files.get(name).is_some_and(|bytes| String::from_utf8_lossy(bytes).contains(word))
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
