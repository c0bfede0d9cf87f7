//! Errors in the vendor's shape: `{"error": {type, code, decline_code, message, param, …}}`.

use std::borrow::Cow;
use std::fmt;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::card::Decline;
use super::params::cut;

/// One failed call.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    status: StatusCode,
    body: Box<Body>,
    /// Whether an idempotency key keeps it: the vendor keeps nothing where the parameters were refused.
    kept: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    charge: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_url: Option<String>,
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_intent: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<Value>,
    r#type: &'static str,
}

/// The result of a call to the vendor.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Marks an answer that an idempotency key does not keep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotKept;

impl Error {
    fn new(status: StatusCode, r#type: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let body = Body {
            charge: None,
            code: None,
            decline_code: None,
            doc_url: None,
            message: message.into(),
            param: None,
            payment_intent: None,
            payment_method: None,
            r#type,
        };
        Self { status, body: Box::new(body), kept: true }
    }

    /// What was asked is not allowed as things stand.
    pub(crate) fn refused(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// A value the caller sent is wrong.
    pub(crate) fn invalid(param: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kept: false, ..Self::refused(message).at(param) }
    }

    /// A parameter that must be there is not.
    pub(crate) fn missing(param: &str) -> Self {
        Self::invalid(param, format!("Missing required param: {param}.")).code("parameter_missing")
    }

    pub(crate) fn too_large() -> Self {
        Self { kept: false, ..Self::refused("The request body is too large.") }
    }

    pub(crate) fn empty(param: &str) -> Self {
        let message = format!(
            "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; \
             however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty \
             value."
        );
        Self::invalid(param, message).code("parameter_invalid_empty")
    }

    pub(crate) fn not_an_integer(param: &str, value: &str) -> Self {
        Self::invalid(param, format!("Invalid integer: {}", cut(value))).code("parameter_invalid_integer")
    }

    pub(crate) fn unknown_params(names: &[String]) -> Self {
        let plural = if names.len() == 1 { "" } else { "s" };
        let first = names.first().cloned().unwrap_or_default();
        Self::invalid(first, format!("Received unknown parameter{plural}: {}", names.join(", ")))
            .code("parameter_unknown")
    }

    /// An id in a path of nothing that this account owns.
    pub(crate) fn no_such(kind: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {kind}: '{}'", cut(id));
        Self { status: StatusCode::NOT_FOUND, ..Self::refused(message).at(param).code("resource_missing") }
    }

    /// The same for an id that was a parameter.
    pub(crate) fn no_such_param(kind: &str, id: &str, param: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kept: false, ..Self::no_such(kind, id, param) }
    }

    /// A bank said no.
    pub(crate) fn declined(decline: &Decline) -> Self {
        let mut error =
            Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", decline.message).code(decline.code);
        error.body.decline_code = decline.bank_code;
        error
    }

    pub(crate) fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        let error = Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message);
        Self { kept: false, ..error }
    }

    pub(crate) fn unknown_url(method: &str, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {}). Please see https://stripe.com/docs or we can help at \
             https://support.stripe.com/.",
            cut(path)
        );
        Self { status: StatusCode::NOT_FOUND, kept: false, ..Self::refused(message) }
    }

    /// An idempotency key came again with another request; `sentence` says what differs.
    pub(crate) fn key_reused(sentence: &str, key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used {sentence} Try using a key other than '{key}' if you meant \
             to execute a different request."
        );
        Self { kept: false, ..Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message) }
    }

    /// A request with the same key is still being worked on.
    pub(crate) fn key_in_use(key: &str) -> Self {
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you \
             submitted twice, and the other request is still going through): {key}. Please try again later."
        );
        let error = Self::new(StatusCode::CONFLICT, "invalid_request_error", message);
        Self { kept: false, ..error.code("idempotency_key_in_use") }
    }

    /// The vendor's own trouble, by status.
    pub(crate) fn outage(status: StatusCode) -> Self {
        match status.as_u16() {
            429 => Self::new(
                status,
                "invalid_request_error",
                "Request rate limit exceeded. You can learn more about rate limits here \
                 https://stripe.com/docs/rate-limits.",
            )
            .code("rate_limit"),
            400..=499 => Self::new(status, "invalid_request_error", "This request was refused on command."),
            _ => Self::new(status, "api_error", "Sorry, something went wrong on our end."),
        }
    }

    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.body.doc_url = Some(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")));
        self.body.code = Some(code);
        self
    }

    pub(crate) fn at(mut self, param: impl Into<String>) -> Self {
        self.body.param = Some(param.into());
        self
    }

    /// Says which charge failed.
    pub(crate) fn of_charge(mut self, charge: &str) -> Self {
        self.body.charge = Some(charge.to_owned());
        self
    }

    /// Carries the method that was tried.
    pub(crate) fn with_method(mut self, method: Value) -> Self {
        self.body.payment_method = Some(method);
        self
    }

    /// Carries the intent as it now is.
    pub(crate) fn with_intent(mut self, intent: Value) -> Self {
        self.body.payment_intent = Some(intent);
        self
    }

    /// As an intent remembers it: the same fields, with the method and without the intent.
    pub(crate) fn remembered(&self) -> Value {
        let body = Body { payment_intent: None, ..(*self.body).clone() };
        serde_json::to_value(body).expect("an error has string keys")
    }

    #[cfg(test)]
    pub(crate) fn param(&self) -> Option<&str> {
        self.body.param.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.body.message)
    }
}

impl std::error::Error for Error {}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Answer {
            error: Body,
        }
        let mut response = (self.status, Json(Answer { error: *self.body })).into_response();
        if !self.kept {
            response.extensions_mut().insert(NotKept);
        }
        response
    }
}
