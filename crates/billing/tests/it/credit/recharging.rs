//! Credit that is topped up by itself from a kept card.

use axum::http::StatusCode;
use emulator::{ApiFault, FaultKind};
use futures::future::join_all;
use platform::meter::{Measure, Meter};
use platform::switches::{self, Off, Switch};
use serde_json::{Value, json};
use types::PersonId;
use uuid::Uuid;

use crate::credit::purse::Purse;

fn rupees(paise: i64) -> Value {
    json!({"minor": paise, "currency": "INR"})
}

/// Below ₹20, ₹100 are put in, ₹250 a month.
fn rule(on: bool) -> Value {
    json!({"on": on, "below": rupees(20_00), "amount": rupees(100_00), "month_most": rupees(250_00)})
}

async fn switch(purse: &Purse, on: bool) -> Value {
    let (status, recharge) = purse.put("/credit/recharge", &rule(on)).await;
    assert_eq!((status, &recharge["on"]), (StatusCode::OK, &json!(on)), "{recharge}");
    purse.settle().await;
    recharge
}

async fn spend(purse: &Purse, paise: u64) {
    let reserved = purse.reserve(Measure::AudioMs, paise * 2_000).await.unwrap();
    purse.credits.capture(reserved, paise * 2_000).await.unwrap();
    purse.settle().await;
}

/// How many top-ups nobody asked for.
async fn by_itself(purse: &Purse) -> usize {
    let top_ups = purse.get("/credit/top-ups").await;
    top_ups["items"].as_array().unwrap().iter().filter(|top_up| top_up["by_itself"] == true).count()
}

fn card_says_no(purse: &Purse, times: u32) {
    let says_no = FaultKind::Status { status: 402, retry_after_s: None };
    purse
        .stripe()
        .add_fault(ApiFault::next_call(says_no).times(times).on("POST", "/v1/payment_intents"))
        .unwrap();
}

#[tokio::test]
async fn low_credit_is_topped_up_from_the_kept_card_up_to_a_months_most() {
    let purse = Purse::with_cards().await;
    purse.keep_card("pm_card_visa", 50_00).await;
    switch(&purse, true).await;
    assert_eq!((by_itself(&purse).await, purse.standing().await.0), (0, 50_00), "there is enough");
    spend(&purse, 30_00).await;
    assert_eq!(purse.standing().await.0, 20_00, "not less than the rule says");
    spend(&purse, 1).await;
    assert_eq!((by_itself(&purse).await, purse.standing().await.0), (1, 119_99));
    spend(&purse, 100_00).await;
    assert_eq!((by_itself(&purse).await, purse.standing().await.0), (2, 119_99));
    spend(&purse, 100_00).await;
    assert_eq!(
        (by_itself(&purse).await, purse.standing().await.0),
        (2, 19_99),
        "a third is more than a month's most"
    );
    let recharge = purse.get("/credit/recharge").await;
    assert_eq!((&recharge["this_month"]["minor"], &recharge["on"]), (&json!(200_00), &json!(true)));
    // The tests begin on 23 November.
    purse.pass(8 * 24 * 3_600).await;
    purse.settle().await;
    assert_eq!((by_itself(&purse).await, purse.standing().await.0), (3, 119_99), "another month, by itself");
    purse.check_books().await;
}

#[tokio::test]
async fn while_buying_credit_is_switched_off_nothing_is_bought_by_itself() {
    let purse = Purse::with_cards().await;
    purse.keep_card("pm_card_visa", 50_00).await;
    switch(&purse, true).await;
    let off = Off {
        switch: Switch::TopUps,
        tenant: Some(purse.tenant),
        reason: "asked by the bank".to_owned(),
        by: PersonId::from_uuid(Uuid::nil()),
        at: purse.test.clock.now(),
    };
    let mut connection = purse.test.db.acquire().await.unwrap();
    switches::switch_off(&mut connection, &off).await.unwrap();
    purse.switches.look().await.unwrap();
    spend(&purse, 30_01).await;
    assert_eq!((by_itself(&purse).await, purse.standing().await.0), (0, 19_99));
    assert!(purse.get("/credit/recharge").await["paused_until"].is_string());
    switches::switch_on(&mut connection, Switch::TopUps, Some(purse.tenant)).await.unwrap();
    purse.switches.look().await.unwrap();
    purse.pass(3_700).await;
    purse.settle().await;
    assert_eq!((by_itself(&purse).await, purse.standing().await.0), (1, 119_99), "it goes on by itself");
    purse.check_books().await;
}

#[tokio::test]
async fn fifty_charges_at_once_make_one_recharge() {
    let purse = Purse::with_cards().await;
    purse.keep_card("pm_card_visa", 50_00).await;
    switch(&purse, true).await;
    spend(&purse, 29_99).await;
    let charge = async || {
        let reserved = purse.reserve(Measure::AudioMs, 2_000).await.unwrap();
        purse.credits.capture(reserved, 2_000).await.unwrap();
    };
    join_all((0..50).map(|_| charge())).await;
    join_all((0..8).map(|_| purse.settle())).await;
    assert_eq!((by_itself(&purse).await, purse.standing().await.0), (1, 119_51));
    purse.check_books().await;
}

#[tokio::test]
async fn a_card_that_says_no_is_tried_again_and_given_up_the_third_time() {
    let purse = Purse::with_cards().await;
    purse.keep_card("pm_card_visa", 50_00).await;
    switch(&purse, true).await;
    card_says_no(&purse, 2);
    spend(&purse, 40_00).await;
    assert_eq!(purse.get("/credit/recharge").await["failures"], 1);
    spend(&purse, 1).await;
    purse.pass(3_700).await;
    purse.settle().await;
    purse.pass(3_700).await;
    purse.settle().await;
    let recharge = purse.get("/credit/recharge").await;
    assert_eq!((&recharge["failures"], &recharge["on"]), (&json!(0), &json!(true)), "it said yes in the end");
    assert_eq!(purse.standing().await.0, 109_99);
    card_says_no(&purse, 30);
    spend(&purse, 100_00).await;
    for _ in 0..3 {
        purse.pass(3_700).await;
        purse.settle().await;
    }
    let recharge = purse.get("/credit/recharge").await;
    assert_eq!((&recharge["on"], &recharge["stopped"]), (&json!(false), &json!("refused")), "{recharge}");
    assert_eq!(purse.get("/credit").await["recharge_stopped"], "refused");
    let tried = by_itself(&purse).await;
    spend(&purse, 1_00).await;
    purse.pass(3_700).await;
    assert_eq!(by_itself(&purse).await, tried, "it is off");
    purse.stripe().clear_faults();
    let recharge = switch(&purse, true).await;
    assert_eq!((&recharge["failures"], recharge.get("stopped")), (&json!(0), None));
    assert_eq!(purse.standing().await.0, 108_99, "switched on it looks at once");
    purse.check_books().await;
}

#[tokio::test]
async fn a_card_that_wants_its_owner_counts_as_one_that_says_no() {
    let purse = Purse::with_cards().await;
    purse.keep_card("pm_card_authenticationRequired", 50_00).await;
    switch(&purse, true).await;
    spend(&purse, 40_00).await;
    let recharge = purse.get("/credit/recharge").await;
    assert_eq!((&recharge["failures"], purse.standing().await.0), (&json!(1), 10_00));
    purse.check_books().await;
}

#[tokio::test]
async fn without_a_kept_card_it_cannot_be_switched_on_and_limits_are_checked() {
    let purse = Purse::with_cards().await;
    let (status, body) = purse.put("/credit/recharge", &rule(true)).await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/no-saved-card")));
    let bad = [("below", 0), ("amount", 99), ("amount", 50_000_01), ("month_most", 99_99)];
    for (field, paise) in bad {
        let mut rule = rule(false);
        rule[field] = rupees(paise);
        let (status, body) = purse.put("/credit/recharge", &rule).await;
        assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{body}");
    }
    let acts: Option<String> = sqlx::query_scalar("select acts from credit_recharges")
        .fetch_optional(purse.test.db.pool())
        .await
        .unwrap();
    assert_eq!(acts, None, "nothing was changed");
    switch(&purse, false).await;
}
