//! One endpoint a file: keys of providers, for whoever runs the installation.

mod add_provider_key;
mod change_provider_key;
mod end_provider_key;
mod list_providers;
mod order_provider_keys;
mod try_provider_key;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Voice;

/// Nothing that is sent here is longer.
const BODY_BYTES_MAX: usize = 8 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Voice> {
    OpenApiRouter::new()
        .routes(routes!(list_providers::list_providers, add_provider_key::add_provider_key))
        .routes(routes!(order_provider_keys::order_provider_keys))
        .routes(routes!(change_provider_key::change_provider_key))
        .routes(routes!(end_provider_key::end_provider_key))
        .routes(routes!(try_provider_key::try_provider_key))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
