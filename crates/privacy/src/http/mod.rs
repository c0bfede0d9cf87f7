//! One endpoint a file.

mod answer_grievance;
mod ask_for_erasure;
mod ask_for_export;
mod ask_for_phone_export;
mod complain;
mod complain_by_phone;
mod erase_phone_visits;
mod fetch_export;
mod fetch_phone_export;
mod keep_account;
mod keep_account_of;
mod list_exports;
mod list_grievances;
mod list_operator_grievances;
mod list_phone_exports;
mod list_phone_grievances;
mod show_erasure;
mod show_erasure_of;
mod take_phone_export;

use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Privacy;

/// Nothing that is sent here is longer: a complaint, each of its characters escaped.
const BODY_BYTES_MAX: usize = 32 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Privacy> {
    OpenApiRouter::new()
        .routes(routes!(ask_for_export::ask_for_export, list_exports::list_exports))
        .routes(routes!(fetch_export::fetch_export))
        .routes(routes!(ask_for_phone_export::ask_for_phone_export, list_phone_exports::list_phone_exports))
        .routes(routes!(fetch_phone_export::fetch_phone_export))
        .routes(routes!(take_phone_export::take_phone_export))
        .routes(routes!(
            show_erasure::show_erasure,
            ask_for_erasure::ask_for_erasure,
            keep_account::keep_account
        ))
        .routes(routes!(erase_phone_visits::erase_phone_visits))
        .routes(routes!(complain::complain, list_grievances::list_grievances))
        .routes(routes!(complain_by_phone::complain_by_phone, list_phone_grievances::list_phone_grievances))
        .routes(routes!(list_operator_grievances::list_operator_grievances))
        .routes(routes!(answer_grievance::answer_grievance))
        .routes(routes!(show_erasure_of::show_erasure_of))
        .routes(routes!(keep_account_of::keep_account_of))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// An archive as an answer that nothing keeps on its way.
pub(crate) fn as_file(archive: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/zip"),
        (CONTENT_DISPOSITION, "attachment; filename=\"my-data.zip\""),
        (CACHE_CONTROL, "private, no-store"),
    ];
    (headers, archive).into_response()
}
