//! One router: the API below `/api/v1`, health beside it, the web app everywhere else.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use platform::Problem;
use platform::problem::{INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::limits::Limits;
use crate::wiring::App;
use crate::{assets, headers, http, limits, openapi, permissions, superseded};

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
        .merge(app.privacy.routes())
        .merge(http::routes().with_state(app.clone()))
        .split_for_parts();
    permissions::describe(&mut document);
    superseded::describe(&mut document);
    let limits = Limits::new(&app.clock);
    // Whoever may not is told so before anything is counted as costly.
    let router = router
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
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN));
    let router = Router::new()
        .nest(API, app.identity.protect(api))
        .merge(http::health(app))
        .fallback(assets::serve)
        .layer(CatchPanicLayer::custom(panicked));
    let checkout = app.config.payments.checkout_origin();
    let policy = headers::content_security_policy(&assets::script_hashes(), checkout.as_deref());
    observed(headers::on_every_answer(router, &policy)).layer(from_fn(headers::strict_transport))
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
