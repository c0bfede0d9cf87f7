//! Books to test with: one tenant, four accounts.

use ledger::{Cause, Ledger, Limit, NewAccount, Posting, Side, Transfer};
use sqlx::PgConnection;
use testkit::TestDb;
use types::{AccountId, Currency, Money, TenantId};
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
        let mut accounts = [AccountId::from_uuid(Uuid::nil()); 4];
        for (id, account) in accounts.iter_mut().zip(&ACCOUNTS) {
            *id = ledger.open_account(connection, tenant, account).await.unwrap();
        }
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

    /// Posts in a transaction of its own.
    pub async fn post(&self, test: &TestDb, posting: &Posting) -> Result<ledger::Posted, ledger::Error> {
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
