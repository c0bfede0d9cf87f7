//! Errors as the two services write them: ULCA is a Spring service, Dhruva a Python one.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

/// One failed call.
#[derive(Debug)]
pub(crate) struct Error {
    status: StatusCode,
    body: Value,
}

impl Error {
    /// A configuration call that ULCA refuses.
    pub(crate) fn ulca(message: &str, now_ms: i64) -> Self {
        let timestamp = DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
        let timestamp = timestamp.to_rfc3339_opts(SecondsFormat::Millis, true);
        let body = json!({ "code": "400 BAD_REQUEST", "message": message, "timestamp": timestamp });
        Self { status: StatusCode::BAD_REQUEST, body }
    }

    /// A compute call that Dhruva refuses.
    pub(crate) fn client(status: StatusCode, message: &str) -> Self {
        Self { status, body: json!({ "detail": { "message": message } }) }
    }

    /// A compute call without a key.
    pub(crate) fn no_key() -> Self {
        Self { status: StatusCode::FORBIDDEN, body: json!({ "detail": "Not authenticated" }) }
    }

    /// A compute call that failed inside Dhruva; `kind` is its code.
    pub(crate) fn failed(kind: &'static str) -> Self {
        let detail = json!({ "kind": kind, "message": "Request failed. Please try again." });
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, body: json!({ "detail": detail }) }
    }

    /// A body that does not fit the schema; `location` leads to the offending value.
    pub(crate) fn unprocessable(location: &[&str], message: &str, kind: &str) -> Self {
        let location: Vec<&str> = std::iter::once("body").chain(location.iter().copied()).collect();
        let detail = json!([{ "loc": location, "msg": message, "type": kind }]);
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, body: json!({ "detail": detail }) }
    }

    /// A value that must be there.
    pub(crate) fn missing(location: &[&str]) -> Self {
        Self::unprocessable(location, "field required", "value_error.missing")
    }

    /// The service's own trouble, by status.
    pub(crate) fn outage(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::client(status, "Not authenticated"),
            403 => Self::client(status, "Not authorized"),
            429 => Self::client(status, "Too many requests"),
            500 => Self::failed("DHRUVA-101"),
            _ => Self::client(status, status.canonical_reason().unwrap_or("Request failed")),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

pub(crate) async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "detail": "Not Found" }))).into_response()
}

pub(crate) async fn method_not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({ "detail": "Method Not Allowed" }))).into_response()
}
