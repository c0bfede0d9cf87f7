//! `GET /operator/switches`

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use identity::audit::{Area, looked};
use identity::{Caller, Permission};
use platform::switches::{self, Switch};
use platform::{Problem, problem};
use serde::Serialize;
use types::{PersonId, TenantId};
use utoipa::ToSchema;

use crate::wiring::App;

/// That something is off, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SwitchedOff {
    /// For which business; for all where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tenant_id: Option<TenantId>,
    /// What the business is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// Why.
    pub reason: String,
    /// Who switched it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A part of the product, and for whom it is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SwitchState {
    /// Which.
    pub switch: Switch,
    /// Whether it can be off for one business alone.
    pub for_one: bool,
    /// For whom it is off; nobody where empty.
    pub off: Vec<SwitchedOff>,
}

/// All parts of the product that can be switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SwitchStates {
    /// Each once.
    pub items: Vec<SwitchState>,
}

/// What can be switched off, and for whom it is.
#[utoipa::path(
    get, path = "/operator/switches", tag = "operator",
    responses((status = OK, body = SwitchStates), (status = "4XX", body = problem::Body)),
)]
pub async fn list_switches(State(app): State<App>, caller: Caller) -> Result<Json<SwitchStates>, Problem> {
    let by = caller.operate(Permission::SetSwitches)?;
    let mut connection = app.db.acquire().await?;
    looked(&mut connection, by, Area::Switches, None, app.clock.now()).await?;
    drop(connection);
    states(&app).await.map(Json)
}

/// What is off now, with names.
pub(super) async fn states(app: &App) -> Result<SwitchStates, Problem> {
    let mut connection = app.db.acquire().await?;
    let off = switches::all(&mut connection).await?;
    let tenants: Vec<TenantId> = off.iter().filter_map(|off| off.tenant).collect();
    let people: Vec<PersonId> = off.iter().map(|off| off.by).collect();
    let people: HashMap<PersonId, String> =
        app.identity.names(&mut connection, &people).await?.into_iter().collect();
    let stalls = app.catalog.stalls(&mut connection, &tenants).await?;
    let stalls: HashMap<TenantId, String> = stalls.into_iter().map(|s| (s.tenant_id, s.name)).collect();
    let state = |switch: Switch| SwitchState {
        switch,
        for_one: switch.is_for_one(),
        off: off
            .iter()
            .filter(|off| off.switch == switch)
            .map(|off| SwitchedOff {
                tenant_id: off.tenant,
                name: off.tenant.and_then(|tenant| stalls.get(&tenant).cloned()),
                reason: off.reason.clone(),
                by: people.get(&off.by).cloned(),
                at: off.at,
            })
            .collect(),
    };
    Ok(SwitchStates { items: Switch::ALL.into_iter().map(state).collect() })
}
