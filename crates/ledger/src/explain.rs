//! Why an amount moved, in words.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use types::{Money, TenantId, TransferId};

use crate::Cause;

/// A posting as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Whose books.
    pub tenant: TenantId,
    /// The posting's key.
    pub key: String,
    /// What caused it.
    pub cause: Cause,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
    /// Its transfers, in order.
    pub moves: Vec<Move>,
}

/// One transfer between accounts that have names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The transfer.
    pub transfer: TransferId,
    /// How much.
    pub amount: Money,
    /// What it was for.
    pub reason: String,
    /// The code of the account that was debited, and its balance afterwards.
    pub debit: (String, Money),
    /// The code of the account that was credited, and its balance afterwards.
    pub credit: (String, Money),
}

/// A transfer with the posting it belongs to.
pub(crate) struct Found {
    pub tenant: TenantId,
    pub key: String,
    pub cause: Cause,
    pub posted_at: DateTime<Utc>,
    pub moved: Move,
}

/// Gathers neighbouring transfers of one key into their posting.
pub(crate) fn group(found: Vec<Found>) -> Vec<Explained> {
    let mut explained: Vec<Explained> = Vec::new();
    for Found { tenant, key, cause, posted_at, moved } in found {
        match explained.last_mut() {
            Some(last) if last.tenant == tenant && last.key == key => last.moves.push(moved),
            _ => explained.push(Explained { tenant, key, cause, posted_at, moves: vec![moved] }),
        }
    }
    explained
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.posted_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        writeln!(f, "{at}: because of {} {} (posted as {:?})", self.cause.kind, self.cause.id, self.key)?;
        for Move { amount, reason, debit, credit, .. } in &self.moves {
            writeln!(
                f,
                "  {amount} for {reason}: debit {} (now {}), credit {} (now {})",
                debit.0, debit.1, credit.0, credit.1
            )?;
        }
        Ok(())
    }
}
