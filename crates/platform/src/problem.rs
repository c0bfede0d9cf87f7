//! Errors as people and programs read them: RFC 9457 `application/problem+json`.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A kind of problem: a stable name, its status and a sentence a person can act on.
///
/// The `slug` is part of the API: clients translate it into the reader's language, so it never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemType {
    /// The stable name (`offer-expired`); the JSON `type` is `/problems/<slug>`.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// One English sentence that says what happened and what to do.
    pub title: &'static str,
}

/// Declares a context's kinds of problem and lists them in `PROBLEMS`.
///
/// ```
/// platform::problem_types! {
///     /// The offer's time is over.
///     OFFER_EXPIRED = (CONFLICT, "offer-expired", "This offer has expired. Ask for a fresh one.");
/// }
/// assert_eq!(PROBLEMS[0].slug, OFFER_EXPIRED.slug);
/// ```
#[macro_export]
macro_rules! problem_types {
    ($($(#[$doc:meta])* $name:ident = ($status:ident, $slug:literal, $title:literal);)*) => {
        $($(#[$doc])* pub const $name: $crate::ProblemType = $crate::ProblemType {
            slug: $slug, status: axum::http::StatusCode::$status, title: $title,
        };)*
        /// Every kind of problem this context answers with.
        pub const PROBLEMS: &[$crate::ProblemType] = &[$($name),*];
    };
}

crate::problem_types! {
    /// The request is not what the endpoint takes.
    BAD_REQUEST = (BAD_REQUEST, "bad-request", "The request could not be understood.");
    /// Nobody is signed in, or the session is over.
    SIGNED_OUT = (UNAUTHORIZED, "signed-out", "Sign in and try again.");
    /// Somebody else's, or not for this kind of caller.
    FORBIDDEN = (FORBIDDEN, "forbidden", "This is not yours to see or change.");
    /// No such thing, or not the caller's.
    NOT_FOUND = (NOT_FOUND, "not-found", "There is nothing here.");
    /// The method does not fit the path.
    METHOD_NOT_ALLOWED = (METHOD_NOT_ALLOWED, "method-not-allowed", "This address does not take that kind of request.");
    /// The body is larger than the endpoint takes.
    TOO_LARGE = (PAYLOAD_TOO_LARGE, "too-large", "That is more than fits. Send less.");
    /// The body is of a kind the endpoint does not take.
    UNSUPPORTED_MEDIA = (UNSUPPORTED_MEDIA_TYPE, "unsupported-media", "That kind of file cannot be used here.");
    /// The scanner found malware in a file.
    MALWARE_FOUND = (UNPROCESSABLE_ENTITY, "malware-found", "The virus check refused this file. It was not kept.");
    /// The scanner gives no verdict, so that no file is kept.
    SCANNER_AWAY = (SERVICE_UNAVAILABLE, "scanner-away", "Files cannot be checked for viruses right now. Try again in a minute.");
    /// A field holds what it must not.
    INVALID_FIELD = (UNPROCESSABLE_ENTITY, "invalid-field", "Something in the form is not right.");
    /// A retry's id with other content.
    CLIENT_ID_REUSED = (CONFLICT, "client-id-reused", "This was sent before with other content. Send it again as new.");
    /// What somebody agrees to is no longer what they were shown.
    DEAL_CHANGED = (CONFLICT, "deal-changed", "The price has changed since it was read to you. Look again.");
    /// A request that a browser sent from another site.
    CROSS_SITE = (FORBIDDEN, "cross-site", "The request came from another site and was refused.");
    /// Too many requests.
    TOO_MANY = (TOO_MANY_REQUESTS, "too-many-requests", "Too many tries. Wait a moment and try again.");
    /// The payer's credit is used up.
    NO_CREDIT = (PAYMENT_REQUIRED, "no-credit", "The credit is used up. Top it up to go on.");
    /// The operator stopped all spending.
    CREDIT_FROZEN = (FORBIDDEN, "credit-frozen", "The operator has stopped spending from this credit.");
    /// A member has spent what they may in a month.
    MEMBER_LIMIT = (PAYMENT_REQUIRED, "member-limit", "You have spent what you may this month. Ask the owner to raise it.");
    /// Whoever runs the installation has switched this off.
    SWITCHED_OFF = (CONFLICT, "switched-off", "This is switched off for now. Ask whoever runs this installation.");
    /// Our fault.
    INTERNAL = (INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side. Nothing was lost; try again.");
    /// A part of the product is switched off or away.
    UNAVAILABLE = (SERVICE_UNAVAILABLE, "unavailable", "This part is not available right now. Try again in a moment.");
}

/// After so many seconds whoever came when there was too much to do comes again.
const BUSY_S: u64 = 5;

/// What the server answers instead of a result.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemType,
    detail: Option<String>,
    members: Map<String, Value>,
}

/// The JSON of a [`Problem`] (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body {
    /// `/problems/<slug>`: a stable name that clients translate.
    #[serde(rename = "type")]
    pub kind: String,
    /// One English sentence that says what happened and what to do.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong this time, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Members of this kind of problem, such as `field` or `retry_after_s`.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: ProblemType) -> Self {
        Self { kind, detail: None, members: Map::new() }
    }

    /// Says what was wrong this time, in English.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// Adds a member, such as the `field` that is wrong.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// A failure on our side: its chain goes to the log, the caller sees none of it.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let chain: Vec<String> =
            std::iter::successors(Some(error), |e| e.source()).map(ToString::to_string).collect();
        tracing::error!(error = chain.join(": "), "request failed");
        Self::new(INTERNAL)
    }

    /// There is more to do than can be done in time. Whoever comes again with the same client id has nothing done twice.
    pub fn busy() -> Self {
        Self::new(UNAVAILABLE).with("retry_after_s", BUSY_S)
    }

    /// The kind of problem.
    pub const fn kind(&self) -> ProblemType {
        self.kind
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            kind: format!("/problems/{}", self.kind.slug),
            title: self.kind.title,
            status: self.kind.status.as_u16(),
            detail: self.detail,
            members: self.members,
        };
        let wait_s = body.members.get("retry_after_s").and_then(Value::as_u64);
        let mut response = (self.kind.status, Json(body)).into_response();
        if let Some(wait_s) = wait_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_s));
        }
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::new(NOT_FOUND),
            sqlx::Error::PoolTimedOut => {
                tracing::error!("no connection to the database came free in time");
                Self::busy()
            }
            other => Self::internal(&other),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn a_problem_is_written_as_rfc_9457() {
        let problem =
            Problem::new(INVALID_FIELD).detail("a phone number has ten digits").with("field", "phone");
        let response = problem.into_response();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let body: Value =
            serde_json::from_slice(&to_bytes(response.into_body(), 4096).await.unwrap()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "/problems/invalid-field", "title": "Something in the form is not right.", "status": 422,
                "detail": "a phone number has ten digits", "field": "phone",
            })
        );
    }

    #[tokio::test]
    async fn whoever_has_to_wait_is_told_in_the_header_too() {
        let answer = Problem::new(TOO_MANY).with("retry_after_s", 7).into_response();
        assert_eq!(
            (answer.status(), &answer.headers()[RETRY_AFTER]),
            (StatusCode::TOO_MANY_REQUESTS, &HeaderValue::from(7))
        );
    }

    #[tokio::test]
    async fn an_internal_failure_shows_nothing_of_its_cause() {
        let response = Problem::internal(&std::io::Error::other("password=hunter2")).into_response();
        let body = to_bytes(response.into_body(), 4096).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("hunter2"));
    }

    #[test]
    fn no_two_problems_share_a_name() {
        let mut slugs: Vec<_> = PROBLEMS.iter().map(|p| p.slug).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), PROBLEMS.len());
    }
}
