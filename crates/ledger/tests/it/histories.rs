//! Thousands of random histories of all kinds of transfers, against the model.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta};
use futures::future::join_all;
use ledger::{Balance, Batcher, BatcherOptions, Ledger, Posted, Posting, Transfer};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::{Connection, PgConnection};
use testkit::TestDb;
use tokio::runtime::{Builder, Runtime};
use types::{AccountId, Money, TransferId};
use uuid::Uuid;

use crate::books::{ACCOUNTS, Books};
use crate::model::{Model, NOWHERE, Refused, Step, Totals, refused};

/// How many histories are tried through each entry, and in how many rounds.
const HISTORIES: u32 = 1000;
const ROUNDS: u32 = 20;

#[derive(Debug, Clone)]
pub enum Happening {
    /// Under this key; transfers are named by a number that is taken modulo how many there are.
    Post(u8, Vec<Step>),
    /// The clock goes so many seconds forward, or back.
    Wait(i64),
    Expire,
}

/// Later than any time-out: no history leaves anything to the next.
pub const THE_END: [Happening; 2] = [Happening::Wait(600), Happening::Expire];

fn step() -> impl Strategy<Value = Step> {
    let amount = || {
        prop_oneof![
            20 => 1i64..500,
            1 => Just(0),
            1 => -5i64..0,
            1 => Just(i64::MAX),
            1 => Just(i64::MAX / 2),
        ]
    };
    let account = || prop_oneof![30 => 0..ACCOUNTS.len(), 1 => Just(NOWHERE)];
    let timeout_s =
        prop_oneof![5 => Just(None), 10 => (1i64..30).prop_map(Some), 1 => (-1i64..=0).prop_map(Some)];
    let transfer = || any::<u16>().prop_map(usize::from);
    prop_oneof![
        6 => (account(), account(), amount())
            .prop_map(|(debit, credit, amount)| Step::Move { debit, credit, amount }),
        4 => (account(), account(), amount(), timeout_s)
            .prop_map(|(debit, credit, amount, timeout_s)| Step::Reserve { debit, credit, amount, timeout_s }),
        4 => (transfer(), prop::option::of(amount())).prop_map(|(transfer, amount)| Step::Post { transfer, amount }),
        2 => transfer().prop_map(|transfer| Step::Void { transfer }),
        2 => transfer().prop_map(|transfer| Step::Reverse { transfer }),
    ]
}

pub fn histories() -> impl Strategy<Value = Vec<Happening>> {
    let happening = prop_oneof![
        12 => (0u8..24, prop::collection::vec(step(), 1..4)).prop_map(|(key, steps)| Happening::Post(key, steps)),
        2 => (-5i64..20).prop_map(Happening::Wait),
        1 => Just(Happening::Expire),
    ];
    prop::collection::vec(happening, 1..24)
}

/// The books and the model beside each other.
pub struct Play {
    pub books: Books,
    pub model: Model,
    /// What the books call the model's transfers.
    ids: HashMap<usize, TransferId>,
    /// What the model's accounts came to, and when.
    past: [Vec<(i64, Totals)>; ACCOUNTS.len()],
}

impl Play {
    pub fn begin(books: Books) -> Self {
        Self { books, model: Model::default(), ids: HashMap::new(), past: Default::default() }
    }

    /// The steps with transfers that exist, as far as any do.
    pub fn known(&self, steps: &[Step]) -> Vec<Step> {
        let count = self.model.transfers.len();
        // One past the end is a transfer that nobody knows; so is one that expired without an id of its own known here.
        let named = |n: usize| if count == 0 { 0 } else { n % (count + 1) };
        let known = |n: usize| if self.ids.contains_key(&named(n)) { named(n) } else { usize::MAX };
        let step = |step: &Step| match *step {
            Step::Post { transfer, amount } => Step::Post { transfer: known(transfer), amount },
            Step::Void { transfer } => Step::Void { transfer: known(transfer) },
            Step::Reverse { transfer } => Step::Reverse { transfer: known(transfer) },
            ref other => other.clone(),
        };
        steps.iter().map(step).collect()
    }

    pub fn posting(&self, key: u8, steps: &[Step]) -> Posting {
        let account = |n: usize| {
            let nowhere = AccountId::from_uuid(Uuid::from_u128(1));
            self.books.accounts.get(n).copied().unwrap_or(nowhere)
        };
        let id = |n: usize| self.ids.get(&n).copied().unwrap_or(TransferId::from_uuid(Uuid::from_u128(2)));
        let transfer = |step: &Step| match *step {
            Step::Move { debit, credit, amount } => {
                Transfer::new(account(debit), account(credit), Money::inr(amount), "sale")
            }
            Step::Reserve { debit, credit, amount, timeout_s } => {
                let timeout = timeout_s.map(TimeDelta::seconds);
                Transfer::pending(account(debit), account(credit), Money::inr(amount), timeout, "call")
            }
            Step::Post { transfer, amount } => Transfer::post(id(transfer), amount.map(Money::inr), "call"),
            Step::Void { transfer } => Transfer::void(id(transfer), "hang-up"),
            Step::Reverse { transfer } => Transfer::reverse(id(transfer), "mistake"),
        };
        Posting {
            transfers: steps.iter().map(transfer).collect(),
            ..self.books.posting(&key.to_string(), &[])
        }
    }

    /// Compares one answer of the books with the model's.
    pub fn compare(
        &mut self,
        (key, steps): (u8, &[Step]),
        now_s: i64,
        answer: Result<Posted, ledger::Error>,
    ) -> Result<(), TestCaseError> {
        let expected = self.model.post(key, steps, now_s);
        let found = answer.as_ref().map_err(refused).map(|posted| posted.at.timestamp());
        prop_assert_eq!(
            found,
            expected.as_ref().map(|(_, at_s)| *at_s).map_err(|&refused: &Refused| refused)
        );
        if let (Ok(posted), Ok((made, _))) = (answer, expected) {
            for (n, id) in made.into_iter().zip(posted.transfers) {
                prop_assert_eq!(*self.ids.entry(n).or_insert(id), id);
            }
        }
        self.remember();
        Ok(())
    }

    /// Posts what has arrived as one batch, and compares each answer.
    async fn post_batched(
        &mut self,
        test: &TestDb,
        batcher: &Batcher,
        arriving: &mut Vec<(u8, Vec<Step>)>,
    ) -> Result<(), TestCaseError> {
        let postings: Vec<_> = arriving.iter().map(|(key, steps)| self.posting(*key, steps)).collect();
        let answers = join_all(postings.into_iter().map(|posting| batcher.post(posting))).await;
        for ((key, steps), answer) in arriving.drain(..).zip(answers) {
            self.compare((key, &steps), test.clock.now().timestamp(), answer)?;
        }
        Ok(())
    }

    fn remember(&mut self) {
        for (past, totals) in self.past.iter_mut().zip(self.model.accounts) {
            if past.last().map_or(0, |(_, last)| last.seen) < totals.seen {
                past.push((totals.last_s, totals));
            }
        }
    }

    pub async fn expire(
        &mut self,
        test: &TestDb,
        connection: &mut PgConnection,
    ) -> Result<(), TestCaseError> {
        let expired = self.books.ledger.expire_due(connection, 1000).await.unwrap();
        prop_assert_eq!(expired, self.model.expire(test.clock.now().timestamp()));
        self.remember();
        Ok(())
    }

    /// Every account, now and at a moment of its past.
    pub async fn compare_accounts(
        &self,
        test: &TestDb,
        connection: &mut PgConnection,
    ) -> Result<(), TestCaseError> {
        let Books { ledger, tenant, accounts, .. } = &self.books;
        let model = self.model.seen_at(test.clock.now().timestamp());
        let read = ledger.accounts(connection, *tenant, &ACCOUNTS.map(|account| account.code)).await.unwrap();
        for (n, id) in accounts.iter().enumerate() {
            let found = read.iter().find(|account| account.id == *id).unwrap();
            prop_assert_eq!(totals(found.state()), model[n].told(ACCOUNTS[n].side), "account {}", n);
            prop_assert_eq!(i128::from(found.debits().minor()), model[n].debits);
            let past = &self.past[n];
            if let Some(&(at_s, _)) = past.get(past.len() / 3) {
                let (_, then) = past.iter().rfind(|(then_s, _)| *then_s <= at_s).unwrap();
                let at = DateTime::from_timestamp_secs(at_s).unwrap();
                let found = ledger.balance_at(connection, *tenant, *id, at).await.unwrap();
                prop_assert_eq!(totals(found), then.told(ACCOUNTS[n].side), "account {} at {}", n, at);
            }
        }
        Ok(())
    }
}

fn totals(balance: Balance) -> (i128, i128, i128, i64) {
    let minor = |money: Money| i128::from(money.minor());
    (minor(balance.posted), minor(balance.debits_pending), minor(balance.credits_pending), balance.version)
}

/// Plays a history in one transaction, comparing after every posting.
async fn play(test: &TestDb, history: Vec<Happening>) -> Result<(), TestCaseError> {
    let mut transaction = test.db.begin().await.unwrap();
    let mut play = Play::begin(Books::open_on(test, &mut transaction).await);
    for happening in history.into_iter().chain(THE_END) {
        match happening {
            Happening::Wait(seconds) => test.clock.advance(TimeDelta::seconds(seconds)),
            Happening::Expire => play.expire(test, &mut transaction).await?,
            Happening::Post(key, steps) => {
                let steps = play.known(&steps);
                let posting = play.posting(key, &steps);
                let answer = play.books.ledger.post(&mut transaction, &posting).await;
                play.compare((key, &steps), test.clock.now().timestamp(), answer)?;
            }
        }
    }
    play.compare_accounts(test, &mut transaction).await?;
    transaction.commit().await.unwrap();
    Ok(())
}

/// How postings come to the batcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arriving {
    /// What happens without a wait or a sweep between is one batch. As a rule some of it is refused.
    Together,
    /// Each is a batch of its own, so that those that are not refused are posted from memory.
    OneByOne,
}

/// Plays a history through the batcher.
async fn play_batched(
    test: &TestDb,
    (batcher, how): (&Batcher, Arriving),
    history: Vec<Happening>,
) -> Result<(), TestCaseError> {
    let mut connection = test.db.acquire().await.unwrap();
    let mut play = Play::begin(Books::open_on(test, &mut connection).await);
    let mut arriving = Vec::new();
    for happening in history.into_iter().chain(THE_END) {
        match happening {
            Happening::Post(key, steps) => {
                arriving.push((key, play.known(&steps)));
                if how == Arriving::OneByOne {
                    play.post_batched(test, batcher, &mut arriving).await?;
                }
            }
            Happening::Wait(seconds) => {
                play.post_batched(test, batcher, &mut arriving).await?;
                test.clock.advance(TimeDelta::seconds(seconds));
            }
            Happening::Expire => {
                play.post_batched(test, batcher, &mut arriving).await?;
                let mut transaction = connection.begin().await.unwrap();
                play.expire(test, &mut transaction).await?;
                transaction.commit().await.unwrap();
            }
        }
    }
    play.compare_accounts(test, &mut connection).await
}

fn try_histories(
    runtime: &Runtime,
    test: &TestDb,
    play: impl Fn(Vec<Happening>) -> Result<(), TestCaseError>,
) {
    for _ in 0..ROUNDS {
        let config = Config { cases: HISTORIES / ROUNDS, failure_persistence: None, ..Config::default() };
        if let Err(error) = TestRunner::new(config).run(&histories(), &play) {
            panic!("{error}");
        }
        // As its own housekeeping would, where a test were not over before that comes by.
        runtime.block_on(sqlx::query("analyze").execute(test.db.pool())).unwrap();
    }
}

#[test]
fn the_books_agree_with_a_simple_model_over_thousands_of_random_histories() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let test = runtime.block_on(TestDb::create());
    try_histories(&runtime, &test, |history| runtime.block_on(play(&test, history)));
    runtime.block_on(assert_sound(&test));
}

fn try_batched(how: Arriving) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let test = runtime.block_on(TestDb::create());
    let ledger = Ledger::new(test.clock.clone(), test.entropy.clone());
    let (batcher, work) = Batcher::new(ledger, test.db.clone(), BatcherOptions::default());
    runtime.spawn(work);
    try_histories(&runtime, &test, |history| runtime.block_on(play_batched(&test, (&batcher, how), history)));
    runtime.block_on(assert_sound(&test));
}

#[test]
fn so_they_do_when_the_postings_arrive_together() {
    try_batched(Arriving::Together);
}

#[test]
fn so_they_do_when_the_postings_are_posted_from_memory() {
    try_batched(Arriving::OneByOne);
}

pub async fn assert_sound(test: &TestDb) {
    let ledger = Ledger::new(test.clock.clone(), test.entropy.clone());
    let report = ledger.check(&mut test.db.acquire().await.unwrap()).await.unwrap();
    assert!(report.is_sound() && report.transfers > 1000, "{report:?}");
}
