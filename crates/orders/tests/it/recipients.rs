//! Whom the document of an order names as the buyer.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use catalog::{NewProduct, Tax};
use identity::Caller;
use serde_json::{Value, json};
use types::{Language, Money, OrderId, Price, ProductId, Quantity, Unit};

use crate::market::{Buyer, Market, Vendor};

/// A market with one stall in Karnataka, whose seller collects tax, and turmeric at 5 %.
async fn stall() -> (Market, Vendor, ProductId) {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let profile = json!({
        "registration": "regular", "gstin": "29AAGCB7383J1Z4", "legal_name": "Meena Stores",
        "address": "4 Market Road", "city": "Bengaluru", "pin": "560001", "state_code": "29",
    });
    let (status, answer) = call(&market, &vendor.caller, "PUT", "/tax-profile", Some(&profile)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let tax = json!({ "hsn": "0910", "treatment": "taxable", "rate_percent": "5" });
    let new = NewProduct {
        client_id: market.test.entropy.id(market.test.clock.now()),
        name: "Turmeric".to_owned(),
        language: Some(Language::English),
        lemma: None,
        price: Price::new(Money::inr(40_00), Quantity::ONE, Unit::Kg).unwrap(),
        stock: "100".parse().unwrap(),
        floor: None,
        tax: Some(serde_json::from_value::<Tax>(tax).unwrap()),
    };
    let turmeric = market.catalog.add_product(vendor.seller, &new).await.unwrap().id;
    (market, vendor, turmeric)
}

async fn call(
    market: &Market,
    caller: &Caller,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
    market.call(caller, request.body(body).unwrap()).await
}

/// Agrees on one kilo for so many paise.
async fn agree(market: &Market, buyer: &Buyer, product: ProductId, paise: i64) -> OrderId {
    let mut agreement = market.agreement(buyer, product, "1", Unit::Kg);
    agreement.price = Price::new(Money::inr(paise), Quantity::ONE, Unit::Kg).unwrap();
    agreement.total = Money::inr(paise);
    market.agree(&agreement).await.unwrap().id
}

fn shop() -> Value {
    json!({
        "gstin": "27AAPFU0939F1ZV", "legal_name": "Patil Traders", "address": "12 Laxmi Road", "city": "Pune",
        "pin": "411030", "state_code": "27",
    })
}

#[tokio::test]
async fn a_business_is_named_on_the_invoice_and_has_an_e_invoice() {
    let (market, vendor, turmeric) = stall().await;
    let buyer = market.buyer(&vendor);
    let order = agree(&market, &buyer, turmeric, 210_00).await;
    let path = format!("/orders/{order}/recipient");
    let (status, shown) = call(&market, &buyer.caller, "PUT", &path, Some(&shop())).await;
    assert_eq!((status, &shown["recipient"]), (StatusCode::OK, &shop()));
    market.take_cash(&vendor, order).await;
    market.run_jobs().await;

    let shown = market.show(&vendor.caller, order).await;
    let document = &shown["document"];
    assert_eq!((&document["kind"], &document["e_invoice"]), (&json!("tax_invoice"), &json!(true)));
    let path = format!("/documents/{}/e-invoice", document["id"].as_str().unwrap());
    let (status, file) = market.get(&vendor.caller, &path).await;
    assert_eq!(status, StatusCode::OK, "{file}");
    assert_eq!((&file["Version"], &file["BuyerDtls"]["Gstin"]), (&json!("1.01"), &shop()["gstin"]));
    assert_eq!(file["BuyerDtls"]["Pos"], "29", "handed over at the stall");
    assert_eq!((&file["ValDtls"]["AssVal"], &file["ValDtls"]["TotInvVal"]), (&json!(200.0), &json!(210.0)));
    assert_eq!(market.get(&vendor.caller, &format!("{path}?version=1.1")).await.1["Version"], "1.1");
    let (status, _) = market.get(&vendor.caller, &format!("{path}?version=2")).await;
    assert!(status.is_client_error());
    assert!(!market.get(&buyer.caller, &path).await.0.is_success(), "the seller's to upload");
    let other = market.vendor("Other", Language::English).await;
    assert_eq!(market.get(&other.caller, &path).await.0, StatusCode::NOT_FOUND);

    market.refund(vendor.tenant, order).await;
    market.run_jobs().await;
    let note = market.show(&vendor.caller, order).await["credit_notes"][0].clone();
    let (_, file) =
        market.get(&vendor.caller, &format!("/documents/{}/e-invoice", note["id"].as_str().unwrap())).await;
    assert_eq!((&file["DocDtls"]["Typ"], &note["e_invoice"]), (&json!("CRN"), &json!(true)), "{file}");
    assert_eq!(file["RefDtls"]["PrecDocDtls"][0]["InvNo"], document["number"]);
}

#[tokio::test]
async fn a_buyer_who_is_not_named_has_no_e_invoice() {
    let (market, vendor, turmeric) = stall().await;
    let order = agree(&market, &market.buyer(&vendor), turmeric, 210_00).await;
    market.take_cash(&vendor, order).await;
    market.run_jobs().await;
    let document = market.show(&vendor.caller, order).await["document"].clone();
    assert_eq!(document["e_invoice"], false);
    let path = format!("/documents/{}/e-invoice", document["id"].as_str().unwrap());
    let (status, problem) = market.get(&vendor.caller, &path).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/no-e-invoice")));
}

#[tokio::test]
async fn an_invoice_older_than_the_seller_s_pin_code_says_what_its_e_invoice_lacks() {
    let (market, vendor, turmeric) = stall().await;
    sqlx::query("update tax_profiles set pin = null").execute(market.test.db.pool()).await.unwrap();
    let buyer = market.buyer(&vendor);
    let order = agree(&market, &buyer, turmeric, 210_00).await;
    call(&market, &vendor.caller, "PUT", &format!("/orders/{order}/recipient"), Some(&shop())).await;
    market.take_cash(&vendor, order).await;
    market.run_jobs().await;
    let document = market.show(&vendor.caller, order).await["document"].clone();
    let path = format!("/documents/{}/e-invoice", document["id"].as_str().unwrap());
    let (status, problem) = market.get(&vendor.caller, &path).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/e-invoice-incomplete")));
    assert_eq!(problem["missing"], json!(["seller.pin"]));
}

#[tokio::test]
async fn a_wrong_recipient_names_its_field() {
    let (market, vendor, turmeric) = stall().await;
    let buyer = market.buyer(&vendor);
    let order = agree(&market, &buyer, turmeric, 210_00).await;
    let path = format!("/orders/{order}/recipient");
    for (change, field) in [
        (json!({"gstin": "27AAPFU0939F1ZW"}), "gstin"),
        (json!({"gstin": "29AAGCB7383J1Z4"}), "gstin"),
        (json!({"pin": "41103"}), "pin"),
        (json!({"city": "P"}), "city"),
        (json!({"legal_name": ""}), "legal_name"),
        (json!({"address": "x".repeat(201)}), "address"),
        (json!({"state_code": "99"}), "state_code"),
    ] {
        let mut body = shop();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (status, problem) = call(&market, &buyer.caller, "PUT", &path, Some(&body)).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{body}");
    }
    assert!(market.show(&buyer.caller, order).await.get("recipient").is_none());
}

#[tokio::test]
async fn from_fifty_thousand_rupees_on_the_buyer_is_asked_for() {
    let (market, vendor, turmeric) = stall().await;
    let buyer = market.buyer(&vendor);
    let small = agree(&market, &market.buyer(&vendor), turmeric, 52_499_00).await;
    assert_eq!(market.show(&vendor.caller, small).await["asks_for_recipient"], false);
    let large = agree(&market, &buyer, turmeric, 52_500_00).await;
    assert_eq!(market.show(&buyer.caller, large).await["asks_for_recipient"], true);
    let mut person = shop();
    person.as_object_mut().unwrap().remove("gstin");
    let path = format!("/orders/{large}/recipient");
    let (_, shown) = call(&market, &buyer.caller, "PUT", &path, Some(&person)).await;
    assert_eq!((&shown["asks_for_recipient"], &shown["recipient"]), (&json!(false), &person));
    let (_, shown) = call(&market, &vendor.caller, "DELETE", &path, None).await;
    assert_eq!((&shown["asks_for_recipient"], shown.get("recipient")), (&json!(true), None));
}

#[tokio::test]
async fn nobody_is_named_by_strangers_or_once_the_money_has_come() {
    let (market, vendor, turmeric) = stall().await;
    let (buyer, stranger) = (market.buyer(&vendor), market.buyer(&vendor));
    let order = agree(&market, &buyer, turmeric, 210_00).await;
    let path = format!("/orders/{order}/recipient");
    assert_eq!(call(&market, &stranger.caller, "PUT", &path, Some(&shop())).await.0, StatusCode::NOT_FOUND);
    market.take_cash(&vendor, order).await;
    // Whether the order says that it is paid already or not.
    for _ in 0..2 {
        let (status, problem) = call(&market, &buyer.caller, "PUT", &path, Some(&shop())).await;
        assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/order-not-now")));
        market.run_jobs().await;
    }
}
