//! Accounts elsewhere: linked by whoever is signed in, known by issuer and subject, refused where anything about the answer is wrong.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::browser::{Browser, PASSWORD, Server, credentials};
use crate::issuer::{Issuer, Signed};

const PHONE: &str = "9876543210";

/// What an issuer says that is not so.
type Lie = fn(&mut Value, &mut Signed);

fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

/// Goes to the issuer; its page.
async fn leave(browser: &mut Browser) -> String {
    let (status, page) = browser.post("/sessions/openid", &json!({ "issuer": "Elsewhere" })).await;
    assert_eq!(status, StatusCode::CREATED, "{page}");
    page["url"].as_str().unwrap().to_owned()
}

/// Goes there, signs in as `subject` and comes back; where that leads.
async fn round(
    server: &Server,
    issuer: &Issuer,
    browser: &mut Browser,
    subject: &str,
    lie: impl FnOnce(&mut Value, &mut Signed),
) -> String {
    let page = leave(browser).await;
    let (code, state) = issuer.sign_in(&page, subject, server.test.clock.now().timestamp(), lie);
    let (status, to) = browser.go(&format!("/sessions/openid/return?code={code}&state={state}")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    to
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/me").await.1.get("person").is_some()
}

#[tokio::test]
async fn an_account_elsewhere_signs_in_whoever_linked_it() {
    let issuer = Issuer::start().await;
    let server = Server::trusting(&issuer.url).await;
    let mut stranger = server.browser();
    let to = round(&server, &issuer, &mut stranger, "meena", |_, _| ()).await;
    assert_eq!(to, "/v/sign-in?to=/v/account&link=1", "it is nobody's yet");
    assert!(!is_in(&mut stranger).await);
    // The same browser opens an account, and links what waits.
    let account = json!({ "phone": PHONE, "name": "Meena", "password": PASSWORD, "language": "ta" });
    assert_eq!(stranger.post("/accounts", &account).await.0, StatusCode::CREATED);
    assert_eq!(stranger.get("/me/outside-accounts").await.1, json!({ "items": [], "waiting": "Elsewhere" }));
    let (status, linked) = stranger.post("/me/outside-accounts", &json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{linked}");
    assert_eq!(linked["items"][0]["shown_as"], "meena@example.org");
    assert!(linked.get("waiting").is_none());
    assert_eq!(problem(&stranger.post("/me/outside-accounts", &json!({})).await), (401, "sign-in-over"));

    let mut fresh = server.browser();
    assert_eq!(round(&server, &issuer, &mut fresh, "meena", |_, _| ()).await, "/v");
    assert_eq!(fresh.get("/me").await.1["person"]["name"], "Meena");
    assert_eq!(
        round(&server, &issuer, &mut fresh, "meena", |_, _| ()).await,
        "/v/account",
        "one's own again"
    );
    // The same address at the same issuer, or with another subject, is somebody else.
    let mut other = server.browser();
    let to = round(&server, &issuer, &mut other, "not-meena", |_, _| ()).await;
    assert_eq!(to, "/v/sign-in?to=/v/account&link=1");
    assert!(!is_in(&mut other).await);
    // Whoever is signed in as another links nothing that is Meena's.
    let mut ravi = server.vendor("9876543211").await;
    let to = round(&server, &issuer, &mut ravi, "meena", |_, _| ()).await;
    assert_eq!(to, "/v/account?problem=outside-taken");
    assert_eq!(ravi.get("/me/outside-accounts").await.1["items"], json!([]));

    let path = format!("/me/outside-accounts/{}", linked["items"][0]["id"].as_str().unwrap());
    assert_eq!(ravi.delete(&path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(fresh.delete(&path).await.0, StatusCode::NO_CONTENT);
    let mut later = server.browser();
    let to = round(&server, &issuer, &mut later, "meena", |_, _| ()).await;
    assert_eq!(to, "/v/sign-in?to=/v/account&link=1", "what is unlinked signs in no more");
    let (_, acts) = fresh.get("/me/acts").await;
    let acts: Vec<_> = acts["items"].as_array().unwrap().iter().map(|act| act["act"].clone()).collect();
    assert_eq!(acts[0], "outside_unlinked");
    assert!(acts.contains(&json!("outside_linked")));
}

#[tokio::test]
async fn an_address_that_is_alike_at_a_second_issuer_signs_nobody_in() {
    let (first, second) = (Issuer::start().await, Issuer::start().await);
    let server = Server::trusting(&first.url).await;
    let mut meena = server.vendor(PHONE).await;
    round(&server, &first, &mut meena, "meena", |_, _| ()).await;
    assert_eq!(meena.post("/me/outside-accounts", &json!({})).await.0, StatusCode::CREATED);
    let elsewhere = server.trusting_instead(&second.url);
    let mut thief = elsewhere.browser();
    let to = round(&elsewhere, &second, &mut thief, "meena", |_, _| ()).await;
    assert_eq!(to, "/v/sign-in?to=/v/account&link=1", "another issuer's meena is another person");
    assert!(!is_in(&mut thief).await);
}

#[tokio::test]
async fn an_answer_with_anything_wrong_about_it_signs_nobody_in() {
    let issuer = Issuer::start().await;
    let server = Server::trusting(&issuer.url).await;
    let mut meena = server.vendor(PHONE).await;
    round(&server, &issuer, &mut meena, "meena", |_, _| ()).await;
    meena.post("/me/outside-accounts", &json!({})).await;
    let lies: [(&str, Lie); 8] = [
        ("no signature", |_, signed| *signed = Signed::ByNobody),
        ("our secret as its key", |_, signed| *signed = Signed::WithTheSecret),
        ("another key", |_, signed| *signed = Signed::ByAnother),
        ("for another client", |claims, _| claims["aud"] = json!("another")),
        ("by another issuer", |claims, _| claims["iss"] = json!("https://accounts.google.com")),
        ("in answer to another question", |claims, _| claims["nonce"] = json!("another")),
        ("without a nonce", |claims, _| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("too old", |claims, _| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 1)),
    ];
    for (what, lie) in lies {
        server.test.clock.advance(TimeDelta::seconds(5));
        let mut browser = server.browser();
        let to = round(&server, &issuer, &mut browser, "meena", lie).await;
        assert_eq!(to, "/v/sign-in?problem=openid-refused", "{what}");
        assert!(!is_in(&mut browser).await, "{what}");
    }
}

#[tokio::test]
async fn a_sign_in_elsewhere_belongs_to_the_browser_that_began_it() {
    let issuer = Issuer::start().await;
    let server = Server::trusting(&issuer.url).await;
    let mut meena = server.vendor(PHONE).await;
    round(&server, &issuer, &mut meena, "meena", |_, _| ()).await;
    meena.post("/me/outside-accounts", &json!({})).await;
    let now = || server.test.clock.now().timestamp();
    let over = "/v/sign-in?problem=sign-in-over";

    // A thief's link, followed by somebody who began nothing; and by somebody who began another.
    let (mut thief, mut victim) = (server.browser(), server.browser());
    let page = leave(&mut thief).await;
    let (code, state) = issuer.sign_in(&page, "meena", now(), |_, _| ());
    let link = format!("/sessions/openid/return?code={code}&state={state}");
    assert_eq!(victim.go(&link).await.1, over);
    leave(&mut victim).await;
    assert_eq!(victim.go(&link).await.1, over);
    assert!(!is_in(&mut victim).await);
    // Whose own it is may; once.
    let mut twin = server.browser();
    twin.cookies.clone_from(&thief.cookies);
    assert_eq!(thief.go(&link).await.1, "/v");
    assert_eq!(twin.go(&link).await.1, over, "a code counts once");
    // A code of another sign-in does not fit: its verifier is another (PKCE).
    let (mut one, mut two) = (server.browser(), server.browser());
    let stolen = issuer.sign_in(&leave(&mut one).await, "meena", now(), |_, _| ()).0;
    let (_, state) = issuer.sign_in(&leave(&mut two).await, "ravi", now(), |_, _| ());
    let to = two.go(&format!("/sessions/openid/return?code={stolen}&state={state}")).await.1;
    assert_eq!(to, "/v/sign-in?problem=openid-refused");
    // Too late, turned back, and nothing at all.
    let mut late = server.browser();
    let (code, state) = issuer.sign_in(&leave(&mut late).await, "meena", now(), |_, _| ());
    server.test.clock.advance(TimeDelta::minutes(10));
    assert_eq!(late.go(&format!("/sessions/openid/return?code={code}&state={state}")).await.1, over);
    let (_, state) = issuer.sign_in(&leave(&mut late).await, "meena", now(), |_, _| ());
    assert_eq!(late.go(&format!("/sessions/openid/return?error=access_denied&state={state}")).await.1, over);
    assert_eq!(late.go("/sessions/openid/return").await.1, over);
    assert!(!is_in(&mut late).await);
    let unknown = late.post("/sessions/openid", &json!({ "issuer": "Nowhere" })).await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_has_a_second_factor_is_asked_for_it_after_an_account_elsewhere() {
    let issuer = Issuer::start().await;
    let server = Server::trusting(&issuer.url).await;
    let mut meena = server.vendor(PHONE).await;
    round(&server, &issuer, &mut meena, "meena", |_, _| ()).await;
    meena.post("/me/outside-accounts", &json!({})).await;
    let mut device = crate::authenticator::Device::new(7);
    let (_, asked) = meena.post("/me/passkeys/questions", &json!({})).await;
    let new = json!({ "name": "Phone", "credential": device.make(&asked["options"]) });
    let (_, added) = meena.post("/me/passkeys", &new).await;
    let mut half = server.browser();
    assert_eq!(round(&server, &issuer, &mut half, "meena", |_, _| ()).await, "/v/sign-in?step=2");
    assert!(!is_in(&mut half).await);
    let code = json!({ "code": added["recovery_codes"][0] });
    assert_eq!(half.post("/sessions/second-step", &code).await.0, StatusCode::CREATED);
    assert!(is_in(&mut half).await);
    assert_eq!(
        server.browser().post("/sessions", &credentials(PHONE, PASSWORD)).await.0,
        StatusCode::ACCEPTED
    );
}
