//! `PUT /operator/switches/{switch}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::switches::Switch;
use platform::{Problem, problem};

use crate::oversight::{SwitchChange, SwitchStates};
use crate::wiring::App;

/// Switches a part of the product off or on, for all or for one business. Every server knows it within seconds. Gives all.
#[utoipa::path(
    put, path = "/operator/switches/{switch}", tag = "operator", request_body = SwitchChange,
    params(("switch" = Switch, Path, description = "Which.")),
    responses((status = OK, body = SwitchStates), (status = "4XX", body = problem::Body)),
)]
pub async fn set_switch(
    State(app): State<App>,
    caller: Caller,
    Path(switch): Path<Switch>,
    Json(change): Json<SwitchChange>,
) -> Result<Json<SwitchStates>, Problem> {
    app.set_switch(&caller, switch, &change).await.map(Json)
}
