//! Money comes, goods change hands, or the order is called off.

use axum::http::StatusCode;
use serde_json::{Value, json};
use types::{Language, Unit};

use crate::market::Market;

fn states(order: &Value) -> Vec<&str> {
    order["timeline"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn money_sells_what_was_held_and_issues_the_document_and_then_the_goods_change_hands() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::Tamil).await;
    let tomato = market.product(&vendor, "Tomato", "120", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let card = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap();
    market.run_jobs().await;
    let (status, payment) = market.take_cash(&vendor, card.id).await;
    assert_eq!((status, &payment["state"]), (StatusCode::OK, &json!("paid")));
    market.run_jobs().await;

    let order = market.show(&buyer.caller, card.id).await;
    assert_eq!(states(&order), ["open", "paid"]);
    assert_eq!(order["document"]["kind"], "receipt");
    assert_eq!(order["document"]["order_id"], json!(card.id));
    assert_eq!(order["payment"]["confirmed_by"], "vendor");
    assert!(order.get("hold_expires_at").is_none());
    assert_eq!(market.stock(vendor.tenant, tomato).await, (115_000, 0));
    for subscriber in [vendor.tenant.uuid(), buyer.guest.uuid()] {
        let news = market.news(vendor.tenant, subscriber).await;
        let documents = news.iter().filter(|(kind, _)| kind == "document").count();
        let paid = news.iter().filter(|(kind, data)| kind == "order" && data["state"] == "paid").count();
        assert_eq!((documents, paid), (1, 1));
    }

    let path = format!("/orders/{}/hand-over", card.id);
    assert_ne!(market.post(&buyer.caller, &path, &json!({})).await.0, StatusCode::OK, "only the vendor");
    for _ in 0..2 {
        let (status, order) = market.post(&vendor.caller, &path, &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{order}");
        assert_eq!(states(&order), ["open", "paid", "handed_over"]);
    }
}

#[tokio::test]
async fn either_side_calls_an_unpaid_order_off_and_the_goods_are_free() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "5", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    for (caller, reason) in [(&buyer.caller, "by_buyer"), (&vendor.caller, "by_vendor")] {
        let card = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap();
        let path = format!("/orders/{}/cancel", card.id);
        let (status, order) = market.post(caller, &path, &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{order}");
        assert_eq!(states(&order), ["open", "cancelled"]);
        assert_eq!(order["timeline"][1]["reason"], reason);
        assert_eq!(order["payment"]["state"], "expired");
        assert_eq!(market.stock(vendor.tenant, tomato).await, (5_000, 0));
        let (status, order) = market.post(caller, &path, &json!({})).await;
        assert_eq!((status, states(&order).len()), (StatusCode::OK, 2), "said twice, it was said once");
    }
}

#[tokio::test]
async fn what_is_paid_is_not_called_off_and_what_is_unpaid_is_not_handed_over() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "5", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let card = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap();
    let (hand_over, cancel) =
        (format!("/orders/{}/hand-over", card.id), format!("/orders/{}/cancel", card.id));
    let (status, problem) = market.post(&vendor.caller, &hand_over, &json!({})).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/order-not-now")));
    market.take_cash(&vendor, card.id).await;
    // Whether the order says so already or not.
    for _ in 0..2 {
        let (status, problem) = market.post(&buyer.caller, &cancel, &json!({})).await;
        assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/order-not-now")));
        market.run_jobs().await;
    }
    assert_eq!(states(&market.show(&buyer.caller, card.id).await), ["open", "paid"]);
}

#[tokio::test]
async fn settling_again_changes_nothing() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "5", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let card = market.agree(&market.agreement(&buyer, tomato, "2", Unit::Kg)).await.unwrap();
    market.take_cash(&vendor, card.id).await;
    market.run_jobs().await;
    let first = market.show(&buyer.caller, card.id).await;
    let news = market.news(vendor.tenant, buyer.guest.uuid()).await.len();
    market.settle_again(vendor.tenant, card.id, &first["payment"]).await;
    assert_eq!(market.show(&buyer.caller, card.id).await, first);
    assert_eq!(market.news(vendor.tenant, buyer.guest.uuid()).await.len(), news);
    assert_eq!(market.stock(vendor.tenant, tomato).await, (3_000, 0));
}

#[tokio::test]
async fn money_that_goes_back_puts_the_goods_back_unless_the_buyer_has_them() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "10", Unit::Kg).await;
    let mut cards = Vec::new();
    for kilos in ["1", "2", "4"] {
        let buyer = market.buyer(&vendor);
        let card = market.agree(&market.agreement(&buyer, tomato, kilos, Unit::Kg)).await.unwrap();
        market.take_cash(&vendor, card.id).await;
        cards.push(card.id);
        if kilos != "4" {
            market.run_jobs().await;
        }
    }
    let [handed_over, settled, just_paid] = cards.as_slice() else { unreachable!() };
    market.post(&vendor.caller, &format!("/orders/{handed_over}/hand-over"), &json!({})).await;
    for order in [handed_over, settled, just_paid] {
        market.refund(vendor.tenant, *order).await;
    }
    market.run_jobs().await;
    for order in [handed_over, settled, just_paid] {
        assert_eq!(market.show(&vendor.caller, *order).await["state"], "refunded");
    }
    assert_eq!(market.stock(vendor.tenant, tomato).await, (9_000, 0));
}
