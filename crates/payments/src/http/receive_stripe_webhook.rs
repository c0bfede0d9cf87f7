//! `POST /webhooks/stripe`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use platform::problem;

use crate::{Error, Payments};

/// Takes in what Stripe tells, byte for byte; it is worked on afterwards.
#[utoipa::path(
    post, path = "/webhooks/stripe", tag = "payments",
    request_body(content = String, content_type = "application/json", description = "As the gateway signed it."),
    params(("Stripe-Signature" = String, Header, description = "When it was signed, and HMAC-SHA256 of that and the body: `t=…,v1=…`.")),
    responses((status = OK, description = "It is kept."), (status = "4XX", body = problem::Body)),
)]
pub async fn receive_stripe_webhook(
    State(payments): State<Payments>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    payments.receive_webhook("stripe", &body, signature, None).await?;
    Ok(StatusCode::OK)
}
