//! Handing over a document once a sale is paid.

use serde_json::json;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::{OrderId, TenantId};

use crate::series::{FinancialYear, NUMBER_MAX};
use crate::{Billing, Document, Error, Sale, Snapshot, db};

impl Billing {
    /// Issues the document of a paid sale, in the transaction that settles its order.
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
        let now = self.clock.now();
        let year = FinancialYear::of(now);
        let next = db::documents::lock_series(connection, sale.tenant, kind, year).await?;
        // Whoever held the lock before may have issued this very document.
        if let Some(issued) = issued(connection, sale).await? {
            return Ok(issued);
        }
        if next > NUMBER_MAX {
            return Err(Error::SeriesFull);
        }
        let document = Document {
            id: self.entropy.id(now),
            kind,
            number: year.number(kind, next),
            order_id: sale.order,
            total: sale.total,
            issued_at: now,
        };
        let snapshot = serde_json::to_value(&snapshot).map_err(Error::Stored)?;
        db::documents::insert(connection, sale, &document, year, &snapshot).await?;
        db::documents::advance_series(connection, sale.tenant, kind, year).await?;
        self.tell_both_sides(connection, sale, &document).await?;
        Ok(document)
    }

    /// The documents of these orders, where they have one.
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
        sale: &Sale,
        document: &Document,
    ) -> Result<(), Error> {
        let event = || Event { kind: "document", visit_id: Some(sale.visit), data: json!(document) };
        let sides = [Subscriber::vendor(sale.tenant), Subscriber::guest(sale.tenant, sale.guest)];
        let events = sides.map(|side| (side, event())).into();
        Ok(self.sync.publish_all(connection, events).await?)
    }
}

async fn issued(connection: &mut PgConnection, sale: &Sale) -> Result<Option<Document>, Error> {
    Ok(db::documents::of_orders(connection, sale.tenant, &[sale.order]).await?.pop())
}
