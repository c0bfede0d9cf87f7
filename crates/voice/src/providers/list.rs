//! The keys as operators see them, and how calls by them went.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use identity::audit::{Area, looked};
use identity::{Caller, Permission};
use serde::{Deserialize, Serialize};
use types::{PersonId, ProviderKeyId};
use utoipa::ToSchema;

use super::{Error, KEYS_MAX};
use crate::Voice;
use crate::bhashini::Bhashini;
use crate::capability::Condition;
use crate::db::provider_keys::{self, Living};
use crate::db::provider_minutes::{self, Health};
use crate::engines::OF_SETTINGS;
use crate::residency::Region;

/// Over which time calls are counted.
const COUNTED: TimeDelta = TimeDelta::hours(1);

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderName {
    /// BHASHINI: recognises, translates and speaks.
    Bhashini,
}

/// Whether a key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderState {
    /// It is.
    Ready,
    /// Not now: refused, asked too often, away, or not set up to its end.
    Resting,
    /// Somebody turned it off.
    Disabled,
    /// It works where words may not go.
    Outside,
    /// It was sealed with a master key that is not there.
    Unreadable,
}

/// A key, and how calls by it went.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Provider {
    /// The key.
    pub id: ProviderKeyId,
    /// Who is called.
    pub provider: ProviderName,
    /// What operators call the key; absent for that of the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// Whether it is that of the settings, which is changed there.
    pub from_settings: bool,
    /// The key's last characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tail: Option<String>,
    /// Who added it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub added_by: Option<String>,
    /// When it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub added_at: Option<DateTime<Utc>>,
    /// Whether it is on.
    pub enabled: bool,
    /// In which countries the provider works; empty where nobody stated it.
    pub regions: Vec<Region>,
    /// Whether it is used now.
    pub state: ProviderState,
    /// Why not, in one English sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub why: Option<String>,
    /// What to do about it, in one English sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fix: Option<String>,
    /// Calls in the last hour.
    pub calls: i64,
    /// How many of them failed.
    pub failed: i64,
    /// What one that was answered took on average, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub average_ms: Option<i64>,
    /// What the slowest took.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub slowest_ms: Option<i64>,
    /// When the last call was answered, within two days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub done_at: Option<DateTime<Utc>>,
    /// When the last one failed, within two days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failed_at: Option<DateTime<Utc>>,
    /// How, in one English sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
}

/// All keys.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Providers {
    /// In the order in which they are tried.
    pub items: Vec<Provider>,
    /// The countries in which providers may work; absent where any will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub allowed_regions: Option<Vec<Region>>,
}

impl Voice {
    /// Every key, in the order in which they are tried, and how calls by it went.
    ///
    /// # Errors
    /// As [`Caller::operate`]; whatever the database says.
    pub async fn providers(&self, caller: &Caller) -> Result<Providers, Error> {
        let by = caller.operate(Permission::ManageProviders)?;
        let kept = self.kept()?;
        self.write_calls_down().await?;
        let now = self.inner.ground.clock.now();
        let mut connection = kept.db.acquire().await?;
        looked(&mut connection, by, Area::Providers, None, now).await?;
        let rows = provider_keys::living(&mut connection, KEYS_MAX).await?;
        let people: Vec<PersonId> = rows.iter().map(|row| row.added_by).collect();
        let names: HashMap<PersonId, String> =
            kept.identity.names(&mut connection, &people).await?.into_iter().collect();
        let health = provider_minutes::health(&mut connection, now - COUNTED).await?;
        let well = |id: ProviderKeyId| health.get(&id).cloned().unwrap_or_default();
        let mut items: Vec<Provider> = rows
            .into_iter()
            .map(|row| {
                let (well, who) = (well(row.id), names.get(&row.added_by).cloned());
                // One that is off is not among those in use.
                let engine = self.engine_in_use(row.id).or_else(|| self.engine_of(kept, row.id, &row.sealed));
                kept_provider(row, who, engine.as_deref(), well)
            })
            .collect();
        let of_settings = self.engine_in_use(OF_SETTINGS);
        items.extend(of_settings.map(|provider| {
            let tail = self.inner.settings.tail();
            told(&provider, Provider { tail, ..blank(OF_SETTINGS, well(OF_SETTINGS)) })
        }));
        Ok(Providers { items, allowed_regions: self.inner.ground.residency.regions.clone() })
    }
}

fn kept_provider(row: Living, who: Option<String>, engine: Option<&Bhashini>, health: Health) -> Provider {
    let view = Provider {
        name: Some(row.name),
        from_settings: false,
        tail: Some(row.tail),
        added_by: who,
        added_at: Some(row.added_at),
        enabled: row.enabled,
        ..blank(row.id, health)
    };
    match engine {
        Some(engine) => told(engine, view),
        None => Provider {
            state: ProviderState::Unreadable,
            why: Some("The key was sealed with a master key that is not there.".to_owned()),
            fix: Some(
                "Bring the master key back (`vyapar keys list`), or end this key and add it again."
                    .to_owned(),
            ),
            ..view
        },
    }
}

/// What is known by the provider itself.
fn told(engine: &Bhashini, view: Provider) -> Provider {
    let (state, why, fix) = match engine.condition_now() {
        Condition::Off { why, fix } if !engine.is_inside() => (ProviderState::Outside, Some(why), Some(fix)),
        _ if !view.enabled => (ProviderState::Disabled, None, None),
        Condition::Ready => (ProviderState::Ready, None, None),
        Condition::Off { why, fix } => (ProviderState::Resting, Some(why), Some(fix)),
    };
    Provider { regions: engine.works_in(), state, why, fix, ..view }
}

fn blank(id: ProviderKeyId, health: Health) -> Provider {
    Provider {
        id,
        provider: ProviderName::Bhashini,
        name: None,
        from_settings: true,
        tail: None,
        added_by: None,
        added_at: None,
        enabled: true,
        regions: Vec::new(),
        state: ProviderState::Ready,
        why: None,
        fix: None,
        calls: health.done + health.failed,
        failed: health.failed,
        average_ms: health.time_ms.checked_div(health.done),
        slowest_ms: (health.done > 0).then_some(health.slowest_ms),
        done_at: health.done_at,
        failed_at: health.failed_at,
        error: health.error,
    }
}
