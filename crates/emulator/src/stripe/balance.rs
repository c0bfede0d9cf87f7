//! The account's balance: every movement is a transaction with its fee, and what is available is their sum.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::params::Params;
use crate::shelf::Kept;

/// What moved the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    Charge,
    Refund,
    RefundFailure,
    Dispute,
    DisputeReversal,
    Payout,
    PayoutCancel,
    PayoutFailure,
}

impl Movement {
    fn kind(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
            Self::Dispute | Self::DisputeReversal => "adjustment",
            Self::Payout => "payout",
            Self::PayoutCancel => "payout_cancel",
            Self::PayoutFailure => "payout_failure",
        }
    }

    fn category(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
            Self::Dispute => "dispute",
            Self::DisputeReversal => "dispute_reversal",
            Self::Payout => "payout",
            Self::PayoutCancel | Self::PayoutFailure => "payout_reversal",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    pub(crate) id: String,
    pub(crate) movement: Movement,
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) currency: String,
    pub(crate) description: Option<String>,
    /// What it belongs to: a charge, a refund, a dispute or a payout.
    pub(crate) source: String,
    pub(crate) created: i64,
    pub(crate) available_on: i64,
    /// The automatic payout that paid it out.
    pub(crate) payout: Option<String>,
    /// What that payout kept more than the fee.
    pub(crate) kept_wrongly: i64,
}

impl Kept for Transaction {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Transaction {
    const KIND: &'static str = "balance_transaction";

    fn created(&self) -> i64 {
        self.created
    }
}

/// A movement to book.
#[derive(Debug)]
pub(crate) struct Booking<'a> {
    pub(crate) movement: Movement,
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) currency: &'a str,
    pub(crate) description: Option<String>,
    pub(crate) source: &'a str,
    /// How long until it counts as available.
    pub(crate) pends_s: u32,
}

impl Transaction {
    fn is_of_payout(&self, payout: &str) -> bool {
        self.payout.as_deref() == Some(payout) || self.source == payout
    }

    pub(crate) fn net(&self) -> i64 {
        self.amount - self.fee
    }

    /// As the payout has it that paid it out.
    fn in_payout(&self) -> Self {
        Self { fee: self.fee + self.kept_wrongly, ..self.clone() }
    }

    pub(crate) fn shown(&self, now_s: i64) -> Value {
        let name = if self.movement == Movement::Charge { "Stripe processing fees" } else { "Dispute fee" };
        let fee = json!({
            "amount": self.fee,
            "application": null,
            "currency": self.currency,
            "description": name,
            "type": "stripe_fee",
        });
        let fee_details = if self.fee == 0 { json!([]) } else { json!([fee]) };
        json!({
            "id": self.id,
            "object": "balance_transaction",
            "amount": self.amount,
            "available_on": self.available_on,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "exchange_rate": null,
            "fee": self.fee,
            "fee_details": fee_details,
            "net": self.net(),
            "reporting_category": self.movement.category(),
            "source": self.source,
            "status": if self.available_on <= now_s { "available" } else { "pending" },
            "type": self.movement.kind(),
        })
    }
}

impl Desk<'_> {
    /// Books a movement, and gives its transaction's id.
    pub(crate) fn book(&mut self, booking: Booking<'_>) -> String {
        let transaction = Transaction {
            id: self.id("txn_"),
            movement: booking.movement,
            amount: booking.amount,
            fee: booking.fee,
            currency: booking.currency.to_owned(),
            description: booking.description,
            source: booking.source.to_owned(),
            created: self.now_s,
            available_on: self.now_s + i64::from(booking.pends_s),
            payout: None,
            kept_wrongly: 0,
        };
        let id = transaction.id.clone();
        self.await_payout(transaction.available_on);
        self.account.transactions.put(transaction);
        id
    }

    pub(crate) fn transaction(&self, id: &str) -> Result<Value> {
        let found = self.account.transactions.get(id);
        let transaction = found.ok_or_else(|| Error::no_such("balance transaction", id, "id"))?;
        Ok(transaction.shown(self.now_s))
    }

    pub(crate) fn list_transactions(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (source, kind) = (params.text("source")?, params.text("type")?);
        let (currency, payout) = (params.text("currency")?, params.text("payout")?);
        params.finish()?;
        let wanted = self.account.transactions.newest_first().filter(|transaction| {
            source.as_ref().is_none_or(|source| transaction.source == *source)
                && kind.as_deref().is_none_or(|kind| transaction.movement.kind() == kind)
                && currency.as_ref().is_none_or(|currency| transaction.currency == *currency)
                && payout.as_ref().is_none_or(|payout| transaction.is_of_payout(payout))
        });
        let of_payout = payout.is_some();
        page.of(wanted, "/v1/balance_transactions", |transaction| {
            if of_payout { transaction.in_payout().shown(self.now_s) } else { transaction.shown(self.now_s) }
        })
    }

    /// What is there by currency: available, and pending.
    pub(crate) fn sums(&self) -> BTreeMap<String, (i64, i64)> {
        let mut sums = BTreeMap::new();
        for transaction in self.account.transactions.newest_first() {
            let (available, pending): &mut (i64, i64) = sums.entry(transaction.currency.clone()).or_default();
            let sum = if transaction.available_on <= self.now_s { available } else { pending };
            *sum += transaction.net();
        }
        sums
    }

    pub(crate) fn balance(&self, params: Params) -> Result<Value> {
        params.finish()?;
        let entries = |pick: fn(&(i64, i64)) -> i64| -> Vec<Value> {
            let sums = self.sums();
            let entry = |(currency, sums): (&String, &(i64, i64))| json!({ "amount": pick(sums), "currency": currency, "source_types": { "card": pick(sums) } });
            sums.iter().map(entry).collect()
        };
        Ok(json!({
            "object": "balance",
            "available": entries(|sums| sums.0),
            "livemode": false,
            "pending": entries(|sums| sums.1),
        }))
    }
}
