//! Accounts and the rule that changes them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use types::{AccountId, Currency, Money, TenantId};

use crate::Error;
use crate::record::After;

/// The longest code of an account, in bytes.
pub const CODE_BYTES_MAX: usize = 64;

/// The side on which an account's balance counts as positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Side {
    /// What is owned or spent: clearing accounts, fees.
    Debit,
    /// What is owed or earned: payables, revenue.
    Credit,
}

/// What an account's balance may never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Limit {
    /// Anything is allowed.
    None,
    /// Never more is taken out of a credit account than was put in.
    DebitsMustNotExceedCredits,
    /// Never more is taken out of a debit account than was put in.
    CreditsMustNotExceedDebits,
}

/// An account to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAccount<'a> {
    /// Its name within the tenant: lower-case letters, digits and `_ - :`, 1–64 bytes.
    pub code: &'a str,
    /// Where its balance counts as positive.
    pub side: Side,
    /// What its balance may never do.
    pub limit: Limit,
    /// The one currency it holds.
    pub currency: Currency,
}

/// An account with its totals at one moment.
///
/// What is *posted* is final; what is *pending* is reserved by transfers that are not posted yet, and counts against the
/// limit on the side that takes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose books it is in.
    pub tenant: TenantId,
    /// The account.
    pub id: AccountId,
    /// Its name within the tenant.
    pub code: String,
    /// Where its balance counts as positive.
    pub side: Side,
    /// What its balance may never do.
    pub limit: Limit,
    /// The one currency it holds.
    pub currency: Currency,
    pub(crate) debits_posted_minor: i64,
    pub(crate) credits_posted_minor: i64,
    pub(crate) debits_pending_minor: i64,
    pub(crate) credits_pending_minor: i64,
    /// How many transfers it has seen.
    pub version: i64,
    pub(crate) last_posted_at: Option<DateTime<Utc>>,
}

/// What an account held at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Where it counts as positive.
    pub side: Side,
    /// What was posted, positive on the account's own side.
    pub posted: Money,
    /// What pending transfers reserved on the debit side.
    pub debits_pending: Money,
    /// What pending transfers reserved on the credit side.
    pub credits_pending: Money,
    /// How many transfers the account had seen.
    pub version: i64,
}

impl NewAccount<'_> {
    /// # Errors
    /// [`Error::BadCode`].
    pub(crate) fn checked(&self) -> Result<(), Error> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b':');
        let ok = (1..=CODE_BYTES_MAX).contains(&self.code.len()) && self.code.bytes().all(fits);
        if ok { Ok(()) } else { Err(Error::BadCode(self.code.to_owned())) }
    }

    /// The id this account was opened under.
    ///
    /// # Errors
    /// [`Error::AccountDiffers`].
    pub(crate) fn among(&self, opened: &[Account]) -> Result<AccountId, Error> {
        let properties = (self.side, self.limit, self.currency);
        match opened.iter().find(|account| account.code == self.code) {
            Some(account) if (account.side, account.limit, account.currency) == properties => Ok(account.id),
            Some(_) => Err(Error::AccountDiffers(self.code.to_owned())),
            None => Err(Error::Database(sqlx::Error::RowNotFound)),
        }
    }
}

impl Account {
    /// Everything ever posted to the debit side.
    pub const fn debits(&self) -> Money {
        Money::new(self.debits_posted_minor, self.currency)
    }

    /// Everything ever posted to the credit side.
    pub const fn credits(&self) -> Money {
        Money::new(self.credits_posted_minor, self.currency)
    }

    /// What pending transfers reserve on the debit side.
    pub const fn debits_pending(&self) -> Money {
        Money::new(self.debits_pending_minor, self.currency)
    }

    /// What pending transfers reserve on the credit side.
    pub const fn credits_pending(&self) -> Money {
        Money::new(self.credits_pending_minor, self.currency)
    }

    /// What was posted, positive on the account's own side.
    pub const fn balance(&self) -> Money {
        self.state().posted
    }

    /// What is left to be taken out: the balance less what is reserved to be taken out.
    pub const fn available(&self) -> Money {
        self.state().available()
    }

    pub(crate) const fn has_pending(&self) -> bool {
        self.debits_pending_minor > 0 || self.credits_pending_minor > 0
    }

    /// All of it together.
    pub const fn state(&self) -> Balance {
        // Both totals lie in 0..=i64::MAX, so their difference fits.
        let minor = match self.side {
            Side::Debit => self.debits_posted_minor - self.credits_posted_minor,
            Side::Credit => self.credits_posted_minor - self.debits_posted_minor,
        };
        Balance {
            side: self.side,
            posted: Money::new(minor, self.currency),
            debits_pending: self.debits_pending(),
            credits_pending: self.credits_pending(),
            version: self.version,
        }
    }

    /// Changes one side by what is posted to it, at least nothing, and by what is reserved on it, or released where below zero.
    ///
    /// # Errors
    /// [`Error::LimitReached`], [`Error::Overflow`]; the account is then unchanged.
    pub(crate) fn change(
        &mut self,
        side: Side,
        posted_minor: i64,
        reserved_minor: i64,
    ) -> Result<After, Error> {
        let (posted, pending) = match side {
            Side::Debit => (self.debits_posted_minor, self.debits_pending_minor),
            Side::Credit => (self.credits_posted_minor, self.credits_pending_minor),
        };
        let posted = posted.checked_add(posted_minor).ok_or(Error::Overflow)?;
        let pending = pending.checked_add(reserved_minor).ok_or(Error::Overflow)?;
        assert!(posted_minor >= 0 && pending >= 0, "what was reserved is released once");
        let committed = posted.checked_add(pending).ok_or(Error::Overflow)?;
        let within = match (self.limit, side) {
            (Limit::DebitsMustNotExceedCredits, Side::Debit) => committed <= self.credits_posted_minor,
            (Limit::CreditsMustNotExceedDebits, Side::Credit) => committed <= self.debits_posted_minor,
            _ => true,
        };
        if !within {
            return Err(Error::LimitReached { code: self.code.clone() });
        }
        match side {
            Side::Debit => (self.debits_posted_minor, self.debits_pending_minor) = (posted, pending),
            Side::Credit => (self.credits_posted_minor, self.credits_pending_minor) = (posted, pending),
        }
        self.version += 1;
        Ok(After {
            version: self.version,
            balance_minor: self.balance().minor(),
            debits_pending_minor: self.debits_pending_minor,
            credits_pending_minor: self.credits_pending_minor,
        })
    }
}

impl Balance {
    /// What was left to be taken out: what was posted less what was reserved to be taken out.
    pub const fn available(&self) -> Money {
        // Posted and pending of one side fit together, so this does not fall below -i64::MAX.
        let reserved = match self.side {
            Side::Debit => self.credits_pending,
            Side::Credit => self.debits_pending,
        };
        Money::new(self.posted.minor() - reserved.minor(), self.posted.currency())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    pub(crate) fn account(id: u128, side: Side, limit: Limit) -> Account {
        Account {
            tenant: Uuid::nil().into(),
            id: AccountId::from_uuid(Uuid::from_u128(id)),
            code: format!("account-{id}"),
            side,
            limit,
            currency: Currency::Inr,
            debits_posted_minor: 0,
            credits_posted_minor: 0,
            debits_pending_minor: 0,
            credits_pending_minor: 0,
            version: 0,
            last_posted_at: None,
        }
    }

    #[test]
    fn a_balance_is_positive_on_the_accounts_own_side() {
        let mut clearing = account(1, Side::Debit, Limit::None);
        clearing.change(Side::Debit, 150_00, 0).unwrap();
        clearing.change(Side::Credit, 20_00, 0).unwrap();
        assert_eq!(clearing.balance(), Money::inr(130_00));
        let mut payable = account(2, Side::Credit, Limit::None);
        payable.change(Side::Debit, 5_00, 0).unwrap();
        assert_eq!(payable.balance(), Money::inr(-5_00));
    }

    #[test]
    fn what_passes_a_limit_is_refused_and_changes_nothing() {
        let mut wallet = account(1, Side::Credit, Limit::DebitsMustNotExceedCredits);
        wallet.change(Side::Credit, 100, 0).unwrap();
        let before = wallet.clone();
        assert!(matches!(wallet.change(Side::Debit, 101, 0), Err(Error::LimitReached { .. })));
        assert!(matches!(wallet.change(Side::Debit, 0, 101), Err(Error::LimitReached { .. })));
        assert_eq!(wallet, before);
        wallet.change(Side::Debit, 100, 0).unwrap();
        assert_eq!(wallet.balance(), Money::inr(0));
    }

    #[test]
    fn what_is_reserved_is_no_longer_available_and_what_is_on_its_way_in_is_not_yet() {
        let mut wallet = account(1, Side::Credit, Limit::DebitsMustNotExceedCredits);
        wallet.change(Side::Credit, 100, 0).unwrap();
        wallet.change(Side::Debit, 0, 70).unwrap();
        wallet.change(Side::Credit, 0, 500).unwrap();
        assert_eq!((wallet.balance(), wallet.available()), (Money::inr(100), Money::inr(30)));
        assert!(matches!(wallet.change(Side::Debit, 31, 0), Err(Error::LimitReached { .. })));
        // Part of it is posted, the rest released.
        wallet.change(Side::Debit, 40, -70).unwrap();
        assert_eq!((wallet.balance(), wallet.available()), (Money::inr(60), Money::inr(60)));
    }

    #[test]
    fn a_total_that_would_not_fit_is_refused() {
        let mut account = account(1, Side::Debit, Limit::None);
        account.change(Side::Debit, i64::MAX, 0).unwrap();
        assert!(matches!(account.change(Side::Debit, 1, 0), Err(Error::Overflow)));
        assert!(matches!(account.change(Side::Debit, 0, 1), Err(Error::Overflow)));
        assert_eq!(account.balance(), Money::inr(i64::MAX));
    }

    #[test]
    fn a_code_is_short_and_plain() {
        let code = |code| NewAccount { code, side: Side::Debit, limit: Limit::None, currency: Currency::Inr };
        assert!(code("gateway_clearing:razorpay-1").checked().is_ok());
        for bad in ["", "Vendor", "a b", "ₐ", &"a".repeat(65)] {
            assert!(matches!(code(bad).checked(), Err(Error::BadCode(_))), "{bad:?}");
        }
    }
}
