//! Looks at the gateways for disputes: a webhook may be lost, and then the time to answer would pass unnoticed.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use super::later;
use crate::db::disputes;
use crate::{Error, GatewayError, Payments};

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);
/// How far back new disputes are looked for: longer than a gateway is away.
const LISTED: TimeDelta = TimeDelta::days(3);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WatchDisputes {}

impl Job for WatchDisputes {
    const KIND: &'static str = "watch-disputes";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(payments: Payments) -> Result<(), Failure> {
    payments.watch_disputes().await.map_err(later)
}

impl Payments {
    async fn watch_disputes(&self) -> Result<(), Error> {
        let now = self.clock.now();
        for gateway in self.gateways.all() {
            for seen in gateway.disputes_between(&(now - LISTED..now)).await? {
                self.take_in_dispute(gateway.name(), &seen).await?;
            }
        }
        let waiting = disputes::not_over(&mut *self.db.acquire().await?).await?;
        for dispute in waiting {
            let Some(gateway) = self.gateways.find(Some(&dispute.gateway)) else { continue };
            match self.look_at_dispute(gateway, &dispute.at_gateway).await {
                Err(Error::Gateway(GatewayError::Unknown)) => {
                    tracing::error!(dispute = %dispute.id, "the gateway knows a dispute no longer");
                }
                other => drop(other?),
            }
        }
        Ok(())
    }
}
