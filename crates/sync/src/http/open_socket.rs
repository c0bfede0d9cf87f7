//! `GET /socket`

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use identity::Caller;
use platform::problem;

use crate::socket::{self, FRAME_BYTES_MAX};
use crate::{Error, Sync};

/// What a connection buffers of what it reads: enough for a hello. The default would be 128 kB a socket.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Opens the line of live news (JSON text frames; the client speaks first and shows a ticket).
#[utoipa::path(
    get, path = "/socket", tag = "sync",
    responses((status = SWITCHING_PROTOCOLS), (status = "4XX", body = problem::Body)),
)]
pub async fn open_socket(
    State(sync): State<Sync>,
    caller: Caller,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Error> {
    let stranger = sync.admit_stranger(&caller, &headers)?;
    let queue_bytes_max = sync.config.sockets.queue_bytes_max;
    Ok(upgrade?
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(queue_bytes_max.saturating_mul(2).max(FRAME_BYTES_MAX))
        .on_upgrade(move |socket| socket::serve(sync, socket, stranger)))
}
