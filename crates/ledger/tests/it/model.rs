//! Random histories against a model that keeps its books in plain numbers.

use std::collections::HashMap;

use ledger::{Error, Limit, Side};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use testkit::TestDb;
use types::AccountId;
use uuid::Uuid;

use crate::books::{ACCOUNTS, Books};

/// How many histories are tried; each has up to 12 postings.
const HISTORIES: u32 = 2000;
/// An account that was never opened.
const NOWHERE: usize = 4;

type Moves = Vec<(usize, usize, i64)>;

/// What became of a posting, without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Posted,
    KeyReused,
    NotPositive,
    SameAccount,
    Unknown,
    Limit,
    Overflow,
}

/// Books as a person would keep them: two numbers an account.
#[derive(Default, Clone)]
struct Model {
    debits: [i128; 4],
    credits: [i128; 4],
    keys: HashMap<u8, Moves>,
    seen: [i64; 4],
}

impl Model {
    fn post(&mut self, key: u8, moves: &Moves) -> Outcome {
        for &(debit, credit, amount) in moves {
            if amount <= 0 {
                return Outcome::NotPositive;
            }
            if debit == credit {
                return Outcome::SameAccount;
            }
        }
        if let Some(known) = self.keys.get(&key) {
            return if known == moves { Outcome::Posted } else { Outcome::KeyReused };
        }
        let mut after = self.clone();
        for &(debit, credit, amount) in moves {
            for (account, is_debit) in [(debit, true), (credit, false)] {
                if let Err(refused) = after.one_side(account, is_debit, amount) {
                    return refused;
                }
            }
        }
        after.keys.insert(key, moves.clone());
        *self = after;
        Outcome::Posted
    }

    fn one_side(&mut self, account: usize, is_debit: bool, amount: i64) -> Result<(), Outcome> {
        if account == NOWHERE {
            return Err(Outcome::Unknown);
        }
        let total = if is_debit { &mut self.debits[account] } else { &mut self.credits[account] };
        *total += i128::from(amount);
        if *total > i128::from(i64::MAX) {
            return Err(Outcome::Overflow);
        }
        let overdrawn = match ACCOUNTS[account].limit {
            Limit::None => false,
            Limit::DebitsMustNotExceedCredits => self.debits[account] > self.credits[account],
            Limit::CreditsMustNotExceedDebits => self.credits[account] > self.debits[account],
        };
        self.seen[account] += 1;
        if overdrawn { Err(Outcome::Limit) } else { Ok(()) }
    }
}

fn outcome(result: Result<ledger::Posted, Error>) -> Outcome {
    match result {
        Ok(_) => Outcome::Posted,
        Err(Error::KeyReused(_)) => Outcome::KeyReused,
        Err(Error::NotPositive) => Outcome::NotPositive,
        Err(Error::SameAccount) => Outcome::SameAccount,
        Err(Error::UnknownAccount(_)) => Outcome::Unknown,
        Err(Error::LimitReached { .. }) => Outcome::Limit,
        Err(Error::Overflow) => Outcome::Overflow,
        Err(other) => panic!("not an outcome of this test: {other}"),
    }
}

fn histories() -> impl Strategy<Value = Vec<(u8, Moves)>> {
    let amount = prop_oneof![
        20 => 1i64..500,
        1 => Just(0),
        1 => -5i64..0,
        1 => Just(i64::MAX),
        1 => Just(i64::MAX / 2),
    ];
    let account = || prop_oneof![30 => 0usize..4, 1 => Just(NOWHERE)];
    let moves = prop::collection::vec((account(), account(), amount), 1..4);
    prop::collection::vec((0u8..10, moves), 1..12)
}

/// Plays a history in a transaction that is rolled back, comparing after every posting.
async fn play(test: &TestDb, history: Vec<(u8, Moves)>) -> Result<(), TestCaseError> {
    let mut transaction = test.db.begin().await.unwrap();
    let books = Books::open_on(test, &mut transaction).await;
    let mut model = Model::default();
    for (key, moves) in history {
        let mut posting = books.posting(&key.to_string(), &[]);
        let nowhere = AccountId::from_uuid(Uuid::from_u128(1));
        let id = |account: usize| books.accounts.get(account).copied().unwrap_or(nowhere);
        posting.transfers = moves
            .iter()
            .map(|&(debit, credit, paise)| {
                ledger::Transfer::new(id(debit), id(credit), types::Money::inr(paise), "sale")
            })
            .collect();
        let posted = outcome(books.ledger.post(&mut transaction, &posting).await);
        prop_assert_eq!(posted, model.post(key, &moves));
    }
    for (index, account) in ACCOUNTS.iter().enumerate() {
        let kept = books.ledger.balance(&mut transaction, books.tenant, books.accounts[index]).await.unwrap();
        let (debits, credits) = (model.debits[index], model.credits[index]);
        prop_assert_eq!(i128::from(kept.debits().minor()), debits);
        prop_assert_eq!(i128::from(kept.credits().minor()), credits);
        let balance = if account.side == Side::Debit { debits - credits } else { credits - debits };
        prop_assert_eq!(i128::from(kept.balance().minor()), balance);
        prop_assert_eq!(kept.version, model.seen[index]);
    }
    let report = books.ledger.check(&mut transaction).await.unwrap();
    prop_assert!(report.is_sound(), "{:?}", report);
    transaction.rollback().await.unwrap();
    Ok(())
}

#[test]
fn the_books_agree_with_a_simple_model_over_thousands_of_random_histories() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let test = runtime.block_on(TestDb::create());
    let config = Config { cases: HISTORIES, failure_persistence: None, ..Config::default() };
    let played = TestRunner::new(config).run(&histories(), |history| runtime.block_on(play(&test, history)));
    if let Err(error) = played {
        panic!("{error}");
    }
}
