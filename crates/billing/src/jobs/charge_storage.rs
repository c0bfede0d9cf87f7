//! Counts what was kept for businesses over the end of each day, and charges it.

use std::sync::Arc;

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use platform::kept::Keeper;
use serde::{Deserialize, Serialize};
use types::TenantId;

use crate::{Credits, Error};

/// How often it is looked whether a day is over.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CountStorage {}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChargeStorage {
    pub tenant: TenantId,
}

impl Job for CountStorage {
    const KIND: &'static str = "count-storage";
    const PRIORITY: Priority = Priority::Background;
}

impl Job for ChargeStorage {
    const KIND: &'static str = "charge-storage";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn count(credits: Credits, keepers: Arc<[Arc<dyn Keeper>]>) -> Result<(), Failure> {
    Ok(credits.count_storage(&keepers).await?)
}

pub(crate) async fn charge(credits: Credits, job: ChargeStorage) -> Result<(), Failure> {
    match credits.charge_storage(job.tenant).await {
        Err(Error::NoCredit | Error::Frozen) => Err(Failure::NoCredit),
        done => Ok(done?),
    }
}
