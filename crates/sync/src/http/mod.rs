//! One endpoint a file.

mod create_socket_ticket;
mod open_socket;
mod subscribe_to_push;
mod unsubscribe_from_push;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Sync;

/// The largest body: a push subscription.
const BODY_BYTES_MAX: usize = 8 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Sync> {
    OpenApiRouter::new()
        .routes(routes!(create_socket_ticket::create_socket_ticket))
        .routes(routes!(open_socket::open_socket))
        .routes(routes!(subscribe_to_push::subscribe_to_push, unsubscribe_from_push::unsubscribe_from_push))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
