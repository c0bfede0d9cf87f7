//! Releases holds whose order should have done so. An order that expires gives its stock free itself; where that was lost, the
//! stock must not stay out of reach.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use platform::db::repeat;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{StockHoldId, TenantId};

use crate::{Catalog, Error, db};

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::minutes(5);
/// How long past its time a hold is left to its order.
const GRACE: TimeDelta = TimeDelta::minutes(10);
/// Holds that one look finds.
const BATCH: i64 = 200;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReleaseForgottenHolds {}

impl Job for ReleaseForgottenHolds {
    const KIND: &'static str = "release-forgotten-holds";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(catalog: Catalog) -> Result<(), Failure> {
    loop {
        let before = catalog.clock.now() - GRACE;
        let forgotten = db::holds::lapsed(&mut *catalog.db.acquire().await?, before, BATCH).await?;
        if forgotten.is_empty() {
            return Ok(());
        }
        let mut by_tenant: BTreeMap<TenantId, Vec<StockHoldId>> = BTreeMap::new();
        for (tenant, hold) in forgotten {
            by_tenant.entry(tenant).or_default().push(hold);
        }
        for (tenant, holds) in by_tenant {
            tracing::warn!(%tenant, holds = holds.len(), "stock was held past its time and is released");
            repeat(|| release(&catalog, tenant, &holds)).await?;
        }
    }
}

async fn release(catalog: &Catalog, tenant: TenantId, holds: &[StockHoldId]) -> Result<(), Error> {
    let mut transaction = catalog.db.begin().await?;
    catalog.release_holds(&mut transaction, tenant, holds).await?;
    Ok(transaction.commit().await?)
}
