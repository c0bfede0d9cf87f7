//! What must not get in.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::shop::{Shop, price, slug, tomatoes};

/// A product with one member changed.
fn with(member: &str, value: Value) -> Value {
    let mut body = tomatoes();
    body[member] = value;
    body
}

#[tokio::test]
async fn a_product_that_cannot_be_is_refused_by_its_field() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let taxed = |hsn: &str, treatment: &str, rate: &str| {
        with("tax", json!({"hsn": hsn, "treatment": treatment, "rate_percent": rate}))
    };
    let wrong = [
        ("client_id", with("client_id", json!("1"))),
        ("price", with("price", price(0, "1", "kg"))),
        ("price", with("price", price(-4000, "1", "kg"))),
        ("price", with("price", price(1_000_000_000_000, "1", "kg"))),
        ("price", with("price", price(4000, "0", "kg"))),
        ("price.per", with("price", price(4000, "-1", "kg"))),
        ("price.per", with("price", price(4000, "NaN", "kg"))),
        ("price.per", with("price", price(4000, "1000000000000", "kg"))),
        ("price.unit", with("price", price(4000, "1", "stone"))),
        ("stock", with("stock", json!("-1"))),
        ("stock", with("stock", json!("NaN"))),
        ("stock", with("stock", json!("1000000000000"))),
        ("stock", with("stock", json!("1.0005"))),
        ("stock", with("stock", json!(5))),
        ("floor", with("floor", price(4001, "1", "kg"))),
        ("floor", with("floor", price(0, "1", "kg"))),
        ("floor.unit", with("floor", price(100, "1", "piece"))),
        ("language", with("language", json!("xx"))),
        ("lemma", with("lemma", json!("dragon egg"))),
        ("name", with("name", json!("x".repeat(81)))),
        ("name", with("name", json!(""))),
        ("name", with("name", json!("\u{0}\u{7}\u{202E}\u{200B}"))),
        ("tax.hsn", taxed("7", "taxable", "5")),
        ("tax.rate_percent", taxed("0702", "exempt", "5")),
        ("tax.rate_percent", taxed("0702", "taxable", "100.5")),
        ("tax.rate_percent", taxed("0702", "taxable", "NaN")),
        ("tax.rate_percent", with("tax", json!({"treatment": "taxable"}))),
    ];
    for (field, body) in wrong {
        let (status, problem) = vendor.post("/products", &body).await;
        assert_eq!(
            (status, slug(&problem)),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid-field"),
            "{problem}"
        );
        assert_eq!(problem["field"], field, "{problem}");
    }
    assert_eq!(vendor.get("/products").await.1["items"], json!([]));
}

#[tokio::test]
async fn a_flood_and_what_is_no_json_are_refused() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let flood = with("name", json!("த".repeat(100_000)));
    let (status, problem) = vendor.post("/products", &flood).await;
    assert_eq!((status, slug(&problem)), (StatusCode::PAYLOAD_TOO_LARGE, "too-large"));
    let stall = json!({"name": "x".repeat(100_000), "language": "ta"});
    assert_eq!(vendor.put("/stall", &stall).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let not_a_number = r#"{"name":"Tomato","price":{"amount":{"minor":NaN}},"stock":"1"}"#.to_owned();
    let (status, _) = vendor.call(Method::POST, "/products", Some(not_a_number)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn names_lose_what_would_break_a_screen() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let (_, product) = vendor.post("/products", &with("name", json!("Toma\u{202E}to\u{0} \r\n fresh"))).await;
    assert_eq!(product["name"], "Tomato fresh");
    let stall = json!({"name": "\u{2066}Fresh\u{7}\u{202E} Stall", "language": "en"});
    assert_eq!(vendor.put("/stall", &stall).await.1["name"], "Fresh Stall");
    let hostile = "'; drop table products; --";
    assert_eq!(vendor.post("/products", &with("name", json!(hostile))).await.1["name"], hostile);
    for (name, about) in [("", ""), ("\u{202E}", ""), ("x", &*"y".repeat(501))] {
        let stall = json!({"name": name, "language": "en", "about": about});
        assert_eq!(vendor.put("/stall", &stall).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_movement_that_cannot_be_is_refused() {
    let shop = Shop::open().await;
    let vendor = shop.vendor();
    let path = format!("/products/{}/stock-movements", vendor.sell_tomatoes().await);
    let said = |what: &str, amount: &str, reason: &str| json!({"client_id": uuid::Uuid::nil(), what: amount, "reason": reason});
    for body in [
        said("change", "0", "counted"),
        said("change", "-0", "counted"),
        said("change", "+5", "bought"),
        said("change", "--5", "spoilt"),
        said("change", "NaN", "bought"),
        said("change", "1000000000000", "bought"),
        said("change", "9999999.999", "bought"),
        said("change", "-120.001", "spoilt"),
        said("change", "5", "spoilt"),
        said("set", "-1", "counted"),
        said("set", "5", "bought"),
        said("set", "5", "stolen"),
        json!({"client_id": uuid::Uuid::nil(), "reason": "counted"}),
        json!({"client_id": "1", "set": "5", "reason": "counted"}),
        json!({"client_id": uuid::Uuid::nil(), "set": "5", "change": "5", "reason": "counted"}),
    ] {
        let (status, problem) = vendor.post(&path, &body).await;
        assert_eq!((status, slug(&problem)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-field"), "{body}");
    }
    assert_eq!(vendor.get(&path).await.1["items"].as_array().unwrap().len(), 1);
    shop.assert_balanced().await;
}
