//! Erases an account whose person did not think better of it.

use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Privacy;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EraseAccount {
    pub erasure: Uuid,
}

impl Job for EraseAccount {
    const KIND: &'static str = "erase-account";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(privacy: Privacy, job: EraseAccount) -> Result<(), Failure> {
    Ok(privacy.erase_account(job.erasure).await?)
}
