//! `POST /operator/top-ups/{tenant}/{id}/refuse`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::{TenantId, TopUpId};

use crate::credit::RefusedTopUp;
use crate::{Credits, Error, SaidTopUp};

/// Says that the bank has no such money; the vendor reads why.
#[utoipa::path(
    post, path = "/operator/top-ups/{tenant}/{id}/refuse", tag = "operator",
    params(
        ("tenant" = TenantId, Path, description = "The vendor's business"),
        ("id" = TopUpId, Path, description = "The top-up"),
    ),
    request_body = RefusedTopUp,
    responses((status = OK, body = SaidTopUp), (status = "4XX", body = problem::Body)),
)]
pub async fn refuse_top_up(
    State(credits): State<Credits>,
    caller: Caller,
    Path(which): Path<(TenantId, TopUpId)>,
    Json(body): Json<RefusedTopUp>,
) -> Result<Json<SaidTopUp>, Error> {
    credits.refuse_top_up(&caller, which, &body).await.map(Json)
}
