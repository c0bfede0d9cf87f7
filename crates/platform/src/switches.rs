//! Parts of the product that whoever runs the installation can switch off, for all or for one business, while servers run.
//!
//! **Invariants.** What there is to switch is this list and no more, and each is looked at where the work begins. Every node knows a
//! change within seconds ([`LOOKED_EVERY`]). What was begun before goes on to its end.
//!
//! **Deliberately absent**: switches of businesses themselves, of unfinished features, by per cent of people.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;
use types::{PersonId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Db;
use crate::problem::{Problem, SWITCHED_OFF};

/// How soon a change that another node made is known here, at the latest.
pub const LOOKED_EVERY: Duration = Duration::from_secs(2);

/// So many are off at most; more than anybody looks through.
const OFF_MAX: i64 = 5_000;

/// A part of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Switch {
    /// Opening accounts.
    OpenAccounts,
    /// Coming to a stall anew.
    NewVisits,
    /// Speaking at a stall: recordings that the server recognises.
    Recordings,
    /// Buying credit, also by itself from what is kept.
    TopUps,
    /// Copies of one's data.
    Exports,
}

/// Something that is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Off {
    /// What.
    pub switch: Switch,
    /// For which business; for all where absent.
    pub tenant: Option<TenantId>,
    /// Why.
    pub reason: String,
    /// Who switched it off.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
}

/// What is off, as this process knows it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Switches {
    db: Db,
    off: Arc<RwLock<HashSet<(Switch, Uuid)>>>,
}

impl Switch {
    /// All there are.
    pub const ALL: [Self; 5] =
        [Self::OpenAccounts, Self::NewVisits, Self::Recordings, Self::TopUps, Self::Exports];

    /// Whether it can be off for one business alone.
    pub const fn is_for_one(self) -> bool {
        matches!(self, Self::Recordings | Self::TopUps)
    }

    /// The name it has in the API and in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAccounts => "open_accounts",
            Self::NewVisits => "new_visits",
            Self::Recordings => "recordings",
            Self::TopUps => "top_ups",
            Self::Exports => "exports",
        }
    }

    /// What the caller is told.
    pub fn problem(self) -> Problem {
        Problem::new(SWITCHED_OFF).with("switch", self.name())
    }
}

/// For whom a row is; the nil UUID is everybody.
fn whom(tenant: Option<TenantId>) -> Uuid {
    tenant.map_or(Uuid::nil(), TenantId::uuid)
}

impl Switches {
    /// Everything is on until [`Switches::look`] says otherwise.
    pub fn new(db: Db) -> Self {
        Self { db, off: Arc::default() }
    }

    /// Whether this is off, for all or for this business.
    pub fn is_off(&self, switch: Switch, tenant: Option<TenantId>) -> bool {
        let off = self.off.read().unwrap_or_else(PoisonError::into_inner);
        off.contains(&(switch, Uuid::nil())) || tenant.is_some_and(|t| off.contains(&(switch, t.uuid())))
    }

    /// Looks what is off now.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn look(&self) -> Result<(), sqlx::Error> {
        let rows = all(&mut *self.db.acquire().await?).await?;
        let off = rows.into_iter().map(|off| (off.switch, whom(off.tenant))).collect();
        *self.off.write().unwrap_or_else(PoisonError::into_inner) = off;
        Ok(())
    }

    /// Keeps looking until `stop`.
    pub async fn keep_looking(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "what is switched off could not be looked at");
            }
            stop.run_until_cancelled(tokio::time::sleep(LOOKED_EVERY)).await;
        }
    }
}

/// Everything that is off.
///
/// # Errors
/// Whatever the database says.
pub async fn all(connection: &mut PgConnection) -> Result<Vec<Off>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select switch as "switch: Switch", tenant_id, reason, off_by as "off_by: PersonId", off_at
         from switched_off
         order by switch, tenant_id
         limit $1"#,
        OFF_MAX,
    )
    .fetch_all(connection)
    .await?;
    let off = rows.into_iter().map(|row| Off {
        switch: row.switch,
        tenant: (!row.tenant_id.is_nil()).then(|| TenantId::from_uuid(row.tenant_id)),
        reason: row.reason,
        by: row.off_by,
        at: row.off_at,
    });
    Ok(off.collect())
}

/// Switches something off; whether it was on.
///
/// # Errors
/// Whatever the database says.
pub async fn switch_off(connection: &mut PgConnection, off: &Off) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into switched_off (switch, tenant_id, reason, off_by, off_at)
         values ($1, $2, $3, $4, $5)
         on conflict (switch, tenant_id) do nothing",
        off.switch as Switch,
        whom(off.tenant),
        off.reason,
        off.by.uuid(),
        off.at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Switches something on again; whether it was off.
///
/// # Errors
/// Whatever the database says.
pub async fn switch_on(
    connection: &mut PgConnection,
    switch: Switch,
    tenant: Option<TenantId>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from switched_off where switch = $1 and tenant_id = $2",
        switch as Switch,
        whom(tenant),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
