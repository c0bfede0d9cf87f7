//! Transfers as they stand in the books.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use types::{AccountId, Money, TenantId, TransferId};

use crate::transfer::Action;
use crate::{Cause, Transfer};

/// What a transfer in the books is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// It moved its amount at once.
    Immediate,
    /// It reserved its amount.
    Pending,
    /// It moved its amount out of what was pending and released the rest.
    Post,
    /// It released what was pending.
    Void,
    /// It released what was pending, because its time was over.
    Expire,
    /// It moved back what another moved.
    Reversal,
}

/// A transfer without what it did to its accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub tenant: TenantId,
    pub id: TransferId,
    pub key: String,
    pub kind: Kind,
    /// What it resolves or reverses.
    pub subject: Option<TransferId>,
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: Money,
    pub reason: Cow<'static, str>,
    pub cause: Cause,
    pub at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// What an account came to by a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct After {
    pub version: i64,
    pub balance_minor: i64,
    pub debits_pending_minor: i64,
    pub credits_pending_minor: i64,
}

/// A transfer to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    pub record: Record,
    /// Its place in its posting, from 1.
    pub position: i16,
    pub debit_after: After,
    pub credit_after: After,
}

impl Kind {
    /// Whether it changed the posted totals.
    pub(crate) const fn moves_money(self) -> bool {
        matches!(self, Self::Immediate | Self::Post | Self::Reversal)
    }
}

impl Record {
    /// Its two accounts, the debited first.
    pub(crate) fn accounts(&self) -> [(TenantId, AccountId); 2] {
        [(self.tenant, self.debit), (self.tenant, self.credit)]
    }

    /// Whether this is what `asked` came to when it was asked for the first time. `whole_of` gives the amount of a pending transfer.
    pub(crate) fn answers(
        &self,
        asked: &Transfer,
        cause: &Cause,
        whole_of: impl Fn(TransferId) -> Option<Money>,
    ) -> bool {
        let same = match asked.action {
            Action::Immediate { debit, credit, amount } => {
                self.kind == Kind::Immediate
                    && (self.debit, self.credit, self.amount) == (debit, credit, amount)
            }
            Action::Pending { debit, credit, amount, timeout } => {
                self.kind == Kind::Pending
                    && (self.debit, self.credit, self.amount) == (debit, credit, amount)
                    && self.expires_at.map(|at| at - self.at) == timeout
            }
            Action::Post { pending, amount } => {
                self.kind == Kind::Post && amount.or_else(|| whole_of(pending)) == Some(self.amount)
            }
            Action::Void { .. } => self.kind == Kind::Void,
            Action::Reverse { .. } => self.kind == Kind::Reversal,
        };
        same && self.subject == asked.action.subject() && self.reason == asked.reason && self.cause == *cause
    }
}
