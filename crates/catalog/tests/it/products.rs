//! Products on and off the shelf.

use axum::http::StatusCode;
use serde_json::{Value, json};
use testkit::statements;

use crate::shop::{Shop, fresh, price, slug, tomatoes};

#[tokio::test]
async fn a_product_is_shown_as_it_was_put_on_the_shelf() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let mut body = tomatoes();
    body["floor"] = price(3500, "1", "kg");
    let (status, product) = vendor.post("/products", &body).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!((&product["name"], &product["lemma"]), (&json!("Tomato"), &json!("tomato")));
    assert_eq!((&product["names"]["ta"], &product["names"]["ur"]), (&json!("தக்காளி"), &json!("ٹماٹر")));
    assert_eq!((&product["price"], &product["floor"]), (&price(4000, "1", "kg"), &price(3500, "1", "kg")));
    assert_eq!(product["stock"], json!({"on_hand": "120", "held": "0", "available": "120", "unit": "kg"}));
    assert_eq!(product["tax"], json!({"hsn": "0702", "treatment": "exempt"}));
    assert_eq!(product["hidden"], false);
    let path = format!("/products/{}", product["id"].as_str().unwrap());
    assert_eq!(vendor.get(&path).await, (StatusCode::OK, product.clone()));
    assert_eq!(shop.news(vendor.tenant).await, [json!({"kind": "product", "data": product})]);
}

#[tokio::test]
async fn a_name_that_nobody_knows_stays_as_typed_in_the_stalls_language() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    vendor.put("/stall", &json!({"name": "Fresh", "language": "te"})).await;
    let body = json!({
        "client_id": fresh(), "name": "Zorblax 3000", "price": price(100, "1", "packet"), "stock": "7",
    });
    let (_, product) = vendor.post("/products", &body).await;
    assert_eq!(product["names"], json!({"te": "Zorblax 3000"}));
    assert!(product.get("lemma").is_none());
}

#[tokio::test]
async fn what_is_absent_of_a_change_stays() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let mut body = tomatoes();
    body["floor"] = price(3000, "1", "kg");
    body["tax"] = json!({"hsn": "0702", "treatment": "taxable", "rate_percent": "2.50"});
    let path = format!("/products/{}", vendor.sell(&body).await);
    let (status, product) = vendor.patch(&path, &json!({"price": price(15_000, "5", "kg")})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&product["price"], &product["floor"]), (&price(15_000, "5", "kg"), &price(3000, "1", "kg")));
    assert_eq!(product["tax"], json!({"hsn": "0702", "treatment": "taxable", "rate_percent": "2.5"}));
    let change = json!({"name": "Nati tomato", "tax": {"treatment": "exempt"}});
    let (_, product) = vendor.patch(&path, &change).await;
    assert_eq!((&product["name"], product.get("lemma")), (&json!("Nati tomato"), None));
    assert_eq!(product["tax"], json!({"treatment": "exempt"}));
    assert_eq!(shop.news(vendor.tenant).await.len(), 3);
}

#[tokio::test]
async fn a_hidden_product_is_off_the_shelf_and_comes_back() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let product = vendor.sell_tomatoes().await;
    let path = format!("/products/{product}");
    for _ in 0..2 {
        assert_eq!(vendor.delete(&path).await.0, StatusCode::NO_CONTENT);
    }
    let mut connection = shop.test.db.acquire().await.unwrap();
    assert!(shop.catalog.products_on_sale(&mut connection, vendor.tenant).await.unwrap().is_empty());
    assert!(shop.catalog.products(&mut connection, vendor.tenant, &[product]).await.unwrap()[0].hidden);
    assert_eq!(vendor.get("/products").await.1["items"][0]["hidden"], true);
    vendor.patch(&path, &json!({"hidden": false})).await;
    assert_eq!(shop.catalog.products_on_sale(&mut connection, vendor.tenant).await.unwrap().len(), 1);
}

#[tokio::test]
async fn products_come_in_pages_newest_first_by_one_statement() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let mut added = Vec::new();
    for _ in 0..5 {
        added.push(vendor.sell_tomatoes().await.to_string());
        shop.test.clock.advance(chrono::TimeDelta::milliseconds(1));
    }
    added.reverse();
    let (mut seen, mut path): (Vec<String>, _) = (Vec::new(), "/products?limit=2".to_owned());
    loop {
        let ((_, page), count) = statements(vendor.get(&path)).await;
        assert_eq!(count, 1, "one statement however many products");
        seen.extend(page["items"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/products?limit=2&before={next}");
    }
    assert_eq!(seen, added);
    let mut connection = shop.test.db.acquire().await.unwrap();
    let on_sale = shop.catalog.products_on_sale(&mut connection, vendor.tenant);
    let (on_sale, count) = statements(on_sale).await;
    let on_sale: Vec<_> = on_sale.unwrap().iter().rev().map(|product| product.id.to_string()).collect();
    assert_eq!((on_sale, count), (added, 1));
}

#[tokio::test]
async fn another_vendors_product_is_not_there() {
    let shop = Shop::open().await;
    let (owner, stranger) = (shop.vendor(), shop.vendor());
    let product = owner.sell_tomatoes().await;
    let path = format!("/products/{product}");
    let movement = json!({"client_id": uuid::Uuid::nil(), "set": "0", "reason": "counted"});
    let movements = format!("{path}/stock-movements");
    let answers = [
        stranger.get(&path).await,
        stranger.patch(&path, &json!({"name": "Mine"})).await,
        stranger.delete(&path).await,
        stranger.get(&movements).await,
        stranger.post(&movements, &movement).await,
        stranger.get("/products/none").await,
    ];
    for (status, problem) in answers {
        assert_eq!((status, slug(&problem)), (StatusCode::NOT_FOUND, "not-found"));
    }
    assert_eq!(stranger.get("/products").await.1["items"], json!([]));
    assert_eq!(owner.get(&path).await.1["name"], "Tomato");
    assert!(shop.news(stranger.tenant).await.is_empty());
}

#[tokio::test]
async fn a_stall_is_full_with_five_hundred_products() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let first = tomatoes();
    let product = vendor.sell(&first).await;
    sqlx::query(
        "insert into products
             (tenant_id, id, name, language, price_minor, per_milli, price_unit, treatment, hidden, created_at, updated_at)
         select tenant_id, gen_random_uuid(), name, language, 100, 1000, 'kg', 'exempt', false, created_at, updated_at
         from products
         cross join generate_series(1, 499)",
    )
    .execute(shop.test.db.pool())
    .await
    .unwrap();
    let (status, problem) = vendor.post("/products", &tomatoes()).await;
    assert_eq!((status, slug(&problem)), (StatusCode::CONFLICT, "too-many-products"));
    assert_eq!(vendor.sell(&first).await, product, "a retry needs no place");
    // What is hidden leaves its place, and needs one to come back.
    assert_eq!(vendor.delete(&format!("/products/{product}")).await.0, StatusCode::NO_CONTENT);
    vendor.sell_tomatoes().await;
    let (status, problem) = vendor.patch(&format!("/products/{product}"), &json!({"hidden": false})).await;
    assert_eq!((status, slug(&problem)), (StatusCode::CONFLICT, "too-many-products"));
}

#[tokio::test]
async fn a_floor_that_stands_is_not_moved_by_whoever_did_not_show_lately_who_they_are() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let path = format!("/products/{}", vendor.sell(&tomatoes()).await);
    let first = json!({"floor": price(3000, "1", "kg")});
    assert_eq!(vendor.patch(&path, &first).await.0, StatusCode::OK, "none stood");
    for moved in [price(2999, "1", "kg"), price(3001, "1", "kg"), Value::Null] {
        let (status, problem) = vendor.patch(&path, &json!({"name": "Cheap", "floor": moved})).await;
        assert_eq!((status, slug(&problem)), (StatusCode::FORBIDDEN, "confirm-again"));
    }
    let (_, product) = vendor.get(&path).await;
    assert_eq!((&product["name"], &product["floor"]), (&json!("Tomato"), &first["floor"]));
    let mut again = first.clone();
    again["price"] = price(4200, "1", "kg");
    let (status, product) = vendor.patch(&path, &again).await;
    assert_eq!((status, &product["floor"]), (StatusCode::OK, &first["floor"]), "it is where it was");
}

#[tokio::test]
async fn the_floor_is_in_the_vendors_json_alone() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let mut body = tomatoes();
    body["floor"] = price(3123, "1", "kg");
    let product = vendor.sell(&body).await;
    shop.hold(vendor.tenant, product, "1", types::Unit::Kg).await.unwrap();
    // Everything that was published about it went to the vendor's own log.
    let elsewhere: Vec<Value> =
        sqlx::query_scalar("select payload from sync_events where subscriber_id <> tenant_id")
            .fetch_all(shop.test.db.pool())
            .await
            .unwrap();
    assert!(elsewhere.is_empty());
    assert_eq!(shop.news(vendor.tenant).await.len(), 2);
    // What is made for buyers is made from these, none of which can be written as JSON with the floor in it.
    let mut connection = shop.test.db.acquire().await.unwrap();
    let product = shop.catalog.products_on_sale(&mut connection, vendor.tenant).await.unwrap().remove(0);
    let shown = json!([product.id, product.name, product.names, product.price, product.stock, product.tax]);
    assert!(!shown.to_string().contains(":3123"));
}
