//! Money that comes when the order's time is over.

use axum::http::StatusCode;
use orders::order::HOLD_FOR;
use serde_json::json;
use types::{Language, Unit};

use crate::market::Market;

#[tokio::test]
async fn an_order_that_is_not_paid_in_time_expires_and_its_stock_is_free() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "5", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let card = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap();
    market.run_jobs().await;
    assert_eq!(market.show(&buyer.caller, card.id).await["state"], "open");
    market.pass_time(HOLD_FOR);
    market.run_jobs().await;
    let order = market.show(&buyer.caller, card.id).await;
    assert_eq!((&order["state"], &order["payment"]["state"]), (&json!("expired"), &json!("expired")));
    assert!(order.get("hold_expires_at").is_none());
    assert_eq!(market.stock(vendor.tenant, tomato).await, (5_000, 0));
    let other = market.buyer(&vendor);
    market.agree(&market.agreement(&other, tomato, "5", Unit::Kg)).await.unwrap();
}

#[tokio::test]
async fn late_money_buys_the_goods_where_they_are_still_there() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "5", Unit::Kg).await;
    let eggs = market.product(&vendor, "Egg", "12", Unit::Piece).await;
    let buyer = market.buyer(&vendor);
    market.agree(&market.agreement(&buyer, eggs, "6", Unit::Piece)).await.unwrap();
    let card = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap();
    market.pass_time(HOLD_FOR);
    market.run_jobs().await;
    market.pay_late(&vendor, card.id).await;
    market.run_jobs().await;
    let order = market.show(&buyer.caller, card.id).await;
    assert_eq!(order["state"], "paid", "{order}");
    assert!(order["document"]["number"].is_string());
    assert_eq!(market.stock(vendor.tenant, tomato).await, (0, 0));
    assert_eq!(market.stock(vendor.tenant, eggs).await, (6_000, 0));
}

#[tokio::test]
async fn late_money_goes_back_where_the_goods_are_gone() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "5", Unit::Kg).await;
    let eggs = market.product(&vendor, "Egg", "12", Unit::Piece).await;
    let (buyer, other) = (market.buyer(&vendor), market.buyer(&vendor));
    market.agree(&market.agreement(&buyer, eggs, "6", Unit::Piece)).await.unwrap();
    let card = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap();
    market.pass_time(HOLD_FOR);
    market.run_jobs().await;
    market.agree(&market.agreement(&other, tomato, "1", Unit::Kg)).await.unwrap();
    market.pay_late(&vendor, card.id).await;
    market.run_jobs().await;
    let order = market.show(&buyer.caller, card.id).await;
    assert_eq!(order["state"], "refunded", "{order}");
    assert_eq!(order["payment"]["state"], "refunded");
    let last = order["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["state"], &last["reason"]), (&json!("refunded"), &json!("out_of_stock")));
    assert!(order.get("document").is_none(), "nothing was sold");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (5_000, 1_000));
    assert_eq!(market.stock(vendor.tenant, eggs).await, (12_000, 0), "nothing of it stays held");
    let path = format!("/orders/{}/hand-over", card.id);
    assert_eq!(market.post(&vendor.caller, &path, &json!({})).await.0, StatusCode::CONFLICT);
}
