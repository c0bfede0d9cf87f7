//! Histories and explanations.

use ledger::{Cause, Side, Transfer};
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

#[tokio::test]
async fn what_became_of_a_pending_transfer_is_explained_in_words() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books.post(&test, &books.posting("top-up", &[(CLEARING, WALLET, 10_00)])).await.unwrap();
    let hour = Some(chrono::TimeDelta::hours(1));
    let cause = Uuid::from_u128(9);
    let mut pending = Vec::new();
    for (key, timeout) in [("posted", None), ("voided", None), ("expired", hour), ("open", None)] {
        let mut posting = books.one(key, books.reserve(WALLET, PAYABLE, 2_00, timeout));
        posting.cause = Cause::new("recording", cause);
        pending.push(books.post(&test, &posting).await.unwrap().transfers[0]);
    }
    let post = Transfer::post(pending[0], Some(Money::inr(1_50)), "call");
    books.post(&test, &books.one("post", post)).await.unwrap();
    books.post(&test, &books.one("void", Transfer::void(pending[1], "hang-up"))).await.unwrap();
    books.reverse(&test, "mistake", "post").await.unwrap();
    test.clock.advance(chrono::TimeDelta::hours(1));
    let mut transaction = test.db.begin().await.unwrap();
    assert_eq!(books.ledger.expire_due(&mut transaction, 10).await.unwrap(), 1);
    let mut told = Vec::new();
    for id in pending {
        for posting in books.ledger.explain(&mut transaction, id.uuid()).await.unwrap() {
            told.extend(posting.moves.iter().map(ToString::to_string));
        }
    }
    let mistake = books.ledger.explain(&mut transaction, Uuid::from_u128(8)).await.unwrap();
    told.extend(mistake[0].moves.iter().map(ToString::to_string));
    let after = "debit wallet (now ₹10), credit payable (now ₹0)";
    let posted = "debit wallet (now ₹8.50), credit payable (now ₹1.50)";
    assert_eq!(
        told,
        [
            format!(
                "₹1.50 posted for call, of ₹2 reserved as \"posted\": {posted}; reversed at 2026-11-23T09:30:00Z as \"mistake\""
            ),
            format!("₹2 reserved for call: {after}; ₹1.50 of it posted at 2026-11-23T09:30:00Z as \"post\""),
            format!("₹2 voided for hang-up, reserved as \"voided\": {posted}"),
            format!("₹2 reserved for call: {after}; voided at 2026-11-23T09:30:00Z as \"void\""),
            format!("₹2 reserved for call: {after}; expired at 2026-11-23T10:30:00Z"),
            format!("₹2 expired, reserved for call as \"expired\": {after}"),
            format!("₹2 reserved for call: {after}; pending, not posted or voided yet"),
            "₹1.50 moved back for mistake, moved as \"post\": debit payable (now ₹0), credit wallet (now ₹10)".to_owned(),
        ]
    );
    assert_eq!(books.ledger.explain(&mut transaction, cause).await.unwrap().len(), 5);
}
