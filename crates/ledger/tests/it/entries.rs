//! Histories and explanations.

use ledger::Side;
use platform::page::PageQuery;
use testkit::TestDb;
use types::Money;
use uuid::Uuid;

use crate::books::{Books, CLEARING, PAYABLE, WALLET};

#[tokio::test]
async fn an_account_tells_its_history_newest_first_with_the_balance_after_each_transfer() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books.post(&test, &books.posting("sale", &[(CLEARING, PAYABLE, 150_00)])).await.unwrap();
    books.post(&test, &books.posting("fee", &[(PAYABLE, WALLET, 3_00)])).await.unwrap();
    books.post(&test, &books.posting("back", &[(PAYABLE, CLEARING, 150_00)])).await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    let page = books
        .ledger
        .entries(&mut connection, books.tenant, books.accounts[PAYABLE], PageQuery::default())
        .await
        .unwrap();
    let told: Vec<_> = page
        .items
        .iter()
        .map(|e| (e.version, e.side, e.amount, e.other.as_str(), e.balance_after, e.key.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (3, Side::Debit, Money::inr(150_00), "clearing", Money::inr(-3_00), "back"),
            (2, Side::Debit, Money::inr(3_00), "wallet", Money::inr(147_00), "fee"),
            (1, Side::Credit, Money::inr(150_00), "clearing", Money::inr(150_00), "sale"),
        ]
    );
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn pages_of_a_history_join_without_gap_or_overlap_though_all_was_posted_in_one_millisecond() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    for n in 0..11 {
        let moves = if n % 3 == 0 { (PAYABLE, CLEARING, 1) } else { (CLEARING, PAYABLE, 1) };
        books.post(&test, &books.posting(&n.to_string(), &[moves])).await.unwrap();
    }
    let mut connection = test.db.acquire().await.unwrap();
    let mut query = PageQuery { before: None, limit: Some(4) };
    let mut versions = Vec::new();
    loop {
        let page = books
            .ledger
            .entries(&mut connection, books.tenant, books.accounts[CLEARING], query)
            .await
            .unwrap();
        assert!(page.items.len() <= 4);
        versions.extend(page.items.iter().map(|e| e.version));
        let Some(next) = page.next else { break };
        query.before = Some(next);
    }
    assert_eq!(versions, (1..=11).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_before_a_transfer_of_another_account_is_empty() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let posted = books.post(&test, &books.posting("sale", &[(CLEARING, PAYABLE, 1)])).await.unwrap();
    let query = PageQuery { before: Some(posted.transfers[0].uuid()), limit: None };
    let mut connection = test.db.acquire().await.unwrap();
    let page =
        books.ledger.entries(&mut connection, books.tenant, books.accounts[WALLET], query).await.unwrap();
    assert!(page.items.is_empty());
}

#[tokio::test]
async fn a_transfer_and_its_cause_are_explained_in_words() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let sale = books.posting("payment:1", &[(CLEARING, PAYABLE, 147_00), (CLEARING, WALLET, 3_00)]);
    let posted = books.post(&test, &sale).await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    for id in [posted.transfers[1].uuid(), sale.cause.id] {
        let explained = books.ledger.explain(&mut connection, id).await.unwrap();
        assert_eq!(explained.len(), 1);
        assert_eq!(
            explained[0].to_string(),
            "2026-11-23T09:30:00Z: because of payment 00000000-0000-0000-0000-000000000007 (posted as \"payment:1\")\n\
             \x20 ₹147 for sale: debit clearing (now ₹147), credit payable (now ₹147)\n\
             \x20 ₹3 for sale: debit clearing (now ₹150), credit wallet (now ₹3)\n"
        );
    }
    assert!(books.ledger.explain(&mut connection, Uuid::from_u128(99)).await.unwrap().is_empty());
}

#[tokio::test]
async fn turnover_counts_what_was_posted_from_the_first_moment_up_to_but_without_the_last() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let start = test.clock.now();
    books
        .post(&test, &books.posting("first", &[(CLEARING, PAYABLE, 1_00), (PAYABLE, WALLET, 2)]))
        .await
        .unwrap();
    test.clock.advance(chrono::TimeDelta::hours(1));
    let end = test.clock.now();
    books.post(&test, &books.posting("second", &[(CLEARING, PAYABLE, 10_00)])).await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    let payable = books.ledger.balance(&mut connection, books.tenant, books.accounts[PAYABLE]).await.unwrap();
    let turnover = |during| {
        let (ledger, payable, db) = (&books.ledger, &payable, &test.db);
        async move {
            ledger.turnover(&mut db.acquire().await.unwrap(), books.tenant, payable, during).await.unwrap()
        }
    };
    assert_eq!(turnover(start..end).await, (Money::inr(2), Money::inr(1_00)));
    assert_eq!(turnover(end..end).await, (Money::inr(0), Money::inr(0)));
    assert_eq!(turnover(start..end + chrono::TimeDelta::hours(1)).await, (Money::inr(2), Money::inr(11_00)));
}
