//! Many at once.

use axum::http::StatusCode;
use catalog::Error::OutOfStock;
use futures::future::join_all;
use orders::order::HOLD_FOR;
use serde_json::json;
use types::{Language, Unit};

use crate::market::Market;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_buyers_who_agree_on_the_last_five_exactly_five_get_one() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let melon = market.product(&vendor, "Melon", "5", Unit::Piece).await;
    let agreements: Vec<_> =
        (0..64).map(|_| market.agreement(&market.buyer(&vendor), melon, "1", Unit::Piece)).collect();
    let results = join_all(agreements.iter().map(|agreement| market.agree(agreement))).await;
    let (agreed, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert!(
        refused.iter().all(|r| matches!(r, Err(orders::Error::Catalog(OutOfStock { .. })))),
        "{:?}",
        refused.iter().find(|r| !matches!(r, Err(orders::Error::Catalog(OutOfStock { .. }))))
    );
    assert_eq!(agreed.len(), 5);
    let mut numbers: Vec<u32> = agreed.iter().map(|r| r.as_ref().unwrap().number.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(market.stock(vendor.tenant, melon).await, (5_000, 5_000));
    assert_eq!(market.count("select count(*) from orders").await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_buyers_who_pay_late_for_the_last_five_exactly_five_get_one_and_the_others_their_money() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let melon = market.product(&vendor, "Melon", "64", Unit::Piece).await;
    let mut cards = Vec::new();
    for _ in 0..64 {
        let buyer = market.buyer(&vendor);
        cards.push(market.agree(&market.agreement(&buyer, melon, "1", Unit::Piece)).await.unwrap());
    }
    market.pass_time(HOLD_FOR);
    market.run_jobs().await;
    market.count_stock(&vendor, melon, "5").await;
    join_all(cards.iter().map(|card| market.pay_late(&vendor, card.id))).await;
    market.run_jobs().await;
    let mut paid = 0;
    for card in &cards {
        let order = market.show(&vendor.caller, card.id).await;
        paid += usize::from(order["state"] == "paid");
        assert!(order["state"] == "paid" || order["payment"]["state"] == "refunded", "{order}");
        assert_eq!(order["state"] == "paid", order.get("document").is_some());
    }
    assert_eq!(paid, 5);
    assert_eq!(market.stock(vendor.tenant, melon).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_waits_for_stock_has_told_nobody_anything_yet() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let onion = market.product(&vendor, "Onion", "100", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await.unwrap();
    // Its time is over and no job has said so; and somebody counts the onions.
    market.pass_time(HOLD_FOR);
    let mut counting = market.test.db.begin().await.unwrap();
    let locks = "select on_hand_milli from stock where product_id = $1 for update";
    sqlx::query(locks).bind(onion.uuid()).execute(&mut *counting).await.unwrap();
    let agreement = market.agreement(&buyer, onion, "1", Unit::Kg);
    let agreeing = market.agree(&agreement);
    let telling = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let head = "select seq from sync_heads where tenant_id = $1 for update nowait";
        let free = sqlx::query(head).bind(vendor.tenant.uuid()).execute(&mut *counting).await;
        counting.rollback().await.unwrap();
        free
    };
    let (agreed, free) = tokio::join!(agreeing, telling);
    free.expect("the vendor's log is locked last");
    assert_eq!(agreed.unwrap().number, "2");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (100_000, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_over_the_same_two_products_in_opposite_order_all_come_through() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let onion = market.product(&vendor, "Onion", "100", Unit::Kg).await;
    let visits = (0..24).map(|n| {
        let (first, second) = if n % 2 == 0 { (tomato, onion) } else { (onion, tomato) };
        let buyer = market.buyer(&vendor);
        let both = [first, second].map(|product| market.agreement(&buyer, product, "1", Unit::Kg));
        async {
            let [first, second] = both;
            let opened = market.agree(&first).await?;
            let joined = market.agree(&second).await?;
            assert_eq!(opened.id, joined.id);
            market.take_cash(&vendor, joined.id).await;
            Ok::<_, orders::Error>(joined)
        }
    });
    let (cards, _) = tokio::join!(join_all(visits), market.run_jobs());
    assert!(cards.iter().all(Result::is_ok), "{cards:?}");
    market.run_jobs().await;
    assert_eq!(market.stock(vendor.tenant, tomato).await, (76_000, 0));
    assert_eq!(market.stock(vendor.tenant, onion).await, (76_000, 0));
    assert_eq!(
        market.count("select count(*) from jobs where state = 'dead' or last_error is not null").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn expiry_that_races_payment_leaves_a_paid_order_or_an_expired_one_and_never_half_of_each() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let mut cards = Vec::new();
    for _ in 0..16 {
        let buyer = market.buyer(&vendor);
        cards.push(market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await.unwrap());
    }
    market.pass_time(HOLD_FOR);
    let payments = join_all(cards.iter().map(|card| market.take_cash(&vendor, card.id)));
    let (payments, ()) = tokio::join!(payments, market.run_jobs_without_news());
    market.run_jobs().await;
    let mut sold = 0;
    for (card, (status, _)) in cards.iter().zip(&payments) {
        let order = market.show(&vendor.caller, card.id).await;
        let paid = *status == StatusCode::OK;
        assert_eq!(order["state"], if paid { "paid" } else { "expired" }, "{order}");
        assert_eq!(order.get("document").is_some(), paid);
        sold += i64::from(paid);
    }
    assert_eq!(market.stock(vendor.tenant, tomato).await, (100_000 - sold * 1_000, 0));
    assert_eq!(
        market.count("select count(*) from jobs where state = 'dead' or last_error is not null").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calling_off_that_races_payment_leaves_one_of_the_two() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let mut sold = 0;
    for _ in 0..16 {
        let buyer = market.buyer(&vendor);
        let card = market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await.unwrap();
        let (path, nothing) = (format!("/orders/{}/cancel", card.id), json!({}));
        let ((cancelled, _), (paid, _)) =
            tokio::join!(market.post(&buyer.caller, &path, &nothing), market.take_cash(&vendor, card.id));
        market.run_jobs().await;
        let state = market.show(&vendor.caller, card.id).await["state"].clone();
        assert!((cancelled == StatusCode::OK) != (paid == StatusCode::OK), "{cancelled} {paid} {state}");
        assert_eq!(state, if paid == StatusCode::OK { "paid" } else { "cancelled" });
        sold += i64::from(paid == StatusCode::OK);
    }
    assert_eq!(market.stock(vendor.tenant, tomato).await, (100_000 - sold * 1_000, 0));
}
