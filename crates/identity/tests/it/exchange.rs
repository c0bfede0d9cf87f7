//! A server that writes to telephones through the emulated carrier, and everybody's telephone.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::TimeDelta;
use emulator::twilio::{Sender, Sent};
use emulator::{Emulator, Options};
use platform::jobs::{Jobs, Worker};
use serde_json::{Value, json};
use texts::{Carrier, Config, WhatsApp};

use crate::browser::{Browser, PASSWORD, Server, credentials};

pub const PHONE: &str = "9876543210";
pub const E164: &str = "+919876543210";
pub const OTHER: &str = "9876543211";
pub const FRESH: &str = "lantern cow rice";

/// A server that writes to telephones, and everybody's telephone.
pub struct Exchange {
    pub server: Server,
    pub vendor: Emulator,
    pub jobs: Jobs,
    carrier: Arc<dyn Carrier>,
}

fn config(vendor: &Emulator) -> Config {
    let demo = Sender::demo();
    Config {
        base_url: vendor.twilio_url().to_owned(),
        account_sid: Some(demo.account_sid),
        auth_token: Some(demo.auth_token.into()),
        from: Some(demo.from),
        whatsapp: WhatsApp { from: Some(demo.whatsapp_from), templates: demo.templates },
        ..Config::default()
    }
}

impl Exchange {
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let server = Server::start().await;
        let vendor = Emulator::start(Options::repeatable(1_764_000_000, 7)).await.unwrap();
        let mut config = config(&vendor);
        change(&mut config);
        let test = &server.test;
        let jobs = Jobs::new(test.db.clone(), test.clock.clone(), test.entropy.clone());
        let carrier: Arc<dyn Carrier> = texts::carrier(&config).unwrap().unwrap();
        Self { server: server.texting(Arc::clone(&carrier), jobs.clone()), vendor, jobs, carrier }
    }

    /// The same database in another process, which remembers nothing.
    pub fn another_node(&self) -> Server {
        self.server.another_node().texting(Arc::clone(&self.carrier), self.jobs.clone())
    }

    /// What happens later is told apart from what was.
    pub fn later(&self) {
        self.server.test.clock.advance(TimeDelta::seconds(1));
    }

    /// Runs what waits, as a worker would; how much there was.
    pub async fn deliver(&self) -> usize {
        let worker = Worker::new(self.jobs.clone(), self.server.identity.handlers(), 2);
        worker.run_due().await.unwrap()
    }

    /// The newest message, once what waits was sent.
    pub async fn message(&self) -> Sent {
        self.deliver().await;
        self.vendor.twilio().sent().pop().expect("a message was sent")
    }

    /// Asks for a code; gives the ticket.
    pub async fn ask(&self, browser: &mut Browser, path: &str, phone: &str) -> Value {
        let body = json!({ "phone": phone, "language": "ta" });
        let (status, answer) = browser.post(path, &body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        answer["ticket"].clone()
    }

    /// Somebody with an account at a number that they have shown to be theirs.
    pub async fn person(&self, phone: &str) -> Browser {
        let mut browser = self.server.browser();
        let ticket = self.ask(&mut browser, "/accounts/codes", phone).await;
        let body = opening(&ticket, &code(&self.message().await));
        let (status, person) = browser.post("/accounts/by-code", &body).await;
        assert_eq!(status, StatusCode::CREATED, "{person}");
        browser
    }

    pub async fn sign_in(&self, phone: &str, password: &str) -> (Browser, StatusCode) {
        // Guesses are as slow as ever.
        self.server.test.clock.advance(TimeDelta::seconds(10));
        let mut browser = self.server.browser();
        let (status, _) = browser.post("/sessions", &credentials(phone, password)).await;
        (browser, status)
    }

    pub async fn dump(&self, table: &str) -> String {
        let all = format!("select coalesce(string_agg({table}::text, ' '), '') from {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(all)).fetch_one(self.server.test.db.pool()).await.unwrap()
    }
}

/// The first six digits in a row.
pub fn code(message: &Sent) -> String {
    let mut found = message.body.split(|letter: char| !letter.is_ascii_digit());
    found.find(|digits| digits.len() == 6).expect("a code").to_owned()
}

/// Another code.
pub fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

pub fn opening(ticket: &Value, code: &str) -> Value {
    json!({ "ticket": ticket, "code": code, "name": "Meena", "password": PASSWORD, "language": "ta" })
}

pub fn given(ticket: &Value, code: &str) -> Value {
    json!({ "ticket": ticket, "code": code })
}

pub fn reset(ticket: &Value, code: &str) -> Value {
    json!({ "ticket": ticket, "code": code, "password": FRESH })
}

pub fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}
