//! What a caller asks for: linked transfers that happen together or not at all.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use types::{AccountId, Money, TenantId, TransferId};
use uuid::Uuid;

use crate::Error;

/// The most transfers one posting links.
pub const TRANSFERS_MAX: usize = 32;
/// The longest idempotency key, in bytes.
pub const KEY_BYTES_MAX: usize = 128;
/// How the keys of the books' own postings begin; a caller's key may not.
pub const KEY_RESERVED: &str = "ledger:";
/// The longest that a pending transfer may wait, where it times out at all.
pub const TIMEOUT_MAX: TimeDelta = TimeDelta::days(3660);

/// Why money moved: what kind of thing caused it, and which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// `payment`, `refund` …
    pub kind: Cow<'static, str>,
    /// The id of that thing.
    pub id: Uuid,
}

/// One step of a posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// What it does.
    pub action: Action,
    /// What it is for: `sale`, `commission` …
    pub reason: Cow<'static, str>,
}

/// What a transfer does. Amounts are above zero, in the currency of both accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Moves an amount at once.
    Immediate {
        /// The account whose debit side grows.
        debit: AccountId,
        /// The account whose credit side grows.
        credit: AccountId,
        /// How much.
        amount: Money,
    },
    /// Reserves an amount on both accounts, to be posted or voided later.
    Pending {
        /// The account whose debit side is to grow.
        debit: AccountId,
        /// The account whose credit side is to grow.
        credit: AccountId,
        /// How much at most.
        amount: Money,
        /// How long until it expires by itself: whole microseconds, up to ten years. It never does without.
        timeout: Option<TimeDelta>,
    },
    /// Moves what a pending transfer reserved, or a part of it; the rest is released.
    Post {
        /// The pending transfer.
        pending: TransferId,
        /// How much: all of it where none is named.
        amount: Option<Money>,
    },
    /// Releases all that a pending transfer reserved.
    Void {
        /// The pending transfer.
        pending: TransferId,
    },
    /// Moves back what an immediate or post transfer moved.
    Reverse {
        /// That transfer.
        transfer: TransferId,
    },
}

/// Transfers that succeed or fail together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Whose books.
    pub tenant: TenantId,
    /// Names this posting among the tenant's for ever: posting it again has no further effect. 1–128 bytes, not beginning
    /// with `ledger:`.
    pub key: String,
    /// Why it happens.
    pub cause: Cause,
    /// 1–32 transfers, applied in this order.
    pub transfers: Vec<Transfer>,
}

/// Another posting, to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// Whose books.
    pub tenant: TenantId,
    /// The key of the posting that undoes; as that of any [`Posting`].
    pub key: String,
    /// Why it is undone.
    pub cause: Cause,
    /// The key of the posting to be undone.
    pub reverses: String,
    /// What its transfers are for.
    pub reason: Cow<'static, str>,
}

/// A posting that stands in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Its transfers, in the order of the posting.
    pub transfers: Vec<TransferId>,
    /// When it was posted for the first time.
    pub at: DateTime<Utc>,
}

impl Cause {
    /// A cause of this kind.
    pub fn new(kind: &'static str, id: Uuid) -> Self {
        Self { kind: Cow::Borrowed(kind), id }
    }
}

impl Transfer {
    /// Moves `amount` at once: debits one account and credits the other.
    pub const fn new(debit: AccountId, credit: AccountId, amount: Money, reason: &'static str) -> Self {
        Self { action: Action::Immediate { debit, credit, amount }, reason: Cow::Borrowed(reason) }
    }

    /// Reserves `amount` until it is posted, voided or, where there is a time-out, expires.
    pub const fn pending(
        debit: AccountId,
        credit: AccountId,
        amount: Money,
        timeout: Option<TimeDelta>,
        reason: &'static str,
    ) -> Self {
        Self { action: Action::Pending { debit, credit, amount, timeout }, reason: Cow::Borrowed(reason) }
    }

    /// Posts `amount` of what is pending, or all of it, and releases the rest.
    pub const fn post(pending: TransferId, amount: Option<Money>, reason: &'static str) -> Self {
        Self { action: Action::Post { pending, amount }, reason: Cow::Borrowed(reason) }
    }

    /// Releases all of what is pending.
    pub const fn void(pending: TransferId, reason: &'static str) -> Self {
        Self { action: Action::Void { pending }, reason: Cow::Borrowed(reason) }
    }

    /// Moves back what `transfer` moved.
    pub const fn reverse(transfer: TransferId, reason: &'static str) -> Self {
        Self { action: Action::Reverse { transfer }, reason: Cow::Borrowed(reason) }
    }

    /// Refuses what could not be posted whatever the books say.
    fn checked(&self) -> Result<(), Error> {
        let (accounts, amount, timeout) = match self.action {
            Action::Immediate { debit, credit, amount } => (Some((debit, credit)), Some(amount), None),
            Action::Pending { debit, credit, amount, timeout } => {
                (Some((debit, credit)), Some(amount), timeout)
            }
            Action::Post { amount, .. } => (None, amount, None),
            Action::Void { .. } | Action::Reverse { .. } => (None, None, None),
        };
        if amount.is_some_and(|amount| amount.minor() <= 0) {
            return Err(Error::NotPositive);
        }
        if accounts.is_some_and(|(debit, credit)| debit == credit) {
            return Err(Error::SameAccount);
        }
        let lasts = |timeout: TimeDelta| {
            let whole = timeout.num_microseconds().map(TimeDelta::microseconds);
            timeout > TimeDelta::zero() && timeout <= TIMEOUT_MAX && whole == Some(timeout)
        };
        if timeout.is_some_and(|timeout| !lasts(timeout)) {
            return Err(Error::BadTimeout);
        }
        Ok(())
    }
}

impl Action {
    /// The accounts that it names itself.
    pub(crate) const fn accounts(&self) -> Option<[AccountId; 2]> {
        match *self {
            Self::Immediate { debit, credit, .. } | Self::Pending { debit, credit, .. } => {
                Some([debit, credit])
            }
            Self::Post { .. } | Self::Void { .. } | Self::Reverse { .. } => None,
        }
    }

    /// The earlier transfer that it is about.
    pub(crate) const fn subject(&self) -> Option<TransferId> {
        match *self {
            Self::Immediate { .. } | Self::Pending { .. } => None,
            Self::Post { pending, .. } | Self::Void { pending } => Some(pending),
            Self::Reverse { transfer } => Some(transfer),
        }
    }
}

impl Posting {
    /// Refuses what could not be posted whatever the books say.
    ///
    /// # Errors
    /// [`Error::BadKey`], [`Error::NoTransfers`], [`Error::TooManyTransfers`], [`Error::NotPositive`],
    /// [`Error::SameAccount`], [`Error::BadTimeout`].
    pub(crate) fn checked(&self) -> Result<(), Error> {
        let length = self.key.len();
        if length == 0
            || length > KEY_BYTES_MAX
            || self.key.starts_with(KEY_RESERVED)
            || self.key.contains('\0')
        {
            return Err(Error::BadKey);
        }
        if self.transfers.is_empty() {
            return Err(Error::NoTransfers);
        }
        if self.transfers.len() > TRANSFERS_MAX {
            return Err(Error::TooManyTransfers);
        }
        self.transfers.iter().try_for_each(Transfer::checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(number))
    }

    fn posting(transfers: Vec<Transfer>) -> Posting {
        let nil = Uuid::nil();
        Posting { tenant: nil.into(), key: "k".to_owned(), cause: Cause::new("payment", nil), transfers }
    }

    fn sale(debit: u128, credit: u128, paise: i64) -> Transfer {
        Transfer::new(id(debit), id(credit), Money::inr(paise), "sale")
    }

    #[test]
    fn zero_negative_and_circular_transfers_are_refused() {
        let refused = |transfers| posting(transfers).checked().unwrap_err();
        let nothing = Transfer::post(Uuid::nil().into(), Some(Money::inr(0)), "sale");
        assert!(matches!(refused(vec![sale(1, 2, 0)]), Error::NotPositive));
        assert!(matches!(refused(vec![sale(1, 2, 5), sale(1, 2, -1)]), Error::NotPositive));
        assert!(matches!(refused(vec![nothing]), Error::NotPositive));
        assert!(matches!(refused(vec![sale(2, 2, 5)]), Error::SameAccount));
        assert!(matches!(refused(vec![]), Error::NoTransfers));
        assert!(matches!(refused(vec![sale(1, 2, 5); 33]), Error::TooManyTransfers));
    }

    #[test]
    fn a_key_is_neither_empty_nor_endless_nor_one_of_the_books_own() {
        let keyed = |key: &str| Posting { key: key.to_owned(), ..posting(vec![sale(1, 2, 5)]) }.checked();
        for bad in ["", &"k".repeat(129), "ledger:expire:1", "a\0b"] {
            assert!(matches!(keyed(bad), Err(Error::BadKey)), "{bad:?}");
        }
        assert!(keyed(&"k".repeat(128)).is_ok());
    }

    #[test]
    fn a_time_out_lasts_whole_microseconds_and_not_for_ever() {
        let timed = |timeout| {
            posting(vec![Transfer::pending(id(1), id(2), Money::inr(5), Some(timeout), "call")]).checked()
        };
        assert!(timed(TimeDelta::microseconds(1)).is_ok());
        assert!(timed(TIMEOUT_MAX).is_ok());
        for bad in [TimeDelta::zero(), TimeDelta::seconds(-1), TimeDelta::nanoseconds(1), TimeDelta::MAX] {
            assert!(matches!(timed(bad), Err(Error::BadTimeout)), "{bad:?}");
        }
    }
}
