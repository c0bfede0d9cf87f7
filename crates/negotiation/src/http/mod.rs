//! One endpoint a file.

mod accept_deal;
mod change_language;
mod close_stall;
mod confirm_read_back;
mod decide_report;
mod decline_offer;
mod dismiss_read_back;
mod enter_stall;
mod give_visit;
mod leave_visit;
mod list_messages;
mod list_operator_visits;
mod list_reports;
mod list_stall_notices;
mod list_visit_reports;
mod list_visits;
mod look_at_report;
mod make_offer;
mod play_recording;
mod preview_stall;
mod report_visit;
mod send_message;
mod send_recording;
mod show_visit;
mod speak_message;
mod speak_read_back;
mod withdraw_offer;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Negotiation;

/// Nothing that is typed in a visit is longer.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// A minute of speech, even uncompressed; what is in it is checked before it is believed.
const RECORDING_BYTES_MAX: usize = 12 * 1024 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Negotiation> {
    let recordings = OpenApiRouter::new()
        .routes(routes!(send_recording::send_recording))
        .layer(DefaultBodyLimit::max(RECORDING_BYTES_MAX));
    OpenApiRouter::new()
        .routes(routes!(preview_stall::preview_stall))
        .routes(routes!(list_visits::list_visits, enter_stall::enter_stall))
        .routes(routes!(show_visit::show_visit, change_language::change_language))
        .routes(routes!(leave_visit::leave_visit))
        .routes(routes!(give_visit::give_visit))
        .routes(routes!(list_messages::list_messages, send_message::send_message))
        .routes(routes!(speak_message::speak_message))
        .routes(routes!(play_recording::play_recording))
        .routes(routes!(make_offer::make_offer))
        .routes(routes!(withdraw_offer::withdraw_offer))
        .routes(routes!(decline_offer::decline_offer))
        .routes(routes!(accept_deal::accept_deal))
        .routes(routes!(confirm_read_back::confirm_read_back))
        .routes(routes!(dismiss_read_back::dismiss_read_back))
        .routes(routes!(speak_read_back::speak_read_back))
        .routes(routes!(list_operator_visits::list_operator_visits))
        .merge(moderation())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(recordings)
}

/// Reports, and what comes of them.
fn moderation() -> OpenApiRouter<Negotiation> {
    OpenApiRouter::new()
        .routes(routes!(list_visit_reports::list_visit_reports, report_visit::report_visit))
        .routes(routes!(list_stall_notices::list_stall_notices))
        .routes(routes!(list_reports::list_reports))
        .routes(routes!(look_at_report::look_at_report))
        .routes(routes!(decide_report::decide_report))
        .routes(routes!(close_stall::close_stall))
}
