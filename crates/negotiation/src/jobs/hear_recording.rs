//! Has a recording recognised and does what was said in it.

use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{PersonId, RecordingId, TenantId, VisitId};

use crate::Negotiation;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HearRecording {
    pub tenant: TenantId,
    pub visit: VisitId,
    pub recording: RecordingId,
    /// The member who spoke; none where a buyer did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

impl Job for HearRecording {
    const KIND: &'static str = "hear-recording";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(negotiation: Negotiation, job: HearRecording) -> Result<(), Failure> {
    negotiation.hear(&job).await
}
