//! `POST /socket-tickets`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::ticket::TicketRequest;
use crate::{Error, SocketTicket, Sync};

/// Gives out the right to open one socket: a vendor leaves `visit_id` out, a buyer names the visit.
#[utoipa::path(
    post, path = "/socket-tickets", tag = "sync", request_body = TicketRequest,
    responses((status = CREATED, body = SocketTicket), (status = "4XX", body = problem::Body)),
)]
pub async fn create_socket_ticket(
    State(sync): State<Sync>,
    caller: Caller,
    Json(request): Json<TicketRequest>,
) -> Result<(StatusCode, Json<SocketTicket>), Error> {
    let ticket = sync.issue_ticket(&caller, &request).await?;
    Ok((StatusCode::CREATED, Json(ticket)))
}
