//! `GET /orders/{id}/payment-request.pdf`

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use identity::Caller;
use platform::extract::{Path, Query};
use platform::problem;
use serde::Deserialize;
use types::{Language, OrderId};

use crate::{Error, Orders};

/// How a payment request is asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentRequestQuery {
    /// The language beside English; the buyer's own where none is named.
    language: Option<Language>,
}

/// An unpaid order as PDF with the code that a UPI app scans. It is no invoice, has no number, and proves nothing.
#[utoipa::path(
    get, path = "/orders/{id}/payment-request.pdf", tag = "orders",
    params(("id" = OrderId, Path, description = "The order"), PaymentRequestQuery),
    responses(
        (status = OK, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = problem::Body), (status = SERVICE_UNAVAILABLE, body = problem::Body),
    ),
)]
pub async fn show_payment_request(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
    Query(wanted): Query<PaymentRequestQuery>,
) -> Result<Response, Error> {
    let pdf = orders.payment_request(&caller, id, wanted.language).await?;
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"payment-request-{}.pdf\"", pdf.order_number)),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, pdf.bytes).into_response())
}
