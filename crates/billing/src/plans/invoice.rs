//! What is asked for a subscription, and what was paid.

use std::ops::Range;

use chrono::{DateTime, Utc};
use identity::VendorCaller;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use types::{CouponId, Language, Money, PlanId, PlanInvoiceId};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::credit::ChargedLot;
use crate::db::credit::charged;
use crate::db::subscribing::invoices;
use crate::plans::Plans;
use crate::plans::period::Term;
use crate::plans::quote::Terms;
use crate::{Document, DocumentKind, Error, Snapshot};

/// What an invoice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum InvoiceKind {
    /// The first period.
    Start,
    /// A period that follows.
    Renewal,
    /// A larger plan for the rest of a period, or a year instead of it.
    Change,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum InvoiceState {
    /// It waits for the money.
    Open,
    /// It is paid.
    Paid,
    /// Nothing is asked any more.
    Void,
}

/// An invoice as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub id: PlanInvoiceId,
    pub kind: InvoiceKind,
    pub state: InvoiceState,
    pub plan: PlanId,
    pub plan_name: String,
    pub term: Term,
    pub during: Range<DateTime<Utc>>,
    pub price: Money,
    pub discount: Money,
    pub unused: Money,
    pub total: Money,
    pub coupon: Option<CouponId>,
    pub expires_at: Option<DateTime<Utc>>,
    pub number: Option<String>,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// What a vendor is asked for a plan, or paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanInvoice {
    /// The invoice.
    pub id: PlanInvoiceId,
    /// What it is for.
    pub kind: InvoiceKind,
    /// Where it stands.
    pub state: InvoiceState,
    /// What the plan is called.
    pub plan_name: String,
    /// By month or by year.
    pub term: Term,
    /// From when.
    pub period_start: DateTime<Utc>,
    /// Until when.
    pub period_end: DateTime<Utc>,
    /// The price of that time.
    pub price: Money,
    /// What a coupon takes off.
    pub discount: Money,
    /// What was paid before for time that is not used.
    pub unused: Money,
    /// What is to be paid, tax included.
    pub total: Money,
    /// Which lots of credit it was paid from, once it is paid.
    pub lots: Vec<ChargedLot>,
    /// Its number among the platform's, once something was paid: then it can be printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub number: Option<String>,
    /// Until when it can be paid, where that ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was paid, or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub settled_at: Option<DateTime<Utc>>,
}

/// How a PDF is asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlanPdfQuery {
    /// The language beside English; the caller's own where none is named.
    pub language: Option<Language>,
}

/// A paid invoice as PDF.
#[derive(Debug, Clone)]
pub struct PlanPdf {
    /// Its number.
    pub number: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Asked {
    /// With other terms.
    pub fn on(self, terms: &Terms) -> Result<Self, Error> {
        let Terms { during, price, discount, unused, .. } = terms.clone();
        Ok(Self { during, price, discount, unused, total: terms.total()?, ..self })
    }
}

impl From<Asked> for PlanInvoice {
    fn from(asked: Asked) -> Self {
        Self {
            id: asked.id,
            kind: asked.kind,
            state: asked.state,
            plan_name: asked.plan_name,
            term: asked.term,
            period_start: asked.during.start,
            period_end: asked.during.end,
            price: asked.price,
            discount: asked.discount,
            unused: asked.unused,
            total: asked.total,
            lots: Vec::new(),
            number: asked.number,
            expires_at: asked.expires_at,
            created_at: asked.created_at,
            settled_at: asked.settled_at,
        }
    }
}

impl Plans {
    /// A page of the caller's invoices, newest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn invoices(&self, vendor: VendorCaller, query: PageQuery) -> Result<Page<PlanInvoice>, Error> {
        let mut connection = self.credits.db.acquire().await?;
        let rows = invoices::page(&mut connection, vendor.tenant, query).await?;
        let page = query.page(rows, |asked| asked.id.uuid());
        let ids: Vec<Uuid> = page.items.iter().map(|asked| asked.id.uuid()).collect();
        let mut lots = charged::of(&mut connection, vendor.tenant, &ids).await?;
        let with_lots = |asked: Asked| {
            let lots = lots.remove(&asked.id.uuid()).unwrap_or_default();
            PlanInvoice { lots, ..asked.into() }
        };
        Ok(Page { items: page.items.into_iter().map(with_lots).collect(), next: page.next })
    }

    /// A paid invoice of the caller's as PDF, in a language (the caller's own where none is named) and English.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none or nothing was paid; [`Error::TooMany`], [`Error::Pdf`], [`Error::Stored`].
    pub async fn invoice_pdf(
        &self,
        vendor: VendorCaller,
        invoice: PlanInvoiceId,
        language: Option<Language>,
    ) -> Result<PlanPdf, Error> {
        self.prints.check(&vendor.tenant.uuid())?;
        let mut connection = self.credits.db.acquire().await?;
        let asked = invoices::find(&mut connection, vendor.tenant, invoice).await?.ok_or(Error::NotFound)?;
        let stored =
            invoices::snapshot(&mut connection, vendor.tenant, invoice).await?.ok_or(Error::NotFound)?;
        drop(connection);
        let (Some(number), Some(issued_at)) = (asked.number, asked.settled_at) else {
            return Err(Error::NotFound);
        };
        let snapshot: Snapshot = serde_json::from_value(stored).map_err(Error::Stored)?;
        let document = Document {
            id: invoice.uuid().into(),
            kind: DocumentKind::SubscriptionInvoice,
            number: number.clone(),
            // No order stands behind it: the paper names the period instead.
            order_id: invoice.uuid().into(),
            total: asked.total,
            issued_at,
            e_invoice: false,
        };
        let printed = self.press.print(document, snapshot, language.unwrap_or(vendor.language)).await?;
        Ok(PlanPdf { number, bytes: printed.bytes })
    }
}
