//! Who may call what: every endpoint of the document, called by everybody there is, beside the list that people have read.
//!
//! `scripts/permissions` writes the list anew. A difference is a decision: read it before it is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use app::limits::COSTLY;
use app::permissions::ROUTES;
use app::wiring::{App, Ground};
use app::{Config, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use identity::OperatorRole;
use serde_json::{Value, json};
use testkit::TestDb;
use tower::ServiceExt;

use crate::seeds;
use crate::story::{PASSWORD, id};

/// Who calls, in the order of the list's columns.
const CALLERS: [&str; 14] = [
    "nobody",
    "buyer",
    "passer",
    "owner",
    "admin",
    "member",
    "viewer",
    "stranger",
    "support",
    "finance",
    "moderator",
    "op-admin",
    "key",
    "read-key",
];
/// A member whom an admin may remove.
const SPARE: &str = "spare";
/// Endpoints that end what the caller calls with, or what others are called about: called last.
const PARTING: [(&str, &str); 4] = [
    ("DELETE", "/team/crews/{crew}"),
    ("PUT", "/sessions/current/business"),
    ("POST", "/team/leave"),
    ("DELETE", "/sessions/current"),
];

/// Under this name a key stands among the cookies.
const BEARER: &str = "bearer";

/// The cookies of somebody's browser.
type Cookies = BTreeMap<String, String>;

struct Town {
    app: App,
    router: Router,
    test: TestDb,
    callers: BTreeMap<&'static str, Cookies>,
    ids: BTreeMap<&'static str, String>,
    _files: tempfile::TempDir,
}

impl Town {
    /// A stall with a team, goods, a visit, an order; a stranger's stall; those who run the installation.
    async fn build() -> Self {
        let test = TestDb::create().await;
        let files = tempfile::tempdir().unwrap();
        let config = Config { data_dir: files.path().to_owned(), ..Config::default() };
        let ground = Ground { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy.clone() };
        let app = App::new(config, ground).unwrap();
        let router = router::router(&app);
        let (callers, ids) = (BTreeMap::new(), BTreeMap::new());
        let mut town = Self { app, router, test, callers, ids, _files: files };
        town.people().await;
        town.stall().await;
        town.deal().await;
        let order = town.ids["order"].parse().unwrap();
        town.ids.extend(seeds::money(&town.test, order).await);
        town.keys().await;
        town
    }

    async fn people(&mut self) {
        for (number, name) in CALLERS.into_iter().chain([SPARE]).enumerate() {
            let mut cookies = Cookies::new();
            if !["nobody", "buyer", "passer", "key", "read-key"].contains(&name) {
                let phone = format!("98123456{number:02}");
                let account = json!({ "phone": phone, "name": name, "password": PASSWORD, "language": "en" });
                self.done(&mut cookies, "POST", "/accounts", account).await;
                self.operate(name, &phone).await;
                // Sign-ups from one place are limited.
                self.test.clock.advance(chrono::TimeDelta::minutes(1));
            }
            self.callers.insert(name, cookies);
        }
        self.confirmed_at(Some(self.test.clock.now())).await;
        for (who, role) in [("admin", "admin"), ("member", "member"), ("viewer", "viewer"), (SPARE, "member")]
        {
            let link = self.by("owner", "POST", "/team/invitations", json!({ "role": role })).await;
            self.by(who, "POST", "/invitations/accept", json!({ "token": link["token"] })).await;
        }
        for kind in ["invitation", "invitation of admin", "invitation of stranger"] {
            let link = self.by("owner", "POST", "/team/invitations", json!({ "role": "viewer" })).await;
            self.ids.insert(kind, text(&link["id"]));
        }
        for kind in ["crew", "crew of admin", "crew of stranger", "standing crew"] {
            let team = self.by("owner", "POST", "/team/crews", json!({ "name": kind })).await;
            let crews = team["crews"].as_array().unwrap();
            self.ids.insert(kind, text(&crews[crews.len() - 1]["id"]));
        }
        for (who, kind) in [("owner", "person"), (SPARE, "person of admin")] {
            let me = self.by(who, "GET", "/me", Value::Null).await;
            self.ids.insert(kind, text(&me["person"]["id"]));
            self.ids.insert("tenant", text(&me["person"]["tenant_id"]));
        }
        self.confirmed_at(Some(self.test.clock.now())).await;
        // Those who run the installation sell nothing.
        let none =
            "delete from members using people where people.id = person_id and operator_role is not null";
        sqlx::query(none).execute(self.test.db.pool()).await.unwrap();
    }

    /// Has everybody have shown then that it is they.
    async fn confirmed_at(&self, at: Option<chrono::DateTime<chrono::Utc>>) {
        let confirmed = sqlx::query("update sessions set confirmed_at = $1").bind(at);
        confirmed.execute(self.test.db.pool()).await.unwrap();
    }

    /// What asks for it refuses those who did not show lately that it is they.
    async fn ask_again(&self, document: &Value) {
        self.confirmed_at(None).await;
        for (method, path) in endpoints(document) {
            let needs = &document["paths"][&path][method.to_lowercase()]["x-needs"];
            for who in ["owner", "op-admin"].into_iter().filter(|_| !needs["confirmed"].is_null()) {
                let mut cookies = self.callers[who].clone();
                let (_, answer) = self.call(&mut cookies, &method, &self.filled(&path, who), json!({})).await;
                let is_asked = answer["type"] == "/problems/confirm-again";
                let may = needs["confirmed"] == "signed_in"
                    || needs["confirmed"]["member"].is_string() && who == "owner"
                    || needs["confirmed"]["operator"].is_string() && who == "op-admin";
                assert_eq!(is_asked, may, "{method} {path} by {who}: {answer}");
            }
        }
        self.confirmed_at(Some(self.test.clock.now())).await;
    }

    async fn operate(&self, name: &str, phone: &str) {
        let role = match name {
            "support" => OperatorRole::Support,
            "finance" => OperatorRole::Finance,
            "moderator" => OperatorRole::Moderator,
            "op-admin" => OperatorRole::Admin,
            _ => return,
        };
        let mut connection = self.test.db.acquire().await.unwrap();
        self.app.identity.set_operator(&mut connection, &phone.parse().unwrap(), Some(role)).await.unwrap();
    }

    async fn stall(&mut self) {
        for who in ["owner", "stranger"] {
            self.by(who, "PUT", "/stall", json!({ "name": who, "language": "en" })).await;
            let price = json!({ "amount": { "minor": 4000, "currency": "INR" }, "per": "1", "unit": "kg" });
            let product = json!({
                "client_id": id(), "name": "Tomato", "language": "en", "lemma": "tomato", "stock": "120", "price": price,
            });
            let product = self.by(who, "POST", "/products", product).await;
            let qr = self.by(who, "GET", "/stall/qr", Value::Null).await;
            let buyer = if who == "owner" { "buyer" } else { "passer" };
            let visit =
                self.by(buyer, "POST", "/visits", json!({ "token": qr["token"], "language": "en" })).await;
            if who == "owner" {
                self.ids.insert("product", text(&product["id"]));
                self.ids.insert("visit", text(&visit["id"]));
            }
        }
    }

    /// Keys that the owner made: one with every scope, whose calls are not signed, and one that reads.
    async fn keys(&mut self) {
        let all = [
            "read_shop",
            "sell",
            "count_stock",
            "change_prices",
            "change_shop",
            "read_money",
            "move_money",
            "change_payee",
        ];
        for (who, scopes) in [("key", &all[..]), ("read-key", &["read_shop", "read_money"])] {
            let new = json!({ "name": who, "scopes": scopes, "days": 30 });
            let made = self.by("owner", "POST", "/api-keys", new).await;
            self.callers.insert(who, Cookies::from([(BEARER.to_owned(), text(&made["token"]))]));
        }
    }

    /// Two kilos, offered, accepted and paid in cash.
    async fn deal(&mut self) {
        let (visit, product) = (self.ids["visit"].clone(), self.ids["product"].clone());
        let at = |rest: &str| format!("/visits/{visit}{rest}");
        let price = json!({ "amount": { "minor": 7000, "currency": "INR" }, "per": "2", "unit": "kg" });
        let offer = json!({
            "client_id": id(), "product_id": product, "price": price, "quantity": "2", "quantity_unit": "kg",
        });
        let offer = self.by("buyer", "POST", &at("/offers"), offer).await;
        let accept = json!({ "client_id": id(), "offer_id": offer["id"] });
        let question = self.by("owner", "POST", &at("/acceptances"), accept).await;
        let confirm = at(&format!("/read-backs/{}/confirm", text(&question["id"])));
        let settled = self.by("owner", "POST", &confirm, json!({ "client_id": id() })).await;
        let order = text(&settled["order"]["id"]);
        let paid = json!({ "client_id": id(), "method": "cash" });
        self.by("owner", "POST", &format!("/orders/{order}/payment/received"), paid).await;
        while self.app.relay().relay_batch().await.unwrap() > 0
            || self.app.worker().run_due().await.unwrap() > 0
        {}
        let document = self.by("owner", "GET", &format!("/orders/{order}/document"), Value::Null).await;
        let messages = self.by("owner", "GET", &at("/messages"), Value::Null).await;
        let found = [
            ("offer", text(&offer["id"])),
            ("read_back", text(&question["id"])),
            ("order", order),
            ("document", text(&document["id"])),
            ("message", text(&messages["items"][0]["id"])),
        ];
        self.ids.extend(found);
    }

    /// A call that must succeed, by somebody.
    async fn by(&mut self, who: &'static str, method: &str, path: &str, body: Value) -> Value {
        let mut cookies = self.callers[who].clone();
        let answer = self.done(&mut cookies, method, path, body).await;
        self.callers.insert(who, cookies);
        answer
    }

    async fn done(&self, cookies: &mut Cookies, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(cookies, method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {answer}");
        answer
    }

    async fn call(
        &self,
        cookies: &mut Cookies,
        method: &str,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(format!("/api/v1{path}"))
            .header(COOKIE, line.join("; "));
        let request = match cookies.get(BEARER) {
            Some(key) => request.header(AUTHORIZATION, format!("Bearer {key}")),
            None => request,
        };
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        for line in response.headers().get_all(SET_COOKIE) {
            let (name, value) = line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// The path with the ids of the first stall's rows; where it has none of the kind, with one of nothing.
    fn filled(&self, path: &str, who: &str) -> String {
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        for place in 0..parts.len() {
            let Some(name) = parts[place].strip_prefix('{').and_then(|p| p.strip_suffix('}')) else {
                continue;
            };
            let kind = match (name, parts[place - 1].as_str()) {
                ("id", "visits") => "visit",
                ("id", "orders") => "order",
                ("id", "products") => "product",
                ("id", "documents") => "document",
                ("id", "invitations") => "invitation",
                ("crew", _) if path.contains("/members/") => "standing crew",
                ("id", "top-ups" | "{tenant}") => "top_up",
                ("id", "disputes") => "dispute",
                ("id", "payouts") => "payout",
                ("id", "exceptions") => "exception",
                ("id", "refunds") => "refund",
                (name, _) => name,
            };
            // What somebody ends is gone for the next.
            let found =
                self.ids.get(format!("{kind} of {who}").as_str()).or_else(|| self.ids.get(kind)).cloned();
            parts[place] = found.unwrap_or_else(|| "00000000-0000-7000-8000-000000000000".to_owned());
        }
        // What is said aloud says beside its bytes what it is.
        let beside =
            if path == "/visits/{id}/recordings" { format!("?client_id={}", id()) } else { String::new() };
        parts.join("/") + &beside
    }

    /// What an endpoint takes, where the smallest that its schema takes is refused before anybody looks whose rows it is about.
    fn valid(&self, (method, path): (&str, &str)) -> Option<Value> {
        let of = |kind: &str| self.ids[kind].clone();
        match (method, path) {
            ("PUT", "/orders/{id}/recipient") => Some(json!({
                "legal_name": "Fresh Foods", "address": "4 Market Road", "city": "Bengaluru", "pin": "560001",
                "state_code": "29",
            })),
            ("POST", "/products/{id}/stock-movements") => {
                Some(json!({ "client_id": id(), "reason": "bought", "change": "1" }))
            }
            ("POST", "/visits/{id}/acceptances") => {
                Some(json!({ "client_id": id(), "offer_id": of("offer") }))
            }
            _ => None,
        }
    }

    /// How a call ends: let through, or as what it was refused.
    async fn outcome(&self, document: &Value, (method, path): (&str, &str), who: &'static str) -> String {
        let operation = &document["paths"][path][method.to_lowercase()];
        let has_body = operation.get("requestBody").is_some();
        let foreign = ["stranger", "passer"].contains(&who) && path.contains('{');
        let body = match (has_body, foreign) {
            (false, _) => Value::Null,
            // Whoever it belongs to changes nothing here: the body is refused, behind the doors.
            (true, false) => json!({}),
            (true, true) => self.valid((method, path)).unwrap_or_else(|| {
                sample(document, &operation["requestBody"]["content"]["application/json"]["schema"], 0)
            }),
        };
        if COSTLY.contains(&(method, path)) {
            // As long as it takes until the business may do the next.
            self.test.clock.advance(chrono::TimeDelta::seconds(2));
        }
        let mut cookies = self.callers[who].clone();
        let (status, answer) = self.call(&mut cookies, method, &self.filled(path, who), body).await;
        assert!(!status.is_server_error(), "{method} {path} by {who}: {status} {answer}");
        assert_ne!(answer["type"], "/problems/too-many-requests", "{method} {path} by {who}");
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                status.as_u16().to_string()
            }
            _ if foreign && status.is_success() => "DATA".to_owned(),
            _ => "yes".to_owned(),
        }
    }
}

/// What a schema takes, at its smallest.
fn sample(document: &Value, schema: &Value, depth: u32) -> Value {
    if let Some(place) = schema["$ref"].as_str() {
        return sample(document, document.pointer(&place[1..]).unwrap(), depth + 1);
    }
    if let Some(first) =
        schema["enum"].get(0).or_else(|| schema["examples"].get(0)).or_else(|| schema.get("example"))
    {
        return first.clone();
    }
    if let Some(all) = schema["allOf"].as_array() {
        let mut whole = serde_json::Map::new();
        for part in all {
            if let Value::Object(members) = sample(document, part, depth + 1) {
                whole.extend(members);
            }
        }
        return whole.into();
    }
    if let Some(first) = schema["oneOf"].get(0).filter(|_| depth < 12) {
        return sample(document, first, depth + 1);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    match (kind, schema["format"].as_str().unwrap_or_default()) {
        ("string", "uuid") => json!(id()),
        ("string", "date") => json!("2026-11-26"),
        ("string", "date-time") => json!("2026-11-26T10:00:00Z"),
        ("string", _) => json!("1"),
        ("integer" | "number", _) => json!(1),
        ("boolean", _) => json!(false),
        ("array", _) => json!([sample(document, &schema["items"], depth + 1)]),
        _ => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let members = required
                .iter()
                .filter_map(Value::as_str)
                .map(|name| (name.to_owned(), sample(document, &schema["properties"][name], depth + 1)));
            Value::Object(members.collect())
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Every endpoint of the document, those last that end what others need.
fn endpoints(document: &Value) -> Vec<(String, String)> {
    let mut all = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            all.insert((path.clone(), method.to_uppercase()));
        }
    }
    let mut all: Vec<(String, String)> = all.into_iter().map(|(path, method)| (method, path)).collect();
    all.sort_by_key(|(method, path)| {
        PARTING.iter().position(|it| *it == (method, path)).map_or(0, |at| at + 1)
    });
    all
}

#[tokio::test]
async fn everybody_may_what_the_list_says_and_nothing_else() {
    let town = Box::pin(Town::build()).await;
    let (_, document) = router::api(&town.app);
    let document = serde_json::to_value(&document).unwrap();
    town.ask_again(&document).await;
    let mut rows = BTreeMap::new();
    for (method, path) in endpoints(&document) {
        let mut row = String::new();
        for who in CALLERS {
            let outcome = town.outcome(&document, (&method, &path), who).await;
            assert_ne!(outcome, "DATA", "{method} {path}: {who} reached another's rows");
            write!(row, " {outcome:<9}").unwrap();
        }
        rows.insert((path, method), row);
    }
    let mut list = format!("{:<6} {:<58}", "", "");
    for who in CALLERS {
        write!(list, " {who:<9}").unwrap();
    }
    list = list.trim_end().to_owned() + "\n";
    for ((path, method), row) in rows {
        writeln!(list, "{method:<6} {path:<58}{}", row.trim_end()).unwrap();
    }
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/permissions.txt");
    if std::env::var_os("WRITE_PERMISSIONS").is_some() {
        std::fs::write(&place, &list).unwrap();
    }
    let read = std::fs::read_to_string(&place).unwrap_or_default();
    let wrong: Vec<&str> = list.lines().filter(|line| !read.lines().any(|it| it == *line)).collect();
    assert!(wrong.is_empty(), "not as tests/permissions.txt says:\n{}", wrong.join("\n"));
    assert_eq!(
        read.lines().count(),
        list.lines().count(),
        "the list has lines of endpoints that are not there"
    );
}

#[tokio::test]
async fn an_address_that_means_nothing_is_answered_with_a_problem() {
    let town = Box::pin(Town::build()).await;
    let (_, document) = router::api(&town.app);
    let document = serde_json::to_value(&document).unwrap();
    let mut asked = 0;
    for (method, path) in endpoints(&document).into_iter().filter(|(_, path)| path.contains('{')) {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "null,null" } else { part });
        let unreadable = parts.collect::<Vec<_>>().join("/");
        let mut cookies = town.callers["owner"].clone();
        let (status, answer) = town.call(&mut cookies, &method, &unreadable, json!({})).await;
        let kind = answer["type"].as_str().unwrap_or_default();
        let is_told = kind.starts_with("/problems/") && status.is_client_error();
        assert!(is_told || status.is_success(), "{method} {unreadable}: {status} {answer}");
        asked += 1;
    }
    assert!(asked > 100, "{asked} have something in their path");
}

#[tokio::test]
async fn each_endpoint_has_one_line_in_the_table_and_says_it_in_the_document() {
    let test = TestDb::create().await;
    let files = tempfile::tempdir().unwrap();
    let config = Config { data_dir: files.path().to_owned(), ..Config::default() };
    let ground = Ground { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy.clone() };
    let (_, document) = router::api(&App::new(config, ground).unwrap());
    let document = serde_json::to_value(&document).unwrap();
    let mut there: BTreeSet<(String, String)> = endpoints(&document).into_iter().collect();
    for (method, path) in &there {
        let needs = &document["paths"][path][method.to_lowercase()]["x-needs"];
        assert!(!needs.is_null(), "{method} {path} has no line in app::permissions::ROUTES");
    }
    there.insert(("GET".to_owned(), "/openapi.json".to_owned()));
    let table: BTreeSet<(String, String)> =
        ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(table.len(), ROUTES.len(), "an endpoint has two lines");
    assert_eq!(table, there);
}
