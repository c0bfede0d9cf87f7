//! What belongs to no context: capabilities, health, the operator's jobs and switches.

mod capabilities;
mod health;
mod list_jobs;
mod list_switches;
mod revive_job;
mod set_switch;
mod show_retention;

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::wiring::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(capabilities::capabilities))
        .routes(routes!(list_jobs::list_jobs))
        .routes(routes!(revive_job::revive_job))
        .routes(routes!(list_switches::list_switches))
        .routes(routes!(set_switch::set_switch))
        .routes(routes!(show_retention::show_retention))
}

/// Outside the API: for whoever watches the server.
pub(crate) fn health(app: &App) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(app.clone())
}
