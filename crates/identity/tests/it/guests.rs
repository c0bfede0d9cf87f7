//! Guests: one secret a phone, one pass a visit.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::TimeDelta;
use identity::{Admission, Caller, Pass, SetCookie, Transport};
use serde_json::json;
use types::{TenantId, VisitId};

use crate::browser::{Browser, PASSWORD, Server, account, credentials};

/// A buyer's browser, over plain HTTP as beside the demo.
pub fn phone(server: &Server) -> Browser {
    server.browser().over(Transport::Plain)
}

/// A visit begins, in a transaction of its own; the browser keeps the cookie.
pub async fn visit(server: &Server, browser: &mut Browser, caller: &Caller) -> Pass {
    let now = server.test.clock.now();
    let admission = Admission {
        tenant: server.test.entropy.id(now),
        visit: server.test.entropy.id(now),
        stall_name: "Fresh Vegetables".to_owned(),
        until: now + TimeDelta::days(7),
    };
    let mut transaction = server.test.db.begin().await.unwrap();
    let (pass, cookie): (Pass, SetCookie) =
        server.identity.admit_guest(&mut transaction, caller, admission).await.unwrap();
    transaction.commit().await.unwrap();
    browser.keep_from(&(cookie, ()).into_response());
    pass
}

async fn visits_of(browser: &mut Browser) -> Vec<String> {
    let (_, me) = browser.get("/me").await;
    let passes = me["passes"].as_array().unwrap();
    passes.iter().map(|pass| pass["visit_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_phone_without_a_cookie_gets_one_and_a_pass() {
    let server = Server::start().await;
    let mut phone = phone(&server);
    let pass = visit(&server, &mut phone, &Caller::nobody()).await;
    assert_eq!(visits_of(&mut phone).await, [pass.visit.to_string()]);
    let (_, me) = phone.get("/me").await;
    assert_eq!(me["passes"][0]["stall_name"], "Fresh Vegetables");
    assert!(me["passes"][0].get("guest").is_none(), "the guest's id stays on the server");
}

#[tokio::test]
async fn a_phones_visits_share_the_secret_and_not_the_guest() {
    let server = Server::start().await;
    let mut phone = phone(&server);
    let first = visit(&server, &mut phone, &Caller::nobody()).await;
    let secret = phone.cookies["vyapar_guest"].clone();
    server.test.clock.advance(TimeDelta::days(1));
    let caller = phone.caller().await;
    let second = visit(&server, &mut phone, &caller).await;
    assert_eq!(phone.cookies["vyapar_guest"], secret);
    assert_ne!(first.guest, second.guest);
    assert_eq!(visits_of(&mut phone).await, [second.visit.to_string(), first.visit.to_string()]);
}

#[tokio::test]
async fn a_secret_that_opens_nothing_is_replaced() {
    let server = Server::start().await;
    let mut phone = phone(&server);
    let planted = server.test.entropy.token();
    phone.cookies.insert("vyapar_guest".to_owned(), planted.clone());
    let caller = phone.caller().await;
    visit(&server, &mut phone, &caller).await;
    assert_ne!(phone.cookies["vyapar_guest"], planted);
}

#[tokio::test]
async fn a_pass_ends_after_its_seven_days() {
    let server = Server::start().await;
    let mut phone = phone(&server);
    let pass = visit(&server, &mut phone, &Caller::nobody()).await;
    server.test.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert!(phone.caller().await.pass(pass.visit).is_ok());
    server.test.clock.advance(TimeDelta::seconds(1));
    assert!(phone.caller().await.pass(pass.visit).is_err());
    assert!(visits_of(&mut phone).await.is_empty());
}

#[tokio::test]
async fn another_phones_visit_is_closed() {
    let server = Server::start().await;
    let (mut mine, mut theirs) = (phone(&server), phone(&server));
    let pass = visit(&server, &mut mine, &Caller::nobody()).await;
    let other = visit(&server, &mut theirs, &Caller::nobody()).await;
    assert!(mine.caller().await.pass(pass.visit).is_ok());
    assert!(mine.caller().await.pass(other.visit).is_err());
}

#[tokio::test]
async fn the_secret_is_not_in_the_database() {
    let server = Server::start().await;
    let mut phone = phone(&server);
    visit(&server, &mut phone, &Caller::nobody()).await;
    let dump: String = sqlx::query_scalar("select guest_passes::text from guest_passes")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert!(!dump.contains(&phone.cookies["vyapar_guest"]));
}

#[tokio::test]
async fn of_many_visits_the_fifty_newest_count() {
    let server = Server::start().await;
    let mut phone = phone(&server);
    let mut visits: Vec<VisitId> = Vec::new();
    for _ in 0..52 {
        server.test.clock.advance(TimeDelta::minutes(1));
        let caller = phone.caller().await;
        visits.push(visit(&server, &mut phone, &caller).await.visit);
    }
    let newest: Vec<String> = visits.iter().rev().take(50).map(ToString::to_string).collect();
    assert_eq!(visits_of(&mut phone).await, newest);
}

#[tokio::test]
async fn sockets_learn_which_guests_and_sessions_still_live() {
    let server = Server::start().await;
    let mut phone = phone(&server);
    let pass = visit(&server, &mut phone, &Caller::nobody()).await;
    let vendor = server.vendor("9876543210").await.caller().await.vendor().unwrap();
    let mut connection = server.test.db.acquire().await.unwrap();
    let stranger: (TenantId, _) = (server.test.entropy.id(server.test.clock.now()), pass.guest);
    let asked = [(pass.tenant, pass.guest), stranger];
    assert_eq!(server.identity.living_guests(&mut connection, &asked).await.unwrap(), [pass.guest]);
    let sessions = [vendor.session];
    assert_eq!(server.identity.living_sessions(&mut connection, &sessions).await.unwrap(), sessions);
    server.test.clock.advance(TimeDelta::days(14));
    assert!(server.identity.living_guests(&mut connection, &asked).await.unwrap().is_empty());
    assert!(server.identity.living_sessions(&mut connection, &sessions).await.unwrap().is_empty());
}

/// What a buyer's page is told of.
async fn bought_by(browser: &Browser) -> Vec<String> {
    let passes = browser.caller().await.passes().to_vec();
    passes.into_iter().map(|pass| pass.visit.to_string()).collect()
}

#[tokio::test]
async fn somebody_keeps_the_visits_of_their_phone_and_finds_them_on_another() {
    let server = Server::start().await;
    let mut phone = server.browser();
    let caller = phone.caller().await;
    let first = visit(&server, &mut phone, &caller).await;
    let none = phone.post("/me/visits", &json!({})).await;
    assert_eq!((none.0, &none.1["type"]), (StatusCode::UNAUTHORIZED, &json!("/problems/signed-out")));
    phone.post("/accounts", &account("9876543210")).await;
    assert_eq!(phone.get("/me/visits").await.1, json!({ "items": [], "open": 1 }));
    let (status, kept) = phone.post("/me/visits", &json!({})).await;
    assert_eq!((status, &kept["open"]), (StatusCode::OK, &json!(0)));
    assert_eq!(
        (&kept["items"][0]["visit_id"], &kept["items"][0]["stall_name"]),
        (&json!(first.visit), &json!("Fresh Vegetables"))
    );
    // Another device of theirs, as somebody who buys; as somebody who sells it is not asked for.
    let mut tablet = server.browser().header("vyapar-side", "buyer");
    tablet.post("/sessions", &credentials("9876543210", PASSWORD)).await;
    assert_eq!(bought_by(&tablet).await, [first.visit.to_string()]);
    assert!(tablet.caller().await.pass(first.visit).is_ok());
    assert!(bought_by(&tablet.without("vyapar-side")).await.is_empty());

    // The phone's next visit is nobody's yet, and what is kept outlives the pass.
    let caller = phone.caller().await;
    server.test.clock.advance(TimeDelta::days(6));
    let second = visit(&server, &mut phone, &caller).await;
    assert_eq!(phone.get("/me/visits").await.1["open"], 1);
    server.test.clock.advance(TimeDelta::days(2));
    let phone = phone.header("vyapar-side", "buyer");
    assert_eq!(bought_by(&phone).await, [second.visit.to_string(), first.visit.to_string()]);
}

#[tokio::test]
async fn a_visit_is_kept_by_the_first_who_asks_and_only_on_its_phone() {
    let server = Server::start().await;
    let mut phone = server.browser();
    let caller = phone.caller().await;
    let shared = visit(&server, &mut phone, &caller).await;
    let mut stranger = server.vendor("9876543211").await;
    let none = stranger.post("/me/visits", &json!({})).await;
    assert_eq!((none.0, &none.1["type"]), (StatusCode::FORBIDDEN, &json!("/problems/no-pass")));

    phone.post("/accounts", &account("9876543210")).await;
    phone.post("/me/visits", &json!({})).await;
    phone.delete("/sessions/current").await;
    // Somebody else takes the phone into their hands.
    phone.post("/accounts", &account("9876543212")).await;
    assert_eq!(phone.post("/me/visits", &json!({})).await.1, json!({ "items": [], "open": 0 }));
    let mut first = server.browser().header("vyapar-side", "buyer");
    first.post("/sessions", &credentials("9876543210", PASSWORD)).await;
    assert_eq!(bought_by(&first).await, [shared.visit.to_string()]);
}
