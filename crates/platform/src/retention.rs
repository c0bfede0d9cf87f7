//! How long things are kept: what an installation says, within what the law and the product leave it.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// How long what is kept of people is kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// A visit with all that was said in it, after it began: 1 to 30.
    #[schema(required = true)]
    #[serde(deserialize_with = "within::<_, 1, 30>")]
    pub visits_days: u16,
    /// A recording that its speaker keeps: 1 to 30; never longer than its visit.
    #[schema(required = true)]
    #[serde(deserialize_with = "within::<_, 1, 30>")]
    pub recordings_days: u16,
    /// Messages of gateways, which may name payers: 30 to 400; they replay for 15 days, and disputes take longer.
    #[schema(required = true)]
    #[serde(deserialize_with = "within::<_, 30, 400>")]
    pub webhooks_days: u16,
    /// Who signed in to an account and what happened to it: 365 to 3,650; the law wants logs for a year.
    #[schema(required = true)]
    #[serde(deserialize_with = "within::<_, 365, 3650>")]
    pub account_log_days: u16,
}

impl Default for Retention {
    fn default() -> Self {
        Self { visits_days: 7, recordings_days: 7, webhooks_days: 90, account_log_days: 400 }
    }
}

impl Retention {
    /// How long a recording is kept that is made at the beginning of a visit.
    pub fn recordings(self) -> chrono::TimeDelta {
        chrono::TimeDelta::days(self.recordings_days.min(self.visits_days).into())
    }

    /// How long a visit can be read.
    pub fn visits(self) -> chrono::TimeDelta {
        chrono::TimeDelta::days(self.visits_days.into())
    }

    /// How long messages of gateways are there.
    pub fn webhooks(self) -> chrono::TimeDelta {
        chrono::TimeDelta::days(self.webhooks_days.into())
    }

    /// How long the log of an account goes back.
    pub fn account_log(self) -> chrono::TimeDelta {
        chrono::TimeDelta::days(self.account_log_days.into())
    }
}

fn within<'de, D: Deserializer<'de>, const FROM: u16, const TO: u16>(
    deserializer: D,
) -> Result<u16, D::Error> {
    let days = u16::deserialize(deserializer)?;
    if (FROM..=TO).contains(&days) {
        return Ok(days);
    }
    Err(serde::de::Error::custom(format!("{days} days is not from {FROM} to {TO}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_law_wants_kept_is_not_cut_short() {
        let read = |text: &str| serde_json::from_str::<Retention>(text);
        assert_eq!(read("{}").unwrap(), Retention::default());
        assert_eq!(read(r#"{"visits_days": 3}"#).unwrap().recordings(), chrono::TimeDelta::days(3));
        for bad in [
            r#"{"account_log_days": 364}"#,
            r#"{"visits_days": 0}"#,
            r#"{"webhooks_days": 401}"#,
            r#"{"logs": 1}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
