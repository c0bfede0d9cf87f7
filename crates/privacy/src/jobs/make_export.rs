//! Makes a copy of somebody's data: packed, sealed, kept for a day.

use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::export::{BLOBS, ExportState, LINK_FOR, place};
use crate::{Privacy, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MakeExport {
    pub export: Uuid,
}

impl Job for MakeExport {
    const KIND: &'static str = "make-data-export";
}

pub(crate) async fn run(privacy: Privacy, job: MakeExport) -> Result<(), Failure> {
    let wanted = db::exports::wanted(&mut *privacy.db.acquire().await?, job.export).await?;
    let Some(wanted) = wanted.filter(|wanted| wanted.state == ExportState::Asked) else { return Ok(()) };
    let subject = privacy.subject_of(wanted.person, wanted.visits).await?;
    let archive = privacy.pack(&subject).await?;
    let (bytes, whole) = (i64::try_from(archive.bytes.len())?, archive.whole);
    let sealed = privacy.sealer.seal(&place(&wanted.key), &archive.bytes);
    privacy.blobs.put(BLOBS, &wanted.key, sealed.into()).await?;
    let now = privacy.clock.now();
    let mut connection = privacy.db.acquire().await?;
    let noted =
        db::exports::ready(&mut connection, job.export, (bytes, whole), (now, now + LINK_FOR)).await?;
    drop(connection);
    if !noted && db::exports::wanted(&mut *privacy.db.acquire().await?, job.export).await?.is_none() {
        // Whoever asked was erased meanwhile.
        privacy.blobs.delete(BLOBS, &wanted.key).await?;
    }
    Ok(())
}
