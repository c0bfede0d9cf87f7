//! Errors in the vendor's shape: `{"error": {code, description, field, source, step, reason, metadata}}`.

use std::borrow::Cow;
use std::fmt;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

/// The three kinds of failure the vendor tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Code {
    #[serde(rename = "BAD_REQUEST_ERROR")]
    BadRequest,
    #[serde(rename = "GATEWAY_ERROR")]
    Gateway,
    #[serde(rename = "SERVER_ERROR")]
    Server,
}

/// One failed call.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Error {
    #[serde(skip)]
    status: StatusCode,
    code: Code,
    description: Cow<'static, str>,
    source: &'static str,
    step: &'static str,
    reason: &'static str,
    metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

/// The result of a call to the vendor.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A value the caller sent is wrong; `field` is the parameter that holds it.
    pub(crate) fn invalid(field: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field), ..Self::refused(description) }
    }

    /// What was asked is not allowed as things stand.
    pub(crate) fn refused(description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            source: "business",
            step: "payment_initiation",
            reason: "input_validation_failed",
            ..Self::plain(StatusCode::BAD_REQUEST, Code::BadRequest, description)
        }
    }

    fn plain(status: StatusCode, code: Code, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            description: description.into(),
            source: "NA",
            step: "NA",
            reason: "NA",
            metadata: Map::new(),
            field: None,
        }
    }

    pub(crate) fn unauthorized(description: &'static str) -> Self {
        Self::plain(StatusCode::UNAUTHORIZED, Code::BadRequest, description)
    }

    /// A well-formed id of nothing that this merchant owns.
    pub(crate) fn unknown_id() -> Self {
        Self::refused("The id provided does not exist")
    }

    pub(crate) fn malformed_id(id: &str) -> Self {
        // The answer quotes the id; a hostile one must not make it large.
        let quoted: String = id.chars().take(64).collect();
        Self::refused(format!("{quoted} is not a valid id"))
    }

    /// The vendor answers an unknown path and a wrong method alike, with status 400.
    pub(crate) fn unknown_url() -> Self {
        Self::plain(
            StatusCode::BAD_REQUEST,
            Code::BadRequest,
            "The requested URL was not found on the server.",
        )
    }

    /// An idempotent request is still being worked on.
    pub(crate) fn in_progress() -> Self {
        Self::plain(
            StatusCode::CONFLICT,
            Code::BadRequest,
            "Request failed because another request with the same idempotency key is in progress",
        )
    }

    /// An idempotency key came again with another request.
    pub(crate) fn key_reused() -> Self {
        Self::plain(
            StatusCode::BAD_REQUEST,
            Code::BadRequest,
            "Different request with the same idempotency key has already been processed.",
        )
    }

    /// The vendor's own trouble, by status.
    pub(crate) fn outage(status: StatusCode) -> Self {
        match status.as_u16() {
            429 => Self::plain(status, Code::BadRequest, "Too many requests"),
            502 | 504 => Self::plain(
                status,
                Code::Gateway,
                "Payment processing failed due to error at bank or wallet gateway",
            ),
            500..=599 => Self::plain(
                status,
                Code::Server,
                "We are facing some trouble completing your request at the moment. Please try again shortly.",
            ),
            _ => Self::plain(status, Code::BadRequest, "Access Denied"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.description)
    }
}

impl std::error::Error for Error {}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: Error,
        }
        (self.status, Json(Body { error: self })).into_response()
    }
}
