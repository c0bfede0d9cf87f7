//! Has the provider make a payout.

use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::TenantId;

use super::later;
use crate::{Payments, PayoutId};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MakePayout {
    pub tenant: TenantId,
    pub payout: PayoutId,
}

impl Job for MakePayout {
    const KIND: &'static str = "make-payout";
    const ATTEMPTS_MAX: i16 = 40;
}

pub(crate) async fn run(payments: Payments, job: MakePayout) -> Result<(), Failure> {
    payments.make_payout(job.tenant, job.payout).await.map_err(later)
}
