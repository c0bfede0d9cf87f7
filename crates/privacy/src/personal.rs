//! What this context itself keeps of people: that they asked, copies for a day, and what they complained of.

use async_trait::async_trait;
use platform::personal::{Files, Holder, Subject, Table};

use crate::Privacy;
use crate::db::{exports, grievances, personal};
use crate::export::BLOBS;

#[async_trait]
impl Holder for Privacy {
    fn context(&self) -> &'static str {
        "privacy"
    }

    fn tables(&self) -> &'static [Table] {
        personal::TABLES
    }

    async fn files(&self, subject: &Subject, bytes_max: usize) -> anyhow::Result<Files> {
        let mut files = Files::default();
        for row in grievances::of_subject(&mut *self.db.acquire().await?, subject).await? {
            let said = self.opened(row)?;
            let parts = [Some(said.words), said.answer].into_iter().flatten().collect::<Vec<_>>();
            files.push(
                format!("complaints/{}.txt", said.number),
                parts.join("\n\n---\n\n").into(),
                bytes_max,
            );
        }
        Ok(files)
    }

    async fn delete_files(&self, subject: &Subject) -> anyhow::Result<()> {
        let keys = exports::keys_of(&mut *self.db.acquire().await?, subject).await?;
        for key in keys {
            self.blobs.delete(BLOBS, &key).await?;
        }
        Ok(())
    }
}
