//! The books: double entry, exact to the paisa.
//!
//! Every tenant has accounts, named by a code. A *posting* is one or more linked transfers that succeed or fail together;
//! a *transfer* debits one account and credits another by the same amount, carries the cause of the movement, and is
//! never changed or deleted. It moves its amount at once, or in two phases: a *pending* transfer reserves the amount, and
//! a later one *posts* it, or a part of it, or *voids* it; or it *expires*. A posting is undone by another, its *reversal*.
//! An account keeps its totals, what is posted and what is pending apart, and the number of transfers it has seen; all
//! can be recomputed from the transfers ([`Ledger::check`]).
//!
//! **Invariants.** Within a tenant and currency the debits of all accounts equal their credits, posted and pending. A key names
//! one posting for ever: the same posting again answers as the first time, another under the same key is refused. A
//! pending transfer is resolved once. A limit on an account holds after every single transfer, with what is pending on
//! the side that takes out, and is a constraint of the table too. Times never go back within an account's history, even
//! where the clock does. A posting is made in the caller's transaction, so that it stands exactly when the caller's own
//! rows do.
//!
//! **Two entries, one rule set**: [`Ledger::post`] posts in the caller's transaction; a [`Batcher`] posts for many callers in one.
//!
//! **Deliberately absent**: HTTP; transfers between tenants or currencies; changing the past; what the accounts mean, which
//! is their owners' business.

mod account;
mod batcher;
mod book;
mod carrier;
mod check;
mod db;
mod error;
mod explain;
mod known;
mod personal;
mod record;
mod transfer;
mod worker;

use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use platform::page::{Page, PageQuery};
use platform::{Clock, Entropy};
use sqlx::{Connection, PgConnection};
use types::{AccountId, Money, TenantId, TransferId};
use uuid::Uuid;

use crate::book::{Book, Outcome};
use crate::carrier::Plan;
use crate::known::Known;

pub use account::{Account, Balance, CODE_BYTES_MAX, Limit, NewAccount, Side};
pub use batcher::{Batcher, BatcherOptions};
pub use check::{FAULTS_MAX, Fault, FaultKind, Report};
pub use error::Error;
pub use explain::{Explained, Move, Related};
pub use record::Kind;
pub use transfer::{
    Action, Cause, KEY_BYTES_MAX, KEY_RESERVED, Posted, Posting, Reversal, TIMEOUT_MAX, TRANSFERS_MAX,
    Transfer,
};

/// The most transfers that one call of [`Ledger::expire_due`] looks at.
const EXPIRE_MAX: u16 = 1000;

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
    /// What it did: only an immediate or post transfer or a reversal changed the balance.
    pub kind: Kind,
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

/// What all tenants' accounts of a code saw on a day in India, in paise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTurnover {
    /// The day.
    pub day: NaiveDate,
    /// The accounts' code.
    pub code: String,
    /// What was posted to their debit sides.
    pub debits_minor: i64,
    /// What was posted to their credit sides.
    pub credits_minor: i64,
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
        let (mut posted, _) = self.post_all(connection, std::slice::from_ref(posting)).await?;
        posted.swap_remove(0)
    }

    /// Posts each in order, by the same statements for all of them together. One that is refused changes nothing.
    pub(crate) async fn post_all(
        &self,
        connection: &mut PgConnection,
        postings: &[Posting],
    ) -> Result<(Vec<Result<Posted, Error>>, Outcome), Error> {
        let now = self.clock.now();
        let mut book = db::open(connection, &db::Wanted::by(postings), now).await?;
        let posted = self.apply(&mut book, postings, now);
        let outcome = book.finish();
        self.write(connection, &outcome).await?;
        Ok((posted, outcome))
    }

    /// What postings come to by what is known, and what must be true for it to stand; `None` where that does not tell what the books say: a
    /// transfer is not known, or a posting would be refused, which may be one that was made before.
    pub(crate) fn plan(&self, known: &Known, postings: &[Posting]) -> Option<Plan> {
        let now = self.clock.now();
        let mut book = known.book(postings)?;
        let unless = db::Unless { now, overdue_on: book.with_pending() };
        let posted = self.apply(&mut book, postings, now).into_iter().collect::<Result<_, _>>().ok()?;
        Some(Plan { posted, outcome: book.finish(), unless })
    }

    fn apply(&self, book: &mut Book, postings: &[Posting], now: DateTime<Utc>) -> Vec<Result<Posted, Error>> {
        postings.iter().map(|posting| book.post(posting, now, |at| self.entropy.id(at))).collect()
    }

    /// Writes what was worked out under locks.
    async fn write(&self, connection: &mut PgConnection, outcome: &Outcome) -> Result<(), Error> {
        let unless = db::Unless { now: self.clock.now(), overdue_on: Vec::new() };
        let stands = db::write(connection, outcome, &unless).await?;
        assert!(stands, "an account changes only under its lock");
        Ok(())
    }

    /// Notes as expired at most `limit` (up to 1000) pending transfers whose time is over, the longest overdue first, in the
    /// caller's transaction, and says how many. For a job: call again at once where it says `limit`.
    ///
    /// Nothing waits for it: whatever meets an overdue transfer treats it as expired.
    ///
    /// # Errors
    /// Whatever the database says.
    ///
    /// # Panics
    /// Outside a transaction, as [`Ledger::post`].
    pub async fn expire_due(&self, connection: &mut PgConnection, limit: u16) -> Result<usize, Error> {
        assert!(connection.is_in_transaction(), "transfers expire in a transaction");
        let now = self.clock.now();
        let due = db::due(connection, now, i64::from(limit.min(EXPIRE_MAX))).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut book = db::open(connection, &db::Wanted::of_subjects(&due), now).await?;
        let mut expired = 0;
        for pending in due {
            expired += usize::from(book.expire(pending, now, self.entropy.id(now))?);
        }
        self.write(connection, &book.finish()).await?;
        Ok(expired)
    }

    /// Undoes a posting by another: moves back what each of its transfers moved, the last first.
    ///
    /// A posting is reversed once, and a reversal never. What is pending is voided instead.
    ///
    /// # Errors
    /// As [`Ledger::post`]; [`Error::LimitReached`] also where what was moved has been spent since. [`Error::UnknownPosting`],
    /// [`Error::AlreadyReversed`], and [`Error::NotReversible`] where a transfer of it moved nothing or is a reversal.
    ///
    /// # Panics
    /// As [`Ledger::post`].
    pub async fn reverse(&self, connection: &mut PgConnection, reversal: &Reversal) -> Result<Posted, Error> {
        let Reversal { tenant, key, cause, reverses, reason } = reversal;
        let moved = db::transfers_of(connection, *tenant, reverses).await?;
        if moved.is_empty() {
            return Err(Error::UnknownPosting(reverses.clone()));
        }
        let back = |transfer| Transfer { action: Action::Reverse { transfer }, reason: reason.clone() };
        let transfers = moved.into_iter().rev().map(back).collect();
        let posting = Posting { tenant: *tenant, key: key.clone(), cause: cause.clone(), transfers };
        self.post(connection, &posting).await
    }

    /// What an account held once all up to and including the moment `at` was posted. Takes as long for an old moment in a
    /// long history as for now.
    ///
    /// A pending transfer counts until its end was posted: also an expired one, until somebody noted it.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`].
    pub async fn balance_at(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        account: AccountId,
        at: DateTime<Utc>,
    ) -> Result<Balance, Error> {
        let balance = db::balance_at(connection, tenant, account, at).await?;
        balance.ok_or(Error::UnknownAccount(account))
    }

    /// An account with its totals. What has expired is no longer pending, whether somebody noted it or not.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`].
    pub async fn balance(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Account, Error> {
        let found = db::accounts(connection, &db::Asked::ids([(tenant, account)]), self.clock.now()).await?;
        found.into_iter().next().ok_or(Error::UnknownAccount(account))
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
        db::accounts(connection, &db::Asked::codes(tenant, codes), self.clock.now()).await
    }

    /// Accounts of several tenants with their totals, in no order; those that are not there are left out. For lists of tenants.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn accounts_across(
        &self,
        connection: &mut PgConnection,
        accounts: &[(TenantId, AccountId)],
    ) -> Result<Vec<Account>, Error> {
        db::accounts(connection, &db::Asked::ids(accounts.iter().copied()), self.clock.now()).await
    }

    /// The accounts of one code of several tenants with their totals, in no order; those that were never opened are left out.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn accounts_named(
        &self,
        connection: &mut PgConnection,
        tenants: &[TenantId],
        code: &str,
    ) -> Result<Vec<Account>, Error> {
        db::accounts(connection, &db::Asked::named(tenants, code), self.clock.now()).await
    }

    /// What each posting added to the balance of its tenant's account of a code, as a debit account counts; those that did not touch
    /// it are left out, reversals of them aside. For comparisons over many tenants.
    ///
    /// # Errors
    /// Whatever the database says; [`Error::Overflow`] where a sum does not fit.
    pub async fn moved(
        &self,
        connection: &mut PgConnection,
        code: &str,
        postings: &[(TenantId, String)],
    ) -> Result<Vec<(TenantId, String, Money)>, Error> {
        db::moved(connection, code, postings).await
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

    /// What was posted to all tenants' accounts of these codes from one time up to, but without, another, by day in India, the
    /// newest first. For the operator's own income; days and codes that saw nothing are left out.
    ///
    /// # Errors
    /// Whatever the database says; [`Error::Overflow`] where a sum does not fit.
    pub async fn turnover_by_day(
        &self,
        connection: &mut PgConnection,
        codes: &[&str],
        during: Range<DateTime<Utc>>,
    ) -> Result<Vec<DayTurnover>, Error> {
        db::turnover_by_day(connection, codes, during).await
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
        db::check(connection, i64::from_le_bytes(self.entropy.bytes())).await
    }

    /// Tells why money moved: `id` is a transfer's, or that of what caused it. At most 100 postings, oldest first.
    ///
    /// # Errors
    /// Whatever the database says. An id that nothing knows explains nothing.
    pub async fn explain(&self, connection: &mut PgConnection, id: Uuid) -> Result<Vec<Explained>, Error> {
        Ok(explain::group(db::moves_of(connection, id).await?))
    }
}
