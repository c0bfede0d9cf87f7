//! `GET /me`

use platform::extract::Json;

use crate::{Caller, Me, OperatorRole, Role};

/// Who the caller is; nobody is an answer too.
#[utoipa::path(get, path = "/me", tag = "identity", responses((status = OK, body = Me)))]
pub async fn show_me(caller: Caller) -> Json<Me> {
    let person = caller.signed_in().ok().map(|signed_in| signed_in.person.clone());
    let roles = caller.roles();
    let own = roles.role.map(Role::permissions).unwrap_or_default();
    let run = roles.operator.map(OperatorRole::permissions).unwrap_or_default();
    Json(Me {
        person,
        role: roles.role,
        operator_role: roles.operator,
        permissions: [own, run].concat(),
        must_enrol: caller.must_enrol(),
        passes: caller.passes().to_vec(),
    })
}
