//! One endpoint a file.

mod accept_invitation;
mod add_operator;
mod add_passkey;
mod add_to_crew;
mod ask_for_address;
mod ask_for_number;
mod ask_for_opening_code;
mod ask_for_passkey;
mod ask_for_reset;
mod ask_for_reset_code;
mod ask_to_open_account;
mod begin_openid;
mod begin_passkey;
mod begin_second_factor;
mod change_crew;
mod change_me;
mod change_member;
mod change_operator;
mod change_password;
mod choose_business;
mod confirm;
mod create_account;
mod dissolve_crew;
mod end_api_key;
mod end_other_sessions;
mod end_session;
mod exchange_token;
mod find_accounts;
mod finish_sign_in;
mod form_crew;
mod invite;
mod keep_address;
mod keep_number;
mod keep_visits;
mod leave_team;
mod link_outside_account;
mod list_account_acts;
mod list_api_keys;
mod list_audit;
mod list_business_audit;
mod list_businesses;
mod list_kept_visits;
mod list_my_consents;
mod list_operators;
mod list_outside_accounts;
mod list_passkeys;
mod list_phone_consents;
mod list_sessions;
mod list_team_acts;
mod lock_account;
mod look_at_invitation;
mod look_at_link;
mod make_api_key;
mod make_recovery_codes;
mod name_business;
mod open_account_by_code;
mod open_account_by_link;
mod open_business;
mod remove_member;
mod remove_passkey;
mod remove_picture;
mod require_second_factor;
mod reset_by_code;
mod reset_password;
mod return_from_openid;
mod revoke_invitation;
mod set_my_consent;
mod set_phone_consent;
mod set_picture;
mod show_me;
mod show_picture;
mod show_second_factor;
mod show_team;
mod sign_account_out;
mod sign_app_in;
mod sign_in;
mod sign_in_by_passkey;
mod sign_out;
mod take_from_crew;
mod turn_second_factor_off;
mod turn_second_factor_on;
mod unlink_outside_account;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Identity;
use crate::picture::BYTES_MAX;

/// Nothing that a person types about themselves is longer.
const BODY_BYTES_MAX: usize = 16 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Identity> {
    account()
        .merge(consents())
        .merge(ways_in())
        .merge(by_mail())
        .merge(by_code())
        .merge(pictures())
        .merge(businesses())
        .merge(routes_of_operators())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// A person's own account.
fn account() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(create_account::create_account))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(show_me::show_me, change_me::change_me))
        .routes(routes!(list_account_acts::list_account_acts))
        .routes(routes!(list_kept_visits::list_kept_visits, keep_visits::keep_visits))
        .routes(routes!(list_sessions::list_sessions, end_other_sessions::end_other_sessions))
        .routes(routes!(end_session::end_session))
        .routes(routes!(change_password::change_password))
        .routes(routes!(confirm::confirm))
        .routes(routes!(
            show_second_factor::show_second_factor,
            turn_second_factor_on::turn_second_factor_on,
            turn_second_factor_off::turn_second_factor_off
        ))
        .routes(routes!(begin_second_factor::begin_second_factor))
        .routes(routes!(make_recovery_codes::make_recovery_codes))
        .routes(routes!(finish_sign_in::finish_sign_in))
}

/// What goes by letters and their links.
fn by_mail() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(ask_to_open_account::ask_to_open_account))
        .routes(routes!(open_account_by_link::open_account_by_link))
        .routes(routes!(look_at_link::look_at_link))
        .routes(routes!(ask_for_reset::ask_for_reset, reset_password::reset_password))
        .routes(routes!(ask_for_address::ask_for_address, keep_address::keep_address))
}

/// What goes by codes that come to the telephone.
fn by_code() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(ask_for_opening_code::ask_for_opening_code))
        .routes(routes!(open_account_by_code::open_account_by_code))
        .routes(routes!(ask_for_reset_code::ask_for_reset_code, reset_by_code::reset_by_code))
        .routes(routes!(ask_for_number::ask_for_number, keep_number::keep_number))
}

/// People's pictures of themselves. A file is larger than what somebody types.
fn pictures() -> OpenApiRouter<Identity> {
    let picture = routes!(set_picture::set_picture, remove_picture::remove_picture);
    OpenApiRouter::new()
        .routes(picture)
        .layer(DefaultBodyLimit::max(BYTES_MAX))
        .routes(routes!(show_picture::show_picture))
}

/// Further ways to sign in, and to call.
fn ways_in() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(list_passkeys::list_passkeys, add_passkey::add_passkey))
        .routes(routes!(begin_passkey::begin_passkey))
        .routes(routes!(remove_passkey::remove_passkey))
        .routes(routes!(ask_for_passkey::ask_for_passkey))
        .routes(routes!(sign_in_by_passkey::sign_in_by_passkey))
        .routes(routes!(list_api_keys::list_api_keys, make_api_key::make_api_key))
        .routes(routes!(end_api_key::end_api_key))
        .routes(routes!(sign_app_in::sign_app_in))
        .routes(routes!(exchange_token::exchange_token))
        .routes(routes!(begin_openid::begin_openid))
        .routes(routes!(return_from_openid::return_from_openid, return_from_openid::return_by_form))
        .routes(routes!(
            list_outside_accounts::list_outside_accounts,
            link_outside_account::link_outside_account
        ))
        .routes(routes!(unlink_outside_account::unlink_outside_account))
}

/// To what people and guests agree.
fn consents() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(list_my_consents::list_my_consents))
        .routes(routes!(set_my_consent::set_my_consent))
        .routes(routes!(list_phone_consents::list_phone_consents))
        .routes(routes!(set_phone_consent::set_phone_consent))
}

/// Businesses and their members.
fn businesses() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(require_second_factor::require_second_factor))
        .routes(routes!(list_businesses::list_businesses, open_business::open_business))
        .routes(routes!(choose_business::choose_business))
        .routes(routes!(show_team::show_team))
        .routes(routes!(name_business::name_business))
        .routes(routes!(list_team_acts::list_team_acts))
        .routes(routes!(change_member::change_member))
        .routes(routes!(remove_member::remove_member))
        .routes(routes!(leave_team::leave_team))
        .routes(routes!(form_crew::form_crew))
        .routes(routes!(change_crew::change_crew, dissolve_crew::dissolve_crew))
        .routes(routes!(add_to_crew::add_to_crew, take_from_crew::take_from_crew))
        .routes(routes!(invite::invite))
        .routes(routes!(revoke_invitation::revoke_invitation))
        .routes(routes!(look_at_invitation::look_at_invitation))
        .routes(routes!(accept_invitation::accept_invitation))
        .routes(routes!(list_business_audit::list_business_audit))
}

fn routes_of_operators() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(list_operators::list_operators, add_operator::add_operator))
        .routes(routes!(change_operator::change_operator))
        .routes(routes!(find_accounts::find_accounts))
        .routes(routes!(lock_account::lock_account))
        .routes(routes!(sign_account_out::sign_account_out))
        .routes(routes!(list_audit::list_audit))
}
