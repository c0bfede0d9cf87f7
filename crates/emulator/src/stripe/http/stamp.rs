//! What every answer carries: the request's id and the version of the API.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::stripe::{API_VERSION, Stripe};

/// The id of a request, in its extensions.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Gives a request its id, and the answer its headers.
pub(super) async fn stamp(State(stripe): State<Stripe>, mut request: Request, next: Next) -> Response {
    let id = format!("req_{}", stripe.quietly(|world| world.bench.entropy.token(14)));
    let version = request.headers().get("stripe-version").cloned();
    let key = request.headers().get("idempotency-key").cloned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    let unauthorized = response.status() == axum::http::StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: HeaderValue| {
        headers.insert(HeaderName::from_static(name), value);
    };
    set("request-id", HeaderValue::from_str(&id).expect("an id is letters and digits"));
    set("stripe-version", version.unwrap_or(HeaderValue::from_static(API_VERSION)));
    if let Some(key) = key {
        set("idempotency-key", key);
    }
    if unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Stripe\""));
    }
    response
}
