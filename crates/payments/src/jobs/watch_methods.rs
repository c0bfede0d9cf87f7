//! Asks the gateways what they keep for vendors: news of a mandate may be lost.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::db::methods;
use crate::gateway::chain;
use crate::{Error, Payments};

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::minutes(15);
/// How long what a gateway said counts.
const LASTS: TimeDelta = TimeDelta::hours(6);
/// Vendors that one run asks for.
const BATCH: i64 = 100;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WatchMethods {}

impl Job for WatchMethods {
    const KIND: &'static str = "watch-methods";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(payments: Payments) -> Result<(), Failure> {
    Ok(payments.watch_methods().await?)
}

impl Payments {
    async fn watch_methods(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let stale = methods::to_look_at(&mut *self.db.acquire().await?, now - LASTS, now, BATCH).await?;
        for (tenant, gateway) in stale {
            let Some(gateway) = self.gateways.find(Some(&gateway)) else { continue };
            if let Err(error) = self.look_at_methods(gateway, tenant).await {
                tracing::warn!(%tenant, error = %chain(&error), "what a gateway keeps could not be looked at");
            }
        }
        Ok(())
    }
}
