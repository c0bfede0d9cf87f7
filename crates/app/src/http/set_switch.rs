//! `PUT /operator/switches/{switch}`

use axum::extract::State;
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, Permission};
use platform::Problem;
use platform::db::repeat;
use platform::extract::{Json, Path};
use platform::problem::{self, INVALID_FIELD, NOT_FOUND};
use platform::switches::{self, Off, Switch};
use serde::Deserialize;
use types::{PersonId, TenantId};
use utoipa::ToSchema;

use super::list_switches::{SwitchStates, states};
use crate::wiring::App;

/// Whether a part of the product is off from now on, and why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct SwitchChange {
    /// Whether it is.
    off: bool,
    /// For one business alone, where that can be; for all where absent.
    #[schema(nullable = false)]
    tenant_id: Option<TenantId>,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

/// Switches a part of the product off or on, for all or for one business. Every server knows it within seconds. Gives all.
#[utoipa::path(
    put, path = "/operator/switches/{switch}", tag = "operator", request_body = SwitchChange,
    params(("switch" = Switch, Path, description = "Which.")),
    responses((status = OK, body = SwitchStates), (status = "4XX", body = problem::Body)),
)]
pub async fn set_switch(
    State(app): State<App>,
    caller: Caller,
    Path(switch): Path<Switch>,
    Json(change): Json<SwitchChange>,
) -> Result<Json<SwitchStates>, Problem> {
    let by = caller.operate(Permission::SetSwitches)?;
    let wrong = |field: &str, detail: String| Problem::new(INVALID_FIELD).detail(detail).with("field", field);
    let reason = change.why.line().map_err(|error| wrong("reason", error.to_string()))?;
    if change.tenant_id.is_some() && !switch.is_for_one() {
        return Err(wrong("tenant_id", "this is off for all or for nobody".to_owned()));
    }
    if !repeat(|| set(&app, by, (switch, &change), &reason)).await? {
        return Err(Problem::new(NOT_FOUND));
    }
    app.switches.look().await?;
    tracing::info!(%by, ?switch, off = change.off, tenant = ?change.tenant_id, "a switch was set");
    states(&app).await.map(Json)
}

/// Sets it; whether it stood otherwise, and the business is there.
async fn set(
    app: &App,
    by: PersonId,
    (switch, change): (Switch, &SwitchChange),
    reason: &str,
) -> Result<bool, identity::Error> {
    let (now, tenant) = (app.clock.now(), change.tenant_id);
    let mut transaction = app.db.begin().await?;
    if let Some(tenant) = tenant
        && app.identity.vendors_of(&mut transaction, &[tenant]).await?.is_empty()
    {
        return Ok(false);
    }
    let changed = if change.off {
        let off = Off { switch, tenant, reason: reason.to_owned(), by, at: now };
        switches::switch_off(&mut transaction, &off).await?
    } else {
        switches::switch_on(&mut transaction, switch, tenant).await?
    };
    let why = format!("{}: {reason}", switch.name());
    let deed = if change.off { Deed::Stopped } else { Deed::Allowed };
    let act = Act::by(by, Area::Switches, deed, now);
    let act = tenant.map_or(act, |tenant| act.in_business(tenant));
    audit::keep(&mut transaction, act.because(&why)).await?;
    transaction.commit().await?;
    Ok(changed)
}
