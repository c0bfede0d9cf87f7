//! What a request carries, with refusals that are problems.
//!
//! Handlers take these instead of axum's own extractors, so that a misspelt body answers `application/problem+json` with
//! the `field` that is wrong, as everything else does.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Problem;
use crate::problem::{BAD_REQUEST, INVALID_FIELD, NOT_FOUND, TOO_LARGE, UNSUPPORTED_MEDIA};

/// A JSON body, in either direction.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// The variable parts of the path. What does not read as an id names nothing: 404.
#[derive(Debug, Clone, Copy, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// The query of the address.
#[derive(Debug, Clone, Copy, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(
                Problem::new(UNSUPPORTED_MEDIA).detail("send JSON, with Content-Type: application/json")
            );
        }
        let bytes = Bytes::from_request(request, state).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| refuse(&error))?;
        json.end().map_err(|error| Problem::new(BAD_REQUEST).detail(error.to_string()))?;
        Ok(Self(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Text that is no JSON is a bad request; JSON that is not the right thing names its field.
fn refuse(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return Problem::new(BAD_REQUEST).detail(error.inner().to_string());
    }
    let problem = Problem::new(INVALID_FIELD).detail(error.inner().to_string());
    match error.path().to_string().as_str() {
        "." => problem,
        field => problem.with("field", field),
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        let too_large = rejection.status() == TOO_LARGE.status;
        if too_large { Self::new(TOO_LARGE) } else { Self::new(BAD_REQUEST).detail(rejection.body_text()) }
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(NOT_FOUND).detail(rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(BAD_REQUEST).detail(rejection.body_text())
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::DefaultBodyLimit;
    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use serde::Deserialize;
    use serde_json::{Value, json};
    use tower::ServiceExt;
    use types::{OfferId, Quantity};

    use super::*;

    #[derive(Deserialize)]
    struct Line {
        quantity: Quantity,
    }

    #[derive(Deserialize)]
    struct Lines {
        lines: Vec<Line>,
    }

    async fn answer(request: Request) -> (StatusCode, Value) {
        let router = axum::Router::new()
            .route(
                "/lines",
                post(async |Json(body): Json<Lines>| {
                    body.lines.iter().map(|line| line.quantity.to_string()).collect::<String>()
                }),
            )
            .route("/offers/{id}", get(async |Path(id): Path<OfferId>| id.to_string()))
            .layer(DefaultBodyLimit::max(256));
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    fn posted(content_type: &str, body: impl Into<String>) -> Request {
        let request = Request::post("/lines").header(CONTENT_TYPE, content_type);
        request.body(Body::from(body.into())).unwrap()
    }

    #[tokio::test]
    async fn a_wrong_field_is_named_by_its_path() {
        let (status, body) =
            answer(posted("application/json", r#"{"lines":[{"quantity":"1"},{"quantity":"-1"}]}"#)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(body["type"], "/problems/invalid-field");
        assert_eq!(body["field"], "lines[1].quantity");
    }

    #[tokio::test]
    async fn what_is_no_json_or_more_than_json_is_a_bad_request() {
        for text in ["", "{", r#"{"lines":[}"#, r#"{"lines":[]} {}"#] {
            let (status, body) = answer(posted("application/json", text)).await;
            assert_eq!((status, &body["type"]), (StatusCode::BAD_REQUEST, &json!("/problems/bad-request")));
        }
    }

    #[tokio::test]
    async fn a_form_from_another_page_is_no_json() {
        let (status, body) = answer(posted("text/plain", r#"{"lines":[]}"#)).await;
        assert_eq!(
            (status, &body["type"]),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!("/problems/unsupported-media"))
        );
        assert_eq!(
            answer(posted("application/json; charset=utf-8", r#"{"lines":[]}"#)).await.0,
            StatusCode::OK
        );
    }

    #[tokio::test]
    async fn a_body_past_the_limit_is_too_large() {
        let (status, body) = answer(posted("application/json", " ".repeat(257))).await;
        assert_eq!((status, &body["type"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("/problems/too-large")));
    }

    #[tokio::test]
    async fn an_id_that_is_none_names_nothing() {
        let (status, body) = answer(Request::get("/offers/1%20or%201=1").body(Body::empty()).unwrap()).await;
        assert_eq!((status, &body["type"]), (StatusCode::NOT_FOUND, &json!("/problems/not-found")));
    }
}
