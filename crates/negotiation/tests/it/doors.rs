//! Coming in, coming back, and being kept out.

use axum::http::StatusCode;
use chrono::TimeDelta;
use platform::jobs::{Draft, Job, Jobs};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::market::Market;

#[tokio::test]
async fn a_scan_shows_the_stall_before_anybody_enters() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let mut buyer = market.phone();
    let token = vendor.code().await;
    let preview = buyer.post("/stall-previews", &json!({"token": token})).await.is(StatusCode::OK);
    assert_eq!(preview["stall_name"], "Annam Vegetables");
    assert_eq!(preview["languages"].as_array().unwrap().len(), 13);
    assert_eq!(preview["products"][0]["names"]["ta"], "தக்காளி");
    assert_eq!(
        (&preview["products"][0]["unit"], &preview["products"][0]["in_stock"]),
        (&json!("kg"), &json!(true))
    );
    assert_eq!(preview.get("rejoin_visit_id"), None);
    assert!(!buyer.told.contains("floor"));
    let visit = buyer.enter(&token, "en").await;
    let preview = buyer.post("/stall-previews", &json!({"token": token})).await.is(StatusCode::OK);
    assert_eq!(format!("/visits/{}", preview["rejoin_visit_id"].as_str().unwrap()), visit);
}

#[tokio::test]
async fn a_forged_code_opens_nothing_and_an_expired_one_says_whose_it_was() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let token = vendor.code().await;
    let mut buyer = market.phone();
    for place in 0..token.len() {
        let mut altered = token.clone().into_bytes();
        altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let answer = buyer.post("/visits", &json!({"token": altered, "language": "en"})).await;
        answer.refused("qr-forged");
    }
    for token in ["", "x", "../../etc/passwd", "\u{202e}abc", &"A".repeat(10_000)] {
        buyer.post("/stall-previews", &json!({"token": token})).await.refused("qr-forged");
    }
    market.later(TimeDelta::hours(24) + TimeDelta::seconds(1));
    for path in ["/stall-previews", "/visits"] {
        let problem =
            buyer.post(path, &json!({"token": token, "language": "en"})).await.refused("qr-expired");
        assert_eq!(problem["stall_name"], "Annam Vegetables");
    }
}

#[tokio::test]
async fn a_scan_begins_no_day_anew_at_a_stall_that_is_closed_for_now() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let close = "insert into closed_stalls (tenant_id, closed_at, closed_by)
         select tenant_id, now(), gen_random_uuid() from stalls";
    sqlx::query(close).execute(market.test.db.pool()).await.unwrap();
    buyer.say(&visit, "what was begun goes on").await;
    market.later(TimeDelta::hours(24));
    let entry = json!({"token": vendor.code().await, "language": "en"});
    let back = buyer.post("/visits", &entry).await.is(StatusCode::OK);
    assert_eq!(
        (&back["state"], format!("/visits/{}", back["id"].as_str().unwrap())),
        (&json!("closed"), visit.clone())
    );
    buyer.send(&visit, "still there?", "typed").await.refused("visit-over");
    sqlx::query("delete from closed_stalls").execute(market.test.db.pool()).await.unwrap();
    assert_eq!(buyer.post("/visits", &entry).await.is(StatusCode::OK)["state"], "open");
}

#[tokio::test]
async fn a_visit_is_open_for_a_day_and_a_scan_opens_it_again_within_seven() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    buyer.say(&visit, "hello").await;
    market.later(TimeDelta::hours(24));
    let over = buyer.visit(&visit).await;
    assert_eq!(over["state"], "closed");
    buyer.send(&visit, "still there?", "typed").await.refused("visit-over");
    buyer.offer(&visit, 100_00, "5").await.refused("visit-over");
    assert_eq!(buyer.messages(&visit).await.len(), 1, "it can be read");

    let token = vendor.code().await;
    let back = buyer.post("/visits", &json!({"token": token, "language": "hi"})).await.is(StatusCode::OK);
    assert_eq!(format!("/visits/{}", back["id"].as_str().unwrap()), visit);
    assert_eq!((&back["state"], &back["buyer_language"]), (&json!("open"), &json!("hi")));
    buyer.say(&visit, "namaste").await;
    let (kind, _) = market
        .log_of(&visit, "vendor")
        .await
        .into_iter()
        .rfind(|(kind, _)| kind != "message" && kind != "visit")
        .unwrap();
    assert_eq!(kind, "buyer_arrived", "the vendor hears that the buyer is back");

    market.later(TimeDelta::days(6));
    buyer.get(&visit).await.refused("no-pass");
    vendor.get(&visit).await.refused("not-found");
    let fresh = buyer.enter(&vendor.code().await, "en").await;
    assert_ne!(fresh, visit);
}

#[tokio::test]
async fn whoever_says_that_they_leave_takes_the_offers_along_too() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let offer = buyer.offer(&visit, 150_00, "5").await.is(StatusCode::CREATED);
    buyer.say(&visit, "leave it, i am going").await;
    let after = vendor.visit(&visit).await;
    assert_eq!((&after["state"], &after["standing"]), (&json!("left"), &json!(null)));
    vendor.accept(&visit, &offer).await.refused("offer-over");
    assert_eq!(buyer.offer(&visit, 160_00, "5").await.is(StatusCode::CREATED)["state"], "offered");
    assert_eq!(vendor.visit(&visit).await["state"], "open");
}

#[tokio::test]
async fn whoever_leaves_takes_the_offers_along_and_may_come_back() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let offer = buyer.offer(&visit, 150_00, "5").await.is(StatusCode::CREATED);
    let path = format!("{visit}/leave");
    vendor.post(&path, &json!({})).await.refused("forbidden");
    for _ in 0..2 {
        let left = buyer.post(&path, &json!({})).await.is(StatusCode::OK);
        assert_eq!((&left["state"], &left["standing"]), (&json!("left"), &json!(null)));
    }
    vendor.accept(&visit, &offer).await.refused("offer-over");
    buyer.say(&visit, "all right, one more try").await;
    assert_eq!(vendor.visit(&visit).await["state"], "open");
}

#[tokio::test]
async fn foreign_visits_open_for_nobody() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let message = buyer.say(&visit, "hello").await["message"]["id"].as_str().unwrap().to_owned();
    let mut stranger = market.vendor_named("9876500000", "Another").await;
    let (mut other, _) = market.buyer_at(&mut stranger).await;
    let mut nobody = market.phone();
    for (phone, slug) in [(&mut stranger, "not-found"), (&mut other, "no-pass"), (&mut nobody, "no-pass")] {
        phone.get(&visit).await.refused(slug);
        phone.get(&format!("{visit}/messages")).await.refused(slug);
        phone.get(&format!("{visit}/messages/{message}/speech")).await.refused(slug);
        phone.get(&format!("{visit}/messages/{message}/recording")).await.refused(slug);
        phone.send(&visit, "let me in", "typed").await.refused(slug);
        phone.patch(&visit, &json!({"language": "hi"})).await.refused(slug);
        phone.post(&format!("{visit}/leave"), &json!({})).await.refused(if slug == "not-found" {
            "forbidden"
        } else {
            slug
        });
    }
    buyer.get("/visits/01932f5e-8a5c-7c3e-9d54-0123456789ab").await.refused("no-pass");
    buyer.get("/visits/1%20or%201=1").await.refused("not-found");
    // A message of another visit is not found under one's own.
    let (mut second, elsewhere) = market.buyer_at(&mut vendor).await;
    second.get(&format!("{elsewhere}/messages/{message}/speech")).await.refused("not-found");
}

#[tokio::test]
async fn who_knocks_or_talks_too_often_waits() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let mut refused = None;
    for _ in 0..60 {
        let answer = buyer.send(&visit, "hello", "typed").await;
        if !answer.status.is_success() {
            refused = Some(answer.refused("too-many-requests"));
            break;
        }
    }
    assert!(refused.expect("a flood is stopped")["retry_after_s"].as_u64().unwrap() >= 1);
    market.later(TimeDelta::seconds(2));
    buyer.say(&visit, "sorry").await;
}

/// As the schedule enqueues it every hour.
#[derive(Serialize, Deserialize)]
struct Purge {}

impl Job for Purge {
    const KIND: &'static str = "purge-visits";
}

pub async fn purge(market: &Market) {
    let test = &market.test;
    let jobs = Jobs::new(test.db.clone(), test.clock.clone(), test.entropy.clone());
    jobs.enqueue(&mut test.db.acquire().await.unwrap(), Draft::of_nobody(&Purge {})).await.unwrap();
    market.work().await;
}

#[tokio::test]
async fn after_seven_days_nothing_that_was_said_is_left() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    buyer.say(&visit, "five kilos for one fifty").await;
    vendor.say(&visit, "வணக்கம்").await;
    purge(&market).await;
    assert_eq!(buyer.messages(&visit).await.len(), 2, "it is not forgotten early");
    market.later(TimeDelta::days(7));
    purge(&market).await;
    for table in ["visits", "messages", "offers", "read_backs", "message_translations"] {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(market.test.db.pool())
            .await
            .unwrap();
        assert_eq!(count, 0, "{table}");
    }
}
