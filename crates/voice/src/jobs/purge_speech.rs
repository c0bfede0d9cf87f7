//! Makes room among kept speech. What is deleted is made again when somebody asks for it.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::Voice;

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PurgeSpeech {}

impl Job for PurgeSpeech {
    const KIND: &'static str = "purge-speech";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(voice: Voice) -> Result<(), Failure> {
    let deleted = voice.inner.cache.purge().await?;
    if deleted > 0 {
        tracing::info!(deleted, "kept speech was purged");
    }
    Ok(())
}
