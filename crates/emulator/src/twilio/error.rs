//! Errors as Twilio writes them: a number, a sentence, a page of its documents.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// One refused call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    status: StatusCode,
    code: u32,
    message: String,
}

impl Error {
    /// A message that is not made.
    pub(super) fn refused(code: u32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    pub(super) fn authenticate() -> Self {
        Self { status: StatusCode::UNAUTHORIZED, code: 20_003, message: "Authenticate".to_owned() }
    }

    pub(super) fn missing(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self { status: StatusCode::NOT_FOUND, code: 20_404, message }
    }

    /// The vendor's own trouble, by status.
    pub(crate) fn outage(status: StatusCode) -> Self {
        let (code, message) = match status.as_u16() {
            401 => (20_003, "Authenticate"),
            429 => (20_429, "Too Many Requests"),
            503 => (20_503, "Service unavailable"),
            _ => (20_500, "An internal server error has occurred"),
        };
        Self { status, code, message: message.to_owned() }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status.as_u16(),
        });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Basic realm=\"Twilio API\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}

pub(super) async fn not_found(uri: Uri) -> Error {
    Error::missing(uri.path())
}

pub(super) async fn method_not_allowed() -> Error {
    let message = "This resource does not support the requested method".to_owned();
    Error { status: StatusCode::METHOD_NOT_ALLOWED, code: 20_004, message }
}
