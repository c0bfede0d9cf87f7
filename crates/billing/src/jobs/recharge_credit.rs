//! Tops a vendor's credit up from a kept card, and notes where that card said no.

use payments::TopUpFailed;
use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{TenantId, TopUpId};

use crate::Credits;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RechargeCredit {
    pub tenant: TenantId,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NoteFailedRecharge {
    tenant: TenantId,
    top_up: TopUpId,
}

impl Job for RechargeCredit {
    const KIND: &'static str = "recharge-credit";
    const PRIORITY: Priority = Priority::Interactive;
}

impl Job for NoteFailedRecharge {
    const KIND: &'static str = "note-failed-recharge";
}

/// The job that follows when a kept card did not pay a top-up.
pub fn top_up_failed_draft(event: &TopUpFailed) -> Draft {
    let TopUpFailed { tenant, top_up, .. } = *event;
    Draft::new(tenant, &NoteFailedRecharge { tenant, top_up })
}

pub(crate) async fn run(credits: Credits, job: RechargeCredit) -> Result<(), Failure> {
    Ok(credits.recharge_now(job.tenant).await?)
}

pub(crate) async fn note_failed(credits: Credits, job: NoteFailedRecharge) -> Result<(), Failure> {
    Ok(credits.recharge_failed(job.tenant, job.top_up).await?)
}
