//! `/v1/disputes` and `/v1/documents`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::Multipart;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::list::Listing;
use super::{Caller, fields};
use crate::razorpay::Razorpay;
use crate::razorpay::desk::wire;
use crate::razorpay::error::{Error, Result};
use crate::razorpay::fields::missing;

pub(super) async fn fetch(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| Ok(Json(wire(desk.dispute(&id)?))))?
}

pub(super) async fn list(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    listing: Listing,
) -> Result<Json<Value>> {
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        Ok(page.of(desk.merchant.disputes.newest_first(), |dispute| dispute.created_at, wire))
    })?
}

pub(super) async fn accept(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    fields(body)?.finish()?;
    let dispute = caller.at_desk(&razorpay, |desk| desk.accept_dispute(&id))??;
    Ok(Json(wire(&dispute)))
}

pub(super) async fn contest(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let dispute = caller.at_desk(&razorpay, |desk| desk.contest_dispute(&id, fields))??;
    Ok(Json(wire(&dispute)))
}

pub(super) async fn upload(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    mut form: Multipart,
) -> Result<Json<Value>> {
    let malformed = |_| Error::refused("The form is not well formed");
    let (mut purpose, mut file) = (None, None);
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        match field.name() {
            Some("purpose") => purpose = Some(field.text().await.map_err(malformed)?),
            Some("file") => {
                let name = field.file_name().unwrap_or("file").to_owned();
                file = Some((name, field.bytes().await.map_err(malformed)?.to_vec()));
            }
            _ => return Err(Error::refused("The form has a field that should not be sent")),
        }
    }
    match purpose.as_deref() {
        Some("dispute_evidence") => {}
        Some(_) => return Err(Error::invalid("purpose", "The selected purpose is invalid.")),
        None => return Err(missing("purpose")),
    }
    let (name, content) = file.ok_or_else(|| missing("file"))?;
    let document = caller.at_desk(&razorpay, |desk| desk.keep_document(&name, content))??;
    Ok(Json(wire(&document)))
}

pub(super) async fn document(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| Ok(Json(wire(desk.document(&id)?))))?
}

pub(super) async fn content(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response> {
    let document = caller.at_desk(&razorpay, |desk| desk.document(&id).cloned())??;
    Ok(([(CONTENT_TYPE, document.mime_type)], document.content).into_response())
}
