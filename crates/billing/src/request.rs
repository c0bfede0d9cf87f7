//! A request for payment: an unpaid order on paper, with the code that a UPI app scans. It is no document: it takes no number,
//! nothing of it is kept, and it proves nothing.

use chrono::{DateTime, Utc};
use types::{DocumentId, Language};
use uuid::Uuid;

use crate::{Billing, Document, Error, Sale, Snapshot, db};

/// An unpaid order, to be printed.
#[derive(Debug, Clone)]
pub struct PaymentRequest {
    /// What is to be paid. How the money came is not looked at.
    pub sale: Sale,
    /// Until when.
    pub until: DateTime<Utc>,
    /// The code to scan as SVG, drawn from the gateway's own content or from the vendor's link.
    pub qr_svg: Option<String>,
    /// The vendor's own UPI address, where the money goes straight to the vendor.
    pub upi_id: Option<String>,
}

impl Billing {
    /// The request as PDF, in a language and English. `payer` is whoever prints: each may print so often.
    ///
    /// # Errors
    /// [`Error::TooMany`], [`Error::Sale`], [`Error::Pdf`], [`Error::Database`].
    pub async fn print_request(
        &self,
        payer: Uuid,
        request: PaymentRequest,
        language: Language,
    ) -> Result<Vec<u8>, Error> {
        self.prints.check(&payer)?;
        let mut connection = self.db.acquire().await?;
        let profile = db::tax_profiles::find(&mut connection, request.sale.tenant).await?;
        // Printing takes longer than reading: the connection is somebody else's meanwhile.
        drop(connection);
        let profile = profile.map(|profile| profile.check()).transpose()?;
        let (kind, snapshot) = Snapshot::of(&request.sale, profile.as_ref())?;
        let would_be = Document {
            id: DocumentId::from_uuid(Uuid::nil()),
            kind,
            number: String::new(),
            order_id: request.sale.order,
            total: request.sale.total,
            issued_at: self.clock.now(),
            e_invoice: false,
        };
        Ok(self.press.print_request(request, (would_be, snapshot), language).await?.bytes)
    }
}
