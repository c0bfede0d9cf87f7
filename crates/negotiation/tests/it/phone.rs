//! A browser at the market.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use chrono::TimeDelta;
use platform::{Clock, Entropy};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

/// What everybody agrees to where that is not what is tried.
pub const AGREED: [&str; 1] = ["outside_providers"];

/// A browser: keeps cookies, and all that it was ever told.
pub struct Phone {
    router: Router,
    clock: Clock,
    entropy: Entropy,
    cookies: BTreeMap<String, String>,
    /// Every answer this phone got, as text.
    pub told: String,
}

/// What a phone was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub body: Value,
}

impl Answer {
    #[track_caller]
    pub fn is(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Refused with this problem.
    #[track_caller]
    pub fn refused(self, slug: &str) -> Value {
        assert_eq!(self.body["type"], format!("/problems/{slug}"), "{} {}", self.status, self.body);
        self.body
    }
}

impl Phone {
    pub fn new(router: Router, clock: Clock, entropy: Entropy) -> Self {
        Self { router, clock, entropy, cookies: BTreeMap::new(), told: String::new() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(("application/json", body.to_string().into()))).await
    }

    pub async fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, Some(("application/json", body.to_string().into()))).await
    }

    pub async fn patch(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, Some(("application/json", body.to_string().into()))).await
    }

    pub async fn call(&mut self, method: Method, path: &str, body: Option<(&str, Bytes)>) -> Answer {
        // No two things happen in one millisecond at a stall.
        self.clock.advance(TimeDelta::milliseconds(2));
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(COOKIE, cookies.join("; "));
        if let Some((content_type, _)) = body {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let request = request.body(Body::from(body.map(|(_, bytes)| bytes).unwrap_or_default())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            let (pair, _) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let bytes = to_bytes(body, 10_000_000).await.unwrap();
        self.told += &String::from_utf8_lossy(&bytes);
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, bytes, body }
    }

    /// Another tab of the same browser.
    pub fn tab(&self) -> Self {
        Self {
            router: self.router.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            cookies: self.cookies.clone(),
            told: String::new(),
        }
    }

    /// An id of this phone's own.
    pub fn fresh(&self) -> Uuid {
        self.entropy.id(self.clock.now())
    }

    /// Puts something on the shelf, priced by the kilo; gives its id.
    pub async fn sell(&mut self, name: &str, minor: i64, stock: &str, floor: Option<i64>) -> String {
        let mut new = json!({
            "client_id": self.fresh(), "name": name, "language": "en", "price": price(minor, "1"), "stock": stock,
        });
        if let Some(floor) = floor {
            new["floor"] = price(floor, "1");
        }
        let product = self.post("/products", &new).await.is(StatusCode::CREATED);
        product["id"].as_str().unwrap().to_owned()
    }

    /// The token of a fresh code.
    pub async fn code(&mut self) -> String {
        let qr = self.get("/stall/qr").await.is(StatusCode::OK);
        qr["token"].as_str().unwrap().to_owned()
    }

    /// Enters a stall and agrees to what is asked there; gives the visit's address.
    pub async fn enter(&mut self, token: &str, language: &str) -> String {
        let agreed = AGREED.map(|purpose| json!({"purpose": purpose, "notice": 2}));
        let body = json!({"token": token, "language": language, "agreed": agreed});
        let answer = self.post("/visits", &body).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        format!("/visits/{}", answer.body["id"].as_str().unwrap())
    }

    pub async fn say(&mut self, visit: &str, text: &str) -> Value {
        self.send(visit, text, "typed").await.is(StatusCode::CREATED)
    }

    pub async fn send(&mut self, visit: &str, text: &str, via: &str) -> Answer {
        let body = json!({"client_id": self.fresh(), "text": text, "via": via});
        self.post(&format!("{visit}/messages"), &body).await
    }

    /// Offers so much for so many kilos, by keypad.
    pub async fn offer(&mut self, visit: &str, minor: i64, kilos: &str) -> Answer {
        let product = self.product(visit).await;
        let body = json!({
            "client_id": self.fresh(), "product_id": product, "price": price(minor, kilos),
            "quantity": kilos, "quantity_unit": "kg",
        });
        self.post(&format!("{visit}/offers"), &body).await
    }

    /// The first product on the stall.
    pub async fn product(&mut self, visit: &str) -> String {
        let visit = self.get(visit).await.is(StatusCode::OK);
        visit["products"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Has an offer read back.
    pub async fn accept(&mut self, visit: &str, offer: &Value) -> Answer {
        let body = json!({"client_id": self.fresh(), "offer_id": offer["id"]});
        self.post(&format!("{visit}/acceptances"), &body).await
    }

    /// Says yes to a question.
    pub async fn confirm(&mut self, visit: &str, read_back: &Value) -> Answer {
        let id = read_back["id"].as_str().unwrap();
        self.post(&format!("{visit}/read-backs/{id}/confirm"), &json!({"client_id": self.fresh()})).await
    }

    pub async fn visit(&mut self, visit: &str) -> Value {
        self.get(visit).await.is(StatusCode::OK)
    }

    /// What was said, oldest first.
    pub async fn messages(&mut self, visit: &str) -> Vec<Value> {
        let page = self.get(&format!("{visit}/messages")).await.is(StatusCode::OK);
        page["items"].as_array().unwrap().iter().rev().cloned().collect()
    }

    pub async fn last_message(&mut self, visit: &str) -> Value {
        self.messages(visit).await.pop().unwrap()
    }
}

/// So many paise for so many kilos.
pub fn price(minor: i64, per: &str) -> Value {
    json!({"amount": {"minor": minor, "currency": "INR"}, "per": per, "unit": "kg"})
}
