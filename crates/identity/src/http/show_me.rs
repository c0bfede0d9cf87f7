//! `GET /me`

use platform::extract::Json;

use crate::{Caller, Me};

/// Who the caller is; nobody is an answer too.
#[utoipa::path(get, path = "/me", tag = "identity", responses((status = OK, body = Me)))]
pub async fn show_me(caller: Caller) -> Json<Me> {
    let person = caller.signed_in().ok().map(|signed_in| signed_in.person.clone());
    Json(Me { person, passes: caller.passes().to_vec() })
}
