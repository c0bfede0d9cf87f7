//! `GET /operator/switches`

use axum::Json;
use axum::extract::State;
use identity::Caller;
use platform::{Problem, problem};

use crate::oversight::SwitchStates;
use crate::wiring::App;

/// What can be switched off, and for whom it is.
#[utoipa::path(
    get, path = "/operator/switches", tag = "operator",
    responses((status = OK, body = SwitchStates), (status = "4XX", body = problem::Body)),
)]
pub async fn list_switches(State(app): State<App>, caller: Caller) -> Result<Json<SwitchStates>, Problem> {
    app.list_switches(&caller).await.map(Json)
}
