//! Reading documents: the seller sees what they issued, a buyer what they received.

use identity::{Acting, Caller, Pass};
use platform::page::{Page, PageQuery};
use serde::Deserialize;
use types::{DocumentId, GuestId, Language, OrderId, TenantId};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{Billing, Document, DocumentKind, Error, EvidencePaper, Printed, Snapshot, db};

/// An order has a document, and one for each refund that takes a part of it back.
const OF_ORDER_MAX: i64 = 200;

/// How a PDF is asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PdfQuery {
    /// The language beside English; the buyer's own where none is named.
    pub language: Option<Language>,
    /// Which of the order's documents; that of the sale where none is named.
    pub document_id: Option<DocumentId>,
}

/// A document as PDF.
#[derive(Debug, Clone)]
pub struct Pdf {
    /// The document.
    pub document: Document,
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
}

impl Billing {
    /// The caller's documents, newest first.
    ///
    /// # Errors
    /// [`Error::Caller`], [`Error::Database`].
    pub async fn documents(&self, caller: &Caller, query: PageQuery) -> Result<Page<Document>, Error> {
        let acting = caller.acting()?;
        let mut connection = self.db.acquire().await?;
        let (before, rows) = (query.before(), query.rows());
        let documents = match acting {
            Acting::Vendor(vendor) => {
                db::documents::of_seller(&mut connection, vendor.tenant, before, rows).await?
            }
            Acting::Buyer(passes) => {
                let guests = guests(&passes);
                let received =
                    db::documents::of_guests(&mut connection, &guests, None, (before, rows)).await?;
                received.into_iter().map(|(_, document)| document).collect()
            }
        };
        Ok(query.page(documents, |document| document.id.uuid()))
    }

    /// The document of an order's sale, for the seller and for the buyer who holds the visit's pass.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none or it is somebody else's; [`Error::Caller`], [`Error::Database`].
    pub async fn document(&self, caller: &Caller, order: OrderId) -> Result<Document, Error> {
        Ok(self.find(caller, order, None).await?.1)
    }

    /// A document of an order as PDF, in a language (the buyer's own where none is named) and English.
    ///
    /// # Errors
    /// As [`Billing::document`]; [`Error::TooMany`], [`Error::Pdf`], [`Error::Stored`].
    pub async fn pdf(&self, caller: &Caller, order: OrderId, wanted: PdfQuery) -> Result<Pdf, Error> {
        let (tenant, document) = self.find(caller, order, wanted.document_id).await?;
        self.prints.check(&match caller.acting()? {
            Acting::Vendor(vendor) => vendor.tenant.uuid(),
            Acting::Buyer(_) => order.uuid(),
        })?;
        let mut connection = self.db.acquire().await?;
        let stored = db::documents::snapshot(&mut connection, tenant, document.id).await?;
        // Printing takes longer than reading: the connection is somebody else's meanwhile.
        drop(connection);
        let snapshot: Snapshot = serde_json::from_value(stored).map_err(Error::Stored)?;
        let language = wanted.language.unwrap_or(snapshot.buyer_language);
        let Printed { bytes, pages } = self.press.print(document.clone(), snapshot, language).await?;
        Ok(Pdf { document, bytes, pages })
    }

    /// A paper for a payer's bank as PDF. `reader` is whoever prints: each may print so often.
    ///
    /// # Errors
    /// [`Error::TooMany`], [`Error::Pdf`].
    pub async fn print_evidence(&self, reader: Uuid, paper: EvidencePaper) -> Result<Printed, Error> {
        self.prints.check(&reader)?;
        Ok(self.press.print_evidence(paper).await?)
    }

    /// The document of an order's sale as PDF in English, for whoever may see the order: the caller has checked it.
    ///
    /// # Errors
    /// [`Error::Pdf`], [`Error::Stored`], [`Error::Database`].
    pub async fn invoice_of(&self, tenant: TenantId, order: OrderId) -> Result<Option<Pdf>, Error> {
        let mut connection = self.db.acquire().await?;
        let issued = db::documents::of_orders(&mut connection, tenant, &[order]).await?;
        let Some(document) = issued.into_iter().rfind(|issued| issued.kind.taken_back_by().is_some()) else {
            return Ok(None);
        };
        let stored = db::documents::snapshot(&mut connection, tenant, document.id).await?;
        drop(connection);
        let snapshot: Snapshot = serde_json::from_value(stored).map_err(Error::Stored)?;
        let Printed { bytes, pages } =
            self.press.print(document.clone(), snapshot, Language::English).await?;
        Ok(Some(Pdf { document, bytes, pages }))
    }

    /// The document of an order that is named, else that of its sale.
    async fn find(
        &self,
        caller: &Caller,
        order: OrderId,
        document: Option<DocumentId>,
    ) -> Result<(TenantId, Document), Error> {
        let acting = caller.acting()?;
        let mut connection = self.db.acquire().await?;
        let mut found = match acting {
            Acting::Vendor(vendor) => {
                let issued = db::documents::of_orders(&mut connection, vendor.tenant, &[order]).await?;
                issued.into_iter().map(|document| (vendor.tenant, document)).collect()
            }
            Acting::Buyer(passes) => {
                let newest = (Uuid::max(), OF_ORDER_MAX);
                db::documents::of_guests(&mut connection, &guests(&passes), Some(order), newest).await?
            }
        };
        found.retain(|(_, found)| match document {
            Some(id) => found.id == id,
            None => found.kind.taken_back_by().is_some(),
        });
        // The tax invoice, where a bill of supply stands beside it.
        found.sort_by_key(|(_, found)| found.kind == DocumentKind::TaxInvoice);
        found.pop().ok_or(Error::NotFound)
    }
}

fn guests(passes: &[Pass]) -> Vec<(TenantId, GuestId)> {
    passes.iter().map(|pass| (pass.tenant, pass.guest)).collect()
}
