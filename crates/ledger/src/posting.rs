//! Postings: linked transfers that happen together or not at all.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use types::{AccountId, Money, TenantId, TransferId};
use uuid::Uuid;

use crate::{Account, Error, Side};

/// The most transfers one posting links.
pub const TRANSFERS_MAX: usize = 32;
/// The longest idempotency key, in bytes.
pub const KEY_BYTES_MAX: usize = 128;

/// Why money moved: what kind of thing caused it, and which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// `payment`, `refund` …
    pub kind: Cow<'static, str>,
    /// The id of that thing.
    pub id: Uuid,
}

/// One movement between two accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The account whose debit side grows.
    pub debit: AccountId,
    /// The account whose credit side grows.
    pub credit: AccountId,
    /// Above zero, in the currency of both accounts.
    pub amount: Money,
    /// What it is for: `sale`, `commission` …
    pub reason: Cow<'static, str>,
}

/// Transfers that succeed or fail together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Whose books.
    pub tenant: TenantId,
    /// Names this posting among the tenant's for ever: posting it again has no further effect. 1–128 bytes.
    pub key: String,
    /// Why it happens.
    pub cause: Cause,
    /// 1–32 transfers, applied in this order.
    pub transfers: Vec<Transfer>,
}

/// A posting that stands in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Its transfers, in the order of the posting.
    pub transfers: Vec<TransferId>,
    /// When it was posted for the first time.
    pub at: DateTime<Utc>,
}

/// A transfer with what it did to its two accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    pub debit_version: i64,
    pub credit_version: i64,
    pub debit_balance_after_minor: i64,
    pub credit_balance_after_minor: i64,
}

impl Cause {
    /// A cause of this kind.
    pub fn new(kind: &'static str, id: Uuid) -> Self {
        Self { kind: Cow::Borrowed(kind), id }
    }
}

impl Transfer {
    /// A movement of `amount` that debits one account and credits the other.
    pub const fn new(debit: AccountId, credit: AccountId, amount: Money, reason: &'static str) -> Self {
        Self { debit, credit, amount, reason: Cow::Borrowed(reason) }
    }
}

impl Posting {
    /// Refuses what could not be posted whatever the books say.
    ///
    /// # Errors
    /// [`Error::BadKey`], [`Error::NoTransfers`], [`Error::TooManyTransfers`], [`Error::NotPositive`],
    /// [`Error::SameAccount`].
    pub(crate) fn checked(&self) -> Result<(), Error> {
        if self.key.is_empty() || self.key.len() > KEY_BYTES_MAX {
            return Err(Error::BadKey);
        }
        if self.transfers.is_empty() {
            return Err(Error::NoTransfers);
        }
        if self.transfers.len() > TRANSFERS_MAX {
            return Err(Error::TooManyTransfers);
        }
        for transfer in &self.transfers {
            if transfer.amount.minor() <= 0 {
                return Err(Error::NotPositive);
            }
            if transfer.debit == transfer.credit {
                return Err(Error::SameAccount);
            }
        }
        Ok(())
    }

    /// The accounts it touches, in the order in which they are locked.
    pub(crate) fn accounts(&self) -> Vec<AccountId> {
        let mut ids: Vec<_> = self.transfers.iter().flat_map(|t| [t.debit, t.credit]).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Applies every transfer in order. On an error the accounts are to be thrown away: some may have changed.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`], [`Error::CurrencyMismatch`], [`Error::LimitReached`], [`Error::Overflow`].
    pub(crate) fn apply(&self, accounts: &mut BTreeMap<AccountId, Account>) -> Result<Vec<Effect>, Error> {
        self.transfers.iter().map(|transfer| transfer.apply(accounts)).collect()
    }
}

impl Transfer {
    fn apply(&self, accounts: &mut BTreeMap<AccountId, Account>) -> Result<Effect, Error> {
        let (debit_version, debit_balance_after_minor) = self.post(accounts, self.debit, Side::Debit)?;
        let (credit_version, credit_balance_after_minor) = self.post(accounts, self.credit, Side::Credit)?;
        Ok(Effect { debit_version, credit_version, debit_balance_after_minor, credit_balance_after_minor })
    }

    fn post(
        &self,
        accounts: &mut BTreeMap<AccountId, Account>,
        id: AccountId,
        side: Side,
    ) -> Result<(i64, i64), Error> {
        let account = accounts.get_mut(&id).ok_or(Error::UnknownAccount(id))?;
        if account.currency != self.amount.currency() {
            return Err(Error::CurrencyMismatch);
        }
        account.post(side, self.amount.minor())?;
        Ok((account.version, account.balance().minor()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Limit;
    use crate::account::tests::account;

    fn id(number: u128) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(number))
    }

    fn posting(transfers: &[(u128, u128, i64)]) -> Posting {
        let transfers = transfers
            .iter()
            .map(|(debit, credit, paise)| Transfer::new(id(*debit), id(*credit), Money::inr(*paise), "sale"))
            .collect();
        let nil = Uuid::nil();
        Posting { tenant: nil.into(), key: "k".to_owned(), cause: Cause::new("payment", nil), transfers }
    }

    fn books(limit: Limit) -> BTreeMap<AccountId, Account> {
        (1..=4)
            .map(|n| (id(n), account(n, if n % 2 == 0 { Side::Credit } else { Side::Debit }, limit)))
            .collect()
    }

    #[test]
    fn zero_negative_and_circular_transfers_are_refused() {
        assert!(matches!(posting(&[(1, 2, 0)]).checked(), Err(Error::NotPositive)));
        assert!(matches!(posting(&[(1, 2, 5), (1, 2, -1)]).checked(), Err(Error::NotPositive)));
        assert!(matches!(posting(&[(2, 2, 5)]).checked(), Err(Error::SameAccount)));
        assert!(matches!(posting(&[]).checked(), Err(Error::NoTransfers)));
        assert!(matches!(posting(&[(1, 2, 5); 33]).checked(), Err(Error::TooManyTransfers)));
    }

    #[test]
    fn a_key_is_neither_empty_nor_endless() {
        let keyed = |key: String| Posting { key, ..posting(&[(1, 2, 5)]) }.checked();
        assert!(matches!(keyed(String::new()), Err(Error::BadKey)));
        assert!(matches!(keyed("k".repeat(129)), Err(Error::BadKey)));
        assert!(keyed("k".repeat(128)).is_ok());
    }

    #[test]
    fn accounts_are_locked_once_each_in_the_order_of_their_ids() {
        assert_eq!(posting(&[(3, 1, 5), (2, 3, 5)]).accounts(), [id(1), id(2), id(3)]);
    }

    #[test]
    fn funds_that_an_earlier_transfer_of_the_posting_brought_can_be_spent_by_a_later_one() {
        let mut books = books(Limit::DebitsMustNotExceedCredits);
        books.get_mut(&id(1)).unwrap().limit = Limit::None;
        let in_order = posting(&[(1, 2, 50), (2, 4, 50)]);
        assert!(in_order.apply(&mut books.clone()).is_ok());
        let out_of_order = posting(&[(2, 4, 50), (1, 2, 50)]);
        assert!(matches!(out_of_order.apply(&mut books), Err(Error::LimitReached { .. })));
    }

    #[test]
    fn a_transfer_to_an_account_that_is_not_there_is_refused() {
        let refused = posting(&[(1, 9, 5)]).apply(&mut books(Limit::None));
        assert!(matches!(refused, Err(Error::UnknownAccount(unknown)) if unknown == id(9)));
    }

    proptest! {
        #[test]
        fn whatever_is_posted_debits_equal_credits_and_versions_count_the_transfers(
            moves in prop::collection::vec((1u128..=4, 1u128..=4, 1i64..1_000_000_000), 1..TRANSFERS_MAX),
        ) {
            let moves: Vec<_> = moves.into_iter().filter(|(debit, credit, _)| debit != credit).collect();
            let mut books = books(Limit::None);
            let effects = posting(&moves).apply(&mut books).unwrap();
            prop_assert_eq!(
                books.values().map(|a| a.debits_minor).sum::<i64>(),
                books.values().map(|a| a.credits_minor).sum::<i64>()
            );
            let seen: i64 = books.values().map(|a| a.version).sum();
            prop_assert_eq!(usize::try_from(seen).unwrap(), effects.len() * 2);
        }
    }
}
