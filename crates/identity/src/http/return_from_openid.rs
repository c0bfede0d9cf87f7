//! `GET` and `POST /sessions/openid/return`

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::openid::{Arrival, RETURN, Returned};
use crate::session::Entry;
use crate::{Caller, Error, Identity};

/// Where an issuer sends a browser back to. Leads on to the app's pages, signed in or with what went wrong.
#[utoipa::path(
    get, path = "/sessions/openid/return", tag = "identity", params(Returned),
    responses((status = SEE_OTHER, description = "Leads on to a page of the app.")),
)]
pub async fn return_from_openid(
    State(identity): State<Identity>,
    caller: Caller,
    Query(returned): Query<Returned>,
) -> Response {
    match identity.arrive(&caller, &returned).await {
        Ok(Arrival::Known(Entry::Whole(_, cookie))) => (cookie, Redirect::to("/v")).into_response(),
        Ok(Arrival::Known(Entry::Half(_, cookie))) => {
            (cookie, Redirect::to("/v/sign-in?step=2")).into_response()
        }
        Ok(Arrival::Own) => Redirect::to("/v/account").into_response(),
        Ok(Arrival::Unknown) if caller.signed_in().is_ok() => Redirect::to("/v/account").into_response(),
        Ok(Arrival::Unknown) => Redirect::to("/v/sign-in?to=/v/account&link=1").into_response(),
        Err(error) => {
            tracing::warn!(address = ?caller.connection().address, %error, "a sign-in elsewhere was refused");
            let problem = match error {
                Error::OutsideTaken => "outside-taken",
                Error::SignInOver => "sign-in-over",
                _ => "openid-refused",
            };
            let page = if caller.signed_in().is_ok() { "account" } else { "sign-in" };
            Redirect::to(&format!("/v/{page}?problem={problem}")).into_response()
        }
    }
}

/// The same, for issuers that answer with a form. The browser comes from their page without our cookies, so that it is asked to come
/// again by itself.
#[utoipa::path(
    post, path = "/sessions/openid/return", tag = "identity",
    responses((status = SEE_OTHER, description = "Leads back here, as a read.")),
)]
pub async fn return_by_form(
    form: Result<Form<Returned>, axum::extract::rejection::FormRejection>,
) -> Redirect {
    let returned = form.map_or(Returned { code: None, state: None }, |Form(returned)| returned);
    let part = |name: &str, value: Option<String>| value.map(|value| format!("{name}={}", encoded(&value)));
    let parts = [part("code", returned.code), part("state", returned.state)];
    Redirect::to(&format!("{RETURN}?{}", parts.into_iter().flatten().collect::<Vec<_>>().join("&")))
}

fn encoded(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}
