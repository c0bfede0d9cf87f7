//! Tells a vendor how the credit stands, a moment after work was charged or came to wait: once for all of that moment.

use chrono::TimeDelta;
use platform::db::repeat;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::TenantId;

use crate::{Credits, Error};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TellCredit {
    pub tenant: TenantId,
}

impl TellCredit {
    /// So soon after work was refused it is counted among what waits, and the charges of a moment are told of together.
    pub(crate) const AFTER: TimeDelta = TimeDelta::seconds(1);
}

impl Job for TellCredit {
    const KIND: &'static str = "tell-credit";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(credits: Credits, job: TellCredit) -> Result<(), Failure> {
    let told = repeat(|| async {
        let mut transaction = credits.db.begin().await?;
        credits.announce(&mut transaction, job.tenant).await?;
        transaction.commit().await?;
        Ok::<(), Error>(())
    });
    Ok(told.await?)
}
