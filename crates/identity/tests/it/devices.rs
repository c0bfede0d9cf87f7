//! A person's own account: where it is signed in, its password, what happened to it, and showing once more that it is the person.

use axum::http::StatusCode;
use chrono::TimeDelta;
use identity::Error;
use serde_json::{Value, json};

use crate::browser::{Browser, PASSWORD, Server, account, credentials};

const PHONE: &str = "9876543210";
const CHROME: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36";
const SAFARI: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1";

fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

async fn signed_in(server: &Server, agent: &str) -> Browser {
    let mut browser = server.browser().header("user-agent", agent);
    server.test.clock.advance(TimeDelta::minutes(1));
    assert_eq!(browser.post("/sessions", &credentials(PHONE, PASSWORD)).await.0, StatusCode::CREATED);
    browser
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/me").await.1.get("person").is_some()
}

async fn acts(browser: &mut Browser) -> Vec<String> {
    let (_, page) = browser.get("/me/acts").await;
    page["items"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_person_sees_their_devices_and_signs_them_out_and_nobody_elses() {
    let server = Server::start().await;
    let mut phone = server.browser().header("user-agent", CHROME);
    phone.post("/accounts", &account(PHONE)).await;
    let mut tablet = signed_in(&server, SAFARI).await;
    let mut stranger = server.vendor("9876543211").await;

    let (status, list) = phone.get("/me/sessions").await;
    assert_eq!(status, StatusCode::OK);
    let seen: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|it| (&it["device"], &it["current"])).collect();
    assert_eq!(
        seen,
        [(&json!("Chrome · Android"), &json!(true)), (&json!("Safari · iPhone"), &json!(false))],
        "last used first"
    );
    let other = format!("/me/sessions/{}", list["items"][1]["id"].as_str().unwrap());
    assert_eq!(problem(&stranger.delete(&other).await), (404, "not-found"));
    assert!(is_in(&mut tablet).await);
    assert_eq!(phone.delete(&other).await.0, StatusCode::NO_CONTENT);
    assert!(!is_in(&mut tablet).await);
    assert_eq!(problem(&phone.delete(&other).await), (404, "not-found"));

    let mut again = signed_in(&server, SAFARI).await;
    assert_eq!(again.delete("/me/sessions").await.0, StatusCode::NO_CONTENT);
    assert!(!is_in(&mut phone).await);
    assert!(is_in(&mut again).await && is_in(&mut stranger).await);
    again.patch("/me", &json!({ "language": "hi" })).await;
    let kept =
        ["profile_changed", "others_signed_out", "signed_in", "device_signed_out", "signed_in", "opened"];
    assert_eq!(acts(&mut again).await, kept);
    let (_, page) = again.get("/me/acts").await;
    assert_eq!(
        (&page["items"][0]["device"], &page["items"][5]["device"]),
        (&json!("Safari · iPhone"), &json!("Chrome · Android"))
    );
    assert_eq!(acts(&mut stranger).await, ["opened"], "everybody sees their own");
    for path in ["/me/sessions", "/me/acts"] {
        assert_eq!(problem(&server.browser().get(path).await), (401, "signed-out"));
    }
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it_and_the_other_devices_are_out() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let mut other = signed_in(&server, SAFARI).await;
    let long = "lantern cow ".repeat(6)[..64].to_owned();
    let change = |old: &str, new: &str| json!({ "old_password": old, "password": new });

    let answer = browser.put("/me/password", &change("wrong password", &long)).await;
    assert_eq!((problem(&answer), &answer.1["field"]), ((403, "wrong-password"), &json!("password")));
    assert_eq!(
        problem(&browser.put("/me/password", &change(PASSWORD, "password1")).await),
        (422, "password-common")
    );
    assert_eq!(
        problem(&browser.put("/me/password", &change(PASSWORD, "k9$wQz7")).await),
        (422, "invalid-field")
    );
    assert!(is_in(&mut other).await, "nothing changed yet");
    assert_eq!(browser.put("/me/password", &change(PASSWORD, &long)).await.0, StatusCode::NO_CONTENT);
    assert!(is_in(&mut browser).await);
    assert!(!is_in(&mut other).await);
    assert_eq!(acts(&mut browser).await[0], "password_changed");
    server.test.clock.advance(TimeDelta::minutes(1));
    assert_eq!(other.post("/sessions", &credentials(PHONE, PASSWORD)).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(other.post("/sessions", &credentials(PHONE, &long[..63])).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(other.post("/sessions", &credentials(PHONE, &long)).await.0, StatusCode::CREATED);
    let mut refused = StatusCode::FORBIDDEN;
    for _ in 0..6 {
        refused = browser.put("/me/password", &change("wrong password", "cow lantern rice")).await.0;
    }
    assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS, "guessing is as slow as at sign-in");
}

#[tokio::test]
async fn a_wrong_password_of_whoever_is_signed_in_is_in_the_trail() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let id = owner.person_id().await;
    let asked = json!({ "password": "wrong password" });
    assert_eq!(problem(&owner.post("/me/confirmations", &asked).await), (403, "wrong-password"));
    server.test.clock.advance(TimeDelta::seconds(30));
    let change = json!({ "old_password": "wrong password", "password": "cow lantern rice" });
    assert_eq!(problem(&owner.put("/me/password", &change).await), (403, "wrong-password"));

    let (status, page) = owner.get("/audit?area=sign_ins").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let refused = page["items"].as_array().unwrap().iter().filter(|it| it["deed"] == "refused");
    let refused: Vec<_> = refused.map(|it| (it["person_id"].as_str(), it["about_id"].as_str())).collect();
    assert_eq!(refused, [(Some(id.as_str()), Some(id.as_str())); 2], "{page}");
    assert!(!page.to_string().contains("wrong password"));
    assert!(identity::audit::verify::verify(&server.test.db, &[]).await.unwrap().is_sound());
}

#[tokio::test]
async fn a_session_is_fresh_for_ten_minutes_after_its_person_showed_that_it_is_they() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    server.test.clock.advance(TimeDelta::minutes(9));
    assert!(browser.caller().await.confirmed().is_ok(), "signing up shows it");
    server.test.clock.advance(TimeDelta::minutes(1));
    assert!(matches!(browser.caller().await.confirmed(), Err(Error::ConfirmAgain)));
    let wrong = browser.post("/me/confirmations", &json!({ "password": "wrong password" })).await;
    assert_eq!((problem(&wrong), &wrong.1["field"]), ((403, "wrong-password"), &json!("password")));
    let code = browser.post("/me/confirmations", &json!({ "code": "123456" })).await;
    assert_eq!(problem(&code), (403, "wrong-code"), "there is no second factor");
    assert_eq!(problem(&browser.post("/me/confirmations", &json!({})).await), (422, "invalid-field"));
    assert!(browser.caller().await.confirmed().is_err());
    let right = json!({ "password": PASSWORD });
    assert_eq!(browser.post("/me/confirmations", &right).await.0, StatusCode::NO_CONTENT);
    assert!(browser.caller().await.confirmed().is_ok());
    assert_eq!(problem(&server.browser().post("/me/confirmations", &right).await), (401, "signed-out"));

    // Another session of the same person shows it for itself.
    server.test.clock.advance(TimeDelta::minutes(11));
    let fresh = signed_in(&server, CHROME).await;
    assert!(fresh.caller().await.confirmed().is_ok() && browser.caller().await.confirmed().is_err());
    let mut refused = StatusCode::FORBIDDEN;
    for _ in 0..6 {
        refused = browser.post("/me/confirmations", &json!({ "password": "wrong password" })).await.0;
    }
    assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS);
}
