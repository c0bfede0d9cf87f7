//! Codes that come to the telephone: opening an account, showing that a number is one's own, replacing a forgotten password.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::browser::{Browser, PASSWORD, Server};
use crate::exchange::{E164, Exchange, FRESH, OTHER, PHONE, code, given, opening, problem, reset, wrong};
use crate::second_factor::turn_on;

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/me").await.1.get("person").is_some()
}

#[tokio::test]
async fn an_account_is_opened_by_a_code_in_the_persons_language_and_the_number_counts_as_shown() {
    let exchange = Exchange::open().await;
    let mut browser = exchange.server.browser();
    let on_ones_word = browser.post("/accounts", &crate::browser::account(PHONE)).await;
    assert_eq!(problem(&on_ones_word), (409, "code-first"));
    let ticket = exchange.ask(&mut browser, "/accounts/codes", PHONE).await;
    assert_eq!(ticket.as_str().unwrap().len(), 43, "256 bits");
    let message = exchange.message().await;
    assert_eq!((message.to.as_str(), message.validity_s), (E164, 600));
    assert!(message.body.starts_with("கணக்கைத் திறக்க"), "{}", message.body);
    let code = code(&message);
    assert!(message.body.ends_with(&format!("@stall.example #{code}")), "for browsers: {}", message.body);

    let mut weak = opening(&ticket, &code);
    weak["password"] = json!("password1");
    assert_eq!(problem(&browser.post("/accounts/by-code", &weak).await), (422, "password-common"));
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let (status, person) = browser.post("/accounts/by-code", &opening(&ticket, &spaced)).await;
    assert_eq!((status, &person["phone"]), (StatusCode::CREATED, &json!(E164)));
    let (_, me) = browser.get("/me").await;
    assert_eq!((&me["phone_verified"], me["person"]["tenant_id"].is_string()), (&json!(true), true));
    assert_eq!(exchange.sign_in(PHONE, PASSWORD).await.1, StatusCode::CREATED);
    let again = exchange.server.browser().post("/accounts/by-code", &opening(&ticket, &code)).await;
    assert_eq!(problem(&again), (410, "code-over"));
}

#[tokio::test]
async fn a_code_works_once_for_ten_minutes_for_one_thing_and_for_whoever_asked() {
    let exchange = Exchange::open().await;
    let mut browser = exchange.person(PHONE).await;
    let mut other = exchange.person(OTHER).await;
    let ticket = exchange.ask(&mut browser, "/password-resets/codes", PHONE).await;
    let told = code(&exchange.message().await);
    for (path, body) in
        [("/accounts/by-code", opening(&ticket, &told)), ("/accounts/by-code", opening(&json!("x"), &told))]
    {
        assert_eq!(problem(&browser.post(path, &body).await), (410, "code-over"), "{path}");
    }
    assert_eq!(problem(&browser.put("/me/phone", &given(&ticket, &told)).await), (410, "code-over"));
    exchange.server.test.clock.advance(TimeDelta::minutes(10));
    assert_eq!(
        problem(&browser.put("/password-resets/codes", &reset(&ticket, &told)).await),
        (410, "code-over")
    );

    let ticket = exchange.ask(&mut browser, "/me/phone", PHONE).await;
    let told = code(&exchange.message().await);
    assert_eq!(
        problem(&other.put("/me/phone", &given(&ticket, &told)).await),
        (410, "code-over"),
        "another account's"
    );
    assert_eq!(
        problem(&exchange.server.browser().put("/me/phone", &given(&ticket, &told)).await),
        (401, "signed-out")
    );

    let ticket = exchange.ask(&mut browser, "/password-resets/codes", PHONE).await;
    let told = code(&exchange.message().await);
    let body = reset(&ticket, &told);
    let (mut one, mut two) = (exchange.server.browser(), exchange.server.browser());
    let raced =
        tokio::join!(one.put("/password-resets/codes", &body), two.put("/password-resets/codes", &body));
    let mut statuses = [raced.0.0.as_u16(), raced.1.0.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 410], "of two at the same moment one counts");
    assert_eq!(problem(&one.put("/password-resets/codes", &body).await), (410, "code-over"));
}

#[tokio::test]
async fn a_reset_by_code_ends_every_session_and_the_second_factor_is_asked_for_as_before() {
    let exchange = Exchange::open().await;
    let mut browser = exchange.person(PHONE).await;
    let (app, _) = turn_on(&exchange.server, &mut browser).await;
    let mut half = exchange.sign_in(PHONE, PASSWORD).await.0;
    let mut stranger = exchange.server.browser();
    let ticket = exchange.ask(&mut stranger, "/password-resets/codes", PHONE).await;
    let told = code(&exchange.message().await);
    let mut weak = reset(&ticket, &told);
    weak["password"] = json!("password1");
    assert_eq!(problem(&stranger.put("/password-resets/codes", &weak).await), (422, "password-common"));
    assert_eq!(
        problem(&stranger.put("/password-resets/codes", &reset(&ticket, &wrong(&told))).await),
        (403, "wrong-sent-code")
    );
    assert!(is_in(&mut browser).await, "nothing changed yet");
    exchange.later();
    let (status, answer) = stranger.put("/password-resets/codes", &reset(&ticket, &told)).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    assert!(!is_in(&mut stranger).await, "a code alone signs nobody in");
    assert!(!is_in(&mut browser).await);
    assert_eq!(problem(&half.post("/sessions/second-step", &app.shows_next()).await), (401, "sign-in-over"));
    assert_eq!(exchange.sign_in(PHONE, PASSWORD).await.1, StatusCode::UNAUTHORIZED);
    let (mut entered, status) = exchange.sign_in(PHONE, FRESH).await;
    assert_eq!(status, StatusCode::ACCEPTED, "a code of the app is asked for");
    assert_eq!(entered.post("/sessions/second-step", &app.shows_next()).await.0, StatusCode::CREATED);
    let acts = entered.get("/me/acts").await.1;
    let acts: Vec<&Value> = acts["items"].as_array().unwrap().iter().map(|act| &act["act"]).collect();
    assert_eq!(acts[..3], [&json!("signed_in"), &json!("password_reset_by_code"), &json!("code_refused")]);
    let news = exchange.message().await;
    assert_eq!(news.to, E164);
    assert!(
        news.body.contains("https://stall.example/v/sign-in") && !news.body.contains(&told),
        "{}",
        news.body
    );
}

#[tokio::test]
async fn a_number_is_changed_by_a_code_to_the_new_one_and_the_old_one_is_told() {
    let exchange = Exchange::open().await;
    let mut browser = exchange.person(PHONE).await;
    let reset_before = exchange.ask(&mut exchange.server.browser(), "/password-resets/codes", PHONE).await;
    let told_before = code(&exchange.message().await);
    exchange.later();
    let ticket = exchange.ask(&mut browser, "/me/phone", OTHER).await;
    let message = exchange.message().await;
    assert_eq!(message.to, "+919876543211");
    let (status, person) = browser.put("/me/phone", &given(&ticket, &code(&message))).await;
    assert_eq!((status, &person["phone"]), (StatusCode::OK, &json!("+919876543211")));
    assert_eq!(browser.get("/me/acts").await.1["items"][0]["act"], "phone_changed");
    let news = exchange.message().await;
    assert_eq!(news.to, E164);
    assert!(!news.body.contains("9876543211"), "the new number is not told to the old one: {}", news.body);
    // A code that went to the number before does not outlive it.
    let late =
        exchange.server.browser().put("/password-resets/codes", &reset(&reset_before, &told_before)).await;
    assert_eq!(problem(&late), (410, "code-over"));
    assert_eq!(exchange.sign_in(PHONE, PASSWORD).await.1, StatusCode::UNAUTHORIZED);
    assert_eq!(exchange.sign_in(OTHER, PASSWORD).await.1, StatusCode::CREATED);
    // The number before is free again.
    exchange.person(PHONE).await;
    let kept = exchange.dump("audit_acts").await;
    assert!(kept.contains("account"), "{kept}");
}

#[tokio::test]
async fn a_number_that_stood_on_somebodys_word_is_shown_to_be_theirs() {
    let server = Server::start().await;
    let mut before = server.vendor(PHONE).await;
    assert_eq!(before.get("/me").await.1["phone_verified"], false);
    let exchange = Exchange::open().await;
    let mut browser = exchange.person(PHONE).await;
    sqlx::query("update people set phone_verified_at = null")
        .execute(exchange.server.test.db.pool())
        .await
        .unwrap();
    exchange.later();
    let ticket = exchange.ask(&mut browser, "/me/phone", PHONE).await;
    let told = code(&exchange.message().await);
    assert_eq!(
        problem(&browser.put("/me/phone", &given(&ticket, &wrong(&told))).await),
        (403, "wrong-sent-code")
    );
    exchange.later();
    assert_eq!(browser.put("/me/phone", &given(&ticket, &told)).await.0, StatusCode::OK);
    assert_eq!(browser.get("/me").await.1["phone_verified"], true);
    let sent = exchange.vendor.twilio().sent().len();
    exchange.deliver().await;
    assert_eq!(exchange.vendor.twilio().sent().len(), sent, "nobody need be told");
    let acts = browser.get("/me/acts").await.1;
    assert_eq!(
        (&acts["items"][0]["act"], &acts["items"][1]["act"]),
        (&json!("phone_verified"), &json!("code_refused"))
    );
}

#[tokio::test]
async fn an_invitation_that_whoever_asked_came_with_is_kept_for_them() {
    let exchange = Exchange::open().await;
    let mut owner = exchange.person(PHONE).await;
    exchange.server.test.clock.advance(TimeDelta::minutes(1));
    let mut joined = Vec::new();
    for phone in [OTHER, "9876543212"] {
        let invitation = json!({ "role": "member", "phone": OTHER });
        let (_, link) = owner.post("/team/invitations", &invitation).await;
        let mut browser = exchange.server.browser();
        let body = json!({ "phone": phone, "language": "ta", "invitation": link["token"] });
        let (_, asked) = browser.post("/accounts/codes", &body).await;
        let body = opening(&asked["ticket"], &code(&exchange.message().await));
        joined.push(browser.post("/accounts/by-code", &body).await.1["tenant_id"].clone());
    }
    let (_, me) = owner.get("/me").await;
    assert_eq!(joined[0], me["person"]["tenant_id"]);
    assert_ne!(joined[1], me["person"]["tenant_id"], "one for another number opens a business of one's own");
}
