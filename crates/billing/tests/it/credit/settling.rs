//! What is owed to the platform is paid from credit.

use axum::http::StatusCode;
use futures::future::{join, join_all};
use ledger::{Cause, Ledger, Limit, NewAccount, Posting, Side, Transfer};
use platform::meter::{Measure, Meter};
use serde_json::{Value, json};
use sqlx::PgConnection;
use types::{Currency, Money};
use uuid::Uuid;

use crate::credit::purse::Purse;

async fn settle(purse: &Purse, id: u128, paise: i64) -> (StatusCode, Value) {
    let amount = json!({"minor": paise, "currency": "INR"});
    purse.post("/credit/settlements", &json!({"client_id": Uuid::from_u128(id), "amount": amount})).await
}

/// Moves so much out of what the platform owes the vendor, as its part of a sale that was paid to the vendor; into it where below nothing.
async fn moved(purse: &Purse, connection: &mut PgConnection, paise: i64) {
    let ledger = Ledger::new(purse.test.clock.clone(), purse.test.entropy.clone());
    let account = |code| NewAccount { code, side: Side::Credit, limit: Limit::None, currency: Currency::Inr };
    let payable = account(payments::PAYABLE);
    let payable = ledger.open_account(connection, purse.tenant, &payable).await.unwrap();
    let commission = account("platform:commission");
    let commission = ledger.open_account(connection, purse.tenant, &commission).await.unwrap();
    let (from, to) = if paise > 0 { (payable, commission) } else { (commission, payable) };
    let id: Uuid = purse.test.entropy.id(purse.test.clock.now());
    let posting = Posting {
        tenant: purse.tenant,
        key: id.to_string(),
        cause: Cause::new("payment", id),
        transfers: vec![Transfer::new(from, to, Money::inr(paise.abs()), "sale-by-vendor")],
    };
    ledger.post(connection, &posting).await.unwrap();
}

/// Makes the vendor owe so much more.
async fn owe(purse: &Purse, paise: i64) {
    let mut transaction = purse.test.db.begin().await.unwrap();
    moved(purse, &mut transaction, paise).await;
    transaction.commit().await.unwrap();
}

/// What the vendor owes, in paise; below zero what is owed to them.
async fn owed(purse: &Purse) -> i64 {
    let mut connection = purse.test.db.acquire().await.unwrap();
    -purse.payments.owed_to(&mut connection, purse.tenant).await.unwrap().minor()
}

/// Until somebody waits for a lock of another.
async fn somebody_waits(purse: &Purse) {
    let waiting = "select exists (select 1 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(purse.test.db.pool()).await.unwrap() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_owed_is_paid_from_paid_credit_once() {
    let purse = Purse::with_gateway().await;
    owe(&purse, 12_50).await;
    purse.grant(50_00, None).await;
    let (status, problem) = settle(&purse, 1, 12_50).await;
    let refused = (StatusCode::PAYMENT_REQUIRED, &json!("/problems/no-credit"));
    assert_eq!((status, &problem["type"]), refused, "what was given pays for work alone");
    purse.top_up(10_00).await;
    assert_eq!(settle(&purse, 1, 12_50).await.0, StatusCode::PAYMENT_REQUIRED, "all or nothing");
    purse.top_up(20_00).await;
    let told = purse.times_told().await;
    let pressed = join_all((0..5).map(|_| settle(&purse, 1, 12_50))).await;
    assert!(pressed.iter().all(|answer| answer == &pressed[0]), "{pressed:?}");
    assert_eq!((pressed[0].0, &pressed[0].1["amount"]["minor"]), (StatusCode::CREATED, &json!(12_50)));
    assert_eq!((owed(&purse).await, purse.standing().await.0), (0, 50_00 + 17_50));
    assert_eq!(purse.times_told().await, told + 1);
    assert_eq!(settle(&purse, 1, 12_00).await.1["type"], "/problems/client-id-reused");
    purse.check_books().await;
}

#[tokio::test]
async fn no_more_is_paid_than_is_owed_and_nothing_while_the_operator_stops_spending() {
    let purse = Purse::with_gateway().await;
    purse.top_up(100_00).await;
    assert_eq!(settle(&purse, 1, 1).await.1["field"], "amount", "nothing is owed");
    owe(&purse, 40_00).await;
    for paise in [40_01, 0, -1] {
        let (status, problem) = settle(&purse, 2, paise).await;
        let refused = (StatusCode::UNPROCESSABLE_ENTITY, &json!("amount"));
        assert_eq!((status, &problem["field"]), refused, "{paise}: {problem}");
    }
    purse.freeze(true).await;
    assert_eq!(settle(&purse, 3, 40_00).await.1["type"], "/problems/credit-frozen");
    purse.freeze(false).await;
    let pressed = join_all((10..15).map(|id| settle(&purse, id, 30_00))).await;
    let done = pressed.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
    assert_eq!((done, owed(&purse).await, purse.standing().await.0), (1, 10_00, 70_00), "{pressed:?}");
    purse.check_books().await;
}

#[tokio::test]
async fn what_a_sale_pays_meanwhile_is_not_paid_again() {
    let purse = Purse::with_gateway().await;
    purse.top_up(100_00).await;
    owe(&purse, 40_00).await;
    let mut sale = purse.test.db.begin().await.unwrap();
    moved(&purse, &mut sale, -30_00).await;
    let committed = async {
        somebody_waits(&purse).await;
        sale.commit().await.unwrap();
    };
    let ((status, problem), ()) = join(settle(&purse, 1, 40_00), committed).await;
    let refused = (StatusCode::UNPROCESSABLE_ENTITY, &json!("amount"));
    assert_eq!((status, &problem["field"]), refused, "{problem}");
    assert_eq!((owed(&purse).await, purse.standing().await.0), (10_00, 100_00));
    assert_eq!(settle(&purse, 1, 10_00).await.0, StatusCode::CREATED, "the id was not used up");
    assert_eq!(owed(&purse).await, 0);
    purse.check_books().await;
}

#[tokio::test]
async fn the_senders_id_stands_for_nothing_in_the_books() {
    let purse = Purse::with_gateway().await;
    purse.top_up(100_00).await;
    owe(&purse, 5_00).await;
    let reserved = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    purse.credits.capture(reserved, 60_000).await.unwrap();
    let usage = purse.get("/credit/usage").await["items"][0]["id"].as_str().unwrap().to_owned();
    let (status, settled) = settle(&purse, usage.parse::<Uuid>().unwrap().as_u128(), 5_00).await;
    assert_eq!(status, StatusCode::CREATED, "a charge has this id: {settled}");
    assert_ne!(settled["id"], usage);
    purse.check_books().await;
}
