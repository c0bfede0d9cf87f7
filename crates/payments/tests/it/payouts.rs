//! Paying vendors out by hand: what is held, what is available, what an operator does at the bank.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use types::OrderId;

use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

const NET: i64 = AMOUNT - COMMISSION;
/// Two days.
const HOLD_S: u32 = 2 * 86_400;

pub async fn give_account(stall: &Stall) -> (StatusCode, Value) {
    let account =
        json!({"kind": "bank", "holder": "Meena Kumari", "ifsc": "hdfc0000053", "number": "7654 3210 1234"});
    stall.call(stall.vendor(), Method::PUT, "/payout-account", Some(&account)).await
}

pub async fn run(stall: &Stall) -> Value {
    // What is asked for in the same moment is in no order.
    stall.pass(1).await;
    let (status, run) =
        stall.post(operator(), "/operator/payout-runs", &json!({"reason": "it is Friday"})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{run}");
    stall.work().await;
    let (_, runs) = stall.get(operator(), "/operator/payout-runs?limit=1").await;
    assert_eq!(runs["items"][0]["id"], run["id"]);
    runs["items"][0].clone()
}

pub async fn payouts(stall: &Stall) -> Vec<Value> {
    let (_, page) = stall.get(operator(), "/operator/payouts").await;
    page["items"].as_array().unwrap().clone()
}

pub async fn act(stall: &Stall, payout: &Value, act: &str, body: &Value) -> (StatusCode, Value) {
    let path = format!("/operator/payouts/{}/{act}", payout["id"].as_str().unwrap());
    stall.post(operator(), &path, body).await
}

pub async fn sell(stall: &Stall) -> OrderId {
    let order: OrderId = stall.test.entropy.id(stall.now());
    stall.sell(order, AMOUNT).await;
    order
}

/// Owed, on hold, available, in transit and paid out, as the wallet shows them, with sound books.
pub async fn wallet(stall: &Stall) -> [i64; 5] {
    let report = stall.ledger.check(&mut stall.test.db.acquire().await.unwrap()).await.unwrap();
    assert_eq!((report.faults, report.debits_minor), (Vec::new(), report.credits_minor));
    let (_, wallet) = stall.get(stall.vendor(), "/wallet").await;
    ["owed", "on_hold", "available", "in_transit", "paid_out"]
        .map(|name| wallet[name]["minor"].as_i64().unwrap())
}

async fn why_not(stall: &Stall) -> Value {
    let (_, due) = stall.get(operator(), "/operator/payouts/due").await;
    due["vendors"][0]["why_not"].clone()
}

fn why() -> Value {
    json!({"reason": "as the bank says"})
}

#[tokio::test]
async fn a_sale_is_held_then_paid_out_by_hand_and_each_step_is_in_the_wallet() {
    let stall = Stall::with_gateway().await;
    sell(&stall).await;
    assert_eq!(wallet(&stall).await, [NET, NET, 0, 0, 0]);
    assert_eq!(why_not(&stall).await, json!("nothing"));
    let (_, shown) = stall.get(stall.vendor(), "/wallet").await;
    assert_eq!(shown["releases"][0]["amount"]["minor"], NET);
    stall.pass(HOLD_S + 1).await;
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, 0]);
    assert_eq!(why_not(&stall).await, json!("no_account"));
    assert_eq!(give_account(&stall).await.0, StatusCode::OK);
    assert_eq!(why_not(&stall).await, Value::Null);

    let made = run(&stall).await;
    assert_eq!(
        (&made["payouts"], &made["amount"]["minor"], &made["state"]),
        (&json!(1), &json!(NET), &json!("done"))
    );
    assert_eq!(wallet(&stall).await, [0, 0, 0, NET, 0]);
    let [payout] = <[Value; 1]>::try_from(payouts(&stall).await).unwrap();
    assert_eq!(
        (&payout["state"], &payout["by_hand"], &payout["account_last4"]),
        (&json!("asked"), &json!(true), &json!("1234"))
    );

    let paid = json!({"utr": "sbin426330123456", "reason": "sent by net banking"});
    let (status, payout) = act(&stall, &payout, "paid", &paid).await;
    assert_eq!((status, &payout["state"]), (StatusCode::OK, &json!("paid")), "{payout}");
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET]);
    let (_, mine) = stall.get(stall.vendor(), "/payouts").await;
    assert_eq!(
        (&mine["items"][0]["utr"], &mine["items"][0]["state"]),
        (&json!("SBIN426330123456"), &json!("paid"))
    );
    let (_, shown) = stall.get(stall.vendor(), "/wallet").await;
    let keys: Vec<&Value> =
        shown["entries"]["items"].as_array().unwrap().iter().map(|entry| &entry["text_key"]).collect();
    assert_eq!(keys, ["payout", "sale"]);
}

#[tokio::test]
async fn the_list_for_the_bank_has_whole_numbers_and_who_took_it_is_kept() {
    let stall = Stall::with_gateway().await;
    sell(&stall).await;
    give_account(&stall).await;
    stall.pass(HOLD_S + 1).await;
    let made = run(&stall).await;
    let path = format!("/operator/payout-runs/{}/file", made["id"].as_str().unwrap());
    let list = stall.text_of(operator(), &path).await;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "reference,beneficiary,ifsc,account_number,upi_id,amount");
    assert!(
        lines[1].ends_with(",\"Meena Kumari\",\"HDFC0000053\",\"765432101234\",\"\",146.25"),
        "{}",
        lines[1]
    );
    let (_, runs) = stall.get(operator(), "/operator/payout-runs").await;
    assert!(runs["items"][0]["note"].as_str().unwrap().starts_with("list taken"));
    assert_eq!(stall.get(stall.vendor(), "/operator/payouts").await.0, StatusCode::FORBIDDEN);
    let sealed = stall.text("select encode(number_sealed, 'escape') from payout_accounts").await;
    assert!(!sealed.contains("765432101234"));
}

#[tokio::test]
async fn a_holder_whose_name_is_a_formula_is_text_in_the_list_for_the_bank() {
    for name in ["=HYPERLINK(\"http://x\")", "+1+1", "-2+3", "@SUM(A1)"] {
        let stall = Stall::with_gateway().await;
        sell(&stall).await;
        let account =
            json!({"kind": "bank", "holder": name, "ifsc": "HDFC0000053", "number": "765432101234"});
        let (status, kept) = stall.call(stall.vendor(), Method::PUT, "/payout-account", Some(&account)).await;
        if status != StatusCode::OK {
            assert_eq!(kept["field"], "holder", "it is refused at the door: {kept}");
            continue;
        }
        stall.pass(HOLD_S + 1).await;
        let made = run(&stall).await;
        let path = format!("/operator/payout-runs/{}/file", made["id"].as_str().unwrap());
        let list = stall.text_of(operator(), &path).await;
        assert!(list.contains(&format!(",\"'{}\",", name.replace('"', "\"\""))), "{list}");
    }
}

#[tokio::test]
async fn a_refund_after_the_payout_is_made_good_by_later_sales_first() {
    let stall = Stall::with_gateway().await;
    give_account(&stall).await;
    let order = sell(&stall).await;
    stall.pass(HOLD_S + 1).await;
    run(&stall).await;
    act(&stall, &payouts(&stall).await[0], "paid", &json!({"utr": "UTR000001", "reason": "sent"})).await;
    stall.refund(order).await.unwrap();
    assert_eq!(wallet(&stall).await, [-NET, 0, 0, 0, NET]);
    sell(&stall).await;
    assert_eq!(wallet(&stall).await, [0, NET, 0, 0, NET]);
    sell(&stall).await;
    stall.pass(HOLD_S + 1).await;
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, NET]);
    assert_eq!(run(&stall).await["payouts"], 1);
    assert_eq!(wallet(&stall).await, [0, 0, 0, NET, NET]);
}

#[tokio::test]
async fn a_refund_within_the_hold_leaves_older_money_available() {
    let stall = Stall::with_gateway().await;
    sell(&stall).await;
    stall.pass(HOLD_S + 1).await;
    let order = sell(&stall).await;
    assert_eq!(wallet(&stall).await, [2 * NET, NET, NET, 0, 0]);
    stall.refund(order).await.unwrap();
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, 0]);
}

#[tokio::test]
async fn a_payout_that_is_cancelled_or_comes_back_is_the_vendors_again() {
    let stall = Stall::with_gateway().await;
    give_account(&stall).await;
    sell(&stall).await;
    stall.pass(HOLD_S + 1).await;
    run(&stall).await;
    let (status, payout) = act(&stall, &payouts(&stall).await[0], "cancel", &why()).await;
    assert_eq!((status, &payout["state"]), (StatusCode::OK, &json!("cancelled")));
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, 0]);
    assert_eq!(act(&stall, &payout, "cancel", &why()).await.0, StatusCode::CONFLICT);

    run(&stall).await;
    let payout = payouts(&stall).await[0].clone();
    act(&stall, &payout, "paid", &json!({"utr": "UTR000001", "reason": "sent"})).await;
    let (_, payout) = act(&stall, &payout, "returned", &why()).await;
    assert_eq!(payout["state"], "reversed");
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, 0]);
    let (_, old) = act(&stall, &payout, "retry", &why()).await;
    assert_eq!(old["retried"], true);
    assert_eq!(wallet(&stall).await, [0, 0, 0, NET, 0]);
    let (status, problem) = act(&stall, &payout, "retry", &why()).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/payout-moved")));
    assert!(old["note"].as_str().unwrap().contains("as the bank says"));
}

#[tokio::test]
async fn a_vendor_has_one_payout_under_way_whatever_runs() {
    let stall = Stall::with_gateway().await;
    give_account(&stall).await;
    sell(&stall).await;
    stall.pass(HOLD_S + 1).await;
    assert_eq!(run(&stall).await["payouts"], 1);
    sell(&stall).await;
    stall.pass(HOLD_S + 1).await;
    assert_eq!(why_not(&stall).await, json!("under_way"));
    assert_eq!(run(&stall).await["payouts"], 0);
    assert_eq!(wallet(&stall).await, [NET, 0, NET, NET, 0]);
}

#[tokio::test]
async fn nothing_is_paid_to_a_changed_account_for_a_day() {
    let stall = Stall::with_gateway().await;
    give_account(&stall).await;
    sell(&stall).await;
    stall.pass(HOLD_S + 1).await;
    let upi = json!({"kind": "upi", "holder": "Meena Kumari", "upi_id": "meena@okbank"});
    let (status, account) = stall.call(stall.vendor(), Method::PUT, "/payout-account", Some(&upi)).await;
    assert_eq!((status, &account["upi_id"]), (StatusCode::OK, &json!("meena@okbank")));
    assert_eq!(why_not(&stall).await, json!("account_changed"));
    assert_eq!(run(&stall).await["payouts"], 0);
    stall.pass(86_400).await;
    assert_eq!(run(&stall).await["payouts"], 1);
    for (bad, field) in [
        (json!({"kind": "bank", "holder": "M", "ifsc": "HDFC1", "number": "123456789"}), "ifsc"),
        (json!({"kind": "bank", "holder": "M", "ifsc": "HDFC0000053", "number": "12"}), "number"),
        (json!({"kind": "bank", "holder": " ", "ifsc": "HDFC0000053", "number": "123456789"}), "holder"),
        (json!({"kind": "upi", "holder": "M", "upi_id": "nobody"}), "upi_id"),
    ] {
        let (status, problem) = stall.call(stall.vendor(), Method::PUT, "/payout-account", Some(&bad)).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{bad}");
    }
    assert_eq!(stall.get(stall.buyer(), "/payout-account").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_stalls_own_hold_counts_for_its_next_sales() {
    let stall = Stall::with_gateway().await;
    sell(&stall).await;
    let path = format!("/operator/vendors/{}/hold", stall.tenant);
    let hold = json!({"hold_days": 0, "reason": "known for years"});
    assert_eq!(stall.call(operator(), Method::PUT, &path, Some(&hold)).await.0, StatusCode::NO_CONTENT);
    sell(&stall).await;
    assert_eq!(wallet(&stall).await, [2 * NET, NET, NET, 0, 0]);
    let long = json!({"hold_days": 91, "reason": "a test"});
    let (status, problem) = stall.call(operator(), Method::PUT, &path, Some(&long)).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("hold_days")));
    assert_eq!(stall.call(stall.vendor(), Method::PUT, &path, Some(&hold)).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn less_than_the_minimum_waits() {
    let stall = Stall::with_gateway().await;
    give_account(&stall).await;
    let order: OrderId = stall.test.entropy.id(stall.now());
    stall.sell(order, 100_00).await;
    stall.pass(HOLD_S + 1).await;
    assert_eq!(why_not(&stall).await, json!("too_little"));
    assert_eq!(run(&stall).await["payouts"], 0);
}
