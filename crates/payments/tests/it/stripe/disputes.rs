//! A bank that asks for a card's money back.

use emulator::stripe::{NewDispute, Verdict};
use payments::{Evidence, EvidenceFile};
use serde_json::json;

use crate::disputes::{answer, contest, evidence, only};
use crate::stall::{AMOUNT, COMMISSION, Stall};

/// A paid order whose charge is disputed, and what the gateway calls that.
async fn disputed() -> (Stall, String) {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    stall.pay_at(&stall.page(intent).await, "pm_card_visa").await;
    let payment = stall.text("select gateway_payment_id from payments").await;
    let intent = stall.at_stripe(&format!("/v1/payment_intents/{payment}")).await;
    let charge = intent["latest_charge"].as_str().unwrap();
    let dispute = stall.stripe().dispute(&NewDispute::of(charge)).unwrap();
    stall.work().await;
    (stall, dispute["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_dispute_is_contested_in_words_and_files_and_won() {
    let (stall, id) = disputed().await;
    let open = only(&stall).await;
    assert_eq!((&open["state"], &open["reason"]), (&json!("open"), &json!("fraudulent")));
    assert_eq!(stall.balance("disputes:held").await, AMOUNT);
    contest(&stall).await.unwrap();
    assert_eq!(only(&stall).await["state"], "under_review");
    let there = stall.at_stripe(&format!("/v1/disputes/{id}")).await;
    assert_eq!(there["evidence"]["uncategorized_text"], "handed over at the stall");
    for proof in ["customer_communication", "receipt"] {
        let file = there["evidence"][proof].as_str().unwrap();
        assert_eq!(stall.at_stripe(&format!("/v1/files/{file}")).await["type"], "pdf", "{proof}");
    }
    stall.stripe().decide(&Verdict { dispute: id, won: true }).unwrap();
    stall.work().await;
    let over = only(&stall).await;
    assert_eq!(over["state"], "won");
    // The gateway keeps its fee although the dispute is won.
    let fee = over["fee"]["minor"].as_i64().unwrap();
    assert!(fee > 0, "{over}");
    stall.stripe_holds(AMOUNT - fee, AMOUNT - COMMISSION - fee, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_fee_that_comes_back_with_a_win_costs_nobody_anything() {
    let (stall, id) = disputed().await;
    let back =
        emulator::stripe::Settings { dispute_fee_kept: false, ..emulator::stripe::Settings::default() };
    stall.stripe().set_settings(&super::key(), back).unwrap();
    contest(&stall).await.unwrap();
    stall.stripe().decide(&Verdict { dispute: id, won: true }).unwrap();
    stall.work().await;
    let over = only(&stall).await;
    assert_eq!((&over["state"], &over["fee"]["minor"]), (&json!("won"), &json!(0)));
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn what_is_lost_costs_the_gateways_fee_too() {
    let (stall, _) = disputed().await;
    answer(&stall, None).await.unwrap();
    let over = only(&stall).await;
    assert_eq!(over["state"], "accepted");
    let fee = over["fee"]["minor"].as_i64().unwrap();
    assert!(fee > 0, "{over}");
    stall.stripe_holds(-fee, -fee, 0, 0).await;
}

#[tokio::test]
async fn more_than_the_gateway_takes_in_all_is_refused_before_anything_is_sent() {
    let (stall, _) = disputed().await;
    let of = |bytes: usize, pages: usize| {
        let content = [b"%PDF-1.7 ".to_vec(), vec![b' '; bytes]].concat();
        EvidenceFile { pages, content, ..evidence().files[0].clone() }
    };
    // Each by itself is small enough.
    for files in [vec![of(2_300_000, 1), of(2_300_000, 1)], vec![of(1, 10), of(1, 9)]] {
        let refused = answer(&stall, Some(Evidence { files, ..evidence() })).await;
        assert!(matches!(refused, Err(payments::Error::EvidenceTooLarge)));
    }
    let open = only(&stall).await;
    assert_eq!((&open["state"], open.get("answer")), (&json!("open"), None));
    assert_eq!(stall.count("dispute_files").await, 0);
    let files = vec![of(2_200_000, 9), of(2_200_000, 9)];
    answer(&stall, Some(Evidence { files, ..evidence() })).await.unwrap();
    assert_eq!(only(&stall).await["state"], "under_review");
}
