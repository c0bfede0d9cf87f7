//! `GET /retention`

use axum::Json;
use axum::extract::State;
use platform::retention::Retention;

use crate::wiring::App;

/// How long what is kept of people is kept here.
#[utoipa::path(get, path = "/retention", tag = "privacy", responses((status = OK, body = Retention)))]
pub async fn show_retention(State(app): State<App>) -> Json<Retention> {
    Json(app.config.retention)
}
