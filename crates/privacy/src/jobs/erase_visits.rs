//! Erases the visits of a phone.

use platform::jobs::{Failure, Job};
use platform::personal::Subject;
use serde::{Deserialize, Serialize};

use crate::Privacy;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EraseVisits {
    pub subject: Subject,
}

impl Job for EraseVisits {
    const KIND: &'static str = "erase-visits";
}

pub(crate) async fn run(privacy: Privacy, job: EraseVisits) -> Result<(), Failure> {
    Ok(privacy.erase_visits(&job.subject).await?)
}
