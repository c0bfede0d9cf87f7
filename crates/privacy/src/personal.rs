//! What this context itself keeps of people: that they asked, copies for a day, and what they complained of.

use async_trait::async_trait;
use platform::personal::{Holder, Subject, Table};

use crate::Privacy;
use crate::db::{exports, personal};
use crate::export::BLOBS;

#[async_trait]
impl Holder for Privacy {
    fn context(&self) -> &'static str {
        "privacy"
    }

    fn tables(&self) -> &'static [Table] {
        personal::TABLES
    }

    async fn delete_files(&self, subject: &Subject) -> anyhow::Result<()> {
        let keys = exports::keys_of(&mut *self.db.acquire().await?, subject).await?;
        for key in keys {
            self.blobs.delete(BLOBS, &key).await?;
        }
        Ok(())
    }
}
