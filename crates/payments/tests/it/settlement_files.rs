//! Settlement lines from a file that the operator has.

use axum::Extension;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use emulator::razorpay::SettlementFaultKind;
use identity::Caller;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::reconciling::{DAY_S, exceptions, paid, settle_wrong, today};
use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

const HEAD: &str =
    "entity_id,type,debit,credit,amount,currency,fee,tax,created_at,settled_at,settlement_id,settlement_utr";

async fn send(stall: &Stall, caller: Caller, kind: &str, body: String) -> (StatusCode, Value) {
    let path = "/operator/reconciliations/files?reason=the%20API%20is%20away";
    send_to(stall, caller, (path, kind), body).await
}

/// Sends a file to an endpoint that takes one.
pub async fn send_to(
    stall: &Stall,
    caller: Caller,
    (path, kind): (&str, &str),
    body: String,
) -> (StatusCode, Value) {
    let request = Request::post(path);
    let router = Router::from(stall.payments.routes()).layer(Extension(caller));
    let request = request.header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn give(stall: &Stall, lines: &[String]) -> (StatusCode, Value) {
    let file = [&[HEAD.to_owned()], lines].concat().join("\n");
    let answer = send(stall, operator(), "text/csv; charset=utf-8", file).await;
    stall.work().await;
    answer
}

/// The line of a payment of ₹150, as the gateway would settle it now.
fn line(stall: &Stall, payment: &str, credit: &str, fee: &str) -> String {
    let at_s = stall.now().timestamp();
    format!("{payment},payment,0.00,{credit},150.00,INR,{fee},0.54,{at_s},{at_s},setl_1,utr-1")
}

#[tokio::test]
async fn lines_of_a_file_are_compared_and_booked_like_the_gateways_own() {
    let (stall, payment) = paid().await;
    settle_wrong(&stall, &payment, SettlementFaultKind::Missing);
    stall.pass(2 * DAY_S).await;
    let lines = [line(&stall, &payment, "146.46", "3.54")];
    let (status, taken) = give(&stall, &lines).await;
    assert_eq!(status, StatusCode::CREATED, "{taken}");
    assert_eq!(taken, json!({"lines": 1, "added": 1, "days": [today(&stall)]}));
    stall.books_hold(0, AMOUNT - COMMISSION, COMMISSION, 0).await;
    assert_eq!(stall.balance("bank:settlements").await, 146_46);
    let (_, again) = give(&stall, &lines).await;
    assert_eq!((&again["lines"], &again["added"]), (&json!(1), &json!(0)));
    assert_eq!(stall.balance("bank:settlements").await, 146_46);
    let kept = "settlement_files where reason = 'the API is away' and lines = 1 and added = 1";
    assert_eq!(stall.count(kept).await, 1);
}

#[tokio::test]
async fn a_malformed_line_is_told_by_its_number_and_nothing_is_taken_in() {
    let (stall, payment) = paid().await;
    let good = line(&stall, &payment, "146.46", "3.54");
    let wrong = good.replace(&payment, "pay_2").replace("146.46", "14646");
    let short = "pay_3,payment".to_owned();
    let (status, refused) = give(&stall, &[good, wrong, short]).await;
    assert_eq!((status, &refused["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("file")));
    let lines: Vec<i64> =
        refused["lines"].as_array().unwrap().iter().map(|line| line["line"].as_i64().unwrap()).collect();
    assert_eq!(lines, [3, 4], "{refused}");
    for table in ["settlement_lines", "settlement_files", "reconciliation_runs"] {
        assert_eq!(stall.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_line_that_is_known_otherwise_is_refused() {
    let (stall, payment) = paid().await;
    give(&stall, &[line(&stall, &payment, "146.46", "3.54")]).await;
    let (status, refused) = give(&stall, &[line(&stall, &payment, "146.40", "3.60")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["lines"][0], json!({"line": 2, "problem": "it differs from the line that is known"}));
    assert_eq!(stall.balance("fees:gateway").await, 3_54);
}

#[tokio::test]
async fn the_same_payment_in_another_settlement_is_not_booked_again() {
    let (stall, payment) = paid().await;
    let first = line(&stall, &payment, "146.46", "3.54");
    give(&stall, std::slice::from_ref(&first)).await;
    give(&stall, &[first.replace("setl_1", "setl_2")]).await;
    let open = exceptions(&stall, "open").await;
    assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("unknown-settlement-line")));
    assert_eq!(stall.balance("bank:settlements").await, 146_46);
}

#[tokio::test]
async fn only_the_operator_gives_files_of_the_right_kind_and_size() {
    let (stall, payment) = paid().await;
    let file = format!("{HEAD}\n{}", line(&stall, &payment, "146.46", "3.54"));
    let vendor = stall.vendor();
    assert_eq!(send(&stall, vendor, "text/csv", file.clone()).await.0, StatusCode::FORBIDDEN);
    let json = send(&stall, operator(), "application/json", file.clone()).await;
    assert_eq!(
        (json.0, &json.1["type"]),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!("/problems/unsupported-media"))
    );
    let large = send(&stall, operator(), "text/csv", "x".repeat(2 * 1024 * 1024 + 1)).await;
    assert_eq!((large.0, &large.1["type"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("/problems/too-large")));
    assert_eq!(
        send(&stall, operator(), "text/csv", "\u{0}".to_owned()).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(stall.count("settlement_lines").await, 0);
}
