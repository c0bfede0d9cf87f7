//! Work reserves, is charged, and stops.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use futures::future::join_all;
use platform::meter::{Error, Measure, Meter, Work};
use serde_json::json;
use testkit::statements;
use uuid::Uuid;

use crate::credit::purse::Purse;

#[tokio::test]
async fn forty_two_seconds_cost_twenty_one_paise_and_say_what_they_were_for() {
    let purse = Purse::open().await;
    purse.grant(1_00, None).await;
    let reserved = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    assert_eq!(purse.standing().await, (70, 30));
    purse.credits.capture(reserved, 42_000).await.unwrap();
    assert_eq!(purse.standing().await, (79, 0));
    let usage = purse.get("/credit/usage").await["items"][0].clone();
    assert_eq!((&usage["quantity"], &usage["exact_micros"]), (&json!(42_000), &json!(210_000)));
    assert_eq!((&usage["charged"]["minor"], &usage["given_away"]), (&json!(21), &json!(false)));
    assert_eq!(usage["cause"], json!({"kind": "message", "id": Uuid::from_u128(7)}));
    let days = purse.get("/credit/usage/days").await;
    assert_eq!((&days[0]["measure"], &days[0]["charged"]["minor"]), (&json!("audio_ms"), &json!(21)));
    purse.check_books().await;
}

#[tokio::test]
async fn work_without_credit_does_not_start() {
    let purse = Purse::open().await;
    assert!(matches!(purse.reserve(Measure::AudioMs, 1).await, Err(Error::NoCredit)));
    purse.grant(29, None).await;
    assert!(matches!(purse.reserve(Measure::AudioMs, 60_000).await, Err(Error::NoCredit)));
    assert_eq!(purse.standing().await, (29, 0));
    assert_eq!(purse.get("/credit/usage").await["items"], json!([]));
}

#[tokio::test]
async fn a_hundred_at_once_find_the_last_credit_and_one_gets_it() {
    let purse = Purse::open().await;
    purse.grant(30, None).await;
    let reserved = join_all((0..100).map(|_| purse.reserve(Measure::AudioMs, 60_000))).await;
    let (got, refused): (Vec<_>, Vec<_>) = reserved.into_iter().partition(Result::is_ok);
    assert_eq!((got.len(), refused.len()), (1, 99));
    assert!(refused.iter().all(|refused| matches!(refused, Err(Error::NoCredit))));
    for reservation in got.into_iter().flatten() {
        purse.credits.capture(reservation, 60_000).await.unwrap();
    }
    assert_eq!(purse.standing().await, (0, 0));
    purse.check_books().await;
}

#[tokio::test]
async fn what_is_below_a_paisa_is_carried_to_the_next_charge() {
    let purse = Purse::open().await;
    purse.grant(1_00, None).await;
    for expected in [(1, 10_000 / 3 + 1), (1, 10_000 / 3 + 1), (1, 10_000 / 3 + 1)] {
        let reserved = purse.reserve(Measure::TranslationCharacters, expected.0).await.unwrap();
        purse.credits.capture(reserved, 1).await.unwrap();
        let usage = purse.get("/credit/usage").await["items"][0].clone();
        assert_eq!(usage["exact_micros"], json!(expected.1));
    }
    assert_eq!(purse.standing().await, (99, 0), "three thirds, each a trifle more, are one paisa");
}

#[tokio::test]
async fn a_charge_is_made_once_and_never_more_than_was_reserved() {
    let purse = Purse::open().await;
    purse.grant(1_00, None).await;
    let reserved = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    assert!(matches!(purse.credits.capture(reserved, 60_001).await, Err(Error::Failed(_))));
    purse.credits.capture(reserved, 30_000).await.unwrap();
    purse.credits.capture(reserved, 30_000).await.unwrap();
    assert!(matches!(purse.credits.capture(reserved, 20_000).await, Err(Error::Failed(_))));
    assert!(matches!(purse.credits.release(reserved).await, Err(Error::Failed(_))));
    assert_eq!(purse.standing().await, (85, 0));
}

#[tokio::test]
async fn released_work_costs_nothing() {
    let purse = Purse::open().await;
    purse.grant(1_00, None).await;
    let reserved = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    purse.credits.release(reserved).await.unwrap();
    purse.credits.release(reserved).await.unwrap();
    assert_eq!(purse.standing().await, (1_00, 0));
    assert!(matches!(purse.credits.capture(reserved, 1).await, Err(Error::Failed(_))));
}

#[tokio::test]
async fn work_under_way_stops_within_one_step() {
    let purse = Purse::open().await;
    purse.grant(1_00, None).await;
    let reserved = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    purse.credits.extend(reserved, 60_000).await.unwrap();
    purse.credits.extend(reserved, 60_000).await.unwrap();
    assert_eq!(purse.standing().await, (10, 90));
    assert!(matches!(purse.credits.extend(reserved, 60_000).await, Err(Error::NoCredit)));
    purse.credits.capture(reserved, 130_000).await.unwrap();
    assert_eq!(purse.standing().await, (35, 0));
    assert!(matches!(purse.credits.extend(reserved, 1).await, Err(Error::Failed(_))));
    purse.check_books().await;
}

#[tokio::test]
async fn what_a_crash_left_reserved_comes_back_and_late_work_is_charged_from_what_is_there() {
    let purse = Purse::open().await;
    purse.grant(50, None).await;
    let forgotten = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    assert_eq!(purse.standing().await, (20, 30));
    purse.test.clock.advance(TimeDelta::hours(1));
    assert_eq!(purse.standing().await, (50, 0), "before anybody noted it");
    purse.run_jobs().await;
    assert_eq!(purse.standing().await, (50, 0));
    purse.credits.capture(forgotten, 60_000).await.unwrap();
    assert_eq!(purse.standing().await, (20, 0));
    purse.credits.capture(forgotten, 60_000).await.unwrap();
    assert_eq!(purse.standing().await, (20, 0));
    let usage = purse.get("/credit/usage").await["items"][0].clone();
    assert_eq!(
        (&usage["lots"][0]["amount"]["minor"], usage["lots"].as_array().unwrap().len()),
        (&json!(30), 1)
    );
    purse.check_books().await;
}

#[tokio::test]
async fn a_charge_goes_through_the_lots_that_expire_first() {
    let purse = Purse::open().await;
    purse.grant(1_00, None).await;
    purse.grant(20, Some(2)).await;
    purse.grant(5, Some(1)).await;
    let reserved = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    purse.credits.capture(reserved, 60_000).await.unwrap();
    let lots = purse.get("/credit").await["lots"].clone();
    assert_eq!(lots.as_array().unwrap().len(), 1, "the two that expire are spent: {lots}");
    assert_eq!((&lots[0]["left"]["minor"], &lots[0]["given"]["minor"]), (&json!(95), &json!(1_00)));
    let usage = purse.get("/credit/usage").await["items"][0].clone();
    let taken: Vec<i64> = usage["lots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lot| lot["amount"]["minor"].as_i64().unwrap())
        .collect();
    assert_eq!(taken, [5, 20, 5], "{usage}");
    assert_eq!((&usage["lots"][2]["lot_id"], &usage["lots"][2]["kind"]), (&lots[0]["id"], &json!("granted")));
    assert_eq!(usage["lots"][2]["since"], lots[0]["created_at"]);
    let table = purse.text("/credit/usage.csv").await;
    let last = table.lines().nth(1).unwrap();
    assert!(last.ends_with(&format!("granted {} 0.05", lots[0]["id"].as_str().unwrap())), "{last}");
}

#[tokio::test]
async fn what_nobody_priced_is_noted_and_given_away() {
    let purse = Purse::open().await;
    let reserved = purse.reserve(Measure::SpeechCharacters, 40).await.unwrap();
    purse.credits.capture(reserved, 40).await.unwrap();
    let usage = purse.get("/credit/usage").await["items"][0].clone();
    assert_eq!((&usage["charged"]["minor"], &usage["given_away"]), (&json!(0), &json!(true)));
}

#[tokio::test]
async fn work_costs_what_it_cost_when_it_began() {
    let purse = Purse::open().await;
    purse.grant(10_00, None).await;
    let begun = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    let earlier = purse.test.clock.now() - TimeDelta::seconds(1);
    purse.test.clock.advance(TimeDelta::seconds(1));
    purse.price("audio_ms", 60_000, 900_000).await;
    purse.credits.capture(begun, 60_000).await.unwrap();
    assert_eq!(purse.standing().await, (9_70, 0));
    let dearer = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    purse.credits.capture(dearer, 60_000).await.unwrap();
    assert_eq!(purse.standing().await, (8_80, 0));
    let past = json!({
        "client_id": Uuid::from_u128(3), "provider": "bhashini", "measure": "audio_ms", "per": 1, "price_micros": 1,
        "effective_from": earlier, "reason": "cheaper",
    });
    let (status, body) = purse.call(&purse.operator(), Method::POST, "/operator/prices", Some(&past)).await;
    assert_eq!(
        (status, &body["type"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/price-not-in-future"))
    );
}

#[tokio::test]
async fn lists_take_as_many_statements_however_long_they_are() {
    let purse = Purse::open().await;
    purse.grant(10_00, None).await;
    let count = async |path: &str| statements(purse.get(path)).await.1;
    let mut counts = Vec::new();
    for _ in 0..2 {
        let reserved = purse.reserve(Measure::AudioMs, 1_000).await.unwrap();
        purse.credits.capture(reserved, 1_000).await.unwrap();
        purse.grant(10_00, None).await;
        let paths = ["/credit", "/credit/usage", "/credit/usage/days", "/credit/top-ups"];
        let mut these = Vec::new();
        for path in paths {
            these.push(count(path).await);
        }
        counts.push(these);
    }
    assert_eq!(counts[0], counts[1]);
    assert_eq!(counts[0], [9, 2, 1, 1]);
}

#[tokio::test]
async fn the_operators_lists_take_as_many_statements_however_long_they_are() {
    let purse = Purse::open().await;
    let operator = purse.operator();
    let mut counts = Vec::new();
    for phone in ["9876543220", "9876543221"] {
        purse.another_vendor(phone).await;
        purse.grant(10_00, None).await;
        purse.price("audio_ms", 60_000, 300_000).await;
        let mut these = Vec::new();
        for path in ["/operator/credits", "/operator/prices"] {
            let ((status, _), count) = statements(purse.call(&operator, Method::GET, path, None)).await;
            assert_eq!(status, StatusCode::OK);
            these.push(count);
        }
        counts.push(these);
    }
    assert_eq!(counts[0], counts[1]);
    // The vendors and their credit in five; what was looked at before, and that it is now, in four.
    assert_eq!(counts[0], [9, 1]);
}

#[tokio::test]
async fn a_model_with_a_price_of_its_own_costs_that_and_every_other_what_its_provider_does() {
    let purse = Purse::open().await;
    purse.grant(10_00, None).await;
    purse.test.clock.advance(TimeDelta::seconds(1));
    purse.price_of_model("whisper-large", "audio_ms", 60_000, 1_200_000).await;
    purse.price("audio_ms", 60_000, 600_000).await;
    for (model, paise) in [(Some("whisper-large"), 1_20), (Some("conformer"), 60), (None, 60)] {
        purse.test.clock.advance(TimeDelta::seconds(1));
        let before = purse.standing().await.0;
        let work = Work { model: model.map(str::to_owned), ..purse.work(Measure::AudioMs, 60_000) };
        let reserved = purse.credits.reserve(&work).await.unwrap();
        purse.credits.capture(reserved, 60_000).await.unwrap();
        assert_eq!(purse.standing().await.0, before - paise, "{model:?}");
        let usage = purse.get("/credit/usage").await["items"][0].clone();
        assert_eq!(usage.get("model"), model.map(|model| json!(model)).as_ref());
    }
}

#[tokio::test]
async fn the_charges_of_a_moment_are_told_of_once() {
    let purse = Purse::open().await;
    purse.grant(10_00, None).await;
    let before = purse.times_told().await;
    for _ in 0..5 {
        let reserved = purse.reserve(Measure::AudioMs, 1_000).await.unwrap();
        purse.credits.capture(reserved, 1_000).await.unwrap();
    }
    purse.run_jobs().await;
    assert_eq!(purse.times_told().await, before, "not at once");
    purse.test.clock.advance(TimeDelta::seconds(1));
    purse.run_jobs().await;
    assert_eq!(purse.times_told().await, before + 1);
}

#[tokio::test]
async fn charges_are_exported_as_a_table_page_by_page() {
    let purse = Purse::open().await;
    purse.grant(10_00, None).await;
    for _ in 0..103 {
        let reserved = purse.reserve(Measure::AudioMs, 1_000).await.unwrap();
        purse.credits.capture(reserved, 1_000).await.unwrap();
    }
    let table = purse.text("/credit/usage.csv").await;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 104);
    assert!(
        lines[0].starts_with(
            "time,id,for,visit,provider,model,measure,quantity,unit,exact_rupees,charged_rupees"
        )
    );
    assert!(lines[1].contains(",bhashini,,audio_ms,1000,ms,0.005000,0.0"), "{}", lines[1]);
    let usage = purse.get("/credit/usage").await["items"][0].clone();
    assert_eq!(usage["price"], json!({"per": 60_000, "price_micros": 300_000}));
}
