//! Handing over a document once a sale is paid.

use serde_json::json;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::{DocumentId, Money, OrderId, RefundId, TenantId};

use crate::db::documents::Parties;
use crate::series::{FinancialYear, NUMBER_MAX};
use crate::{Billing, Document, DocumentKind, Error, Sale, Snapshot, db};

/// A document that has no number yet.
pub(crate) struct Paper {
    pub kind: DocumentKind,
    pub order: OrderId,
    pub total: Money,
    /// Which one it takes back, for which refund.
    pub credits: Option<(DocumentId, RefundId)>,
    pub snapshot: Snapshot,
}

impl Billing {
    /// Issues the document of a paid sale, in the transaction that settles its order; the tax invoice, where a bill of supply stands
    /// beside it.
    ///
    /// The order's document that there is already is returned as it is. The seller's series is locked until the transaction
    /// ends, so that its numbers have no gap: commit soon after. Both sides hear of the document.
    ///
    /// # Errors
    /// [`Error::Sale`] where the sale contradicts itself; [`Error::SeriesFull`]; [`Error::IssuedMeanwhile`] and
    /// [`Error::Database`], which may say that the transaction is to be repeated.
    pub async fn issue(&self, connection: &mut PgConnection, sale: &Sale) -> Result<Document, Error> {
        if let Some(issued) = issued(connection, sale).await? {
            return Ok(issued);
        }
        let profile = db::tax_profiles::find(connection, sale.tenant).await?;
        let profile = profile.map(|profile| profile.check()).transpose()?;
        let (kind, snapshot) = Snapshot::of(sale, profile.as_ref())?;
        let parties = Parties { tenant: sale.tenant, visit: sale.visit, guest: sale.guest };
        let year = FinancialYear::of(self.clock.now());
        let mut first = None;
        // The series of tax invoices is locked before that of bills of supply.
        for (kind, snapshot) in snapshot.apart(kind)? {
            let next = db::documents::lock_series(connection, sale.tenant, kind, year).await?;
            // Whoever held the lock before may have issued this very document.
            if first.is_none()
                && let Some(issued) = issued(connection, sale).await?
            {
                return Ok(issued);
            }
            let paper = Paper { kind, order: sale.order, total: snapshot.total, credits: None, snapshot };
            let document = self.number(connection, parties, (year, next), &paper).await?;
            first.get_or_insert(document);
        }
        first.ok_or(Error::Sale("nothing was sold"))
    }

    /// Gives a paper the next number of its series, which is locked, and tells both sides.
    pub(crate) async fn number(
        &self,
        connection: &mut PgConnection,
        parties: Parties,
        (year, next): (FinancialYear, i32),
        paper: &Paper,
    ) -> Result<Document, Error> {
        if next > NUMBER_MAX {
            return Err(Error::SeriesFull);
        }
        let now = self.clock.now();
        let document = Document {
            id: self.entropy.id(now),
            kind: paper.kind,
            number: year.number(paper.kind, next),
            order_id: paper.order,
            total: paper.total,
            issued_at: now,
            e_invoice: paper.snapshot.has_e_invoice(paper.kind),
        };
        let snapshot = serde_json::to_value(&paper.snapshot).map_err(Error::Stored)?;
        db::documents::insert(connection, parties, (&document, paper.credits), year, &snapshot).await?;
        db::documents::advance_series(connection, parties.tenant, paper.kind, year).await?;
        self.tell_both_sides(connection, parties, &document).await?;
        Ok(document)
    }

    /// The documents of these orders: what takes others back, newest first, then those of their sales, a bill of supply
    /// before the tax invoice that it stands beside.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn documents_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        orders: &[OrderId],
    ) -> Result<Vec<Document>, Error> {
        Ok(db::documents::of_orders(connection, tenant, orders).await?)
    }

    async fn tell_both_sides(
        &self,
        connection: &mut PgConnection,
        parties: Parties,
        document: &Document,
    ) -> Result<(), Error> {
        let Parties { tenant, visit, guest } = parties;
        let event = || Event { kind: "document", visit_id: Some(visit), data: json!(document) };
        let sides = [Subscriber::vendor(tenant), Subscriber::guest(tenant, guest)];
        let events = sides.map(|side| (side, event())).into();
        Ok(self.sync.publish_all(connection, events).await?)
    }
}

async fn issued(connection: &mut PgConnection, sale: &Sale) -> Result<Option<Document>, Error> {
    Ok(db::documents::of_orders(connection, sale.tenant, &[sale.order]).await?.pop())
}
