//! Turns the money of a top-up into credit.

use payments::TopUpPaid;
use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{TenantId, TopUpId};

use crate::{Credits, Error};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CreditTopUp {
    tenant: TenantId,
    top_up: TopUpId,
}

impl Job for CreditTopUp {
    const KIND: &'static str = "credit-top-up";
    const PRIORITY: Priority = Priority::Interactive;
}

/// The job that follows when a top-up was paid.
pub fn top_up_draft(event: &TopUpPaid) -> Draft {
    let TopUpPaid { tenant, top_up, .. } = *event;
    Draft::new(tenant, &CreditTopUp { tenant, top_up })
}

pub(crate) async fn run(credits: Credits, job: CreditTopUp) -> Result<(), Failure> {
    match credits.credit_top_up(job.tenant, job.top_up).await {
        // It will not come.
        Err(error @ Error::NotFound) => Err(Failure::Dead(error.into())),
        done => Ok(done?),
    }
}
