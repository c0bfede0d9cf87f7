//! The ledger of consents.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::browser::Server;
use crate::guests::{phone, visit};

fn decision(given: bool, notice: i16) -> Value {
    json!({ "given": given, "notice": notice, "language": "hi" })
}

/// What stands: purpose and whether it is given.
fn given(answer: &(StatusCode, Value)) -> Vec<(&str, Option<bool>)> {
    assert_eq!(answer.0, StatusCode::OK, "{}", answer.1);
    let items = answer.1["items"].as_array().unwrap();
    items.iter().map(|it| (it["purpose"].as_str().unwrap(), it["given"].as_bool())).collect()
}

#[tokio::test]
async fn nothing_is_given_before_it_was_said_and_what_was_said_is_kept_as_it_was() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut other = server.vendor("9876543211").await;
    let before = vendor.get("/me/consents").await;
    let unasked = [("outside_providers", None), ("kept_recordings", None), ("news", None)];
    assert_eq!(given(&before), unasked);
    assert_eq!(before.1["items"][0]["notice"], 2);

    let path = "/me/consents/outside_providers";
    let wrong = vendor.put(path, &decision(true, 3)).await;
    assert_eq!((wrong.0, &wrong.1["type"]), (StatusCode::CONFLICT, &json!("/problems/notice-changed")));
    assert_eq!(given(&vendor.get("/me/consents").await), unasked, "another wording agrees to nothing");
    let answer = vendor.put(path, &decision(true, 2)).await;
    assert_eq!(given(&answer)[..2], [("outside_providers", Some(true)), ("kept_recordings", None)]);
    vendor.put(path, &decision(true, 2)).await;
    server.test.clock.advance(TimeDelta::hours(1));
    // Whoever takes it back need not have read the newest words.
    assert_eq!(given(&vendor.put(path, &decision(false, 7)).await)[0], ("outside_providers", Some(false)));
    assert_eq!(given(&other.get("/me/consents").await), unasked, "everybody's own");
    assert_eq!(vendor.put("/me/consents/anything", &decision(true, 2)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.browser().get("/me/consents").await.0, StatusCode::UNAUTHORIZED);

    let said: Vec<(bool, i16, String)> =
        sqlx::query_as("select given, notice, language from consents order by id")
            .fetch_all(server.test.db.pool())
            .await
            .unwrap();
    assert_eq!(said, [(true, 2, "hi".to_owned()), (false, 2, "hi".to_owned())]);
    // As if the first had been said to other words.
    let stall = identity::Consenter::Person(vendor.caller().await.signed_in().unwrap().person.id);
    let purpose = identity::Purpose::OutsideProviders;
    vendor.put(path, &decision(true, 2)).await;
    let mut connection = server.test.db.acquire().await.unwrap();
    assert!(server.identity.agrees(&mut connection, stall, purpose).await.unwrap());
    let older =
        "alter table consents disable trigger consents_stay; update consents set notice = 7 where given";
    sqlx::raw_sql(older).execute(server.test.db.pool()).await.unwrap();
    assert!(
        !server.identity.agrees(&mut connection, stall, purpose).await.unwrap(),
        "those were other words"
    );
    assert_eq!(given(&vendor.get("/me/consents").await)[0], ("outside_providers", None), "asked again");
    sqlx::raw_sql("alter table consents enable trigger consents_stay")
        .execute(server.test.db.pool())
        .await
        .unwrap();
    let rewritten = sqlx::query("update consents set given = true").execute(server.test.db.pool()).await;
    assert!(rewritten.unwrap_err().to_string().contains("not changed afterwards"));
}

#[tokio::test]
async fn a_phone_decides_for_all_of_its_visits_and_no_other_phone() {
    let server = Server::start().await;
    let mut buyer = phone(&server);
    assert_eq!(buyer.get("/passes/consents").await.0, StatusCode::FORBIDDEN, "no visit, nothing to decide");
    let nobody = buyer.caller().await;
    visit(&server, &mut buyer, &nobody).await;
    let caller = buyer.caller().await;
    visit(&server, &mut buyer, &caller).await;
    let path = "/passes/consents/kept_recordings";
    let answer = buyer.put(path, &decision(true, 2)).await;
    assert_eq!(given(&answer), [("outside_providers", None), ("kept_recordings", Some(true))]);
    let guests: i64 = sqlx::query_scalar("select count(distinct guest_id) from consents where given")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert_eq!(guests, 2);
    assert_eq!(buyer.put("/passes/consents/news", &decision(true, 2)).await.0, StatusCode::NOT_FOUND);
    let mut other = phone(&server);
    let nobody = other.caller().await;
    visit(&server, &mut other, &nobody).await;
    assert_eq!(given(&other.get("/passes/consents").await)[1], ("kept_recordings", None));
}

#[tokio::test]
async fn a_guardian_agrees_for_a_child_and_the_line_says_so() {
    let server = Server::start().await;
    let mut buyer = phone(&server);
    let nobody = buyer.caller().await;
    visit(&server, &mut buyer, &nobody).await;
    let path = "/passes/consents/outside_providers";
    let by_child = buyer.put(path, &decision(true, 2)).await;
    assert_eq!(by_child.1["items"][0]["by_guardian"], json!(false));
    let mut guardians = decision(true, 2);
    guardians["by_guardian"] = json!(true);
    let answer = buyer.put(path, &guardians).await;
    assert_eq!((answer.0, &answer.1["items"][0]["by_guardian"]), (StatusCode::OK, &json!(true)));
    buyer.put(path, &guardians).await;
    let said: Vec<bool> = sqlx::query_scalar("select by_guardian from consents order by id")
        .fetch_all(server.test.db.pool())
        .await
        .unwrap();
    assert_eq!(said, [false, true], "both are kept, and the same is not kept twice");
}
