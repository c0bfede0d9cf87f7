//! What identity keeps of people, and what stands in the way of ending an account.

use async_trait::async_trait;
use platform::personal::{Files, Holder, Obstacle, Subject, Table};
use sqlx::PgConnection;

use crate::Identity;
use crate::business::BUSINESSES_MAX;
use crate::db::personal;

#[async_trait]
impl Holder for Identity {
    fn context(&self) -> &'static str {
        "identity"
    }

    fn tables(&self) -> &'static [Table] {
        personal::TABLES
    }

    async fn obstacles(
        &self,
        connection: &mut PgConnection,
        subject: &Subject,
    ) -> Result<Vec<Obstacle>, sqlx::Error> {
        let Some(person) = subject.person else { return Ok(Vec::new()) };
        let owned = personal::owned(connection, &self.fields, person, BUSINESSES_MAX).await?;
        let would_be_ownerless = owned.iter().any(|business| business.has_others && !business.has_owners);
        let is_last_admin = personal::is_last_admin(connection, person).await?;
        let found = [(would_be_ownerless, Obstacle::OtherMembers), (is_last_admin, Obstacle::LastAdmin)];
        Ok(found.into_iter().filter_map(|(is_there, obstacle)| is_there.then_some(obstacle)).collect())
    }

    async fn files(&self, subject: &Subject, bytes_max: usize) -> anyhow::Result<Files> {
        let mut files = Files::default();
        let Some(person) = subject.person else { return Ok(files) };
        if let Some(jpeg) = self.picture_of(person).await? {
            files.push("picture.jpg".to_owned(), jpeg.into(), bytes_max);
        }
        Ok(files)
    }
}
