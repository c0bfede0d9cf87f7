//! One endpoint a file.

mod change_me;
mod create_account;
mod show_me;
mod sign_in;
mod sign_out;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Identity;

/// Nothing that a person types about themselves is longer.
const BODY_BYTES_MAX: usize = 16 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(create_account::create_account))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(show_me::show_me, change_me::change_me))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
