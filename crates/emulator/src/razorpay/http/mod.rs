//! The vendor's HTTP API: reads requests, calls the desk, writes answers.

mod auth;
mod disputes;
mod list;
mod mandates;
mod orders;
mod payments;
mod payouts;
mod qr_codes;
mod refunds;
mod settlements;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};

use super::Razorpay;
use super::error::{Error, Result};
use super::fields::Fields;
use crate::fault;

pub(crate) use auth::Caller;

const BODY_BYTES_MAX: usize = 64 * 1024;
/// The largest file, and the form around it.
const DOCUMENT_BYTES_MAX: usize = 5 * 1024 * 1024;

pub(crate) fn router(razorpay: &Razorpay) -> Router {
    Router::new()
        .route("/v1/orders", post(orders::create).get(orders::list))
        .route("/v1/orders/{id}", get(orders::fetch).patch(orders::edit))
        .route("/v1/orders/{id}/payments", get(orders::payments))
        .route("/v1/payments", get(payments::list))
        .route("/v1/payments/create/recurring", post(mandates::charge))
        .route("/v1/customers", post(mandates::create_customer).get(mandates::list_customers))
        .route("/v1/customers/{id}", get(mandates::fetch_customer))
        .route("/v1/customers/{id}/tokens", get(mandates::tokens))
        .route("/v1/customers/{id}/tokens/{token}", get(mandates::fetch_token).delete(mandates::delete_token))
        .route("/v1/payments/{id}", get(payments::fetch).patch(payments::edit))
        .route("/v1/payments/{id}/capture", post(payments::capture))
        .route("/v1/payments/{id}/card", get(payments::card))
        .route("/v1/payments/{id}/refund", post(refunds::create))
        .route("/v1/payments/{id}/refunds", get(refunds::of_payment))
        .route("/v1/payments/{id}/refunds/{refund}", get(refunds::of_payment_by_id))
        .route("/v1/refunds", post(refunds::create_by_body).get(refunds::list))
        .route("/v1/refunds/{id}", get(refunds::fetch).patch(refunds::edit))
        .route("/v1/payments/qr_codes", post(qr_codes::create).get(qr_codes::list))
        .route("/v1/payments/qr_codes/{id}", get(qr_codes::fetch))
        .route("/v1/payments/qr_codes/{id}/close", post(qr_codes::close))
        .route("/v1/payments/qr_codes/{id}/payments", get(qr_codes::payments))
        .route("/v1/settlements/recon/combined", get(settlements::combined))
        .route("/v1/contacts", post(payouts::create_contact))
        .route("/v1/contacts/{id}", get(payouts::fetch_contact))
        .route("/v1/fund_accounts", post(payouts::create_fund_account).get(payouts::list_fund_accounts))
        .route("/v1/fund_accounts/{id}", get(payouts::fetch_fund_account))
        .route("/v1/payouts", post(payouts::create).get(payouts::list))
        .route("/v1/payouts/{id}", get(payouts::fetch))
        .route("/v1/payouts/{id}/cancel", post(payouts::cancel))
        .route("/v1/disputes", get(disputes::list))
        .route("/v1/disputes/{id}", get(disputes::fetch))
        .route("/v1/disputes/{id}/accept", post(disputes::accept))
        .route("/v1/disputes/{id}/contest", patch(disputes::contest))
        .route("/v1/documents", post(disputes::upload).layer(DefaultBodyLimit::max(DOCUMENT_BYTES_MAX)))
        .route("/v1/documents/{id}", get(disputes::document))
        .route("/v1/documents/{id}/content", get(disputes::content))
        .fallback(unknown_url)
        .method_not_allowed_fallback(unknown_url)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(razorpay.gate().clone(), fault::pass))
        .with_state(razorpay.clone())
}

async fn unknown_url() -> Response {
    Error::unknown_url().into_response()
}

/// The parameters in a body that may be too large or no JSON.
fn fields(body: std::result::Result<Bytes, axum::extract::rejection::BytesRejection>) -> Result<Fields> {
    let body = body.map_err(|_| Error::refused("The request body is too large"))?;
    Fields::parse(&body)
}
