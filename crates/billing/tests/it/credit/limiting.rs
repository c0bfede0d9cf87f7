//! A member's own limit, and who spent.

use axum::http::{Method, StatusCode};
use chrono::{Datelike, TimeDelta};
use futures::future::join_all;
use identity::Role;
use platform::meter::{Error, Measure, Meter};
use serde_json::json;

use crate::credit::purse::Purse;

#[tokio::test]
async fn a_hundred_at_once_find_the_last_of_a_members_limit_and_one_gets_it() {
    let purse = Purse::open().await;
    purse.grant(100_00, None).await;
    let (asha, own) = purse.member("9876500001", Role::Member).await;
    purse.limit(asha, Some(59)).await;
    let reserved = join_all((0..100).map(|_| purse.reserve_for(asha))).await;
    let (got, refused): (Vec<_>, Vec<_>) = reserved.into_iter().partition(Result::is_ok);
    assert_eq!((got.len(), refused.len()), (1, 99));
    assert!(refused.iter().all(|refused| matches!(refused, Err(Error::MemberLimit))));
    assert_eq!(purse.standing().await, (99_70, 30));
    let reservation = got.into_iter().next().unwrap().unwrap();
    assert!(matches!(purse.credits.extend(reservation, 60_000).await, Err(Error::MemberLimit)));
    // What is not used may be spent again; another's work and a buyer's is not held up.
    purse.credits.capture(reservation, 30_000).await.unwrap();
    let again = purse.reserve_for(asha).await.unwrap();
    assert!(purse.reserve(Measure::AudioMs, 60_000).await.is_ok());
    purse.credits.release(again).await.unwrap();
    let spending = purse.get("/credit/members").await;
    assert_eq!((&spending[0]["person_id"], &spending[0]["limit"]["minor"]), (&json!(asha), &json!(59)));
    assert_eq!((&spending[0]["spent"]["minor"], &spending[0]["limit_set_by"]), (&json!(15), &json!("Annam")));
    let (_, seen) = purse.call(&own, Method::GET, "/credit", None).await;
    let in_paise = |name: &str| seen["own_limit"][name]["minor"].clone();
    assert_eq!([in_paise("limit"), in_paise("spent"), in_paise("left")], [59, 15, 44].map(|n| json!(n)));
    assert!(purse.get("/credit").await.get("own_limit").is_none(), "the owner has none");
    let usage = purse.get("/credit/usage").await["items"][0].clone();
    assert_eq!(usage["by"], json!({"person_id": asha, "name": "Annam"}));
    let table = purse.text("/credit/usage.csv").await;
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[0].ends_with(",charged_rupees,by,kept_on,taken_from") && lines[1].contains(",0.15,Annam,,"),
        "{table}"
    );
    purse.check_books().await;
}

#[tokio::test]
async fn work_of_a_member_over_the_limit_waits_until_it_is_raised_or_the_month_ends() {
    let purse = Purse::open().await;
    purse.grant(100_00, None).await;
    let (asha, _) = purse.member("9876500001", Role::Member).await;
    purse.limit(asha, Some(20)).await;
    purse.enqueue_waiting_of(Some(asha)).await;
    purse.run_jobs().await;
    let credit = purse.get("/credit").await;
    assert_eq!((&credit["paused_jobs"], &credit["over_limit"]), (&json!(1), &json!(["Annam"])));
    // Credit is there all the time: it is not tried again and again.
    purse.pass(60).await;
    purse.grant(1_00, None).await;
    assert_eq!(purse.get("/credit").await["paused_jobs"], json!(1));
    purse.limit(asha, Some(45)).await;
    purse.run_jobs().await;
    let credit = purse.get("/credit").await;
    assert_eq!((&credit["paused_jobs"], &credit["over_limit"]), (&json!(0), &json!([])));
    assert_eq!(purse.get("/credit/members").await[0]["spent"]["minor"], json!(30));
    purse.enqueue_waiting_of(Some(asha)).await;
    purse.run_jobs().await;
    assert_eq!(purse.get("/credit").await["paused_jobs"], json!(1));
    // The month in India turns half a day before or after the one in Greenwich.
    let now = purse.test.clock.now();
    let to_next = TimeDelta::days(33 - i64::from(now.day()));
    purse.test.clock.advance(to_next);
    for _ in 0..3 {
        purse.pass(60).await;
    }
    assert_eq!(purse.get("/credit").await["paused_jobs"], json!(0));
    let spending = purse.get("/credit/members").await;
    assert_eq!((&spending[0]["spent"]["minor"], &spending[0]["limit"]["minor"]), (&json!(30), &json!(45)));
    let none = purse.limit(asha, None).await;
    assert_eq!(none[0].get("limit"), None);
    purse.check_books().await;
}

#[tokio::test]
async fn owners_limit_owners_and_nobody_else_limits_themselves() {
    let purse = Purse::open().await;
    let (admin, manager) = purse.member("9876500001", Role::Admin).await;
    let (seller, _) = purse.member("9876500002", Role::Member).await;
    let (owner, _) = purse.member("9876500003", Role::Owner).await;
    let ten = json!({"limit": {"minor": 10_00, "currency": "INR"}});
    for (person, expected) in
        [(seller, StatusCode::OK), (admin, StatusCode::FORBIDDEN), (owner, StatusCode::FORBIDDEN)]
    {
        let path = format!("/credit/members/{person}/limit");
        let (status, body) = purse.call(&manager, Method::PUT, &path, Some(&ten)).await;
        assert_eq!(status, expected, "{body}");
    }
    purse.limit(admin, Some(0)).await;
    assert!(matches!(purse.reserve_for(admin).await, Err(Error::MemberLimit)));
    let stranger = purse.another_vendor("9876500004").await;
    let path = format!("/credit/members/{stranger}/limit");
    assert_eq!(purse.put(&path, &ten).await.0, StatusCode::NOT_FOUND);
    let path = format!("/credit/members/{seller}/limit");
    let (status, body) = purse.put(&path, &json!({"limit": {"minor": -1, "currency": "INR"}})).await;
    assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("limit")));
}
