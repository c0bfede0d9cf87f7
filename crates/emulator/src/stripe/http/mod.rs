//! The vendor's HTTP API: reads requests, calls the desk, writes answers.

mod call;
mod files;
mod keys;
mod routes;
mod stamp;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use super::Stripe;
use super::error::Error;
use crate::fault;

const BODY_BYTES_MAX: usize = 256 * 1024;

/// From the outside in: a request gets its id, a 500 is kept under its key, a fault strikes, a key finds its answer.
pub(crate) fn router(stripe: &Stripe) -> Router {
    // A file is larger than any other body, and its answer is kept under no key.
    let files = Router::new()
        .route("/v1/files", post(files::upload))
        .layer(DefaultBodyLimit::max(files::FORM_BYTES_MAX))
        .layer(from_fn_with_state(stripe.gate().clone(), fault::pass))
        .layer(from_fn_with_state(stripe.clone(), stamp::stamp))
        .with_state(stripe.clone());
    routes::routes()
        .fallback(unknown_url)
        .method_not_allowed_fallback(unknown_url)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(stripe.clone(), keys::keep))
        .layer(from_fn_with_state(stripe.gate().clone(), fault::pass))
        .layer(from_fn_with_state(stripe.clone(), keys::keep_outage))
        .layer(from_fn_with_state(stripe.clone(), stamp::stamp))
        .with_state(stripe.clone())
        .merge(files)
}

async fn unknown_url(method: Method, uri: Uri) -> Response {
    Error::unknown_url(method.as_str(), uri.path()).into_response()
}
