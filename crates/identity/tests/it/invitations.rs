//! Invitations: accepted once, in time, by whom they are for.

use axum::http::StatusCode;
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::browser::{Browser, Server, account};

const OWNER: &str = "9876543210";
const OTHER: &str = "9876543211";

async fn invite(owner: &mut Browser, body: Value) -> Value {
    let (status, link) = owner.post("/team/invitations", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{link}");
    link
}

fn slug(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

#[tokio::test]
async fn a_new_person_joins_by_the_link_and_opens_no_business() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let link = invite(&mut owner, json!({ "role": "member" })).await;
    let mut new = server.browser();
    let (status, said) = new.post("/invitations/look", &json!({ "token": link["token"] })).await;
    assert_eq!(
        (status, &said["business"], &said["role"]),
        (StatusCode::OK, &json!("Meena"), &json!("member"))
    );
    assert_eq!((&said["invited_by"], &said["for_one_number"]), (&json!("Meena"), &json!(false)));
    let mut body = account(OTHER);
    body["invitation"] = link["token"].clone();
    server.test.clock.advance(TimeDelta::seconds(1));
    let (status, person) = new.post("/accounts", &body).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(person["tenant_id"], owner.get("/me").await.1["person"]["tenant_id"]);
    assert_eq!(new.get("/me").await.1["role"], "member");
    let tenants: i64 =
        sqlx::query_scalar("select count(*) from tenants").fetch_one(server.test.db.pool()).await.unwrap();
    assert_eq!(tenants, 1);
    let (_, acts) = owner.get("/team/acts").await;
    assert_eq!((&acts["items"][0]["act"], &acts["items"][1]["act"]), (&json!("joined"), &json!("invited")));
}

#[tokio::test]
async fn a_link_works_once_even_for_many_at_the_same_moment() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let link = invite(&mut owner, json!({ "role": "admin" })).await;
    let mut people = Vec::new();
    for number in 1..=5 {
        people.push(server.vendor(&format!("987654322{number}")).await);
    }
    let token = json!({ "token": link["token"] });
    let token = &token;
    let accept =
        people.iter_mut().map(|person| async move { person.post("/invitations/accept", token).await });
    let answers = join_all(accept).await;
    let in_at = |status: u16| answers.iter().filter(|answer| answer.0.as_u16() == status).count();
    assert_eq!((in_at(200), in_at(410)), (1, 4), "{answers:?}");
    assert_eq!(owner.get("/team").await.1["members"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_over_opens_nothing() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let mut other = server.vendor(OTHER).await;
    let revoked = invite(&mut owner, json!({ "role": "member" })).await;
    let path = format!("/team/invitations/{}", revoked["id"].as_str().unwrap());
    assert_eq!(owner.delete(&path).await.0, StatusCode::NO_CONTENT);
    let late = invite(&mut owner, json!({ "role": "member" })).await;
    let guess = server.test.entropy.token();
    let accept = async |browser: &mut Browser, token: &Value| {
        browser.post("/invitations/accept", &json!({ "token": token })).await
    };
    assert_eq!(slug(&accept(&mut other, &revoked["token"]).await), (410, "invitation-over"));
    assert_eq!(slug(&accept(&mut other, &json!(guess)).await), (410, "invitation-over"));
    server.test.clock.advance(TimeDelta::days(7));
    assert_eq!(slug(&accept(&mut other, &late["token"]).await), (410, "invitation-over"));
    let mut body = account("9876543219");
    body["invitation"] = late["token"].clone();
    assert_eq!(slug(&server.browser().post("/accounts", &body).await), (410, "invitation-over"));
    let people: i64 =
        sqlx::query_scalar("select count(*) from people").fetch_one(server.test.db.pool()).await.unwrap();
    assert_eq!(people, 2, "nobody is left half signed up");
}

#[tokio::test]
async fn an_invitation_for_a_number_is_for_that_account_alone() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let link = invite(&mut owner, json!({ "role": "member", "phone": OTHER })).await;
    let token = json!({ "token": link["token"] });
    let mut stranger = server.vendor("9876543219").await;
    assert_eq!(slug(&stranger.post("/invitations/accept", &token).await), (403, "not-invited"));
    let mut other = server.vendor(OTHER).await;
    assert_eq!(other.post("/invitations/accept", &token).await.0, StatusCode::OK);
    let again = invite(&mut owner, json!({ "role": "admin" })).await;
    let twice = other.post("/invitations/accept", &json!({ "token": again["token"] })).await;
    assert_eq!(slug(&twice), (409, "already-member"));
    let (_, team) = owner.get("/team").await;
    assert_eq!(team["invitations"].as_array().unwrap().len(), 1, "it stays open for whom it was meant");
    assert_eq!(slug(&server.browser().post("/invitations/accept", &token).await), (401, "signed-out"));
}

#[tokio::test]
async fn an_invitation_falls_with_the_right_of_who_sent_it() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let mut admin = server.member(&mut owner, OTHER, "admin").await;
    let link = invite(&mut admin, json!({ "role": "admin" })).await;
    let id = admin.person_id().await;
    owner.put(&format!("/team/members/{id}/role"), &json!({ "role": "viewer" })).await;
    let mut third = server.vendor("9876543212").await;
    let answer = third.post("/invitations/accept", &json!({ "token": link["token"] })).await;
    assert_eq!(slug(&answer), (410, "invitation-over"));
}

#[tokio::test]
async fn the_secret_is_not_in_the_database() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let link = invite(&mut owner, json!({ "role": "member" })).await;
    let token = link["token"].as_str().unwrap();
    assert_eq!(token.len(), 43, "256 bits");
    let dump: String = sqlx::query_scalar("select string_agg(invitations::text, '') from invitations")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert!(!dump.contains(token));
    assert!(owner.get("/team").await.1["invitations"][0].get("token").is_none());
}

#[tokio::test]
async fn a_business_has_room_for_fifty() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    for _ in 1..50 {
        invite(&mut owner, json!({ "role": "viewer" })).await;
    }
    let full = owner.post("/team/invitations", &json!({ "role": "viewer" })).await;
    assert_eq!(slug(&full), (409, "team-full"));
    server.test.clock.advance(TimeDelta::days(8));
    invite(&mut owner, json!({ "role": "viewer" })).await;
}
