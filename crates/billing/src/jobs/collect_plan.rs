//! Takes the money of a vendor's plan, once credit has come.

use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::TenantId;

use crate::Plans;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CollectPlan {
    tenant: TenantId,
}

impl CollectPlan {
    /// The job for a vendor.
    pub(crate) fn draft(tenant: TenantId) -> Draft {
        Draft::new(tenant, &Self { tenant })
    }
}

impl Job for CollectPlan {
    const KIND: &'static str = "collect-plan";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(plans: Plans, job: CollectPlan) -> Result<(), Failure> {
    Ok(plans.collect(job.tenant).await?)
}
