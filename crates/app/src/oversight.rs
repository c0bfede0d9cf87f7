//! What those who run the installation see and set of all of it: which parts of the product are off, for whom and why.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, Permission};
use platform::Problem;
use platform::db::repeat;
use platform::problem::{INVALID_FIELD, NOT_FOUND};
use platform::switches::{self, Off, Switch};
use serde::{Deserialize, Serialize};
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

impl App {
    /// What can be switched off, and for whom it is. That somebody looked is kept.
    ///
    /// # Errors
    /// The caller may not; whatever the database says.
    pub(crate) async fn list_switches(&self, caller: &Caller) -> Result<SwitchStates, Problem> {
        let by = caller.operate(Permission::SetSwitches)?;
        let mut connection = self.db.acquire().await?;
        audit::looked(&mut connection, by, Area::Switches, None, self.clock.now()).await?;
        drop(connection);
        self.switch_states().await
    }

    /// Switches a part off or on; this server knows it at once. Gives all.
    ///
    /// # Errors
    /// The caller may not; a reason that is none, or one business where the part is for all; no such business.
    pub(crate) async fn set_switch(
        &self,
        caller: &Caller,
        switch: Switch,
        change: &SwitchChange,
    ) -> Result<SwitchStates, Problem> {
        let by = caller.operate(Permission::SetSwitches)?;
        let wrong =
            |field: &str, detail: String| Problem::new(INVALID_FIELD).detail(detail).with("field", field);
        let reason = change.why.line().map_err(|error| wrong("reason", error.to_string()))?;
        if change.tenant_id.is_some() && !switch.is_for_one() {
            return Err(wrong("tenant_id", "this is off for all or for nobody".to_owned()));
        }
        if !repeat(|| self.keep_switch(by, (switch, change), &reason)).await? {
            return Err(Problem::new(NOT_FOUND));
        }
        self.switches.look().await?;
        self.switch_states().await
    }

    /// Sets it in the database and, where it stood otherwise, in the trail; whether the business is there.
    async fn keep_switch(
        &self,
        by: PersonId,
        (switch, change): (Switch, &SwitchChange),
        reason: &str,
    ) -> Result<bool, identity::Error> {
        let (now, tenant) = (self.clock.now(), change.tenant_id);
        let mut transaction = self.db.begin().await?;
        if let Some(tenant) = tenant
            && self.identity.vendors_of(&mut transaction, &[tenant]).await?.is_empty()
        {
            return Ok(false);
        }
        let (deed, changed) = if change.off {
            let off = Off { switch, tenant, reason: reason.to_owned(), by, at: now };
            (Deed::Stopped, switches::switch_off(&mut transaction, &off).await?)
        } else {
            (Deed::Allowed, switches::switch_on(&mut transaction, switch, tenant).await?)
        };
        // What changed nothing is no act.
        if !changed {
            return Ok(true);
        }
        let act = Act::by(by, Area::Switches, deed, now);
        let act = tenant.map_or(act, |tenant| act.in_business(tenant));
        let why = format!("{}: {reason}", switch.name());
        audit::keep(&mut transaction, act.because(&why)).await?;
        transaction.commit().await?;
        tracing::info!(%by, ?switch, off = change.off, ?tenant, "a switch was set");
        Ok(true)
    }

    /// What is off now, with names.
    async fn switch_states(&self) -> Result<SwitchStates, Problem> {
        let mut connection = self.db.acquire().await?;
        let off = switches::all(&mut connection).await?;
        let tenants: Vec<TenantId> = off.iter().filter_map(|off| off.tenant).collect();
        let people: Vec<PersonId> = off.iter().map(|off| off.by).collect();
        let people: HashMap<PersonId, String> =
            self.identity.names(&mut connection, &people).await?.into_iter().collect();
        let stalls = self.catalog.stalls(&mut connection, &tenants).await?;
        let stalls: HashMap<TenantId, String> = stalls.into_iter().map(|s| (s.tenant_id, s.name)).collect();
        let shown = |off: &Off| SwitchedOff {
            tenant_id: off.tenant,
            name: off.tenant.and_then(|tenant| stalls.get(&tenant).cloned()),
            reason: off.reason.clone(),
            by: people.get(&off.by).cloned(),
            at: off.at,
        };
        let state = |switch: Switch| SwitchState {
            switch,
            for_one: switch.is_for_one(),
            off: off.iter().filter(|off| off.switch == switch).map(shown).collect(),
        };
        Ok(SwitchStates { items: Switch::ALL.into_iter().map(state).collect() })
    }
}
