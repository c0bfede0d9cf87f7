//! An unpaid order on paper.

use std::io::Write;
use std::process::{Command, Stdio};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::{Extension, Router};
use chrono::TimeDelta;
use identity::Caller;
use serde_json::json;
use tower::ServiceExt;
use types::{Language, OrderId, Unit};

use crate::market::{Buyer, Market, Vendor};

/// A stall whose vendor takes money by UPI, and an order of 5 kg for ₹200.
async fn order() -> (Market, Vendor, Buyer, OrderId) {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let profile = json!({ "upi_id": "meena@okbank", "cash": true });
    let request = Request::put("/payment-profile").header("content-type", "application/json");
    let (status, answer) =
        market.call(&vendor.caller, request.body(Body::from(profile.to_string())).unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let order = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap().id;
    (market, vendor, buyer, order)
}

async fn print(
    market: &Market,
    caller: &Caller,
    order: OrderId,
    query: &str,
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let router: Router = market.router.clone().layer(Extension(caller.clone()));
    let path = format!("/orders/{order}/payment-request.pdf{query}");
    let response = router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, to_bytes(body, 10_000_000).await.unwrap().to_vec())
}

fn text_of(pdf: &[u8]) -> String {
    let mut reader = Command::new("pdftotext");
    reader.args(["-layout", "-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut reading = reader.spawn().unwrap();
    reading.stdin.take().unwrap().write_all(pdf).unwrap();
    String::from_utf8(reading.wait_with_output().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn either_side_prints_what_is_to_be_paid_and_nothing_takes_a_number() {
    let (market, vendor, buyer, order) = order().await;
    for (caller, query) in [(&buyer.caller, ""), (&vendor.caller, "?language=ta")] {
        let (status, headers, pdf) = print(&market, caller, order, query).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["content-disposition"], "inline; filename=\"payment-request-1.pdf\"");
        let text = text_of(&pdf);
        for said in ["Payment request", "meena@okbank", "₹200", "Scan with any UPI app", "not a tax invoice"]
        {
            assert!(text.contains(said), "{said:?} is not in\n{text}");
        }
    }
    assert_eq!(market.count("select count(*) from documents").await, 0);
    assert_eq!(market.count("select count(*) from document_series").await, 0);
}

#[tokio::test]
async fn only_the_two_sides_print_and_only_while_the_order_waits_for_its_money() {
    let (market, vendor, buyer, order) = order().await;
    let stranger = market.buyer(&vendor);
    assert_eq!(print(&market, &stranger.caller, order, "").await.0, StatusCode::NOT_FOUND);
    market.take_cash(&vendor, order).await;
    // Whether the order says that it is paid already or not.
    for _ in 0..2 {
        assert_eq!(print(&market, &buyer.caller, order, "").await.0, StatusCode::CONFLICT);
        market.run_jobs().await;
    }
}

#[tokio::test]
async fn nothing_is_asked_for_once_the_time_to_pay_is_over() {
    let (market, _, buyer, order) = order().await;
    market.pass_time(TimeDelta::minutes(31));
    assert_eq!(print(&market, &buyer.caller, order, "").await.0, StatusCode::CONFLICT);
}
