//! Accounts and the rule that changes them.

use serde::Serialize;
use types::{AccountId, Currency, Money};

use crate::Error;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
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
    pub(crate) debits_minor: i64,
    pub(crate) credits_minor: i64,
    /// How many transfers it has seen.
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
        Money::new(self.debits_minor, self.currency)
    }

    /// Everything ever posted to the credit side.
    pub const fn credits(&self) -> Money {
        Money::new(self.credits_minor, self.currency)
    }

    /// What the account holds, positive on its own side.
    pub const fn balance(&self) -> Money {
        // Both totals lie in 0..=i64::MAX, so their difference fits.
        let minor = match self.side {
            Side::Debit => self.debits_minor - self.credits_minor,
            Side::Credit => self.credits_minor - self.debits_minor,
        };
        Money::new(minor, self.currency)
    }

    /// Posts `amount_minor`, which is above zero, to one side.
    ///
    /// # Errors
    /// [`Error::LimitReached`], [`Error::Overflow`]; the account is then unchanged.
    pub(crate) fn post(&mut self, side: Side, amount_minor: i64) -> Result<(), Error> {
        let (mut debits, mut credits) = (self.debits_minor, self.credits_minor);
        let total = match side {
            Side::Debit => &mut debits,
            Side::Credit => &mut credits,
        };
        *total = total.checked_add(amount_minor).ok_or(Error::Overflow)?;
        let within = match self.limit {
            Limit::None => true,
            Limit::DebitsMustNotExceedCredits => debits <= credits,
            Limit::CreditsMustNotExceedDebits => credits <= debits,
        };
        if !within {
            return Err(Error::LimitReached { code: self.code.clone() });
        }
        (self.debits_minor, self.credits_minor) = (debits, credits);
        self.version += 1;
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    pub(crate) fn account(id: u128, side: Side, limit: Limit) -> Account {
        Account {
            id: AccountId::from_uuid(Uuid::from_u128(id)),
            code: format!("account-{id}"),
            side,
            limit,
            currency: Currency::Inr,
            debits_minor: 0,
            credits_minor: 0,
            version: 0,
        }
    }

    #[test]
    fn a_balance_is_positive_on_the_accounts_own_side() {
        let mut clearing = account(1, Side::Debit, Limit::None);
        clearing.post(Side::Debit, 150_00).unwrap();
        clearing.post(Side::Credit, 20_00).unwrap();
        assert_eq!(clearing.balance(), Money::inr(130_00));
        let mut payable = account(2, Side::Credit, Limit::None);
        payable.post(Side::Debit, 5_00).unwrap();
        assert_eq!(payable.balance(), Money::inr(-5_00));
    }

    #[test]
    fn what_passes_a_limit_is_refused_and_changes_nothing() {
        let mut wallet = account(1, Side::Credit, Limit::DebitsMustNotExceedCredits);
        wallet.post(Side::Credit, 100).unwrap();
        let before = wallet.clone();
        assert!(matches!(wallet.post(Side::Debit, 101), Err(Error::LimitReached { .. })));
        assert_eq!(wallet, before);
        wallet.post(Side::Debit, 100).unwrap();
        assert_eq!(wallet.balance(), Money::inr(0));
    }

    #[test]
    fn a_total_that_would_not_fit_is_refused() {
        let mut account = account(1, Side::Debit, Limit::None);
        account.post(Side::Debit, i64::MAX).unwrap();
        assert!(matches!(account.post(Side::Debit, 1), Err(Error::Overflow)));
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
