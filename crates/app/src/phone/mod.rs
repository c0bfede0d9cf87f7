//! A phone, played: the API over HTTP with its cookies, and its socket. For the demo, the tests of whole stories and the benchmarks.

mod socket;

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Client, Method, Response};
use serde_json::Value;

pub use socket::Socket;

/// The most an answer may hold.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// One phone.
#[derive(Debug, Clone)]
pub struct Phone {
    http: Client,
    server: String,
    cookies: Vec<(String, String)>,
    address: Option<String>,
}

impl Phone {
    /// A phone that has not been here before.
    pub fn new(server: &str) -> Self {
        Self {
            http: platform::http::client(Duration::from_secs(30)),
            server: server.to_owned(),
            cookies: Vec::new(),
            address: None,
        }
    }

    /// The same phone at another address, as a proxy in front of the server would report it.
    #[must_use]
    pub fn at(self, address: String) -> Self {
        Self { address: Some(address), ..self }
    }

    /// Where the server is.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The cookies as a header.
    pub fn cookies(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Reads.
    ///
    /// # Errors
    /// As [`Phone::send`].
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::GET, path, None).await
    }

    /// Writes.
    ///
    /// # Errors
    /// As [`Phone::send`].
    pub async fn post(&mut self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Replaces.
    ///
    /// # Errors
    /// As [`Phone::send`].
    pub async fn put(&mut self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Sends a recording (WAV).
    ///
    /// # Errors
    /// As [`Phone::send`].
    pub async fn post_sound(&mut self, path: &str, sound: impl Into<reqwest::Body>) -> anyhow::Result<Value> {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "audio/wav").body(sound);
        let response = request.send().await?;
        self.answer(path, response).await
    }

    /// Fetches a file; `None` where there is none.
    ///
    /// # Errors
    /// As [`Phone::send`].
    pub async fn file(&mut self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let response = self.request(Method::GET, path).send().await?;
        if response.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !response.status().is_success() {
            bail!("{path} answered {}", response.status());
        }
        Ok(Some(platform::http::read_body(response, BYTES_MAX).await?.to_vec()))
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1{path}", self.server);
        let mut request = self.http.request(method, url);
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        if self.cookies.is_empty() { request } else { request.header(COOKIE, self.cookies()) }
    }

    /// Sends a request and reads the JSON of its answer.
    ///
    /// # Errors
    /// No answer, or a problem: its type and what was wrong.
    pub async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.with_context(|| format!("no answer from {}", self.server))?;
        self.answer(path, response).await
    }

    async fn answer(&mut self, path: &str, response: Response) -> anyhow::Result<Value> {
        for cookie in response.headers().get_all(SET_COOKIE).iter().filter_map(|c| c.to_str().ok()) {
            if let Some((name, value)) = cookie.split(';').next().and_then(|c| c.split_once('=')) {
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let status = response.status();
        let bytes = platform::http::read_body(response, BYTES_MAX).await?;
        let body: Value = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? };
        if !status.is_success() {
            let said = body["detail"].as_str().or(body["title"].as_str()).unwrap_or_default();
            bail!("{path} answered {status} {}: {said}", body["type"]);
        }
        Ok(body)
    }
}

/// A text member of an answer.
///
/// # Errors
/// Where there is none.
pub fn text(value: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("the answer has no {pointer}: {value}"))
}
