//! What is owed to the platform is paid from credit.

use axum::http::StatusCode;
use futures::future::join_all;
use ledger::{Cause, Ledger, Limit, NewAccount, Posting, Side, Transfer};
use serde_json::{Value, json};
use types::{Currency, Money};
use uuid::Uuid;

use crate::credit::purse::Purse;

async fn settle(purse: &Purse, id: u128, paise: i64) -> (StatusCode, Value) {
    let amount = json!({"minor": paise, "currency": "INR"});
    purse.post("/credit/settlements", &json!({"client_id": Uuid::from_u128(id), "amount": amount})).await
}

/// The platform's part of a sale that was paid to the vendor.
async fn owe(purse: &Purse, paise: i64) {
    let ledger = Ledger::new(purse.test.clock.clone(), purse.test.entropy.clone());
    let mut transaction = purse.test.db.begin().await.unwrap();
    let account = |code| NewAccount { code, side: Side::Credit, limit: Limit::None, currency: Currency::Inr };
    let payable = account(payments::PAYABLE);
    let payable = ledger.open_account(&mut transaction, purse.tenant, &payable).await.unwrap();
    let commission = account("platform:commission");
    let commission = ledger.open_account(&mut transaction, purse.tenant, &commission).await.unwrap();
    let posting = Posting {
        tenant: purse.tenant,
        key: "sale".to_owned(),
        cause: Cause::new("payment", Uuid::from_u128(1)),
        transfers: vec![Transfer::new(payable, commission, Money::inr(paise), "sale-by-vendor")],
    };
    ledger.post(&mut transaction, &posting).await.unwrap();
    transaction.commit().await.unwrap();
}

/// What the vendor owes, in paise.
async fn owed(purse: &Purse) -> i64 {
    let mut connection = purse.test.db.acquire().await.unwrap();
    purse.payments.owed_to_platform(&mut connection, purse.tenant).await.unwrap().minor()
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
