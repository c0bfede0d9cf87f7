//! `Idempotency-Key` before the calls: what was answered once is answered again.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::BODY_BYTES_MAX;
use super::call::{authenticate, idempotency_key};
use super::stamp::RequestId;
use crate::stripe::Stripe;
use crate::stripe::account::Account;
use crate::stripe::error::{Error, NotKept};
use crate::stripe::idempotency::{Keyed, Saved};

const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A request of an account under a key.
struct UnderKey {
    stripe: Stripe,
    number: usize,
    keyed: Keyed,
    request: String,
    /// Whether the key is in use by this request and has no answer yet.
    open: bool,
}

impl UnderKey {
    /// Reads a request's key, where it has one that matters. Gives the request back, whole.
    async fn read(stripe: &Stripe, request: Request) -> Result<(Option<Self>, Request), Error> {
        let key = idempotency_key(request.headers()).filter(|_| request.method() == Method::POST);
        let number = authenticate(request.headers(), stripe).ok();
        let (Some(key), Some(number)) = (key, number) else { return Ok((None, request)) };
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| Error::too_large())?;
        let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        let keyed = Keyed::new(key, parts.uri.path().to_owned(), &body);
        let under_key = Self { stripe: stripe.clone(), number, keyed, request: request_id, open: false };
        Ok((Some(under_key), Request::from_parts(parts, Body::from(body))))
    }

    fn with_account<R>(&self, work: impl FnOnce(&mut Account, i64) -> R) -> Option<R> {
        self.stripe.quietly(|world| {
            let now_ms = world.now_ms();
            world.accounts.get_mut(self.number).map(|account| work(account, now_ms))
        })
    }

    fn begin(&mut self) -> Result<Option<Saved>, Error> {
        let begun = self.with_account(|account, now_ms| account.begin_keyed(&self.keyed, now_ms));
        let begun = begun.unwrap_or(Ok(None))?;
        self.open = begun.is_none();
        Ok(begun)
    }

    fn save(&mut self, status: StatusCode, body: Bytes) {
        self.open = false;
        let saved = Saved { status, body, request: self.request.clone() };
        self.with_account(|account, now_ms| account.save_keyed(&self.keyed, now_ms, Some(saved)));
    }
}

impl Drop for UnderKey {
    /// A request that ended without an answer to keep frees its key.
    fn drop(&mut self) {
        if self.open {
            self.with_account(|account, _| account.free_keyed(&self.keyed.key));
        }
    }
}

/// Answers from the key, or lets the call through and keeps its answer.
pub(super) async fn keep(State(stripe): State<Stripe>, request: Request, next: Next) -> Response {
    let (under_key, request) = match UnderKey::read(&stripe, request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let Some(mut under_key) = under_key else { return next.run(request).await };
    match under_key.begin() {
        Err(error) => return error.into_response(),
        Ok(Some(saved)) => return replayed(&saved),
        Ok(None) => {}
    }
    let takes_ms = under_key.with_account(|account, now_ms| {
        now_ms.saturating_add_unsigned(account.settings.keyed_request_takes_ms)
    });
    stripe.clock().wait_until(takes_ms.unwrap_or(i64::MIN)).await;
    let response = next.run(request).await;
    if response.extensions().get::<NotKept>().is_some() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, ANSWER_BYTES_MAX).await.unwrap_or_default();
    under_key.save(parts.status, body.clone());
    Response::from_parts(parts, Body::from(body))
}

/// Keeps a 500 under the request's key, whether or not anything happened, and asks clients not to try it again.
pub(super) async fn keep_outage(State(stripe): State<Stripe>, request: Request, next: Next) -> Response {
    let (under_key, request) = match UnderKey::read(&stripe, request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let response = next.run(request).await;
    let Some(mut under_key) = under_key.filter(|_| response.status() == StatusCode::INTERNAL_SERVER_ERROR)
    else {
        return response;
    };
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, ANSWER_BYTES_MAX).await.unwrap_or_default();
    under_key.save(parts.status, body.clone());
    parts.headers.insert("stripe-should-retry", HeaderValue::from_static("false"));
    Response::from_parts(parts, Body::from(body))
}

fn replayed(saved: &Saved) -> Response {
    let mut response = (saved.status, saved.body.clone()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    if let Ok(original) = HeaderValue::from_str(&saved.request) {
        headers.insert("original-request", original);
    }
    response
}
