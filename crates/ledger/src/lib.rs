//! The books: double entry, exact to the paisa.
//!
//! Every tenant has accounts, named by a code. A *posting* is one or more linked transfers that succeed or fail together;
//! a *transfer* debits one account and credits another by the same amount, carries the cause of the movement, and is
//! never changed or deleted. An account keeps its totals and the number of transfers it has seen; both can be
//! recomputed from the transfers ([`Ledger::check`]).
//!
//! **Invariants.** Within a tenant and currency the debits of all accounts equal their credits. A key names one posting for
//! ever: the same posting again answers as the first time, another under the same key is refused. A limit on an
//! account holds after every single transfer, and is a constraint of the table too. A posting is made in the caller's
//! transaction, so that it stands exactly when the caller's own rows do.
//!
//! **Deliberately absent**: HTTP; transfers between tenants or currencies; changing the past (a mistake is undone by another
//! posting); what the accounts mean, which is their owners' business.

mod account;
mod check;
mod db;
mod error;
mod explain;
mod posting;

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use platform::page::{Page, PageQuery};
use platform::{Clock, Entropy};
use sqlx::{Connection, PgConnection};
use types::{AccountId, Money, TenantId, TransferId};
use uuid::Uuid;

pub use account::{Account, CODE_BYTES_MAX, Limit, NewAccount, Side};
pub use check::{FAULTS_MAX, Fault, FaultKind, Report};
pub use error::Error;
pub use explain::{Explained, Move};
pub use posting::{Cause, KEY_BYTES_MAX, Posted, Posting, TRANSFERS_MAX, Transfer};

/// Keeps the books. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger {
    clock: Clock,
    entropy: Entropy,
}

/// One line of an account's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The transfer.
    pub transfer: TransferId,
    /// Its number in the account's history, counted from 1.
    pub version: i64,
    /// Which side of the account it was posted to.
    pub side: Side,
    /// How much, above zero.
    pub amount: Money,
    /// The account's balance afterwards, positive on the account's own side.
    pub balance_after: Money,
    /// The code of the account on the other side.
    pub other: String,
    /// What it was for.
    pub reason: String,
    /// What caused it.
    pub cause: Cause,
    /// The key of its posting.
    pub key: String,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
}

impl Ledger {
    /// The books of every tenant.
    pub const fn new(clock: Clock, entropy: Entropy) -> Self {
        Self { clock, entropy }
    }

    /// Opens an account, or gives the one of that code.
    ///
    /// # Errors
    /// [`Error::AccountDiffers`] where it was opened with other properties; [`Error::BadCode`].
    pub async fn open_account(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        account: &NewAccount<'_>,
    ) -> Result<AccountId, Error> {
        let opened = self.open_accounts(connection, tenant, std::slice::from_ref(account)).await?;
        opened.first().copied().ok_or_else(|| Error::Database(sqlx::Error::RowNotFound))
    }

    /// Opens several accounts, or gives those of their codes, in the order asked.
    ///
    /// # Errors
    /// As [`Ledger::open_account`].
    pub async fn open_accounts(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        accounts: &[NewAccount<'_>],
    ) -> Result<Vec<AccountId>, Error> {
        let codes: Vec<&str> = accounts.iter().map(|account| account.code).collect();
        let mut opened = self.accounts(connection, tenant, &codes).await?;
        // Nearly always they are there: look before writing.
        let missing: Vec<_> = accounts.iter().filter(|a| !opened.iter().any(|o| o.code == a.code)).collect();
        if !missing.is_empty() {
            let now = self.clock.now();
            for account in missing {
                account.checked()?;
                db::insert_account(connection, tenant, self.entropy.id(now), account, now).await?;
            }
            opened = self.accounts(connection, tenant, &codes).await?;
        }
        accounts.iter().map(|account| account.among(&opened)).collect()
    }

    /// Posts linked transfers in the caller's transaction. The accounts are locked, in the order of their ids, until
    /// it ends.
    ///
    /// The same posting under the same key has no further effect and gives the answer of the first time.
    ///
    /// # Errors
    /// See [`Error`]. Nothing was written, and except after [`Error::Database`] and [`Error::KeyRaced`] the caller's
    /// transaction can go on.
    ///
    /// # Panics
    /// Outside a transaction, where locks would not outlive their statement.
    pub async fn post(&self, connection: &mut PgConnection, posting: &Posting) -> Result<Posted, Error> {
        assert!(connection.is_in_transaction(), "a posting is made in a transaction");
        posting.checked()?;
        let mut accounts: BTreeMap<_, _> = db::lock_accounts(connection, posting.tenant, &posting.accounts())
            .await?
            .into_iter()
            .map(|account| (account.id, account))
            .collect();
        // Looked up under the locks: whoever posts the same transfers waits for them.
        let stored = db::transfers_of_key(connection, posting.tenant, &posting.key).await?;
        if !stored.is_empty() {
            return db::answer_again(posting, stored);
        }
        let effects = posting.apply(&mut accounts)?;
        let at = self.clock.now();
        let transfers: Vec<TransferId> = effects.iter().map(|_| self.entropy.id(at)).collect();
        db::insert_transfers(connection, posting, &transfers, &effects, at).await?;
        db::update_accounts(connection, posting.tenant, accounts.into_values()).await?;
        Ok(Posted { transfers, at })
    }

    /// An account with its totals.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`].
    pub async fn balance(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Account, Error> {
        db::account(connection, tenant, account).await?.ok_or(Error::UnknownAccount(account))
    }

    /// The accounts of these codes with their totals, in no order; those that were never opened are left out.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn accounts(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        codes: &[&str],
    ) -> Result<Vec<Account>, Error> {
        db::accounts_by_code(connection, tenant, codes).await
    }

    /// What was posted to each side of an account from one time up to, but without, another: debits, then credits.
    ///
    /// # Errors
    /// Whatever the database says; [`Error::Overflow`] where a sum does not fit.
    pub async fn turnover(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        account: &Account,
        during: Range<DateTime<Utc>>,
    ) -> Result<(Money, Money), Error> {
        let (debits, credits) = db::turnover(connection, tenant, account.id, during).await?;
        Ok((Money::new(debits, account.currency), Money::new(credits, account.currency)))
    }

    /// A page of an account's history, newest first. `before` names a transfer.
    ///
    /// # Errors
    /// Whatever the database says. An unknown account has an empty history.
    pub async fn entries(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        account: AccountId,
        query: PageQuery,
    ) -> Result<Page<Entry>, Error> {
        let entries = db::entries(connection, tenant, account, query).await?;
        Ok(query.page(entries, |entry| entry.transfer.uuid()))
    }

    /// Recomputes everything: every account from its transfers, every tenant's debits against its credits.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn check(&self, connection: &mut PgConnection) -> Result<Report, Error> {
        db::check(connection).await
    }

    /// Tells why money moved: `id` is a transfer's, or that of what caused it. At most 100 postings, oldest first.
    ///
    /// # Errors
    /// Whatever the database says. An id that nothing knows explains nothing.
    pub async fn explain(&self, connection: &mut PgConnection, id: Uuid) -> Result<Vec<Explained>, Error> {
        Ok(explain::group(db::moves_of(connection, id).await?))
    }
}
