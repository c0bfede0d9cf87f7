//! `POST /visits`

use axum::extract::State;
use axum::http::StatusCode;
use identity::{Agreement, Caller, SetCookie};
use platform::extract::Json;
use platform::problem;
use serde::Deserialize;
use types::Language;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::arrival::Entry;
use crate::view::VisitView;
use crate::{Error, Negotiation};

/// Who comes to a stall.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewVisit {
    /// The last part of the code's address.
    #[schema(max_length = 400)]
    token: String,
    /// What the buyer reads and hears.
    language: Language,
    /// The phone's own id for entering: sent again within ten minutes, by a phone that the answer did not reach, it answers as the
    /// first time.
    #[serde(default)]
    #[schema(nullable = false)]
    client_id: Option<Uuid>,
    /// To what the buyer agrees by entering, after having read it: see `consents` of the stall's preview. Nothing where absent.
    #[serde(default)]
    #[schema(max_items = 2)]
    agreed: Vec<Agreement>,
}

/// Enters a stall: opens a visit and gives the phone its pass, or takes up the visit that the phone has there.
#[utoipa::path(
    post, path = "/visits", tag = "visits", request_body = NewVisit,
    responses(
        (status = CREATED, body = VisitView, description = "A new visit."),
        (status = OK, body = VisitView, description = "The phone's visit at this stall, taken up again."),
        (status = "4XX", body = problem::Body),
    ),
)]
pub async fn enter_stall(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Json(new): Json<NewVisit>,
) -> Result<(StatusCode, Option<SetCookie>, Json<VisitView>), Error> {
    let entry = Entry { language: new.language, client_id: new.client_id, agreed: new.agreed };
    let arrival = negotiation.enter_stall(&caller, &new.token, &entry).await?;
    let status = if arrival.cookie.is_some() { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, arrival.cookie, Json(arrival.visit)))
}
