//! Asks a gateway for a page on which a card is kept.

use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::TenantId;
use uuid::Uuid;

use super::later;
use crate::Payments;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MakeKeepingPage {
    pub tenant: TenantId,
    pub page: Uuid,
}

impl Job for MakeKeepingPage {
    const KIND: &'static str = "make-keeping-page";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(payments: Payments, job: MakeKeepingPage) -> Result<(), Failure> {
    payments.make_keeping_page(job.tenant, job.page).await.map_err(later)
}
