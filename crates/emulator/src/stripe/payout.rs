//! Payouts: what is available, sent to the merchant's bank.

use serde_json::{Value, json};

use super::listing::Listed;
use super::metadata::Metadata;
use crate::shelf::Kept;

/// Where a payout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Paid,
    Failed,
    Canceled,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// Whether it can be asked what a payout paid out: only of an automatic one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reconciliation {
    NotApplicable,
    InProgress,
    Completed,
}

impl Reconciliation {
    fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Payout {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) arrival_date: i64,
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) automatic: bool,
    pub(crate) reconciliation: Reconciliation,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) status: Status,
    pub(crate) destination: String,
    pub(crate) transaction: String,
    /// What brought the money back where the payout failed or was canceled.
    pub(crate) reversal: Option<String>,
}

impl Kept for Payout {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Payout {
    const KIND: &'static str = "payout";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Payout {
    pub(crate) fn shown(&self) -> Value {
        let failed = self.status == Status::Failed;
        json!({
            "id": self.id,
            "object": "payout",
            "amount": self.amount,
            "application_fee": null,
            "application_fee_amount": null,
            "arrival_date": self.arrival_date,
            "automatic": self.automatic,
            "balance_transaction": self.transaction,
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "destination": self.destination,
            "failure_balance_transaction": self.reversal,
            "failure_code": failed.then_some("account_closed"),
            "failure_message": failed.then_some("The bank account has been closed."),
            "livemode": false,
            "metadata": self.metadata,
            "method": "standard",
            "original_payout": null,
            "payout_method": null,
            "reconciliation_status": self.reconciliation.as_str(),
            "reversed_by": null,
            "source_type": "card",
            "statement_descriptor": self.statement_descriptor,
            "status": self.status.as_str(),
            "trace_id": null,
            "type": "bank_account",
        })
    }
}
