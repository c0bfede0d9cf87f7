//! What the books refuse.

use std::sync::Arc;

use platform::RetryHint;
use platform::db::violated_constraint;
use types::{AccountId, TransferId};

/// Why something was not posted, opened or read. Nothing was posted, where the variant does not say otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key belongs to a posting with other content.
    #[error("the key {0:?} was used for a posting with other content")]
    KeyReused(String),
    /// Two postings raced for one key; repeating the transaction tells which it is.
    #[error("another posting took the same key at the same moment")]
    KeyRaced,
    /// The account of this code was opened with another side, limit or currency.
    #[error("the account {0:?} was opened with another side, limit or currency")]
    AccountDiffers(String),
    /// There is no such account in the tenant's books.
    #[error("there is no account {0}")]
    UnknownAccount(AccountId),
    /// The account's balance would pass its limit.
    #[error("the account {code:?} does not hold enough")]
    LimitReached {
        /// Which account.
        code: String,
    },
    /// An amount of zero or less.
    #[error("a transfer moves more than nothing")]
    NotPositive,
    /// The amount's currency is not the account's.
    #[error("the currency of the amount is not that of the account")]
    CurrencyMismatch,
    /// A total would not fit in 64 bits of minor units.
    #[error("the account's total would be too large")]
    Overflow,
    /// Debit and credit are the same account.
    #[error("a transfer needs two accounts")]
    SameAccount,
    /// A posting without transfers.
    #[error("a posting moves something")]
    NoTransfers,
    /// A posting with too many transfers.
    #[error("a posting links at most {} transfers", crate::TRANSFERS_MAX)]
    TooManyTransfers,
    /// An empty or endless key, or one that begins as those of the books' own postings.
    #[error(
        "an idempotency key has 1 to {} bytes and does not begin with {:?}",
        crate::KEY_BYTES_MAX,
        crate::KEY_RESERVED
    )]
    BadKey,
    /// A time-out that is not above zero, longer than ten years or no whole number of microseconds.
    #[error("a pending transfer times out after whole microseconds, at most ten years")]
    BadTimeout,
    /// There is no such transfer in the tenant's books.
    #[error("there is no transfer {0}")]
    UnknownTransfer(TransferId),
    /// The transfer was never pending, so it can be neither posted nor voided.
    #[error("the transfer {0} is not a pending one")]
    NotPending(TransferId),
    /// The pending transfer was posted already.
    #[error("the pending transfer {0} was posted already")]
    AlreadyPosted(TransferId),
    /// The pending transfer was voided already.
    #[error("the pending transfer {0} was voided already")]
    AlreadyVoided(TransferId),
    /// The time of the pending transfer is over.
    #[error("the pending transfer {0} has expired")]
    Expired(TransferId),
    /// More was to be posted than is pending.
    #[error("less is pending in the transfer {0}")]
    ExceedsPending(TransferId),
    /// No posting has this key.
    #[error("there is no posting {0:?}")]
    UnknownPosting(String),
    /// The transfer was reversed already.
    #[error("the transfer {0} was reversed already")]
    AlreadyReversed(TransferId),
    /// The transfer moved no money, or is a reversal itself.
    #[error("the transfer {0} cannot be reversed")]
    NotReversible(TransferId),
    /// An account code with characters it may not have, empty or too long.
    #[error("{0:?} is no code of an account")]
    BadCode(String),
    /// Too many postings wait already; nothing was done, and later is better.
    #[error("too many postings wait to be posted")]
    Busy,
    /// The work behind the batcher ended. Posting again under the same key tells what was done.
    #[error("nobody posts any more")]
    Stopped,
    /// The transaction of many postings failed. Posting again under the same key tells what was done.
    #[error("the postings could not be committed together")]
    NotCommitted(#[source] Arc<Error>),
    /// The database failed.
    #[error("the books could not be reached")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match violated_constraint(&error) {
            Some("ledger_transfers_key_unique") => Self::KeyRaced,
            _ => Self::Database(error),
        }
    }
}

impl RetryHint for Error {
    fn is_lost_race(&self) -> bool {
        match self {
            Self::KeyRaced => true,
            Self::Database(error) => error.is_lost_race(),
            _ => false,
        }
    }
}
