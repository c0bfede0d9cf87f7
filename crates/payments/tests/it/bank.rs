//! The platform's bank beside settlements and payouts: what never came, what differs, and what becomes right by itself.

use axum::http::StatusCode;
use chrono::{NaiveDate, TimeDelta};
use emulator::razorpay::{NewMerchant, PayoutFate};
use serde_json::{Value, json};

use crate::payouts::{act, give_account, payouts, run, sell};
use crate::reconciling::{DAY_S, exceptions, paid, reconcile, today};
use crate::settlement_files::send_to;
use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

/// What is left of ₹150 after the gateway's fee.
const NET: &str = "146.46";
const PATH: &str = "/operator/reconciliations/bank-files?reason=the%20month%20ends";

fn date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// A file with these lines: day, words, debit, credit.
async fn give(stall: &Stall, lines: &[(NaiveDate, &str, &str, &str)]) -> (StatusCode, Value) {
    let line = |(day, words, debit, credit): &(NaiveDate, &str, &str, &str)| {
        format!("{},\"{words}\",\"{debit}\",\"{credit}\",0.00", date(*day))
    };
    let lines: Vec<String> = lines.iter().map(line).collect();
    let file = format!("Date,Narration,Withdrawal,Deposit,Balance\r\n{}\r\n", lines.join("\r\n"));
    let answer = send_to(stall, operator(), (PATH, "text/csv"), file).await;
    stall.work().await;
    answer
}

async fn comparisons(stall: &Stall) -> i64 {
    stall.count("reconciliation_runs where gateway = 'bank' and state = 'done'").await
}

/// A stall whose sale the gateway has settled: the day of it, and what the bank calls it.
async fn settled() -> (Stall, NaiveDate, String) {
    let (stall, _) = paid().await;
    let day = today(&stall) + TimeDelta::days(2);
    stall.pass(3 * DAY_S).await;
    reconcile(&stall, day).await;
    let utr = stall.text("select max(utr) from settlement_lines").await;
    stall.pass(6 * DAY_S).await;
    (stall, day, utr)
}

#[tokio::test]
async fn a_settlement_that_came_in_matches_and_what_else_the_bank_knows_is_not_kept() {
    let (stall, day, utr) = settled().await;
    let rent = day + TimeDelta::days(6);
    let words = format!("NEFT CR-{}-RAZORPAY", utr.to_lowercase());
    let lines = [(day, words.as_str(), "", NET), (rent, "NEFT DR-RENT-HDFCN52026112612", "20,000.00", "")];
    let (status, taken) = give(&stall, &lines).await;
    assert_eq!(status, StatusCode::CREATED, "{taken}");
    let expected =
        json!({"lines": 2, "matched": 1, "added": 1, "first_day": day, "last_day": rent, "days": [day]});
    assert_eq!(taken, expected);
    let ran =
        stall.count("reconciliation_runs where gateway = 'bank' and compared = 1 and matched = 1").await;
    assert_eq!((ran, exceptions(&stall, "open").await), (1, Vec::new()));
    assert_eq!(stall.count("bank_lines").await, 1);

    let (_, again) = give(&stall, &lines).await;
    assert_eq!((&again["matched"], &again["added"]), (&json!(1), &json!(0)));
    assert_eq!(
        exceptions(&stall, "open").await,
        Vec::<Value>::new(),
        "the same again is not twice the money"
    );
}

#[tokio::test]
async fn a_settlement_that_did_not_come_is_missed_until_it_comes() {
    let (stall, day, utr) = settled().await;
    let at = |after: i64| day + TimeDelta::days(after);
    // The file ends too early: it may come yet.
    give(&stall, &[(at(0), "interest", "", "1.00"), (at(3), "charges", "1.18", "")]).await;
    assert_eq!((comparisons(&stall).await, exceptions(&stall, "open").await), (1, Vec::new()));

    give(&stall, &[(at(3), "charges", "1.18", ""), (at(5), "interest", "", "1.00")]).await;
    let [missing] = <[Value; 1]>::try_from(exceptions(&stall, "open").await).unwrap();
    assert_eq!(
        (&missing["kind"], &missing["gateway"], &missing["amount"]["minor"], &missing["repair"]),
        (&json!("missing-at-bank"), &json!("bank"), &json!(146_46), &json!("look")),
    );
    assert_eq!((&missing["subject"], &missing["day"]), (&missing["settlement_id"], &json!(day)));
    let path = format!("/operator/exceptions/{}/repair", missing["id"].as_str().unwrap());
    let (status, refused) = stall.post(operator(), &path, &json!({"reason": "it must be there"})).await;
    assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/not-repairable")));

    // Late, and days after the day it was settled on: what was open is looked at again.
    stall.pass(20 * DAY_S).await;
    give(&stall, &[(at(25), &utr, "", NET)]).await;
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
    assert_eq!(exceptions(&stall, "repaired").await.len(), 1);
}

#[tokio::test]
async fn another_amount_than_was_settled_is_told_and_may_be_asked_for_again() {
    let (stall, day, utr) = settled().await;
    give(&stall, &[(day, &utr, "", "146.45")]).await;
    let [differs] = <[Value; 1]>::try_from(exceptions(&stall, "open").await).unwrap();
    assert_eq!(
        (
            &differs["kind"],
            &differs["expected"]["minor"],
            &differs["found"]["minor"],
            &differs["amount"]["minor"]
        ),
        (&json!("bank-differs"), &json!(146_46), &json!(146_45), &json!(1)),
    );
    let asked = json!({"day": day, "gateway": "bank", "reason": "once more"});
    let (status, _) = stall.post(operator(), "/operator/reconciliations", &asked).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    stall.work().await;
    assert_eq!((comparisons(&stall).await, exceptions(&stall, "open").await.len()), (2, 1));
    // The days of the gateway close nothing of the bank's.
    reconcile(&stall, day).await;
    assert_eq!(exceptions(&stall, "open").await.len(), 1);
}

#[tokio::test]
async fn what_the_provider_took_for_a_payout_is_held_against_the_banks_file() {
    let stall = Stall::with_provider().await;
    let key = NewMerchant::demo().key_id;
    let mut settings = stall.razorpay().settings(&key).unwrap();
    settings.payout_fee_paise = 5_00;
    settings.payouts = PayoutFate::Processed { after_s: 2 };
    stall.razorpay().set_settings(&key, settings).unwrap();
    give_account(&stall).await;
    sell(&stall).await;
    stall.pass(2 * DAY_S + 1).await;
    run(&stall).await;
    stall.pass(3).await;
    let payout = payouts(&stall).await[0].clone();
    let (utr, day) = (payout["utr"].as_str().unwrap().to_owned(), today(&stall));
    assert_eq!(payout["fee"]["minor"], json!(5_90));
    let went = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    let net = AMOUNT - COMMISSION;
    // The fee is a line of its own, under the same number.
    let (whole, fee) = (went(net), went(5_90));
    let (_, taken) = give(&stall, &[(day, &utr, &whole, ""), (day, &utr, &fee, "")]).await;
    assert_eq!((&taken["matched"], &taken["days"]), (&json!(2), &json!([day])));
    assert_eq!((comparisons(&stall).await, exceptions(&stall, "open").await), (1, Vec::new()));

    give(&stall, &[(day, &utr, "1.18", "")]).await;
    let [differs] = <[Value; 1]>::try_from(exceptions(&stall, "open").await).unwrap();
    assert_eq!(
        (&differs["kind"], &differs["subject"], &differs["expected"]["minor"], &differs["found"]["minor"]),
        (&json!("bank-differs"), &payout["id"], &json!(net + 5_90), &json!(net + 5_90 + 1_18)),
    );
    assert_eq!(differs["tenant_id"], json!(stall.tenant));
}

#[tokio::test]
async fn a_payout_by_hand_that_the_bank_never_made_is_found() {
    let stall = Stall::with_gateway().await;
    give_account(&stall).await;
    sell(&stall).await;
    stall.pass(2 * DAY_S + 1).await;
    run(&stall).await;
    let payout = payouts(&stall).await[0].clone();
    let paid = json!({"utr": "sbin426330123456", "reason": "sent by net banking"});
    assert_eq!(act(&stall, &payout, "paid", &paid).await.0, StatusCode::OK);
    let day = today(&stall);
    stall.pass(6 * DAY_S).await;
    give(&stall, &[(day, "B1", "1.00", ""), (day + TimeDelta::days(4), "B2", "1.00", "")]).await;
    let [missing] = <[Value; 1]>::try_from(exceptions(&stall, "open").await).unwrap();
    assert_eq!((&missing["kind"], &missing["subject"]), (&json!("missing-at-bank"), &payout["id"]));
    let whole = format!("{}.{:02}", (AMOUNT - COMMISSION) / 100, (AMOUNT - COMMISSION) % 100);
    give(&stall, &[(day, "NEFT DR SBIN426330123456 MEENA", &whole, "")]).await;
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_file_that_is_malformed_or_given_by_others_leaves_nothing() {
    let (stall, day, utr) = settled().await;
    let (status, refused) =
        give(&stall, &[(day, &utr, "", NET), (day, &utr, "", "14646"), (day, "x", "1.00", "1.00")]).await;
    assert_eq!((status, &refused["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("file")));
    let lines: Vec<i64> =
        refused["lines"].as_array().unwrap().iter().map(|line| line["line"].as_i64().unwrap()).collect();
    assert_eq!(lines, [3, 4], "{refused}");
    let file = "date,utr,debit,credit\n".to_owned();
    assert_eq!(
        send_to(&stall, stall.vendor(), (PATH, "text/csv"), file.clone()).await.0,
        StatusCode::FORBIDDEN
    );
    let json = send_to(&stall, operator(), (PATH, "application/json"), file.clone()).await;
    assert_eq!(json.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(
        send_to(&stall, operator(), (PATH, "text/csv"), file).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let large = send_to(&stall, operator(), (PATH, "text/csv"), "x".repeat(2 * 1024 * 1024 + 1)).await;
    assert_eq!(large.0, StatusCode::PAYLOAD_TOO_LARGE);
    for table in ["bank_statements", "bank_lines", "reconciliation_runs where gateway = 'bank'"] {
        assert_eq!(stall.count(table).await, 0, "{table}");
    }
}
