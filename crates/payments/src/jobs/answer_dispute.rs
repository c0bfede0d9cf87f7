//! Brings the answer to a dispute to the gateway.

use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::TenantId;

use super::later;
use crate::Payments;
use crate::ids::DisputeId;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AnswerDispute {
    pub tenant: TenantId,
    pub dispute: DisputeId,
}

impl Job for AnswerDispute {
    const KIND: &'static str = "answer-dispute";
    const ATTEMPTS_MAX: i16 = 40;
}

pub(crate) async fn run(payments: Payments, job: AnswerDispute) -> Result<(), Failure> {
    payments.bring_answer(&job).await.map_err(later)
}
