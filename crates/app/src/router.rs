//! One router: the API below `/api/v1`, health beside it, the web app everywhere else.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderName;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use platform::Problem;
use platform::problem::{INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND};
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;

use crate::limits::Limits;
use crate::wiring::App;
use crate::{assets, headers, http, limits, openapi, permissions, superseded, switched};

/// Below here lives the API.
pub const API: &str = "/api/v1";
/// What the log calls an address that is no endpoint: a page or a file of the web app, or nothing at all.
const NO_ROUTE: &str = "none";
/// No answer takes longer; slow work is a job.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The API's endpoints, each behind what it needs of its caller, and the document that describes them.
pub fn api(app: &App) -> (Router, utoipa::openapi::OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(openapi::base())
        .merge(app.identity.routes())
        .merge(app.sync.routes())
        .merge(app.catalog.routes())
        .merge(app.payments.routes())
        .merge(app.billing.routes())
        .merge(app.credits.routes())
        .merge(app.plans.routes())
        .merge(app.orders.routes())
        .merge(app.negotiation.routes())
        .merge(app.voice.routes())
        .merge(app.privacy.routes())
        .merge(http::routes().with_state(app.clone()))
        .split_for_parts();
    permissions::describe(&mut document);
    superseded::describe(&mut document);
    let limits = Limits::new(&app.clock);
    // Whoever may not is told so before anything is counted as costly.
    let router = router
        .layer(from_fn_with_state(app.switches.clone(), switched::guard))
        .layer(from_fn_with_state(limits.clone(), limits::guard_costly))
        .layer(from_fn(permissions::guard))
        .layer(from_fn_with_state(limits, limits::guard))
        .layer(from_fn(superseded::tell));
    (router, document)
}

/// Everything the server answers.
pub fn router(app: &App) -> Router {
    let (api, document) = api(app);
    let document: Arc<str> = openapi::json(&document).to_string().into();
    let described = get(move || {
        let document = Arc::clone(&document);
        async move {
            ([("content-type", "application/json"), ("cache-control", "no-cache")], document.to_string())
        }
    });
    let api = api
        .route("/openapi.json", described)
        .fallback(|| async { Problem::new(NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Problem::new(METHOD_NOT_ALLOWED) })
        .layer(from_fn_with_state(ANSWER_WITHIN, to_the_end));
    let router = Router::new()
        .nest(API, app.identity.protect(api))
        .merge(http::health(app))
        .fallback(assets::serve)
        .layer(CatchPanicLayer::custom(panicked));
    let checkout = app.config.payments.checkout_origin();
    let policy = headers::content_security_policy(&assets::script_hashes(), checkout.as_deref());
    observed(headers::on_every_answer(router, &policy)).layer(from_fn(headers::strict_transport))
}

/// What was begun is done to its end, whether the caller still waits or not: a call that broke off could stop between any two of its steps,
/// and what the driver makes of a statement that nobody waits for is not to be relied on (see [`platform::Db::begin`]). The caller waits no
/// longer than `answer_within`.
async fn to_the_end(State(answer_within): State<Duration>, request: Request, next: Next) -> Response {
    match timeout(answer_within, tokio::spawn(next.run(request).in_current_span())).await {
        Ok(Ok(response)) => response,
        Ok(Err(ended)) if ended.is_panic() => resume_unwind(ended.into_panic()),
        Ok(Err(_)) => Problem::busy().into_response(),
        Err(_) => {
            tracing::error!(seconds = answer_within.as_secs(), "a call had no answer in time");
            Problem::busy().into_response()
        }
    }
}

/// Each request has an id, which the log and the answer carry. Of its address the log has which endpoint it is: in the address itself
/// stand keys, and the tokens of stalls.
fn observed(router: Router) -> Router {
    let id = HeaderName::from_static("x-request-id");
    let span = |request: &Request| {
        let id = request.headers().get("x-request-id").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str);
        tracing::info_span!("request", method = %request.method(), route, id)
    };
    let answered = |response: &Response, latency: Duration, _: &tracing::Span| {
        let time_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(status = response.status().as_u16(), time_ms, "answered");
    };
    router
        .layer(PropagateRequestIdLayer::new(id.clone()))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered))
        .layer(SetRequestIdLayer::new(id, MakeRequestUuid))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands over the panic")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let said =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(said, "a handler panicked");
    Problem::new(INTERNAL).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
    use tokio::sync::Notify;
    use tower::ServiceExt;

    use super::*;

    /// A router whose one endpoint does that.
    fn within<F>(answer_within: Duration, work: impl FnOnce() -> F + Clone + Send + Sync + 'static) -> Router
    where
        F: Future<Output = ()> + Send,
    {
        Router::new().route("/", get(work)).layer(from_fn_with_state(answer_within, to_the_end))
    }

    #[tokio::test]
    async fn what_was_begun_is_done_though_nobody_waits_for_it() {
        let (go_on, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (waits, tells) = (Arc::clone(&go_on), Arc::clone(&done));
        let handler = move || async move {
            waits.notified().await;
            tells.notify_one();
        };
        let mut call = Box::pin(within(ANSWER_WITHIN, handler).oneshot(Request::new(Body::empty())));
        assert!(futures::poll!(&mut call).is_pending());
        drop(call);
        go_on.notify_one();
        done.notified().await;
    }

    #[tokio::test]
    async fn whoever_waited_long_enough_is_told_to_come_again() {
        let answer = within(Duration::from_millis(1), std::future::pending)
            .oneshot(Request::new(Body::empty()))
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
        assert!(answer.headers().contains_key(RETRY_AFTER));
    }
}
