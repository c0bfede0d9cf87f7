//! `POST /webhooks/razorpayx`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use platform::problem;

use crate::{Error, Payments};

/// Takes in what the provider of payouts tells, byte for byte; it is worked on afterwards.
#[utoipa::path(
    post, path = "/webhooks/razorpayx", tag = "payments",
    request_body(content = String, content_type = "application/json", description = "As the provider signed it."),
    params(
        ("X-Razorpay-Signature" = String, Header, description = "HMAC-SHA256 of the body, in hexadecimal digits."),
        ("x-razorpay-event-id" = Option<String>, Header, description = "The same for each copy of an event."),
    ),
    responses((status = OK, description = "It is kept."), (status = "4XX", body = problem::Body)),
)]
pub async fn receive_payout_webhook(
    State(payments): State<Payments>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = header("x-razorpay-signature").unwrap_or_default();
    payments.receive_payout_webhook(&body, signature, header("x-razorpay-event-id")).await?;
    Ok(StatusCode::OK)
}
