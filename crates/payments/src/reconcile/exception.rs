//! What does not match, and what may become of it.

use crate::ids::ExceptionId;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use types::{Money, PaymentId, TenantId};
use utoipa::{IntoParams, ToSchema};

/// What does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "kebab-case")]
#[sqlx(type_name = "text", rename_all = "kebab-case")]
pub enum ExceptionKind {
    /// The gateway took a payment that is not on record here: its news was lost.
    MissingHere,
    /// What is on record here the gateway does not know, or did not take.
    MissingAtGateway,
    /// Two sides say different amounts.
    AmountDiffers,
    /// The gateway took money for what is paid already, and it is not on record here.
    CapturedTwice,
    /// The settlement keeps another fee than the payment says.
    FeeDiffers,
    /// The gateway gave money back, and that is not on record here.
    RefundedAtGateway,
    /// A payment was not settled in time.
    NotSettled,
    /// A settlement has a line for nothing on record here.
    UnknownSettlementLine,
    /// The books do not say what the row says.
    BooksDiffer,
    /// The bank's files do not show a settlement or a payout.
    MissingAtBank,
    /// The bank moved another amount than was settled or paid out.
    BankDiffers,
}

/// Where an exception stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ExceptionState {
    /// Somebody has to look.
    Open,
    /// It has become right, by an operator or by itself.
    Repaired,
    /// An operator leaves it as it is.
    Dismissed,
}

/// What would put it right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Repair {
    /// Take the payment in, as its webhook would have.
    TakeInPayment,
    /// Take the second payment in and send it back.
    SendBack,
    /// Take the refund in, as its webhook would have.
    TakeInRefund,
    /// Book the settlement with the fee that was kept.
    AcceptFee,
    /// Write the posting that is not there.
    PostAgain,
    /// Nothing that a machine could do: look, and dismiss it or wait.
    Look,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub kind: ExceptionKind,
    pub subject: String,
    pub gateway_payment: Option<String>,
    pub settlement: Option<String>,
    pub ours: Option<(TenantId, PaymentId)>,
    pub tenant: Option<TenantId>,
    /// What is at stake.
    pub amount_minor: i64,
    /// What it should be, and what it is.
    pub differs: Option<(i64, i64)>,
    pub detail: &'static str,
    pub repair: Repair,
}

/// Something that does not match, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReconciliationException)]
pub struct ExceptionView {
    /// The exception.
    pub id: ExceptionId,
    /// The gateway whose side was compared; `bank` where it was the platform's bank.
    pub gateway: String,
    /// The day in India whose comparison found it.
    pub day: NaiveDate,
    /// What does not match.
    pub kind: ExceptionKind,
    /// Where it stands.
    pub state: ExceptionState,
    /// What the gateway calls the payment, refund, transfer, adjustment or settlement; a payout's own id.
    pub subject: String,
    /// The gateway's payment that it is about, where that is another thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_payment_id: Option<String>,
    /// The settlement it was found in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_id: Option<String>,
    /// Whose payment it is, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// What is at stake.
    pub amount: Money,
    /// What it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Money>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Money>,
    /// What was seen, in English.
    pub detail: String,
    /// What would put it right.
    pub repair: Repair,
    /// When it was found for the first time.
    pub found_at: DateTime<Utc>,
    /// When it changed for the last time.
    pub updated_at: DateTime<Utc>,
    /// Who closed it and why, each time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which exceptions are asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExceptionQuery {
    /// Only those that stand so.
    pub state: Option<ExceptionState>,
}

impl ExceptionState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Repaired => "repaired",
            Self::Dismissed => "dismissed",
        }
    }
}
