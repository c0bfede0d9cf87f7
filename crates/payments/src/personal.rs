//! What payments keep of people, and what must be settled before it may go.

use async_trait::async_trait;
use platform::personal::{Files, Holder, Obstacle, Subject, Table};
use sqlx::PgConnection;

use crate::Payments;
use crate::books::PAYABLE;
use crate::db::personal;

/// So many files of disputes an export has.
const FILES_MAX: i64 = 200;

#[async_trait]
impl Holder for Payments {
    fn context(&self) -> &'static str {
        "payments"
    }

    fn tables(&self) -> &'static [Table] {
        personal::TABLES
    }

    async fn obstacles(
        &self,
        connection: &mut PgConnection,
        subject: &Subject,
    ) -> Result<Vec<Obstacle>, sqlx::Error> {
        let left = personal::unsettled(connection, subject).await?;
        let accounts = self.ledger.accounts_named(connection, &subject.businesses, PAYABLE).await;
        let accounts = accounts.map_err(|error| sqlx::Error::AnyDriverError(Box::new(error)))?;
        let is_any = |of: fn(i64) -> bool| accounts.iter().any(|account| of(account.balance().minor()));
        let found = [
            (left.disputes, Obstacle::OpenDisputes),
            (left.refunds, Obstacle::RefundsUnderWay),
            (left.payouts || is_any(|minor| minor > 0), Obstacle::MoneyToPayOut),
            (is_any(|minor| minor < 0), Obstacle::MoneyOwed),
        ];
        Ok(found.into_iter().filter_map(|(is_there, obstacle)| is_there.then_some(obstacle)).collect())
    }

    async fn files(&self, subject: &Subject, bytes_max: usize) -> anyhow::Result<Files> {
        let mut files = Files::default();
        if subject.businesses.is_empty() {
            return Ok(files);
        }
        for file in personal::files(&mut *self.db.acquire().await?, subject, FILES_MAX).await? {
            let plain = file.name.replace(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c), "-");
            let name = format!("disputes/{}/{}/{}-{plain}", file.tenant, file.dispute, file.place);
            files.push(name, file.content.into(), bytes_max);
        }
        Ok(files)
    }
}
