//! Who sees which documents.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use identity::Caller;
use serde_json::json;
use testkit::statements;

use crate::desk::Desk;

#[tokio::test]
async fn both_sides_of_a_sale_see_its_document_and_others_do_not() {
    let desk = Desk::open().await;
    let sale = desk.sale();
    let path = format!("/orders/{}/document", sale.order);
    assert_eq!(desk.get(&desk.vendor(), &path).await.0, StatusCode::NOT_FOUND, "it is not issued yet");
    assert_eq!(desk.get(&desk.buyer(&sale), &path).await.0, StatusCode::NOT_FOUND);
    let document = desk.issue(&sale).await.unwrap();
    for caller in [desk.vendor(), desk.buyer(&sale)] {
        let (status, body) = desk.get(&caller, &path).await;
        assert_eq!((status, &body), (StatusCode::OK, &json!(document)));
    }
    let foreign = [
        (desk.vendor_of(desk.test.entropy.id(desk.now())), StatusCode::NOT_FOUND),
        (desk.phone(&sale, desk.test.entropy.id(desk.now())), StatusCode::NOT_FOUND),
        (desk.buyer(&desk.sale()), StatusCode::NOT_FOUND),
        (Caller::nobody(), StatusCode::FORBIDDEN),
    ];
    for (caller, expected) in foreign {
        for path in [path.clone(), format!("{path}.pdf")] {
            assert_eq!(desk.get(&caller, &path).await.0, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn the_pdf_is_in_the_language_that_is_asked_for() {
    let desk = Desk::open().await;
    let sale = desk.sale();
    desk.issue(&sale).await.unwrap();
    let path = format!("/orders/{}/document.pdf", sale.order);
    let (status, headers, pdf) = desk.call(&desk.buyer(&sale), Method::GET, &path, None).await;
    assert_eq!((status, &headers[CONTENT_TYPE]), (StatusCode::OK, &"application/pdf".parse().unwrap()));
    assert_eq!(headers[CONTENT_DISPOSITION], "inline; filename=\"RCT-26-27-0001.pdf\"");
    assert_eq!(headers[CACHE_CONTROL], "private, no-store");
    assert!(pdf.starts_with(b"%PDF-"));
    let tamil = format!("{path}?language=ta");
    let (_, _, in_tamil) = desk.call(&desk.vendor(), Method::GET, &tamil, None).await;
    assert!(in_tamil.starts_with(b"%PDF-") && in_tamil != pdf);
    let (_, _, again) = desk.call(&desk.vendor(), Method::GET, &tamil, None).await;
    assert_eq!(again, in_tamil, "the same paper is printed the same");
    let (status, _) = desk.get(&desk.vendor(), &format!("{path}?language=tlh")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn whoever_prints_without_end_waits_and_keeps_nobody_else_waiting() {
    let desk = Desk::open().await;
    let sale = desk.sale();
    desk.issue(&sale).await.unwrap();
    let path = format!("/orders/{}/document.pdf", sale.order);
    for _ in 0..20 {
        assert_eq!(desk.call(&desk.buyer(&sale), Method::GET, &path, None).await.0, StatusCode::OK);
    }
    let (status, problem) = desk.get(&desk.buyer(&sale), &path).await;
    assert_eq!((status, &problem["retry_after_s"]), (StatusCode::TOO_MANY_REQUESTS, &json!(3)));
    assert_eq!(desk.call(&desk.vendor(), Method::GET, &path, None).await.0, StatusCode::OK);
    desk.test.clock.advance(TimeDelta::seconds(3));
    assert_eq!(desk.call(&desk.buyer(&sale), Method::GET, &path, None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn lists_show_each_side_its_own_in_pages() {
    let desk = Desk::open().await;
    let mut sales = Vec::new();
    for _ in 0..3 {
        let sale = desk.sale();
        desk.issue(&sale).await.unwrap();
        desk.test.clock.advance(TimeDelta::seconds(1));
        sales.push(sale);
    }
    let (first, issued) = statements(desk.get(&desk.vendor(), "/documents?limit=2")).await;
    assert_eq!(first.1["items"].as_array().unwrap().len(), 2);
    assert_eq!(first.1["items"][0]["order_id"], json!(sales[2].order));
    let next = first.1["next"].as_str().unwrap();
    let (_, second) = desk.get(&desk.vendor(), &format!("/documents?limit=2&before={next}")).await;
    assert_eq!((&second["items"][0]["order_id"], second.get("next")), (&json!(sales[0].order), None));
    let (received, asked) = statements(desk.get(&desk.buyer(&sales[1]), "/documents")).await;
    assert_eq!(received.1["items"].as_array().unwrap().len(), 1);
    assert_eq!(received.1["items"][0]["order_id"], json!(sales[1].order));
    assert_eq!((issued, asked), (1, 1), "one statement a list");
    let other = desk.vendor_of(desk.test.entropy.id(desk.now()));
    assert_eq!(desk.get(&other, "/documents").await.1["items"], json!([]));
    assert_eq!(desk.get(&Caller::nobody(), "/documents").await.0, StatusCode::FORBIDDEN);
}
