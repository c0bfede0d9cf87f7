//! Guests: one secret a phone, one pass a visit.

use axum::response::IntoResponse;
use chrono::TimeDelta;
use identity::{Admission, Caller, Pass, SetCookie, Transport};
use types::{TenantId, VisitId};

use crate::browser::{Browser, Server};

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
