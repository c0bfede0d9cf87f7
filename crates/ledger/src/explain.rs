//! Why an amount moved, in words.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use types::{Money, TenantId, TransferId};

use crate::{Cause, Kind};

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
    /// What it did.
    pub kind: Kind,
    /// How much it moved, reserved or released.
    pub amount: Money,
    /// What it was for.
    pub reason: String,
    /// The code of the account that was debited, and its balance afterwards.
    pub debit: (String, Money),
    /// The code of the account that was credited, and its balance afterwards.
    pub credit: (String, Money),
    /// When its time is over, where it is pending and not for ever.
    pub expires_at: Option<DateTime<Utc>>,
    /// The transfer that it resolves or reverses.
    pub subject: Option<Related>,
    /// The transfer that resolved or reversed it.
    pub settled: Option<Related>,
}

/// Another transfer, as it matters to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// What it did.
    pub kind: Kind,
    /// The key of its posting.
    pub key: String,
    /// Its amount.
    pub amount: Money,
    /// When it was posted.
    pub at: DateTime<Utc>,
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
        let at = seconds(self.posted_at);
        writeln!(f, "{at}: because of {} {} (posted as {:?})", self.cause.kind, self.cause.id, self.key)?;
        self.moves.iter().try_for_each(|moved| writeln!(f, "  {moved}"))
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, amount, reason, debit, credit, subject, .. } = self;
        match (kind, subject) {
            (Kind::Pending, _) => write!(f, "{amount} reserved for {reason}")?,
            (Kind::Post, Some(of)) if of.amount == *amount => {
                write!(f, "{amount} posted for {reason}, all that was reserved as {:?}", of.key)?;
            }
            (Kind::Post, Some(of)) => {
                write!(f, "{amount} posted for {reason}, of {} reserved as {:?}", of.amount, of.key)?;
            }
            (Kind::Void, Some(of)) => {
                write!(f, "{amount} voided for {reason}, reserved as {:?}", of.key)?;
            }
            (Kind::Expire, Some(of)) => write!(f, "{amount} expired, reserved for {reason} as {:?}", of.key)?,
            (Kind::Reversal, Some(of)) => {
                write!(f, "{amount} moved back for {reason}, moved as {:?}", of.key)?;
            }
            _ => write!(f, "{amount} for {reason}")?,
        }
        write!(f, ": debit {} (now {}), credit {} (now {})", debit.0, debit.1, credit.0, credit.1)?;
        self.fate(f)
    }
}

impl Move {
    /// What became of it.
    fn fate(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.settled, self.expires_at) {
            (Kind::Pending, None, Some(expires_at)) => {
                write!(f, "; pending, not posted or voided, until {}", seconds(expires_at))
            }
            (Kind::Pending, None, None) => write!(f, "; pending, not posted or voided yet"),
            (_, Some(Related { kind, key, amount, at }), _) => {
                let at = seconds(*at);
                match kind {
                    Kind::Post => write!(f, "; {amount} of it posted at {at} as {key:?}"),
                    Kind::Void => write!(f, "; voided at {at} as {key:?}"),
                    Kind::Expire => write!(f, "; expired at {at}"),
                    _ => write!(f, "; reversed at {at} as {key:?}"),
                }
            }
            _ => Ok(()),
        }
    }
}

fn seconds(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
