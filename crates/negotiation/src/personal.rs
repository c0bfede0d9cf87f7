//! What bargaining keeps of people: words, and recordings where their speaker kept them.

use async_trait::async_trait;
use platform::personal::{Files, Holder, Subject, Table};

use crate::Negotiation;
use crate::db::personal;
use crate::recording::{BLOBS, place};

#[async_trait]
impl Holder for Negotiation {
    fn context(&self) -> &'static str {
        "negotiation"
    }

    fn tables(&self) -> &'static [Table] {
        personal::TABLES
    }

    async fn files(&self, subject: &Subject, bytes_max: usize) -> anyhow::Result<Files> {
        let (mut files, mut after) = (Files::default(), None);
        loop {
            let kept = personal::kept(&mut *self.db.acquire().await?, subject, after).await?;
            let Some(last) = kept.last() else { return Ok(files) };
            after = Some(last.id);
            for recording in &kept {
                // One that went since is not there any more, and one that does not open never will.
                let Ok(sealed) = self.blobs.get(BLOBS, &recording.blob).await else {
                    files.left_out += 1;
                    continue;
                };
                let Ok(sound) = self.sealer.open(&place(recording.id), &sealed) else {
                    files.left_out += 1;
                    continue;
                };
                let ending = recording.content_type.rsplit('/').next().unwrap_or("bin");
                let name = format!("recordings/{}/{}.{ending}", recording.tenant, recording.id);
                files.push(name, sound.into(), bytes_max);
            }
        }
    }

    async fn delete_files(&self, subject: &Subject) -> anyhow::Result<()> {
        let mut after = None;
        loop {
            let found = personal::blobs(&mut *self.db.acquire().await?, subject, after).await?;
            let Some((last, _)) = found.last() else { return Ok(()) };
            after = Some(*last);
            for blob in found.iter().flat_map(|(_, blobs)| blobs) {
                self.blobs.delete(BLOBS, blob).await?;
            }
        }
    }
}
