//! Who sees which orders, and what that costs.

use axum::http::StatusCode;
use identity::Caller;
use serde_json::json;
use testkit::statements;
use types::{Language, Unit};

use crate::market::{Buyer, Market};

fn pass_of(buyer: &Buyer) -> identity::Pass {
    buyer.caller.passes()[0].clone()
}

#[tokio::test]
async fn a_stall_and_a_phone_each_list_their_own_orders_in_one_statement() {
    let market = Market::open().await;
    let (vendor, other) =
        (market.vendor("Fresh", Language::English).await, market.vendor("Fine", Language::English).await);
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let onion = market.product(&other, "Onion", "100", Unit::Kg).await;
    let (here, there, stranger) = (market.buyer(&vendor), market.buyer(&other), market.buyer(&vendor));
    let mut mine = Vec::new();
    for n in 0..5 {
        market.test.clock.advance(chrono::TimeDelta::seconds(1));
        let (buyer, product) = if n % 2 == 0 { (&here, tomato) } else { (&there, onion) };
        let card = market.agree(&market.agreement(buyer, product, "1", Unit::Kg)).await.unwrap();
        market.post(&buyer.caller, &format!("/orders/{}/cancel", card.id), &json!({})).await;
        mine.push(json!(card.id));
        market.agree(&market.agreement(&stranger, tomato, "1", Unit::Kg)).await.unwrap();
    }
    mine.reverse();
    let phone = Caller::guest(vec![pass_of(&there), pass_of(&here)]);
    let ((status, page), count) = statements(market.get(&phone, "/orders?limit=3")).await;
    assert_eq!((status, count), (StatusCode::OK, 1));
    let ids: Vec<_> = page["items"].as_array().unwrap().iter().map(|card| card["id"].clone()).collect();
    assert_eq!(ids, mine[..3]);
    let next = page["next"].as_str().unwrap();
    let (_, rest) = market.get(&phone, &format!("/orders?limit=3&before={next}")).await;
    let ids: Vec<_> = rest["items"].as_array().unwrap().iter().map(|card| card["id"].clone()).collect();
    assert_eq!((ids.as_slice(), rest.get("next")), (&mine[3..], None));

    let ((_, page), count) = statements(market.get(&vendor.caller, "/orders")).await;
    assert_eq!(
        (page["items"].as_array().unwrap().len(), count),
        (4, 1),
        "three of one visit, one joined five times"
    );
    assert_eq!(market.get(&Caller::nobody(), "/orders").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_order_takes_as_many_statements_whatever_is_in_it() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let onion = market.product(&vendor, "Onion", "100", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let card = market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await.unwrap();
    let path = format!("/orders/{}", card.id);
    let (_, of_one) = statements(market.get(&buyer.caller, &path)).await;
    for product in [onion, tomato, onion] {
        market.agree(&market.agreement(&buyer, product, "1", Unit::Kg)).await.unwrap();
    }
    let ((_, order), of_four) = statements(market.get(&buyer.caller, &path)).await;
    assert_eq!(order["lines"].as_array().unwrap().len(), 4);
    assert_eq!(of_one, of_four);
    assert!(of_four <= 7, "{of_four}");
}

#[tokio::test]
async fn an_order_of_another_stall_or_visit_is_not_there() {
    let market = Market::open().await;
    let (vendor, other) =
        (market.vendor("Fresh", Language::English).await, market.vendor("Fine", Language::English).await);
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let (buyer, stranger) = (market.buyer(&vendor), market.buyer(&vendor));
    let card = market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await.unwrap();
    for caller in [&other.caller, &stranger.caller] {
        let (status, problem) = market.get(caller, &format!("/orders/{}", card.id)).await;
        assert_eq!((status, &problem["type"]), (StatusCode::NOT_FOUND, &json!("/problems/not-found")));
        let cancel = format!("/orders/{}/cancel", card.id);
        assert_eq!(market.post(caller, &cancel, &json!({})).await.0, StatusCode::NOT_FOUND);
    }
    let hand_over = format!("/orders/{}/hand-over", card.id);
    assert_eq!(market.post(&other.caller, &hand_over, &json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(market.show(&buyer.caller, card.id).await["state"], "open");
    assert_eq!(market.get(&buyer.caller, "/orders/7").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_operator_sees_all_stalls_orders_with_their_names_and_that_is_kept() {
    let market = Market::open().await;
    let (vendor, other) =
        (market.vendor("Fresh", Language::English).await, market.vendor("Fine", Language::English).await);
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let onion = market.product(&other, "Onion", "100", Unit::Kg).await;
    let (one, two) = (market.buyer(&vendor), market.buyer(&other));
    let first = market.agree(&market.agreement(&one, tomato, "1", Unit::Kg)).await.unwrap();
    market.test.clock.advance(chrono::TimeDelta::seconds(1));
    market.agree(&market.agreement(&two, onion, "1", Unit::Kg)).await.unwrap();
    market.post(&one.caller, &format!("/orders/{}/cancel", first.id), &json!({})).await;

    let operator = market.operator();
    let (_, kept_first) = statements(market.get(&operator, "/operator/orders")).await;
    let ((status, page), count) = statements(market.get(&operator, "/operator/orders")).await;
    assert_eq!((status, kept_first, count), (StatusCode::OK, 6, 3), "{page}");
    let looks =
        "select count(*) from audit_acts where area = 'orders' and deed = 'looked' and chain_id = any($1)";
    let chains = [vendor.tenant.uuid(), other.tenant.uuid()];
    let looks: i64 = sqlx::query_scalar(looks).bind(chains).fetch_one(market.test.db.pool()).await.unwrap();
    assert_eq!(looks, 2, "each owner can see that somebody looked, once for both looks");
    let names: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|order| order["stall_name"].clone()).collect();
    assert_eq!(names, ["Fine", "Fresh"]);
    let (_, cancelled) = market.get(&operator, "/operator/orders?state=cancelled&limit=5").await;
    assert_eq!(cancelled["items"].as_array().unwrap().len(), 1);
    assert_eq!(cancelled["items"][0]["id"], json!(first.id));
    assert_eq!(market.get(&operator, "/operator/orders?state=lost").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(market.get(&vendor.caller, "/operator/orders").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_newest_orders_of_many_visits_are_one_statement() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let (one, two, none) = (market.buyer(&vendor), market.buyer(&vendor), market.buyer(&vendor));
    let old = market.agree(&market.agreement(&one, tomato, "1", Unit::Kg)).await.unwrap();
    market.post(&one.caller, &format!("/orders/{}/cancel", old.id), &json!({})).await;
    market.test.clock.advance(chrono::TimeDelta::seconds(1));
    let newer = market.agree(&market.agreement(&one, tomato, "1", Unit::Kg)).await.unwrap();
    let other = market.agree(&market.agreement(&two, tomato, "1", Unit::Kg)).await.unwrap();
    let mut connection = market.test.db.acquire().await.unwrap();
    let visits = [one.visit, two.visit, none.visit];
    let (cards, count) =
        statements(market.orders.cards_of_visits(&mut connection, vendor.tenant, &visits)).await;
    let mut ids: Vec<_> = cards.unwrap().into_iter().map(|card| card.id).collect();
    let mut expected = [newer.id, other.id];
    ids.sort_unstable();
    expected.sort_unstable();
    assert_eq!((ids.as_slice(), count), (expected.as_slice(), 1));
    let card = market.orders.card_of_visit(&mut connection, vendor.tenant, one.visit).await.unwrap();
    assert_eq!(card.unwrap().id, newer.id);
    let nothing = market.orders.card_of_visit(&mut connection, vendor.tenant, none.visit).await.unwrap();
    assert!(nothing.is_none());
}
