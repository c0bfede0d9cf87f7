//! Books to test with: one tenant, four accounts.

use chrono::TimeDelta;
use ledger::{
    Batcher, BatcherOptions, Cause, Ledger, Limit, NewAccount, Posted, Posting, Reversal, Side, Transfer,
};
use sqlx::PgConnection;
use testkit::TestDb;
use types::{AccountId, Currency, Money, TenantId, TransferId};
use uuid::Uuid;

/// The accounts of [`Books`]: a debit and a credit account without limits, and one of each that may not be overdrawn.
pub const ACCOUNTS: [NewAccount<'static>; 4] = [
    NewAccount { code: "clearing", side: Side::Debit, limit: Limit::None, currency: Currency::Inr },
    NewAccount { code: "payable", side: Side::Credit, limit: Limit::None, currency: Currency::Inr },
    NewAccount {
        code: "wallet",
        side: Side::Credit,
        limit: Limit::DebitsMustNotExceedCredits,
        currency: Currency::Inr,
    },
    NewAccount {
        code: "till",
        side: Side::Debit,
        limit: Limit::CreditsMustNotExceedDebits,
        currency: Currency::Inr,
    },
];
pub const CLEARING: usize = 0;
pub const PAYABLE: usize = 1;
pub const WALLET: usize = 2;
pub const TILL: usize = 3;

pub struct Books {
    pub ledger: Ledger,
    pub tenant: TenantId,
    pub accounts: [AccountId; 4],
}

impl Books {
    pub async fn open(test: &TestDb) -> Self {
        Self::open_on(test, &mut test.db.acquire().await.unwrap()).await
    }

    pub async fn open_on(test: &TestDb, connection: &mut PgConnection) -> Self {
        let ledger = Ledger::new(test.clock.clone(), test.entropy.clone());
        let tenant = test.entropy.id(test.clock.now());
        let accounts = ledger.open_accounts(connection, tenant, &ACCOUNTS).await.unwrap();
        let accounts = accounts.try_into().unwrap();
        Self { ledger, tenant, accounts }
    }

    pub fn posting(&self, key: &str, transfers: &[(usize, usize, i64)]) -> Posting {
        Posting {
            tenant: self.tenant,
            key: key.to_owned(),
            cause: Cause::new("payment", Uuid::from_u128(7)),
            transfers: transfers
                .iter()
                .map(|&(debit, credit, paise)| {
                    Transfer::new(self.accounts[debit], self.accounts[credit], Money::inr(paise), "sale")
                })
                .collect(),
        }
    }

    /// A posting of one transfer.
    pub fn one(&self, key: &str, transfer: Transfer) -> Posting {
        Posting { transfers: vec![transfer], ..self.posting(key, &[]) }
    }

    /// A transfer that reserves.
    pub fn reserve(&self, debit: usize, credit: usize, paise: i64, timeout: Option<TimeDelta>) -> Transfer {
        Transfer::pending(self.accounts[debit], self.accounts[credit], Money::inr(paise), timeout, "call")
    }

    /// Reserves in a transaction of its own, and gives the pending transfer.
    pub async fn reserved(&self, test: &TestDb, key: &str, transfer: Transfer) -> TransferId {
        self.post(test, &self.one(key, transfer)).await.unwrap().transfers[0]
    }

    /// Reverses in a transaction of its own.
    pub async fn reverse(&self, test: &TestDb, key: &str, reverses: &str) -> Result<Posted, ledger::Error> {
        let reversal = Reversal {
            tenant: self.tenant,
            key: key.to_owned(),
            cause: Cause::new("mistake", Uuid::from_u128(8)),
            reverses: reverses.to_owned(),
            reason: "mistake".into(),
        };
        let mut transaction = test.db.begin().await?;
        let posted = self.ledger.reverse(&mut transaction, &reversal).await?;
        transaction.commit().await?;
        Ok(posted)
    }

    /// What is posted, pending as debit, pending as credit, and available.
    pub async fn told(&self, connection: &mut PgConnection, account: usize) -> [i64; 4] {
        let account = self.ledger.balance(connection, self.tenant, self.accounts[account]).await.unwrap();
        [account.balance(), account.debits_pending(), account.credits_pending(), account.available()]
            .map(Money::minor)
    }

    /// Checks that every balance follows from the transfers.
    pub async fn assert_sound(&self, connection: &mut PgConnection) {
        let report = self.ledger.check(connection).await.unwrap();
        assert!(report.is_sound(), "{report:?}");
    }

    /// A batcher whose work is spawned.
    pub fn batcher(&self, test: &TestDb) -> Batcher {
        let (batcher, work) = Batcher::new(self.ledger.clone(), test.db.clone(), BatcherOptions::default());
        tokio::spawn(work);
        batcher
    }

    /// Posts in a transaction of its own.
    pub async fn post(&self, test: &TestDb, posting: &Posting) -> Result<Posted, ledger::Error> {
        let mut transaction = test.db.begin().await?;
        let posted = self.ledger.post(&mut transaction, posting).await?;
        transaction.commit().await?;
        Ok(posted)
    }

    pub async fn balance(&self, connection: &mut PgConnection, account: usize) -> i64 {
        let account = self.ledger.balance(connection, self.tenant, self.accounts[account]).await.unwrap();
        account.balance().minor()
    }
}
