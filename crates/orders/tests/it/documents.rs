//! The document that is handed over: which paper it is, and the tax that it says.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use catalog::{NewProduct, ProductChange, Tax};
use identity::Caller;
use serde_json::{Value, json};
use types::{Language, Money, OrderId, Price, ProductId, Quantity, Unit};

use crate::market::{Buyer, Market, Vendor};

/// The amounts of a line's tax, in paise: what the goods are worth, CGST, SGST, IGST.
type Parts = [i64; 4];

/// A market with one stall in Karnataka, whose seller is registered so.
async fn stall(registration: &str) -> (Market, Vendor) {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let mut profile = json!({
        "registration": registration, "legal_name": "Meena Stores", "address": "4 Market Road, Bengaluru",
        "state_code": "29",
    });
    if registration != "none" {
        profile["gstin"] = json!("29AAGCB7383J1Z4");
    }
    let (status, answer) = put(&market, &vendor.caller, "/tax-profile", &profile).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    (market, vendor)
}

async fn put(market: &Market, caller: &Caller, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::put(path).header("content-type", "application/json");
    market.call(caller, request.body(Body::from(body.to_string())).unwrap()).await
}

fn taxable(hsn: &str, rate: &str) -> Value {
    json!({ "hsn": hsn, "treatment": "taxable", "rate_percent": rate })
}

fn exempt(hsn: &str) -> Value {
    json!({ "hsn": hsn, "treatment": "exempt" })
}

/// Puts 100 kg on the shelf that are taxed so.
async fn product(market: &Market, vendor: &Vendor, name: &str, tax: &Value) -> ProductId {
    let tax: Tax = serde_json::from_value(tax.clone()).unwrap();
    let new = NewProduct {
        client_id: market.test.entropy.id(market.test.clock.now()),
        name: name.to_owned(),
        language: Some(Language::English),
        lemma: None,
        price: Price::new(Money::inr(40_00), Quantity::ONE, Unit::Kg).unwrap(),
        stock: "100".parse().unwrap(),
        floor: None,
        tax: Some(tax),
    };
    market.catalog.add_product(vendor.seller, &new).await.unwrap().id
}

/// The vendor taxes the product otherwise from now on.
async fn tax_otherwise(market: &Market, vendor: &Vendor, product: ProductId, tax: &Value) {
    let change: ProductChange = serde_json::from_value(json!({ "tax": tax })).unwrap();
    market.catalog.change_product(&vendor.caller, product, &change).await.unwrap();
}

/// Agrees on one kilo for so many paise.
async fn agree(market: &Market, buyer: &Buyer, product: ProductId, paise: i64) -> OrderId {
    let mut agreement = market.agreement(buyer, product, "1", Unit::Kg);
    agreement.price = Price::new(Money::inr(paise), Quantity::ONE, Unit::Kg).unwrap();
    agreement.total = Money::inr(paise);
    market.agree(&agreement).await.unwrap().id
}

/// Pays the order; gives the document as the order shows it, and what it says.
async fn pay(market: &Market, vendor: &Vendor, order: OrderId) -> (Value, Value) {
    let (status, payment) = market.take_cash(vendor, order).await;
    assert_eq!(status, StatusCode::OK, "{payment}");
    market.run_jobs().await;
    let shown = market.show(&vendor.caller, order).await;
    let said = sqlx::query_scalar("select snapshot from documents where tenant_id = $1 and order_id = $2")
        .bind(vendor.tenant.uuid())
        .bind(order.uuid())
        .fetch_one(market.test.db.pool())
        .await
        .unwrap();
    assert_eq!(shown["document"]["total"], shown["total"]);
    (shown["document"].clone(), said)
}

/// Rate and amounts of the line's tax.
fn tax(said: &Value, line: usize) -> Option<(&str, Parts)> {
    let tax = said["lines"][line].get("tax")?;
    let parts = ["taxable_value", "cgst", "sgst", "igst"].map(|part| tax[part]["minor"].as_i64().unwrap());
    Some((tax["rate"].as_str().unwrap(), parts))
}

#[tokio::test]
async fn the_seller_and_the_goods_decide_which_document_is_handed_over() {
    let spice = taxable("0910", "5");
    for (registration, goods, kind) in [
        ("regular", &spice, "tax_invoice"),
        ("regular", &exempt("0702"), "bill_of_supply"),
        ("composition", &spice, "bill_of_supply"),
        ("composition", &exempt("0702"), "bill_of_supply"),
        ("none", &spice, "receipt"),
        ("none", &exempt("0702"), "receipt"),
    ] {
        let (market, vendor) = stall(registration).await;
        let goods = product(&market, &vendor, "Goods", goods).await;
        let order = agree(&market, &market.buyer(&vendor), goods, 210_00).await;
        let (document, said) = pay(&market, &vendor, order).await;
        assert_eq!((&document["kind"], &document["total"]["minor"]), (&json!(kind), &json!(210_00)));
        assert_eq!(said["seller"]["registration"], registration);
        assert_eq!(tax(&said, 0).is_some(), kind == "tax_invoice", "{registration}: {said}");
    }
}

#[tokio::test]
async fn a_seller_who_said_nothing_gives_a_receipt_without_tax() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "5")).await;
    let order = agree(&market, &market.buyer(&vendor), turmeric, 210_00).await;
    let (document, said) = pay(&market, &vendor, order).await;
    assert_eq!((&document["kind"], tax(&said, 0)), (&json!("receipt"), None));
}

#[tokio::test]
async fn each_line_bears_its_own_tax_inside_what_was_agreed_for_it() {
    let (market, vendor) = stall("regular").await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "5")).await;
    let biscuits = product(&market, &vendor, "Biscuits", &taxable("1905", "18")).await;
    let buyer = market.buyer(&vendor);
    agree(&market, &buyer, turmeric, 210_00).await;
    let order = agree(&market, &buyer, biscuits, 118_00).await;
    let (document, said) = pay(&market, &vendor, order).await;
    assert_eq!((&document["kind"], &document["total"]["minor"]), (&json!("tax_invoice"), &json!(328_00)));
    assert_eq!(tax(&said, 0), Some(("5", [200_00, 5_00, 5_00, 0])));
    assert_eq!(tax(&said, 1), Some(("18", [100_00, 9_00, 9_00, 0])));
    assert_eq!((&said["lines"][0]["hsn"], &said["lines"][1]["hsn"]), (&json!("0910"), &json!("1905")));
    assert_eq!(said["place_of_supply"], "29", "handed over at the stall");
}

#[tokio::test]
async fn taxable_and_exempt_goods_stand_on_one_invoice_that_taxes_only_the_former() {
    let (market, vendor) = stall("regular").await;
    let tomato = product(&market, &vendor, "Tomato", &exempt("0702")).await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "5")).await;
    let buyer = market.buyer(&vendor);
    agree(&market, &buyer, tomato, 150_00).await;
    let order = agree(&market, &buyer, turmeric, 210_00).await;
    let (document, said) = pay(&market, &vendor, order).await;
    assert_eq!((&document["kind"], &document["total"]["minor"]), (&json!("tax_invoice"), &json!(360_00)));
    assert_eq!(tax(&said, 0), None);
    assert_eq!(tax(&said, 1), Some(("5", [200_00, 5_00, 5_00, 0])));
    assert_eq!(said["lines"][0]["total"]["minor"], 150_00);
}

#[tokio::test]
async fn the_parts_are_exactly_what_was_agreed_however_odd_it_is() {
    let (market, vendor) = stall("regular").await;
    for (rate, paise) in [("5", 13_33), ("12", 1), ("18", 99_99), ("28", 7), ("0.25", 10_01)] {
        let goods = product(&market, &vendor, "Goods", &taxable("0910", rate)).await;
        for place in ["29", "33"] {
            let order = agree(&market, &market.buyer(&vendor), goods, paise).await;
            deliver(&market, &vendor.caller, order, place).await;
            let (document, said) = pay(&market, &vendor, order).await;
            let (said_rate, parts) = tax(&said, 0).unwrap();
            assert_eq!((said_rate, parts.iter().sum::<i64>()), (rate, paise));
            assert_eq!(document["total"]["minor"], paise);
        }
    }
}

#[tokio::test]
async fn a_later_change_of_the_product_does_not_change_what_was_agreed() {
    let (market, vendor) = stall("regular").await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "5")).await;
    let tomato = product(&market, &vendor, "Tomato", &exempt("0702")).await;
    let buyer = market.buyer(&vendor);
    agree(&market, &buyer, turmeric, 210_00).await;
    let order = agree(&market, &buyer, tomato, 150_00).await;
    tax_otherwise(&market, &vendor, turmeric, &exempt("0702")).await;
    tax_otherwise(&market, &vendor, tomato, &taxable("1905", "18")).await;
    let (document, said) = pay(&market, &vendor, order).await;
    assert_eq!(document["kind"], "tax_invoice");
    assert_eq!(tax(&said, 0), Some(("5", [200_00, 5_00, 5_00, 0])));
    assert_eq!(tax(&said, 1), None);
    assert_eq!((&said["lines"][0]["hsn"], &said["lines"][1]["hsn"]), (&json!("0910"), &json!("0702")));
}

#[tokio::test]
async fn a_line_older_than_the_record_is_taxed_as_its_product_is() {
    let (market, vendor) = stall("regular").await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "18")).await;
    let order = agree(&market, &market.buyer(&vendor), turmeric, 210_00).await;
    sqlx::query("update order_lines set hsn = null, tax_treatment = null, rate_percent_milli = null")
        .execute(market.test.db.pool())
        .await
        .unwrap();
    tax_otherwise(&market, &vendor, turmeric, &taxable("091030", "5")).await;
    let (document, said) = pay(&market, &vendor, order).await;
    assert_eq!((&document["kind"], &said["lines"][0]["hsn"]), (&json!("tax_invoice"), &json!("091030")));
    assert_eq!(tax(&said, 0), Some(("5", [200_00, 5_00, 5_00, 0])));
}

async fn deliver(market: &Market, caller: &Caller, order: OrderId, state: &str) -> (StatusCode, Value) {
    let body = json!({ "state_code": state });
    put(market, caller, &format!("/orders/{order}/place-of-supply"), &body).await
}

#[tokio::test]
async fn goods_delivered_to_another_state_bear_the_tax_between_states() {
    let (market, vendor) = stall("regular").await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "5")).await;
    let buyer = market.buyer(&vendor);
    let order = agree(&market, &buyer, turmeric, 210_00).await;
    assert!(market.show(&buyer.caller, order).await.get("place_of_supply").is_none());
    let (status, shown) = deliver(&market, &vendor.caller, order, "33").await;
    assert_eq!((status, &shown["place_of_supply"]), (StatusCode::OK, &json!("33")));
    // What is agreed next joins the order and goes the same way.
    assert_eq!(agree(&market, &buyer, turmeric, 105_00).await, order);
    let (document, said) = pay(&market, &vendor, order).await;
    assert_eq!((&document["kind"], &said["place_of_supply"]), (&json!("tax_invoice"), &json!("33")));
    assert_eq!(tax(&said, 0), Some(("5", [200_00, 0, 0, 10_00])));
    assert_eq!(tax(&said, 1), Some(("5", [100_00, 0, 0, 5_00])));
}

#[tokio::test]
async fn the_stalls_own_state_may_be_chosen_again() {
    let (market, vendor) = stall("regular").await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "5")).await;
    let order = agree(&market, &market.buyer(&vendor), turmeric, 210_00).await;
    for state in ["33", "29"] {
        assert_eq!(deliver(&market, &vendor.caller, order, state).await.0, StatusCode::OK);
    }
    let (_, said) = pay(&market, &vendor, order).await;
    assert_eq!(tax(&said, 0), Some(("5", [200_00, 5_00, 5_00, 0])));
}

#[tokio::test]
async fn only_the_vendor_says_where_an_unpaid_order_is_delivered() {
    let (market, vendor) = stall("regular").await;
    let other = market.vendor("Fine", Language::English).await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "5")).await;
    let buyer = market.buyer(&vendor);
    let order = agree(&market, &buyer, turmeric, 210_00).await;
    assert!(!deliver(&market, &buyer.caller, order, "33").await.0.is_success());
    assert_eq!(deliver(&market, &other.caller, order, "33").await.0, StatusCode::NOT_FOUND);
    let (status, problem) = deliver(&market, &vendor.caller, order, "28").await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("state_code")));
    market.take_cash(&vendor, order).await;
    // Whether the order says that it is paid already or not.
    for _ in 0..2 {
        let (status, problem) = deliver(&market, &vendor.caller, order, "33").await;
        assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/order-not-now")));
        market.run_jobs().await;
    }
    assert!(market.show(&vendor.caller, order).await.get("place_of_supply").is_none());
}

#[tokio::test]
async fn a_seller_in_the_composition_scheme_delivers_only_within_the_state() {
    let (market, vendor) = stall("composition").await;
    let turmeric = product(&market, &vendor, "Turmeric", &taxable("0910", "5")).await;
    let order = agree(&market, &market.buyer(&vendor), turmeric, 210_00).await;
    let (status, problem) = deliver(&market, &vendor.caller, order, "33").await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("state_code")));
    assert_eq!(deliver(&market, &vendor.caller, order, "29").await.0, StatusCode::OK);
}
