//! A browser in front of the context's router: keeps cookies, calls from an address.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use axum::{Extension, Router};
use chrono::TimeDelta;
use identity::{Caller, Config, Identity, OpenId, Permission, Transport};
use mail::Mailer;
use platform::jobs::Jobs;
use platform::keys::Keyring;
use serde_json::{Value, json};
use testkit::TestDb;
use texts::Carrier;
use tower::ServiceExt;

pub const PASSWORD: &str = "violet kettle rain";

/// The context on a database of its own.
pub struct Server {
    pub test: Arc<TestDb>,
    pub identity: Identity,
}

pub struct Browser {
    identity: Identity,
    router: Router,
    address: IpAddr,
    transport: Transport,
    pub cookies: BTreeMap<String, String>,
    headers: Vec<(&'static str, String)>,
}

impl Server {
    pub async fn start() -> Self {
        Self::on(Arc::new(TestDb::create().await))
    }

    /// The same database in another process, which remembers nothing.
    pub fn another_node(&self) -> Self {
        Self::on(Arc::clone(&self.test))
    }

    /// One where people may sign in by an account at this issuer.
    pub async fn trusting(issuer: &str) -> Self {
        Self::with(Arc::new(TestDb::create().await), vec![named(issuer)])
    }

    /// The same database, where the same name leads to another issuer.
    pub fn trusting_instead(&self, issuer: &str) -> Self {
        Self::with(Arc::clone(&self.test), vec![named(issuer)])
    }

    fn on(test: Arc<TestDb>) -> Self {
        Self::with(test, Vec::new())
    }

    fn with(test: Arc<TestDb>, openid: Vec<OpenId>) -> Self {
        let keyring = Keyring::from_hex(&"5a".repeat(32)).unwrap();
        let own = "https://stall.example".to_owned();
        let config = Config { origins: vec![own.clone()], public_url: own, openid, ..Config::default() };
        let identity =
            Identity::new(test.db.clone(), test.clock.clone(), test.entropy.clone(), &keyring, config);
        Self { test, identity }
    }

    /// The same, with letters by this server.
    pub fn writing(mut self, mailer: Mailer, jobs: Jobs) -> Self {
        self.identity = self.identity.writing(Some(mailer), jobs);
        self
    }

    /// The same, with short messages by this carrier.
    pub fn texting(mut self, carrier: Arc<dyn Carrier>, jobs: Jobs) -> Self {
        self.identity = self.identity.texting(Some(carrier), jobs);
        self
    }

    pub fn browser(&self) -> Browser {
        self.browser_at("203.0.113.9")
    }

    pub fn browser_at(&self, address: &str) -> Browser {
        // A handler of another context, as far as identity can tell.
        let sell = axum::routing::post(async |caller: Caller| {
            caller.vendor().map(|vendor| vendor.tenant.to_string())
        });
        let pay = axum::routing::post(async |caller: Caller| {
            caller.member(Permission::MoveMoney).map(|vendor| vendor.tenant.to_string())
        });
        let hook = axum::routing::post(async || "stored");
        let routes = Router::from(self.identity.routes())
            .route("/sell", sell)
            .route("/pay", pay)
            .route("/api/v1/webhooks/x", hook);
        Browser {
            identity: self.identity.clone(),
            router: self.identity.protect(routes),
            address: address.parse().unwrap(),
            transport: Transport::Tls,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// A browser whose owner has just opened an account.
    pub async fn vendor(&self, phone: &str) -> Browser {
        let mut browser = self.browser();
        let (status, _) = browser.post("/accounts", &account(phone)).await;
        assert_eq!(status, StatusCode::CREATED);
        browser
    }
}

fn named(issuer: &str) -> OpenId {
    OpenId {
        name: "Elsewhere".to_owned(),
        issuer: issuer.to_owned(),
        client_id: "vyapar".to_owned(),
        client_secret: Some("a-secret-of-theirs".into()),
        client_secret_file: None,
        form_post: false,
    }
}

impl Server {
    /// Somebody with an account of their own whom `manager` has invited, after accepting.
    pub async fn member(&self, manager: &mut Browser, phone: &str, role: &str) -> Browser {
        let mut browser = self.vendor(phone).await;
        // What happens later is told apart from it.
        self.test.clock.advance(TimeDelta::seconds(1));
        let (status, link) = manager.post("/team/invitations", &json!({ "role": role })).await;
        assert_eq!(status, StatusCode::CREATED, "{link}");
        let (status, person) = browser.post("/invitations/accept", &json!({ "token": link["token"] })).await;
        assert_eq!(status, StatusCode::OK, "{person}");
        self.test.clock.advance(TimeDelta::seconds(1));
        browser
    }
}

pub fn account(phone: &str) -> Value {
    json!({"phone": phone, "name": "Meena", "password": PASSWORD, "language": "ta"})
}

pub fn credentials(phone: &str, password: &str) -> Value {
    json!({"phone": phone, "password": password})
}

impl Browser {
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same, but for a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(it, _)| *it != name);
        self
    }

    /// Who is signed in.
    pub async fn person_id(&mut self) -> String {
        self.get("/me").await.1["person"]["id"].as_str().unwrap().to_owned()
    }

    pub fn token(&self) -> &str {
        &self.cookies["__Host-vyapar_session"]
    }

    pub async fn get(&mut self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&mut self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&mut self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&mut self, path: &str) -> (StatusCode, Value) {
        self.call(Method::DELETE, path, None).await
    }

    /// Follows a link; where it leads on to.
    pub async fn go(&mut self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(COOKIE, self.cookie_line()).body(Body::empty()).unwrap();
        let response = self.answer(request).await;
        let to = response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (response.status(), to.unwrap_or_default())
    }

    /// Sends a file; gives the status and the problem.
    pub async fn send(&mut self, path: &str, file: Vec<u8>) -> (StatusCode, Value) {
        let request = Request::put(path).header(COOKIE, self.cookie_line());
        let request =
            request.header(CONTENT_TYPE, "application/octet-stream").body(Body::from(file)).unwrap();
        let response = self.answer(request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 100_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Fetches a file.
    pub async fn fetch(&mut self, path: &str) -> (StatusCode, Vec<u8>) {
        let request = Request::get(path).header(COOKIE, self.cookie_line()).body(Body::empty()).unwrap();
        let response = self.answer(request).await;
        let status = response.status();
        (status, to_bytes(response.into_body(), 1_000_000).await.unwrap().into())
    }

    async fn answer(&mut self, mut request: Request<Body>) -> Response {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.address, 4711)));
        let service = self.router.clone().layer(Extension(self.transport));
        let response = service.oneshot(request).await.unwrap();
        self.keep_from(&response);
        response
    }

    async fn call(&mut self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path).header(COOKIE, self.cookie_line());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let response = self.answer(request.body(body).unwrap()).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 100_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub fn keep_from(&mut self, response: &Response) {
        for line in response.headers().get_all(SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
    }

    /// Who the server takes this browser for.
    pub async fn caller(&self) -> Caller {
        let (sender, mut seen) = tokio::sync::mpsc::channel(1);
        let look = async move |caller: Caller| {
            sender.send(caller).await.unwrap();
        };
        let router = self.identity.protect(Router::new().route("/caller", axum::routing::get(look)));
        let mut request = Request::get("/caller").header(COOKIE, self.cookie_line());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::empty()).unwrap();
        router.layer(Extension(self.transport)).oneshot(request).await.unwrap();
        seen.recv().await.unwrap()
    }

    fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Keeps or drops a cookie as a browser does.
    fn keep(&mut self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
