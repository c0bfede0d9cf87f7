//! `GET /operator/webhooks`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::webhook::WebhookQuery;
use crate::{Error, Payments, WebhookEvent};

/// The gateway's webhooks, newest first.
#[utoipa::path(
    get, path = "/operator/webhooks", tag = "operator", params(WebhookQuery, PageQuery),
    responses((status = OK, body = Page<WebhookEvent>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_webhooks(
    State(payments): State<Payments>,
    caller: Caller,
    Query(which): Query<WebhookQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<WebhookEvent>>, Error> {
    payments.webhooks(&caller, which.state, page).await.map(Json)
}
