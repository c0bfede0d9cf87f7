//! `POST /operator/top-ups/{tenant}/{id}/confirm`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::{TenantId, TopUpId};

use crate::credit::ConfirmedTopUp;
use crate::{Credits, Error, SaidTopUp};

/// Says that the bank has a top-up's money: it becomes credit, once.
#[utoipa::path(
    post, path = "/operator/top-ups/{tenant}/{id}/confirm", tag = "operator",
    params(
        ("tenant" = TenantId, Path, description = "The vendor's business"),
        ("id" = TopUpId, Path, description = "The top-up"),
    ),
    request_body = ConfirmedTopUp,
    responses((status = OK, body = SaidTopUp), (status = "4XX", body = problem::Body)),
)]
pub async fn confirm_top_up(
    State(credits): State<Credits>,
    caller: Caller,
    Path(which): Path<(TenantId, TopUpId)>,
    Json(body): Json<ConfirmedTopUp>,
) -> Result<Json<SaidTopUp>, Error> {
    credits.confirm_top_up(&caller, which, &body).await.map(Json)
}
