//! A copy of one's data, and its erasure, through the whole program: every table of the schema says whose rows are in it, a copy holds
//! what is one's own and no secret, and after an erasure nothing that tells who somebody was is found in the database.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use app::wiring::{App, Ground};
use app::{Config, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use chrono::TimeDelta;
use identity::OperatorRole;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use testkit::{Mailbox, TestDb};
use tower::ServiceExt;

use crate::story::{PASSWORD, id};

pub const NAME: &str = "Zephyrine Quandary";
pub const PHONE: &str = "9876500001";
const EMAIL: &str = "zq.greens@example.com";
const STALL: &str = "Quandary Greens";
pub const UPI: &str = "zephyrine@okaxis";
const HOLDER: &str = "Z Quandary Holder";
pub const BUYERS_WORDS: &str = "marigolds for my wedding";
const VENDORS_WORDS: &str = "my cousin Perpetua grows them";
const SOUND: &[u8] = include_bytes!("../../../voice/fixtures/offers/five-kilos-for-150-slt.flac");

/// Tables in which the law wants the names that stand on papers.
const PAPERS: [&str; 2] = ["documents", "plan_invoices"];

#[derive(Default)]
pub struct Browser(pub BTreeMap<String, String>);

pub struct Place {
    pub app: App,
    router: Router,
    pub test: TestDb,
    files: tempfile::TempDir,
    mailbox: Mailbox,
}

impl Place {
    pub async fn open() -> Self {
        let test = TestDb::create().await;
        let files = tempfile::tempdir().unwrap();
        let mailbox = Mailbox::open();
        let from = Some("no-reply@market.example".to_owned());
        let mail = mail::Config { server: Some(mailbox.url().into()), from };
        let config = Config { data_dir: files.path().to_owned(), mail, ..Config::default() };
        let ground = Ground { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy.clone() };
        let app = App::new(config, ground).unwrap();
        let router = router::router(&app);
        Self { app, router, test, files, mailbox }
    }

    async fn send(
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
    async fn reached_by_mail(&self, who: &mut Browser, address: &str) {
        self.done(who, "POST", "/me/email", json!({ "email": address })).await;
        self.work().await;
        let letter = self.mailbox.next().await.text;
        let token = letter.split_once('#').unwrap().1.split_whitespace().next().unwrap();
        self.done(who, "PUT", "/me/email", json!({ "token": token })).await;
        self.done(who, "POST", "/password-resets", json!({ "email": address })).await;
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
        let qr = self.done(owner, "GET", "/stall/qr", Value::Null).await;
        let visit =
            self.done(buyer, "POST", "/visits", json!({ "token": qr["token"], "language": "en" })).await;
        let visit = text(&visit["id"]);
        let at = |rest: &str| format!("/visits/{visit}{rest}");
        let say = |words: &str| json!({ "client_id": id(), "text": words, "via": "typed" });
        self.done(buyer, "POST", &at("/messages"), say(BUYERS_WORDS)).await;
        self.done(owner, "POST", &at("/messages"), say(VENDORS_WORDS)).await;
        let keep = json!({ "given": true, "notice": 1, "language": "en" });
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
        let order = text(&settled["order"]["id"]);
        let paid = json!({ "client_id": id(), "method": "cash" });
        self.done(owner, "POST", &format!("/orders/{order}/payment/received"), paid).await;
        self.work().await;
        (visit, order)
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

    fn blobs(&self, kind: &str) -> usize {
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

#[tokio::test]
async fn every_table_says_whose_rows_are_in_it_and_what_becomes_of_them() {
    let place = Place::open().await;
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text, udt_name::text
         from information_schema.columns
         join information_schema.tables using (table_schema, table_name)
         where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> '_sqlx_migrations'",
    )
    .fetch_all(place.test.db.pool())
    .await
    .unwrap();
    let tables: Vec<_> = place.app.privacy.holders().iter().flat_map(|holder| holder.tables()).collect();
    let mut wrong = Vec::new();
    let named: BTreeSet<&str> = tables.iter().map(|table| table.name).collect();
    let there: BTreeSet<&str> = columns.iter().map(|(table, ..)| table.as_str()).collect();
    if named.len() != tables.len() {
        wrong.push("a table has two lines".to_owned());
    }
    wrong.extend(there.difference(&named).map(|table| {
        format!("{table} has no line: name it in its context's db/personal.rs, with what an export shows and an erasure does")
    }));
    wrong.extend(named.difference(&there).map(|table| format!("there is no table {table}")));
    for (table, column, kind) in &columns {
        let Some(line) = tables.iter().find(|line| line.name == table.as_str()) else { continue };
        let is_somebody = kind == "uuid" && (column == "person_id" || column.ends_with("_by"));
        let lacks = match column.as_str() {
            "tenant_id" => line.business.is_none(),
            "guest_id" | "visit_id" => line.guest.is_none(),
            _ => is_somebody && line.person.is_none(),
        };
        if lacks {
            wrong.push(format!("{table}.{column} names somebody whom the line does not speak of"));
        }
    }
    for line in &tables {
        let is_there =
            |column: &&&str| columns.iter().any(|(table, name, _)| table == line.name && name == **column);
        let missing: Vec<_> = line.withheld.iter().filter(|column| !is_there(column)).collect();
        if !missing.is_empty() || (line.because.is_none() && (line.secret || !line.withheld.is_empty())) {
            wrong.push(format!("{} withholds {missing:?} or says no reason", line.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_copy_holds_what_is_ones_own_and_an_erasure_leaves_nothing_that_tells_who_it_was() {
    let place = Place::open().await;
    let mut owner = place.account(NAME, PHONE).await;
    place.reached_by_mail(&mut owner, EMAIL).await;
    let mut other = place.account("Meena Control", "9876500002").await;
    let product = place.stall(&mut owner).await;
    let mut buyer = Browser::default();
    let (visit, order) = place.deal(&mut owner, &mut buyer, &product).await;

    buyers_copy_and_erasure(&place, &mut owner, &mut buyer, (&visit, &order)).await;

    place.confirm(&mut owner).await;
    let (key, files) = place.copy(&mut owner, "/me/exports").await;
    for (file, word) in [
        ("identity/people.json", "+919876500001"),
        ("catalog/stalls.json", STALL),
        ("catalog/products.json", "Tomato"),
        ("payments/payment_profiles.json", UPI),
        ("identity/people.json", EMAIL),
        ("payments/payout_accounts.json", HOLDER),
        ("orders/orders.json", order.as_str()),
        ("identity/audit_acts.json", "personal_data"),
        ("contents.json", "it would let somebody in"),
    ] {
        assert!(has(&files, file, word), "{word} is not in {file}: {:?}", files.keys());
    }
    assert!(files.iter().any(|(name, bytes)| name.starts_with("papers/") && bytes.starts_with(b"%PDF-")));
    for (name, bytes) in &files {
        let words = String::from_utf8_lossy(bytes);
        assert!(!words.contains("argon2") && !words.contains("token_hash\":"), "a secret is in {name}");
        assert!(!words.contains("9876500002"), "somebody else is in {name}");
    }
    let file = format!("/me/exports/{key}/file");
    assert_eq!(place.refused(&mut other, "POST", &file, Value::Null).await.0, 404);
    place.test.clock.advance(TimeDelta::hours(25));
    place.confirm(&mut owner).await;
    assert_eq!(place.refused(&mut owner, "POST", &file, Value::Null).await.0, 404);

    owners_erasure(&place, &mut owner).await;

    let words = [NAME, PHONE, EMAIL, "zq.greens", "Quandary", UPI, HOLDER, VENDORS_WORDS, "zephyrine"];
    let left = place.found_in(&words).await;
    assert!(left.is_empty(), "{left:?}");
    assert!(place.dump().await["people"].contains("Meena Control"), "somebody else is gone");
    assert!(place.dump().await["documents"].contains(&order), "the law wants papers kept");
    let report = place.app.ledger.check(&mut place.test.db.acquire().await.unwrap()).await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    let verdict = identity::audit::verify::verify(&place.test.db, &[]).await.unwrap();
    assert!(verdict.is_sound(), "{verdict:?}");
    assert_eq!((place.blobs("exports"), place.blobs("recordings")), (0, 0));
}

/// The buyer takes a copy along by the pass alone, and has what was said erased once nothing is open.
async fn buyers_copy_and_erasure(
    place: &Place,
    owner: &mut Browser,
    buyer: &mut Browser,
    (visit, order): (&str, &str),
) {
    let (key, files) = place.copy(buyer, "/passes/exports").await;
    assert!(has(&files, "negotiation/messages.json", BUYERS_WORDS));
    assert!(has(&files, "orders/order_lines.json", "Tomato"));
    let folders = ["recordings/", "papers/"];
    assert!(
        folders.iter().all(|folder| files.keys().any(|name| name.starts_with(folder))),
        "{:?}",
        files.keys()
    );
    let words: String = files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    assert!(!words.contains(UPI) && !words.contains("765432101234"), "the stall's own is told");
    for (method, path) in
        [("GET", format!("/passes/exports/{key}")), ("POST", format!("/passes/exports/{key}/file"))]
    {
        let stranger = place.refused(&mut Browser::default(), method, &path, Value::Null).await;
        assert_eq!(stranger.0, 403, "{method} {path}");
    }

    let (status, why, answer) = place.refused(buyer, "DELETE", "/passes", Value::Null).await;
    assert_eq!(
        (status, why.as_str(), &answer["obstacles"]),
        (409, "erasure-obstructed", &json!(["open_orders"]))
    );
    place.done(owner, "POST", &format!("/orders/{order}/hand-over"), Value::Null).await;
    place.done(buyer, "DELETE", "/passes", Value::Null).await;
    place.work().await;
    let left = place.found_in(&[BUYERS_WORDS]).await;
    assert!(left.is_empty(), "{left:?}");
    assert_eq!((place.blobs("recordings"), place.blobs("exports")), (0, 0));
    assert_eq!(place.refused(owner, "GET", &format!("/visits/{visit}"), Value::Null).await.0, 404);
    // The stall has its order, and knows that a buyer's words went.
    place.done(owner, "GET", &format!("/orders/{order}"), Value::Null).await;
    let trail = place.done(owner, "GET", "/audit?area=personal_data", Value::Null).await;
    assert_eq!(
        (&trail["items"][0]["deed"], &trail["items"][0]["about_id"]),
        (&json!("ended"), &json!(visit))
    );
}

/// The owner asks, thinks better of it, asks again, and is gone two days later.
async fn owners_erasure(place: &Place, owner: &mut Browser) {
    let plan = place.done(owner, "PUT", "/me/erasure", Value::Null).await;
    assert_eq!((&plan["obstacles"], &plan["businesses"][0]["name"]), (&json!([]), &json!(NAME)));
    place.done(owner, "DELETE", "/me/erasure", Value::Null).await;
    assert_eq!(place.refused(owner, "DELETE", "/me/erasure", Value::Null).await.1, "erasure-over");
    place.test.clock.advance(TimeDelta::hours(49));
    place.work().await;
    place.confirm(owner).await;
    place.done(owner, "PUT", "/me/erasure", Value::Null).await;
    place.test.clock.advance(TimeDelta::hours(47));
    place.work().await;
    assert!(place.done(owner, "GET", "/me/erasure", Value::Null).await["asked"].is_object());
    place.test.clock.advance(TimeDelta::hours(2));
    place.work().await;
    assert_eq!(place.refused(owner, "GET", "/me/erasure", Value::Null).await.0, 401);
    let credentials = json!({ "phone": PHONE, "password": PASSWORD });
    let again = place.refused(&mut Browser::default(), "POST", "/sessions", credentials).await;
    assert_eq!(again.1, "wrong-credentials");
}

#[tokio::test]
async fn nobody_leaves_others_without_an_owner_or_the_installation_without_an_admin() {
    let place = Place::open().await;
    let mut owner = place.account("Asha", "9876500003").await;
    let mut member = place.account("Bina", "9876500004").await;
    let link = place.done(&mut owner, "POST", "/team/invitations", json!({ "role": "member" })).await;
    place.done(&mut member, "POST", "/invitations/accept", json!({ "token": link["token"] })).await;
    place.operate("9876500003", OperatorRole::Admin).await;
    place.confirm(&mut owner).await;
    let (_, why, answer) = place.refused(&mut owner, "PUT", "/me/erasure", Value::Null).await;
    assert_eq!(
        (why.as_str(), &answer["obstacles"]),
        ("erasure-obstructed", &json!(["other_members", "last_admin"]))
    );
    // A member just goes; the business stays.
    place.confirm(&mut member).await;
    place.done(&mut member, "PUT", "/me/erasure", Value::Null).await;
    place.test.clock.advance(TimeDelta::hours(49));
    place.work().await;
    let team = place.done(&mut owner, "GET", "/team", Value::Null).await;
    assert_eq!(team["members"].as_array().map(Vec::len), Some(1), "{team}");
    let left = place.found_in(&["Bina", "9876500004"]).await;
    assert!(left.is_empty(), "{left:?}");
}
