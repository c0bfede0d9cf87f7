//! Callers that post as fast as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ledger::{Batcher, Cause, Ledger, Limit, NewAccount, Posting, Report, Side, Transfer};
use platform::{Db, Entropy};
use tokio::sync::Semaphore;
use types::{AccountId, Currency, Money, TenantId};
use uuid::Uuid;

use crate::CONNECTIONS_MAX;

/// How many wallets there are.
const WALLETS: usize = 10_000;
/// What each begins with, in paise: enough for any run.
const FUNDS: Money = Money::inr(1_000_000_00);
/// Each kind of call is warmed up for so long; what goes through the pool longer, for every connection plans for itself.
const WARM_UP: Duration = Duration::from_secs(1);
const WARM_UP_POOL: Duration = Duration::from_secs(4);

/// Through which entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// [`Batcher::post`].
    Batcher,
    /// [`Ledger::post`] in a transaction of its own.
    Post,
}

/// From where to where. Every debit is checked against the wallet's funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Load {
    /// From a random wallet to another.
    Random,
    /// From a random wallet to the one account that all pay.
    Hot,
    /// As [`Load::Hot`], reserved by one posting and posted by the next: a pair counts once.
    Pairs,
}

/// Books with funded wallets.
#[derive(Debug, Clone)]
pub struct Books {
    pub db: Db,
    pub ledger: Ledger,
    pub tenant: TenantId,
    pub wallets: Arc<Vec<AccountId>>,
    batcher: Batcher,
    revenue: AccountId,
    keys: Arc<AtomicU64>,
    /// As many as there are connections: callers of `post` beyond them wait here, for a pool gives up after 5 s.
    turns: Arc<Semaphore>,
}

impl Books {
    /// Opens and funds the wallets, and warms up.
    pub async fn open(ledger: Ledger, db: Db, batcher: Batcher, entropy: &Entropy) -> Self {
        let tenant = TenantId::from(Uuid::from_bytes(entropy.bytes()));
        let account = |code, side, limit| NewAccount { code, side, limit, currency: Currency::Inr };
        let codes: Vec<String> = (0..WALLETS).map(|n| format!("wallet:{n}")).collect();
        let spend = Limit::DebitsMustNotExceedCredits;
        let mut wanted: Vec<_> = codes.iter().map(|code| account(code, Side::Credit, spend)).collect();
        wanted.push(account("revenue", Side::Credit, Limit::None));
        wanted.push(account("gateway", Side::Debit, Limit::None));
        let mut transaction = db.begin().await.unwrap();
        let mut opened = Vec::new();
        for some in wanted.chunks(1000) {
            opened.extend(ledger.open_accounts(&mut transaction, tenant, some).await.unwrap());
        }
        transaction.commit().await.unwrap();
        let (gateway, revenue) = (opened.pop().unwrap(), opened.pop().unwrap());
        let (keys, wallets) = (Arc::new(AtomicU64::new(0)), Arc::new(opened));
        let turns = Arc::new(Semaphore::new(CONNECTIONS_MAX as usize));
        let books = Self { db, ledger, tenant, wallets, batcher, revenue, keys, turns };
        for some in books.wallets.chunks(32) {
            let fund = |wallet: &AccountId| Transfer::new(gateway, *wallet, FUNDS, "top-up");
            books.batcher.post(books.posting(some.iter().map(fund).collect())).await.unwrap();
        }
        books
    }

    /// The books of another tenant with these accounts.
    pub fn of(&self, tenant: TenantId, wallets: Vec<AccountId>, revenue: AccountId) -> Self {
        Self { tenant, wallets: Arc::new(wallets), revenue, ..self.clone() }
    }

    /// Makes every kind of call until it no longer gets faster.
    pub async fn warm_up(&self) {
        sqlx::query("vacuum analyze").execute(self.db.pool()).await.unwrap();
        for (entry, load, during) in [
            (Entry::Batcher, Load::Pairs, WARM_UP),
            (Entry::Batcher, Load::Random, WARM_UP),
            (Entry::Post, Load::Random, WARM_UP_POOL),
        ] {
            self.per_s(64, entry, load, during).await;
        }
        sqlx::query("vacuum analyze").execute(self.db.pool()).await.unwrap();
    }

    /// How often a second so many callers are answered, each asking again as soon as it is; and how often in all.
    pub async fn per_s(&self, clients: usize, entry: Entry, load: Load, during: Duration) -> (u64, u64) {
        let start = Instant::now();
        let callers = (0..clients).map(|client| {
            let books = self.clone();
            let mut draw = Draw(u64::try_from(client).unwrap() * 7919 + 1);
            tokio::spawn(async move {
                let mut answered = 0;
                while start.elapsed() < during {
                    books.call(entry, load, &mut draw).await;
                    answered += 1;
                }
                answered
            })
        });
        let callers: Vec<_> = callers.collect();
        let mut answered = 0;
        for caller in callers {
            answered += caller.await.unwrap();
        }
        (answered * 1_000_000 / u64::try_from(start.elapsed().as_micros()).unwrap(), answered)
    }

    async fn call(&self, entry: Entry, load: Load, draw: &mut Draw) {
        let from = self.wallets[draw.below(self.wallets.len())];
        let to = match load {
            Load::Random => self.wallets[draw.below(self.wallets.len())],
            Load::Hot | Load::Pairs => self.revenue,
        };
        if from == to {
            return;
        }
        let paise = Money::inr(5);
        if load == Load::Pairs {
            let timeout = Some(chrono::TimeDelta::minutes(5));
            let reserve = Transfer::pending(from, to, paise, timeout, "call");
            let reserved = self.batcher.post(self.posting(vec![reserve])).await.unwrap();
            let take = Transfer::post(reserved.transfers[0], Some(Money::inr(3)), "call");
            self.batcher.post(self.posting(vec![take])).await.unwrap();
            return;
        }
        let posting = self.posting(vec![Transfer::new(from, to, paise, "call")]);
        match entry {
            Entry::Batcher => drop(self.batcher.post(posting).await.unwrap()),
            Entry::Post => {
                let _turn = self.turns.acquire().await.unwrap();
                let mut transaction = self.db.begin().await.unwrap();
                self.ledger.post(&mut transaction, &posting).await.unwrap();
                transaction.commit().await.unwrap();
            }
        }
    }

    fn posting(&self, transfers: Vec<Transfer>) -> Posting {
        let key = self.keys.fetch_add(1, Ordering::Relaxed);
        let cause = Cause::new("usage", Uuid::from_u128(key.into()));
        Posting { tenant: self.tenant, key: format!("usage:{key}"), cause, transfers }
    }

    /// Recomputes all.
    pub async fn check(&self) -> Report {
        self.ledger.check(&mut self.db.acquire().await.unwrap()).await.unwrap()
    }
}

/// Numbers that only have to be spread.
#[derive(Debug)]
pub struct Draw(pub u64);

impl Draw {
    /// The next of them.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}
