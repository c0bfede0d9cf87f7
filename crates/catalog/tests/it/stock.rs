//! Counting the stock.

use axum::http::StatusCode;
use serde_json::{Value, json};
use testkit::statements;
use types::Unit;
use uuid::Uuid;

use crate::shop::{Shop, price, slug, tomatoes};

fn said(client_id: u128, what: &str, amount: &str, reason: &str) -> Value {
    json!({"client_id": Uuid::from_u128(client_id), what: amount, "reason": reason})
}

#[tokio::test]
async fn every_change_is_a_movement_that_says_what_was_on_hand_then() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    let path = format!("/products/{product}/stock-movements");
    for (id, what, amount, reason, on_hand) in [
        (1, "change", "30.5", "bought", "150.5"),
        (2, "change", "-0.25", "spoilt", "150.25"),
        (3, "set", "148", "counted", "148"),
        (4, "set", "148", "counted", "148"),
        (5, "change", "2", "counted", "150"),
    ] {
        let (status, product) = vendor.post(&path, &said(id, what, amount, reason)).await;
        assert_eq!((status, &product["stock"]["on_hand"]), (StatusCode::OK, &json!(on_hand)), "{product}");
    }
    let ((_, page), count) = statements(vendor.get(&format!("{path}?limit=4"))).await;
    assert_eq!(count, 1);
    let summary = |page: &Value| -> Vec<[String; 3]> {
        let text = |m: &Value, name: &str| m[name].as_str().unwrap().to_owned();
        let items = page["items"].as_array().unwrap();
        items.iter().map(|m| [text(m, "kind"), text(m, "change"), text(m, "on_hand_after")]).collect()
    };
    let expected = [
        ["counted", "2", "150"],
        ["counted", "0", "148"],
        ["counted", "-2.25", "148"],
        ["spoilt", "-0.25", "150.25"],
    ];
    assert_eq!(summary(&page), expected);
    let next = page["next"].as_str().unwrap();
    let (_, page) = vendor.get(&format!("{path}?limit=4&before={next}")).await;
    assert_eq!(summary(&page), [["bought", "30.5", "150.5"], ["opened", "120", "120"]]);
    assert!(page.get("next").is_none());
    shop.assert_balanced().await;
}

#[tokio::test]
async fn a_retry_counts_once_and_other_content_under_its_id_is_refused() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let (first, second) = (vendor.sell_tomatoes().await, vendor.sell_tomatoes().await);
    let path = format!("/products/{first}/stock-movements");
    let bought = said(7, "change", "5", "bought");
    let once = vendor.post(&path, &bought).await;
    assert_eq!(vendor.post(&path, &bought).await, once);
    assert_eq!(once.1["stock"]["on_hand"], "125");
    for (path, body) in [
        (&path, said(7, "change", "6", "bought")),
        (&path, said(7, "change", "5", "counted")),
        (&path, said(7, "set", "5", "counted")),
        (&format!("/products/{second}/stock-movements"), bought.clone()),
    ] {
        let (status, problem) = vendor.post(path, &body).await;
        assert_eq!((status, slug(&problem)), (StatusCode::CONFLICT, "client-id-reused"), "{body}");
    }
    // Another stall's phone may draw the same id.
    let other = shop.vendor();
    let path = format!("/products/{}/stock-movements", other.sell_tomatoes().await);
    assert_eq!(other.post(&path, &bought).await.0, StatusCode::OK);
    shop.assert_balanced().await;
}

#[tokio::test]
async fn a_retry_that_runs_beside_the_first_counts_once() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let path = format!("/products/{}/stock-movements", vendor.sell_tomatoes().await);
    let bought = said(7, "change", "5", "bought");
    let answers = futures::future::join_all((0..8).map(|_| vendor.post(&path, &bought))).await;
    for (status, product) in answers {
        assert_eq!((status, &product["stock"]["on_hand"]), (StatusCode::OK, &json!("125")));
    }
    shop.assert_balanced().await;
}

#[tokio::test]
async fn stock_does_not_fall_below_what_buyers_hold() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    shop.hold(vendor.tenant, product, "20", Unit::Kg).await.unwrap();
    let path = format!("/products/{product}/stock-movements");
    let (status, problem) = vendor.post(&path, &said(1, "set", "19.999", "counted")).await;
    assert_eq!(
        (status, slug(&problem), &problem["held"]),
        (StatusCode::CONFLICT, "stock-held", &json!("20"))
    );
    assert_eq!(vendor.post(&path, &said(1, "set", "20", "counted")).await.0, StatusCode::OK);
    let (status, problem) = vendor.post(&path, &said(2, "change", "-20.001", "spoilt")).await;
    assert_eq!((status, slug(&problem)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-field"));
    shop.assert_balanced().await;
}

#[tokio::test]
async fn what_is_priced_by_the_dozen_is_counted_in_pieces() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let mut eggs = tomatoes();
    (eggs["name"], eggs["price"], eggs["stock"]) = ("Egg".into(), price(8400, "1", "dozen"), "10".into());
    let product = vendor.sell(&eggs).await;
    shop.hold(vendor.tenant, product, "8", Unit::Piece).await.unwrap();
    shop.hold(vendor.tenant, product, "0.5", Unit::Dozen).await.unwrap();
    assert_eq!(shop.stock(vendor.tenant, product).await, ["120", "14", "106"]);
    let (_, shown) = vendor.get(&format!("/products/{product}")).await;
    assert_eq!((&shown["stock"]["unit"], &shown["price"]["unit"]), (&json!("piece"), &json!("dozen")));
    let mut by_the_piece = tomatoes();
    by_the_piece["price"] = price(800, "1", "piece");
    let change = json!({"price": price(800, "1", "piece")});
    assert_eq!(vendor.patch(&format!("/products/{product}"), &change).await.0, StatusCode::OK);
}
