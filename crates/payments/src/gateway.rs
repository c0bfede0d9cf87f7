//! What payments ask of a payment gateway. A vendor's own types and words stay in its folder.

pub(crate) mod razorpay;
#[cfg(test)]
mod signatures;
pub(crate) mod stripe;

use std::fmt::Debug;
use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use types::{IntentId, Money, TenantId};
use uuid::Uuid;

use crate::dispute::{EvidenceLimits, FileKind};
use crate::method::{MethodKind, MethodState};
use crate::reconcile::line::Line;
use crate::view::Checkout;

/// A payment gateway.
#[async_trait]
pub(crate) trait Gateway: Send + Sync + Debug {
    /// Its name in our rows and accounts.
    fn name(&self) -> &'static str;

    /// The least amount it takes.
    fn amount_min(&self) -> Money;

    /// What a browser needs to open its payment sheet, for somebody whose way to pay is to be kept; none where it has a page of
    /// its own instead.
    fn checkout(&self, order: &str, customer: Option<&str>) -> Option<Checkout>;

    /// Makes an order. Not idempotent: after an unclear answer look with [`Gateway::find_order`] first.
    async fn create_order(&self, asked: &Asked<'_>) -> Result<Order, Error>;

    /// The order that was made for an intent, where it can still be paid.
    async fn find_order(&self, asked: &Asked<'_>) -> Result<Option<Order>, Error>;

    /// Closes an order, so that nobody pays it any more; one that is closed already is refused.
    async fn close_order(&self, order: &str) -> Result<(), Error>;

    /// Whether it makes UPI QR codes.
    fn shows_qr_codes(&self) -> bool;

    /// Makes a UPI QR code of a fixed amount that is paid once.
    async fn create_qr_code(&self, asked: &Asked<'_>) -> Result<QrCode, Error>;

    /// Closes a QR code; one that is closed already is as good.
    async fn close_qr_code(&self, qr: &str) -> Result<(), Error>;

    /// One payment as the gateway sees it now.
    async fn payment(&self, payment: &str) -> Result<Payment, Error>;

    /// The payments made on an order.
    async fn payments_of_order(&self, order: &str) -> Result<Vec<Payment>, Error>;

    /// The payments made on a QR code.
    async fn payments_of_qr_code(&self, qr: &str) -> Result<Vec<Payment>, Error>;

    /// Gives a captured payment back; the same key gives the same refund.
    async fn refund(&self, asked: &RefundAsked<'_>) -> Result<Refund, Error>;

    /// One refund as the gateway sees it now.
    async fn fetch_refund(&self, refund: &str) -> Result<Refund, Error>;

    /// The refunds of a payment.
    async fn refunds_of_payment(&self, payment: &str) -> Result<Vec<Refund>, Error>;

    /// Whether a refund that was made may come back later, as where the payer's bank sends it back.
    fn refunds_may_come_back(&self) -> bool {
        false
    }

    /// All payments that were begun in a time.
    async fn payments_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Payment>, Error>;

    /// All refunds that were asked for in a time.
    async fn refunds_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Refund>, Error>;

    /// All that was settled on a day in India.
    async fn settlement_lines(&self, day: NaiveDate) -> Result<Vec<Line>, Error>;

    /// One dispute as the gateway sees it now.
    async fn dispute(&self, dispute: &str) -> Result<Dispute, Error>;

    /// All disputes that were begun in a time.
    async fn disputes_between(&self, time: &Range<DateTime<Utc>>) -> Result<Vec<Dispute>, Error>;

    /// Gives in to a dispute.
    async fn accept_dispute(&self, dispute: &str) -> Result<Dispute, Error>;

    /// How much evidence it takes for one dispute.
    fn evidence_limits(&self) -> EvidenceLimits {
        EvidenceLimits::SILENT
    }

    /// Gives the gateway a file as evidence; gives its id there.
    async fn upload_evidence(&self, file: &EvidenceUpload<'_>) -> Result<String, Error>;

    /// Contests a dispute with files that the gateway has.
    async fn contest_dispute(&self, contest: &Contest<'_>) -> Result<Dispute, Error>;

    /// Whether a webhook's body bears the gateway's signature, made lately where it says when; in constant time.
    fn signed_webhook(&self, body: &[u8], signature: &str, now: DateTime<Utc>) -> bool;

    /// What a signed webhook is about; none where it cannot be read.
    fn read_webhook(&self, body: &[u8]) -> Option<News>;

    /// Whether it keeps how payers pay, for payments without them.
    fn keeps_methods(&self) -> bool {
        false
    }

    /// Makes somebody for whom cards are kept. Only of a gateway that keeps them, as what follows.
    async fn create_customer(&self, _: &Payer<'_>, _: DateTime<Utc>) -> Result<String, Error> {
        Err(Error::Unknown)
    }

    /// What it keeps is a mandate with bounds, where it is one.
    fn mandate(&self) -> Option<Mandate> {
        None
    }

    /// Whether it has pages of its own on which a card is kept without paying.
    fn keeps_at_pages(&self) -> bool {
        false
    }

    /// Makes such a page; the same for the same id. Gives its address.
    async fn keeping_page(&self, _customer: &str, _id: Uuid) -> Result<String, Error> {
        Err(Error::Unknown)
    }

    /// What is kept for somebody, oldest first, what has ended included where it is still known.
    async fn methods_of(&self, _customer: &str) -> Result<Vec<Method>, Error> {
        Err(Error::Unknown)
    }

    /// Forgets one; one that is forgotten already is refused.
    async fn forget_method(&self, _: &Kept<'_>) -> Result<(), Error> {
        Err(Error::Unknown)
    }

    /// Charges what is kept while its owner is away: once for an intent, however often it is asked. What wants its owner, or says
    /// no, is refused. What its owner gets notice of first is begun, and decided a day later.
    async fn charge(&self, _: &Asked<'_>, _: &Kept<'_>) -> Result<Payment, Error> {
        Err(Error::Unknown)
    }

    /// Whether a browser's account of a payment bears the gateway's signature; in constant time.
    fn signed_checkout(&self, order: &str, payment: &str, signature: &str) -> bool;
}

/// An amount for which the gateway is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub tenant: TenantId,
    pub intent: IntentId,
    pub amount: Money,
    pub payee: &'a str,
    /// What the payer's bank shows.
    pub purpose: &'a str,
    /// Where on our pages a payer comes back to, who was sent away to pay.
    pub back: &'a str,
    /// For whom what pays is kept, where it is.
    pub customer: Option<&'a str>,
    pub created_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// What can be paid at the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub id: String,
    /// The gateway's page, where the payer is sent there.
    pub page: Option<String>,
}

/// Somebody for whom a way to pay is to be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payer<'a> {
    pub tenant: TenantId,
    pub name: &'a str,
    /// `+919876543210`; none where nobody signed up.
    pub phone: Option<&'a str>,
}

/// The bounds of a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mandate {
    /// The most that is taken at once.
    pub most: Money,
    /// How long after it is asked for the money is taken: its owner has notice before.
    pub taken_after: TimeDelta,
}

/// A card or a mandate that a gateway keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Method {
    pub id: String,
    /// The same for every use of one card.
    pub fingerprint: String,
    pub kind: MethodKind,
    /// None once it has ended.
    pub state: Option<MethodState>,
    /// Whose card it is; `upi` for a UPI id.
    pub brand: String,
    pub last4: Option<String>,
    /// Month and year of a card.
    pub expires: Option<(i16, i16)>,
    pub upi_id: Option<String>,
    pub max_minor: Option<i64>,
}

/// What is to be charged or forgotten, and for whom it is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<'a> {
    pub customer: &'a str,
    pub method: &'a str,
}

/// A QR code to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QrCode {
    pub id: String,
    /// What a UPI app reads, where the gateway says it; never to be edited.
    pub content: Option<String>,
    pub closes_at: DateTime<Utc>,
}

/// A payment as the gateway sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    pub id: String,
    pub state: PaymentState,
    /// `None` for a currency that is not traded.
    pub amount: Option<Money>,
    pub order: Option<String>,
    /// The intent that was written on what it paid.
    pub intent: Option<(TenantId, IntentId)>,
    pub method: String,
    /// What the payer's bank calls it.
    pub reference: Option<String>,
    /// Whether the money was ever taken, even if it went back.
    pub captured: bool,
    /// What the gateway keeps of it, with the tax on that, once it is taken.
    pub fee_minor: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentState {
    /// Begun; the bank has not answered.
    Created,
    /// The bank said yes; the money is not taken yet.
    Authorized,
    /// The money is there.
    Captured,
    /// The money was there, or nearly, and went back.
    Refunded,
    /// The bank said no, or nothing in time.
    Failed,
}

/// A refund to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefundAsked<'a> {
    pub payment: &'a str,
    pub amount: Money,
    /// The same for the same refund; another after one that failed.
    pub key: &'a str,
}

/// A refund as the gateway sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    pub id: String,
    pub payment: String,
    pub amount: Option<Money>,
    pub state: RefundState,
    /// The key that it was asked for under, where it was asked for by us.
    pub receipt: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundState {
    Pending,
    Processed,
    Failed,
}

/// A dispute as the gateway sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dispute {
    pub id: String,
    pub payment: String,
    /// `None` for a currency that is not traded.
    pub amount: Option<Money>,
    pub state: DisputeState,
    /// Why, by the bank's code.
    pub reason: String,
    /// How far it has gone between the banks.
    pub phase: String,
    pub respond_by: Option<DateTime<Utc>>,
    /// What the gateway takes besides, where it says so.
    pub fee_minor: Option<i64>,
    /// What it moved of our balance, by the gateway's names of the movements, in paise: below zero where it was taken. Empty where the
    /// gateway names none.
    pub movements: Vec<(String, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisputeState {
    /// It waits for the merchant.
    NeedsAnswer,
    UnderReview,
    Won,
    Lost,
    /// It ended without a decision.
    Closed,
}

/// A file to be given as evidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EvidenceUpload<'a> {
    pub name: &'a str,
    pub media_type: &'a str,
    pub content: &'a [u8],
}

/// An answer that contests a dispute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contest<'a> {
    pub dispute: &'a str,
    pub summary: &'a str,
    /// What each file proves, with its id at the gateway.
    pub files: &'a [(FileKind, String)],
}

/// What a webhook is about. It is a hint where to look, not proof.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct News {
    pub event: String,
    /// The event's id, where the body says it: the same for each copy.
    pub event_id: Option<String>,
    pub payment: Option<String>,
    pub qr_code: Option<String>,
    pub refund: Option<String>,
    pub dispute: Option<String>,
    /// What is kept, as [`Method::id`].
    pub method: Option<String>,
    /// For whom something was kept without paying.
    pub customer: Option<String>,
}

/// Why the gateway did not do as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer, or one cut short: whether the call had an effect is not known.
    #[error(transparent)]
    Unreachable(#[from] platform::http::Error),
    /// It is in trouble, or has enough of us.
    #[error("the gateway answered with status {status}")]
    Trouble {
        /// The HTTP status.
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// It will not do this, however often it is asked.
    #[error("the gateway refused: {0}")]
    Refused(String),
    /// It knows no such thing.
    #[error("the gateway knows no such thing")]
    Unknown,
    /// Its lists do not come to an end.
    #[error("the gateway lists more than is taken in at once")]
    TooMany,
    /// Its answer is not what its documents say.
    #[error("the gateway's answer cannot be read")]
    Unreadable(#[source] serde_json::Error),
}

impl Error {
    /// Whether asking again is pointless.
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Unknown)
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
