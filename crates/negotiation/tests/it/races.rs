//! Two at once: one of them is first, and the other is told so.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::json;

use crate::market::Market;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_yes_in_many_tabs_opens_one_order() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let offer = vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    let question = buyer.accept(&visit, &offer).await.is(StatusCode::CREATED);
    let answers = (0..6).map(|_| {
        let (mut tab, visit, question) = (buyer.tab(), visit.clone(), question.clone());
        async move { tab.confirm(&visit, &question).await.is(StatusCode::OK)["order"]["id"].clone() }
    });
    let orders = join_all(answers).await;
    assert!(orders.iter().all(|order| order.is_string() && *order == orders[0]), "{orders:?}");
    let stock = vendor.get("/products").await.is(StatusCode::OK)["items"][0]["stock"].clone();
    assert_eq!(stock["held"], "5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_yes_against_a_withdrawal_has_one_winner() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    for _ in 0..4 {
        let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
        let offer = vendor.offer(&visit, 40_00, "1").await.is(StatusCode::CREATED);
        let question = buyer.accept(&visit, &offer).await.is(StatusCode::CREATED);
        let path = format!("{visit}/offers/{}/withdraw", offer["id"].as_str().unwrap());
        let mut second = vendor.tab();
        let nothing = json!({});
        let (agreed, withdrawn) =
            tokio::join!(buyer.confirm(&visit, &question), second.post(&path, &nothing));
        assert_ne!(
            agreed.status.is_success(),
            withdrawn.status.is_success(),
            "{} {}",
            agreed.body,
            withdrawn.body
        );
        let after = buyer.visit(&visit).await;
        assert_eq!(after["order"].is_object(), agreed.status.is_success());
        let state = if agreed.status.is_success() { "accepted" } else { "withdrawn" };
        assert_eq!(after["offers"][0]["state"], state);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_sides_offer_at_once_and_one_offer_stands() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    for round in 0..4 {
        let (mine, theirs) =
            tokio::join!(buyer.offer(&visit, 150_00 + round, "5"), vendor.offer(&visit, 180_00 + round, "5"));
        mine.is(StatusCode::CREATED);
        theirs.is(StatusCode::CREATED);
        let offers = buyer.visit(&visit).await["offers"].clone();
        let standing = offers.as_array().unwrap().iter().filter(|o| o["state"] == "offered").count();
        assert_eq!(standing, 1, "{offers}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_yes_against_a_counter_has_one_outcome() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let offer = vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    let question = buyer.accept(&visit, &offer).await.is(StatusCode::CREATED);
    let mut tab = buyer.tab();
    let (agreed, countered) = tokio::join!(buyer.confirm(&visit, &question), tab.offer(&visit, 170_00, "5"));
    countered.is(StatusCode::CREATED);
    let states: Vec<_> =
        buyer.visit(&visit).await["offers"].as_array().unwrap().iter().map(|o| o["state"].clone()).collect();
    if agreed.status.is_success() {
        assert_eq!(states, ["offered", "accepted"], "agreed first: the other offer is a new one");
    } else {
        agreed.refused("question-over");
        assert_eq!(states, ["offered", "countered"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_kilos_go_to_as_many_buyers_as_there_are() {
    let market = Market::open().await;
    let mut vendor = market.vendor_named("9876543210", "Annam Vegetables").await;
    vendor.sell("Tomato", 40_00, "5", None).await;
    let mut deals = Vec::new();
    for _ in 0..8 {
        let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
        let offer = vendor.offer(&visit, 40_00, "1").await.is(StatusCode::CREATED);
        let question = buyer.accept(&visit, &offer).await.is(StatusCode::CREATED);
        deals.push((buyer, visit, question));
    }
    let answers = deals.iter_mut().map(|(buyer, visit, question)| buyer.confirm(visit, question));
    let answers = join_all(answers).await;
    assert_eq!(answers.iter().filter(|a| a.status.is_success()).count(), 5);
    for refused in answers.into_iter().filter(|a| !a.status.is_success()) {
        refused.refused("out-of-stock");
    }
}
