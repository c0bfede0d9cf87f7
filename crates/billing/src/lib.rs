//! Prepaid credit and its price book; plans; tax profiles; invoices, bills of supply and receipts, numbered and as PDF.
//!
//! **Invariants.** An order has one document (two where a registered buyer takes taxable and exempt goods), and for each refund of its
//! money one that takes so much of it back, together never more than it; a document never changes: it is a snapshot of what was sold, by whom and under which registration. Numbers are consecutive for each seller, kind and financial year (April to March in India),
//! without gaps: a number is taken under its series' row lock, in the transaction that writes the document. The buyer pays
//! what was agreed to the paisa: tax is split out of the total and never added or rounded away.
//!
//! Prepaid credit has a context of its own, [`Credits`]; plans and subscriptions have [`Plans`].
//!
//! A buyer may be named, and is where the law wants that: then there is an e-invoice too, for the seller to upload.
//!
//! **Deliberately absent**: handing e-invoices to a portal, the reverse charge; exports, for which no place of supply can be named; supplies to
//! special economic zones, of which whoever names a buyer is told.

mod credit;
mod db;
mod document;
mod e_invoice;
mod error;
mod gstin;
mod http;
mod issue;
mod jobs;
mod pdf;
mod personal;
mod pin;
mod plans;
mod recipient;
mod request;
mod sale;
mod series;
mod shelf;
mod state;
mod supply;
mod take_back;
mod tax;
mod tax_profile;

use std::sync::Arc;
use std::time::Duration;

use platform::limit::Limiter;
use platform::{Clock, Db, Entropy};
use sync::Sync;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

pub use credit::{
    BankFile, BankSays, ChargedLot, ConfirmedTopUp, Credit, CreditLot, CreditRefund, CreditRefundState,
    Credits, DebtSettlement, Foundations, Freeze, KeptOn, LotKind, MemberSpending, NewCreditRefund,
    NewDebtSettlement, NewGrant, NewMemberLimit, NewPrice, NewTopUp, OwnLimit, PaidByHand, PricedAt,
    Recharge, RechargeChange, RechargeStopped, RefusedTopUp, SaidPaid, SaidTopUp, TenantCredit, TopUp,
    TopUpState, Usage, UsageCause, UsageDay, UsedBy, WorkPrice,
};
pub use document::{
    Buyer, Credited, Document, DocumentKind, DocumentLine, LineTax, NamedSeller, Seller, ServicePeriod,
    Snapshot,
};
pub use e_invoice::{EInvoice, Figure, Missing, NamedEInvoice, SchemaVersion, irn};
pub use error::{Error, NO_PDF, PROBLEMS};
pub use gstin::{Gstin, GstinError};
pub use jobs::credit_top_up::top_up_draft;
pub use jobs::recharge_credit::top_up_failed_draft;
pub use jobs::settle_credit_refund::{
    top_up_refund_refused_draft, top_up_refunded_draft, top_up_taken_back_draft,
};
pub use pdf::{
    Config, EvidenceCell, EvidencePaper, EvidenceSection, Part, PartState, PdfError, Printed, report,
};
pub use pin::{NotAPinCode, PinCode};
pub use plans::{
    ChargeCause, Coupon, Discount, InvoiceState, NewCoupon, NewPlan, NextCharge, Plan, PlanCharge,
    PlanChargeState, PlanInvoice, PlanPdf, Plans, Platform, Revenue, Subscription, SubscriptionState, Term,
};
pub use recipient::{CheckedRecipient, Recipient};
pub use request::PaymentRequest;
pub use sale::{Paid, PaidBy, Sale, SaleLine};
pub use series::{FinancialYear, NUMBER_MAX};
pub use shelf::{Pdf, PdfQuery};
pub use state::{StateCode, UnknownState};
pub use take_back::{CreditLine, NewCreditNote};
pub use tax::{NotARate, Rate, Split, Supply, split};
pub use tax_profile::{CheckedProfile, Registration, TaxProfile};

use crate::pdf::Press;

/// The context. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Billing {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    sync: Sync,
    press: Press,
    /// Prints of a seller, and of the buyer of one order.
    prints: Arc<Limiter<Uuid>>,
}

impl Billing {
    /// The context in this database, printing with the fonts that the configuration names.
    pub fn new(db: Db, clock: Clock, entropy: Entropy, sync: Sync, config: Config) -> Self {
        let prints = Arc::new(Limiter::new(clock.clone(), 20, Duration::from_secs(3)));
        Self { db, clock, entropy, sync, press: Press::new(config), prints }
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }
}
