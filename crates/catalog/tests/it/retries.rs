//! A bad network: a product may be sent twice, and is added once.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::shop::{Shop, Vendor, price, slug, tomatoes};

async fn shelf(vendor: &Vendor) -> Vec<Value> {
    vendor.get("/products").await.1["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_retry_adds_nothing_and_is_answered_with_the_product() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let body = tomatoes();
    let first = vendor.post("/products", &body).await;
    assert_eq!(first.0, StatusCode::CREATED);
    assert_eq!(vendor.post("/products", &body).await, first);
    assert_eq!(shelf(&vendor).await, std::slice::from_ref(&first.1));
    assert_eq!(shop.news(vendor.tenant).await.len(), 1);
    // As it is by then.
    let path = format!("/products/{}", first.1["id"].as_str().unwrap());
    let (_, dearer) = vendor.patch(&path, &json!({"name": "Onion", "price": price(4500, "1", "kg")})).await;
    assert_eq!(vendor.post("/products", &body).await, (StatusCode::CREATED, dearer));
    shop.assert_balanced().await;
}

#[tokio::test]
async fn another_product_under_the_same_id_is_refused() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let body = tomatoes();
    vendor.sell(&body).await;
    for (member, value) in [
        ("name", json!("Onion")),
        ("language", json!("ta")),
        ("price", price(4001, "1", "kg")),
        ("stock", json!("121")),
        ("floor", price(3500, "1", "kg")),
        ("tax", json!({"treatment": "exempt"})),
    ] {
        let mut other = body.clone();
        other[member] = value;
        let (status, problem) = vendor.post("/products", &other).await;
        assert_eq!((status, slug(&problem)), (StatusCode::CONFLICT, "client-id-reused"), "{other}");
    }
    assert_eq!(shelf(&vendor).await.len(), 1);
    // Another stall's phone may draw the same id.
    shop.vendor().sell(&body).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn retries_that_race_the_first_add_one_product() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let body = tomatoes();
    let answers = join_all((0..8).map(|_| vendor.post("/products", &body))).await;
    let shelf = shelf(&vendor).await;
    assert_eq!(shelf.len(), 1);
    for answer in answers {
        assert_eq!(answer, (StatusCode::CREATED, shelf[0].clone()));
    }
    assert_eq!(shop.news(vendor.tenant).await.len(), 1);
    shop.assert_balanced().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_products_that_race_under_one_id_one_is_added() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let body = tomatoes();
    let mut other = body.clone();
    other["stock"] = json!("80");
    let answers = join_all([&body, &other, &body, &other].map(|body| vendor.post("/products", body))).await;
    let refused: Vec<_> = answers.iter().filter(|(status, _)| *status == StatusCode::CONFLICT).collect();
    assert_eq!(refused.len(), 2, "{answers:?}");
    assert!(refused.iter().all(|(_, problem)| slug(problem) == "client-id-reused"));
    assert_eq!(shelf(&vendor).await.len(), 1);
}
