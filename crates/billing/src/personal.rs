//! What billing keeps of people, and what must be settled before it may go.

use async_trait::async_trait;
use platform::personal::{Files, Holder, Obstacle, Subject, Table};
use sqlx::PgConnection;
use types::{DocumentId, GuestId, TenantId};
use uuid::Uuid;

use crate::db::{self, personal};
use crate::{Billing, Credits, Document, Snapshot};

/// So many papers an export has printed; what all of them say is in it.
const PAPERS_MAX: usize = 200;
/// Papers that are looked at a time.
const ROWS: i64 = 100;

#[async_trait]
impl Holder for Billing {
    fn context(&self) -> &'static str {
        "billing"
    }

    fn tables(&self) -> &'static [Table] {
        personal::TABLES
    }

    async fn obstacles(
        &self,
        connection: &mut PgConnection,
        subject: &Subject,
    ) -> Result<Vec<Obstacle>, sqlx::Error> {
        Ok(personal::plan_runs(connection, subject)
            .await?
            .then_some(Obstacle::PlanRuns)
            .into_iter()
            .collect())
    }

    async fn files(&self, subject: &Subject, bytes_max: usize) -> anyhow::Result<Files> {
        let mut files = Files::default();
        let guests: Vec<(TenantId, GuestId)> =
            subject.visits.iter().map(|(tenant, _, guest)| (*tenant, *guest)).collect();
        let mut connection = self.db.acquire().await?;
        let newest = (Uuid::max(), i64::try_from(PAPERS_MAX)?);
        let mut papers = db::documents::of_guests(&mut connection, &guests, None, newest).await?;
        for business in &subject.businesses {
            let mut before = Uuid::max();
            while papers.len() < PAPERS_MAX {
                let page = db::documents::of_seller(&mut connection, *business, before, ROWS).await?;
                let Some(last) = page.last() else { break };
                before = last.id.uuid();
                papers.extend(page.into_iter().map(|document| (*business, document)));
            }
        }
        drop(connection);
        for (at, (seller, document)) in papers.into_iter().enumerate() {
            let printed = if at < PAPERS_MAX { self.paper(seller, document.id).await? } else { None };
            match printed {
                Some((document, pdf)) => {
                    let name = format!("papers/{seller}/{}.pdf", document.number.replace('/', "-"));
                    files.push(name, pdf.into(), bytes_max);
                }
                None => files.left_out += 1,
            }
        }
        Ok(files)
    }
}

impl Billing {
    /// A document as PDF in its buyer's language; none where it is the platform's own invoice, or cannot be printed here.
    async fn paper(
        &self,
        seller: TenantId,
        document: DocumentId,
    ) -> anyhow::Result<Option<(Document, Vec<u8>)>> {
        let stored = db::documents::with_snapshot(&mut *self.db.acquire().await?, seller, document).await?;
        let Some((document, snapshot)) = stored else { return Ok(None) };
        let snapshot: Snapshot = serde_json::from_value(snapshot)?;
        let language = snapshot.buyer_language;
        match self.press.print(document.clone(), snapshot, language).await {
            Ok(printed) => Ok(Some((document, printed.bytes))),
            Err(error) => {
                tracing::warn!(%error, "a paper of an export could not be printed");
                Ok(None)
            }
        }
    }
}

#[async_trait]
impl Holder for Credits {
    fn context(&self) -> &'static str {
        "billing"
    }

    /// They stand with [`Billing`].
    fn tables(&self) -> &'static [Table] {
        &[]
    }

    async fn obstacles(
        &self,
        connection: &mut PgConnection,
        subject: &Subject,
    ) -> Result<Vec<Obstacle>, sqlx::Error> {
        for business in &subject.businesses {
            let owed = self.owed_minor(connection, *business).await;
            if owed.map_err(|error| sqlx::Error::AnyDriverError(Box::new(error)))? > 0 {
                return Ok(vec![Obstacle::MoneyOwed]);
            }
        }
        Ok(Vec::new())
    }
}
