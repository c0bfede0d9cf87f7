//! Passkeys: added, asked for, used in place of password and code, refused where anything about them is wrong, removed.

use axum::http::StatusCode;
use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::authenticator::Device;
use crate::browser::{Browser, PASSWORD, Server, credentials};

const PHONE: &str = "9876543210";
const OTHER_PHONE: &str = "9876543211";

/// What a device says that is not so.
type Lie = fn(&mut Device, &Device);

fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/me").await.1.get("person").is_some()
}

/// Has a device make a passkey for whoever is signed in.
async fn add(browser: &mut Browser, device: &mut Device) -> Value {
    let (status, question) = browser.post("/me/passkeys/questions", &json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{question}");
    let new = json!({ "name": "My phone", "credential": device.make(&question["options"]) });
    let (status, added) = browser.post("/me/passkeys", &new).await;
    assert_eq!(status, StatusCode::CREATED, "{added}");
    added
}

async fn question(browser: &mut Browser) -> Value {
    let (status, question) = browser.post("/sessions/passkey-questions", &json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{question}");
    question["options"].clone()
}

async fn sign_in(browser: &mut Browser, device: &mut Device) -> (StatusCode, Value) {
    let answer = device.show(&question(browser).await);
    browser.post("/sessions/passkey", &json!({ "credential": answer })).await
}

#[tokio::test]
async fn a_passkey_signs_in_alone_and_the_password_alone_no_longer_does() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let mut other = server.browser();
    other.post("/sessions", &credentials(PHONE, PASSWORD)).await;
    let mut device = Device::new(7);
    let added = add(&mut browser, &mut device).await;
    let codes = added["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10, "for whoever loses the device");
    assert!(is_in(&mut browser).await && !is_in(&mut other).await, "the other devices are signed out");

    let mut fresh = server.browser();
    let (status, person) = sign_in(&mut fresh, &mut device).await;
    assert_eq!((status, &person["name"]), (StatusCode::CREATED, &json!("Meena")), "{person}");
    assert!(is_in(&mut fresh).await);
    assert!(fresh.caller().await.confirmed().is_ok(), "whoever has just shown a finger is not asked again");
    let (_, passkeys) = fresh.get("/me/passkeys").await;
    assert_eq!(passkeys["items"][0]["name"], "My phone");
    assert!(passkeys["items"][0]["used_at"].is_string());

    let mut half = server.browser();
    let step = half.post("/sessions", &credentials(PHONE, PASSWORD)).await;
    assert_eq!(step.0, StatusCode::ACCEPTED, "the password alone is half of it");
    assert!(!is_in(&mut half).await);
    assert_eq!(sign_in(&mut half, &mut device).await.0, StatusCode::CREATED, "the passkey is the other half");
    assert_eq!(half.cookies.keys().collect::<Vec<_>>(), ["__Host-vyapar_session"]);
    let mut lost = server.browser();
    lost.post("/sessions", &credentials(PHONE, PASSWORD)).await;
    let code = json!({ "code": codes[0] });
    assert_eq!(lost.post("/sessions/second-step", &code).await.0, StatusCode::CREATED);

    let (_, acts) = lost.get("/me/acts").await;
    assert!(acts["items"].as_array().unwrap().iter().any(|act| act["act"] == "passkey_added"), "{acts}");
    let (_, trail) = lost.get("/audit?area=account").await;
    assert_eq!(trail["items"][0]["deed"], "added", "{trail}");
}

#[tokio::test]
async fn an_answer_counts_once_and_for_five_minutes() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let mut device = Device::new(7);
    let (_, asked) = browser.post("/me/passkeys/questions", &json!({})).await;
    server.test.clock.advance(TimeDelta::minutes(5));
    let late = json!({ "name": "Late", "credential": device.make(&asked["options"]) });
    assert_eq!(problem(&browser.post("/me/passkeys", &late).await), (410, "passkey-over"));
    add(&mut browser, &mut device).await;

    let mut thief = server.browser();
    let answer = json!({ "credential": device.show(&question(&mut thief).await) });
    let mut twin = server.browser();
    let (one, two) =
        tokio::join!(twin.post("/sessions/passkey", &answer), thief.post("/sessions/passkey", &answer),);
    let mut statuses = [one.0.as_u16(), two.0.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 410], "sent twice at once it counts once");
    assert_eq!(problem(&twin.post("/sessions/passkey", &answer).await), (410, "passkey-over"));

    let asked = question(&mut twin).await;
    server.test.clock.advance(TimeDelta::minutes(5));
    let late = json!({ "credential": device.show(&asked) });
    assert_eq!(problem(&server.browser().post("/sessions/passkey", &late).await), (410, "passkey-over"));
    // A question for a new passkey is no question for an old one.
    let (_, asked) = browser.post("/me/passkeys/questions", &json!({})).await;
    let mixed = json!({ "credential": device.show(&asked["options"]) });
    assert_eq!(problem(&server.browser().post("/sessions/passkey", &mixed).await), (410, "passkey-over"));
}

#[tokio::test]
async fn an_answer_with_anything_wrong_about_it_is_refused() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let mut device = Device::new(7);
    add(&mut browser, &mut device).await;
    let mut stranger = server.vendor(OTHER_PHONE).await;
    let mut others = Device::new(9);
    add(&mut stranger, &mut others).await;
    assert_eq!(sign_in(&mut server.browser(), &mut device).await.0, StatusCode::CREATED);

    let lies: [(&str, Lie); 6] = [
        ("another page", |device, _| device.origin = "https://evil.example".to_owned()),
        ("another name", |device, _| device.rp_id = "evil.example".to_owned()),
        ("nobody verified", |device, _| device.verified = false),
        ("a counter that stands still", |device, _| device.counter -= 1),
        ("another person", |device, others| device.handle.clone_from(&others.handle)),
        ("another's passkey", |device, others| device.credential.clone_from(&others.credential)),
    ];
    for (what, lie) in lies {
        let mut liar = device.clone();
        lie(&mut liar, &others);
        let answer = sign_in(&mut server.browser(), &mut liar).await;
        assert_eq!(problem(&answer), (403, "wrong-passkey"), "{what}");
    }
    let mut unknown = Device::new(11);
    unknown.handle.clone_from(&device.handle);
    assert_eq!(problem(&sign_in(&mut server.browser(), &mut unknown).await), (403, "wrong-passkey"));
    let mut fresh = server.browser();
    let mut flipped = device.show(&question(&mut fresh).await);
    let mut signature =
        BASE64URL_NOPAD.decode(flipped["response"]["signature"].as_str().unwrap().as_bytes()).unwrap();
    *signature.last_mut().unwrap() ^= 1;
    flipped["response"]["signature"] = json!(BASE64URL_NOPAD.encode(&signature));
    let answer = fresh.post("/sessions/passkey", &json!({ "credential": flipped })).await;
    assert_eq!(problem(&answer), (403, "wrong-passkey"));
    assert_eq!(
        problem(&fresh.post("/sessions/passkey", &json!({ "credential": {} })).await),
        (403, "wrong-passkey")
    );
    // Whoever gave Meena's password does not go on as somebody else.
    let mut half = server.browser();
    half.post("/sessions", &credentials(PHONE, PASSWORD)).await;
    assert_eq!(problem(&sign_in(&mut half, &mut others).await), (403, "wrong-passkey"));
    assert_eq!(sign_in(&mut half, &mut device).await.0, StatusCode::CREATED, "its own still does");
    // A passkey that is kept is not kept again, and nobody adds one that was asked of another.
    let (_, asked) = stranger.post("/me/passkeys/questions", &json!({})).await;
    let again = json!({ "name": "Again", "credential": device.clone().make(&asked["options"]) });
    assert_eq!(problem(&stranger.post("/me/passkeys", &again).await), (403, "wrong-passkey"));
    let (_, asked) = stranger.post("/me/passkeys/questions", &json!({})).await;
    let mine = json!({ "name": "Mine", "credential": Device::new(13).make(&asked["options"]) });
    assert_eq!(problem(&half.post("/me/passkeys", &mine).await), (410, "passkey-over"));
}

#[tokio::test]
async fn a_passkey_shows_again_that_it_is_the_person() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let mut device = Device::new(7);
    add(&mut browser, &mut device).await;
    let mut stranger = server.vendor(OTHER_PHONE).await;
    let mut others = Device::new(9);
    add(&mut stranger, &mut others).await;
    server.test.clock.advance(TimeDelta::minutes(11));
    assert!(browser.caller().await.confirmed().is_err());
    let alone = browser.post("/me/confirmations", &json!({ "password": PASSWORD })).await;
    assert_eq!(problem(&alone), (403, "factor-asked"), "the password alone is not enough");
    let shown = json!({ "passkey": others.show(&question(&mut browser).await) });
    assert_eq!(problem(&browser.post("/me/confirmations", &shown).await), (403, "wrong-passkey"));
    assert!(browser.caller().await.confirmed().is_err());
    let shown = json!({ "passkey": device.show(&question(&mut browser).await) });
    assert_eq!(browser.post("/me/confirmations", &shown).await.0, StatusCode::NO_CONTENT);
    assert!(browser.caller().await.confirmed().is_ok());
    assert_eq!(problem(&browser.post("/me/confirmations", &shown).await), (410, "passkey-over"));
}

#[tokio::test]
async fn a_passkey_is_what_a_business_requires_and_removing_the_last_asks_for_another() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let rule = json!({ "required": true });
    assert_eq!(problem(&owner.put("/team/second-factor", &rule).await), (409, "second-factor-first"));
    let mut device = Device::new(7);
    let first = add(&mut owner, &mut device).await;
    assert!(add(&mut owner, &mut Device::new(8)).await.get("recovery_codes").is_none(), "the first are good");
    assert_eq!(owner.put("/team/second-factor", &rule).await.0, StatusCode::OK);
    assert_eq!(owner.post("/sell", &json!({})).await.0, StatusCode::OK);

    let (_, passkeys) = owner.get("/me/passkeys").await;
    let path = |at: usize| format!("/me/passkeys/{}", passkeys["items"][at]["id"].as_str().unwrap());
    let mut stranger = server.vendor(OTHER_PHONE).await;
    assert_eq!(stranger.delete(&path(0)).await.0, StatusCode::NOT_FOUND);

    assert_eq!(owner.delete(&path(0)).await.0, StatusCode::NO_CONTENT);
    assert_eq!(owner.get("/me").await.1["must_enrol"], false);
    assert_eq!(owner.get("/me/second-factor").await.1["recovery_codes_left"], 10);
    assert_eq!(owner.delete(&path(1)).await.0, StatusCode::NO_CONTENT);
    assert_eq!(passkeys["items"][1]["id"], first["passkey"]["id"]);
    assert_eq!(owner.get("/me").await.1["must_enrol"], true, "the business waits for another factor");
    assert_eq!(problem(&owner.post("/sell", &json!({})).await), (403, "second-factor-required"));
    assert_eq!(owner.get("/me/second-factor").await.1["recovery_codes_left"], 0);
    assert_eq!(problem(&sign_in(&mut server.browser(), &mut device).await), (403, "wrong-passkey"));
    let whole = server.browser().post("/sessions", &credentials(PHONE, PASSWORD)).await;
    assert_eq!(whole.0, StatusCode::CREATED);

    for seed in 20..30 {
        server.test.clock.advance(TimeDelta::seconds(1));
        add(&mut owner, &mut Device::new(seed)).await;
    }
    let full = owner.post("/me/passkeys/questions", &json!({})).await;
    assert_eq!(problem(&full), (409, "passkeys-full"));
}
