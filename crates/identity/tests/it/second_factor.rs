//! The second factor: turned on by a code, asked for at sign-in, each code once; recovery codes; a business that requires it.

use axum::http::StatusCode;
use chrono::TimeDelta;
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};
use totp_rs::{Algorithm, TOTP};

use crate::browser::{Browser, PASSWORD, Server, credentials};

const PHONE: &str = "9876543210";

fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

/// The app on somebody's phone.
pub struct App<'a> {
    server: &'a Server,
    totp: TOTP,
}

impl<'a> App<'a> {
    /// Reads what the server says at enrolment.
    async fn enrol(server: &'a Server, browser: &mut Browser) -> Self {
        let (status, told) = browser.post("/me/second-factor/enrolments", &json!({})).await;
        assert_eq!(status, StatusCode::CREATED, "{told}");
        let secret = told["secret"].as_str().unwrap();
        assert!(told["uri"].as_str().unwrap().contains(&format!("secret={secret}&issuer=VyaparMitra")));
        let secret = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        Self { server, totp: TOTP::new(Algorithm::SHA1, 6, 0, 30, secret).unwrap() }
    }

    /// The code that it shows now.
    fn shows(&self) -> Value {
        json!({ "code": self.totp.generate(self.server.test.clock.now().timestamp().unsigned_abs()) })
    }

    /// The code that it shows next.
    pub fn shows_next(&self) -> Value {
        self.server.test.clock.advance(TimeDelta::seconds(30));
        self.shows()
    }
}

/// Turns codes on; gives the app and the recovery codes.
pub async fn turn_on<'a>(server: &'a Server, browser: &mut Browser) -> (App<'a>, Vec<String>) {
    let app = App::enrol(server, browser).await;
    let (status, made) = browser.put("/me/second-factor", &app.shows_next()).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let codes = made["recovery_codes"].as_array().unwrap();
    (app, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// Gives the password; a code is asked for.
async fn first_step(server: &Server) -> Browser {
    server.test.clock.advance(TimeDelta::seconds(30));
    let mut browser = server.browser();
    let (status, step) = browser.post("/sessions", &credentials(PHONE, PASSWORD)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{step}");
    assert!(step["ends_at"].is_string() && step.get("name").is_none(), "who it is is not said yet: {step}");
    browser
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/me").await.1.get("person").is_some()
}

#[tokio::test]
async fn codes_are_turned_on_by_a_first_one_and_asked_for_from_then_on() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let mut other = server.browser();
    other.post("/sessions", &credentials(PHONE, PASSWORD)).await;
    let forgotten = App::enrol(&server, &mut browser).await;
    let app = App::enrol(&server, &mut browser).await;
    assert_eq!(browser.get("/me/second-factor").await.1, json!({ "recovery_codes_left": 0, "passkeys": 0 }));
    let whole = server.browser().post("/sessions", &credentials(PHONE, PASSWORD)).await;
    assert_eq!(whole.0, StatusCode::CREATED, "nobody is asked for what nobody confirmed");
    assert_eq!(problem(&browser.put("/me/second-factor", &forgotten.shows()).await), (403, "wrong-code"));
    assert!(is_in(&mut other).await);

    let first = app.shows();
    assert_eq!(browser.put("/me/second-factor", &first).await.0, StatusCode::OK);
    assert!(!is_in(&mut other).await && is_in(&mut browser).await, "the other devices are out");
    let again = browser.post("/me/second-factor/enrolments", &json!({})).await;
    assert_eq!(problem(&again), (409, "second-factor-on"));
    let (_, factor) = browser.get("/me/second-factor").await;
    assert_eq!((factor["since"].is_string(), &factor["recovery_codes_left"]), (true, &json!(10)));
    let kept: Vec<u8> = sqlx::query_scalar("select secret from second_factors")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert_eq!(kept.len(), 1 + 4 + 24 + 20 + 16, "sealed, and the key named");

    let mut half = server.browser();
    assert_eq!(half.post("/sessions", &credentials(PHONE, PASSWORD)).await.0, StatusCode::ACCEPTED);
    assert!(!is_in(&mut half).await);
    for path in ["/me/sessions", "/me/second-factor", "/team"] {
        assert_eq!(half.get(path).await.0, StatusCode::UNAUTHORIZED, "half is nothing: {path}");
    }
    assert_eq!(
        problem(&half.post("/sessions/second-step", &first).await),
        (403, "wrong-code"),
        "each works once"
    );
    let (status, person) = half.post("/sessions/second-step", &app.shows_next()).await;
    assert_eq!((status, &person["name"]), (StatusCode::CREATED, &json!("Meena")));
    assert!(is_in(&mut half).await);
    assert_eq!(
        half.cookies.keys().collect::<Vec<_>>(),
        ["__Host-vyapar_session"],
        "the first step is forgotten"
    );
    let (_, acts) = half.get("/me/acts").await;
    let acts: Vec<_> = acts["items"].as_array().unwrap().iter().map(|act| act["act"].clone()).collect();
    assert_eq!(acts[..3], [json!("signed_in"), json!("code_refused"), json!("factor_on")]);
}

#[tokio::test]
async fn the_second_step_ends_after_five_minutes_and_works_once() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let (app, _) = turn_on(&server, &mut browser).await;
    assert_eq!(
        problem(&server.browser().post("/sessions/second-step", &app.shows()).await),
        (401, "sign-in-over")
    );
    let mut late = first_step(&server).await;
    server.test.clock.advance(TimeDelta::minutes(5));
    assert_eq!(problem(&late.post("/sessions/second-step", &app.shows()).await), (401, "sign-in-over"));

    let mut half = first_step(&server).await;
    let mut twin = server.browser();
    twin.cookies.clone_from(&half.cookies);
    let mut other = first_step(&server).await;
    let code = app.shows_next();
    let (one, two, three) = tokio::join!(
        half.post("/sessions/second-step", &code),
        twin.post("/sessions/second-step", &code),
        other.post("/sessions/second-step", &code),
    );
    let statuses = [one.0, two.0, three.0];
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CREATED).count(), 1, "{statuses:?}");
    let mut copy = server.browser();
    copy.cookies = [("__Host-vyapar_half".to_owned(), server.test.entropy.token())].into();
    assert_eq!(problem(&copy.post("/sessions/second-step", &app.shows_next()).await), (401, "sign-in-over"));
}

#[tokio::test]
async fn codes_are_guessed_ten_times_an_hour_and_no_more_on_every_node() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let (app, recovery) = turn_on(&server, &mut browser).await;
    for _ in 0..10 {
        let mut half = first_step(&server).await;
        assert_eq!(
            problem(&half.post("/sessions/second-step", &json!({ "code": "000 00x" })).await),
            (403, "wrong-code")
        );
    }
    let mut half = first_step(&server).await;
    assert_eq!(half.post("/sessions/second-step", &app.shows()).await.0, StatusCode::TOO_MANY_REQUESTS);
    let mut elsewhere = first_step(&server.another_node()).await;
    let code = json!({ "code": recovery[0] });
    assert_eq!(elsewhere.post("/sessions/second-step", &code).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert!(is_in(&mut browser).await, "whoever is in stays in");
    server.test.clock.advance(TimeDelta::hours(1));
    let mut half = first_step(&server).await;
    assert_eq!(half.post("/sessions/second-step", &app.shows()).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn codes_that_are_guessed_at_the_same_moment_do_not_slip_through() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    turn_on(&server, &mut browser).await;
    let elsewhere = server.another_node();
    let mut guessers = Vec::new();
    for node in [&server, &elsewhere].repeat(12) {
        // All of them within the five minutes of the first.
        server.test.clock.advance(TimeDelta::seconds(10));
        let mut half = node.browser();
        assert_eq!(half.post("/sessions", &credentials(PHONE, PASSWORD)).await.0, StatusCode::ACCEPTED);
        guessers.push(half);
    }
    let wrong = json!({ "code": "000 00x" });
    let guesses = guessers.iter_mut().map(|half| half.post("/sessions/second-step", &wrong));
    let answers = futures::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|answer| problem(answer) == (403, "wrong-code")).count();
    let refused = answers.iter().filter(|answer| answer.0 == StatusCode::TOO_MANY_REQUESTS).count();
    assert_eq!((looked_at, refused), (10, 14), "{answers:?}");
}

#[tokio::test]
async fn a_recovery_code_works_once_and_new_ones_end_the_old() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let (app, codes) = turn_on(&server, &mut browser).await;
    let dump: String = sqlx::query_scalar("select string_agg(recovery_codes::text, '') from recovery_codes")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert!(!dump.contains(&codes[0]));
    let typed = json!({ "code": codes[0].to_lowercase().replace('-', " ") });
    let mut half = first_step(&server).await;
    assert_eq!(half.post("/sessions/second-step", &typed).await.0, StatusCode::CREATED);
    assert_eq!(half.get("/me/second-factor").await.1["recovery_codes_left"], 9);
    let mut half = first_step(&server).await;
    assert_eq!(problem(&half.post("/sessions/second-step", &typed).await), (403, "wrong-code"));

    server.test.clock.advance(TimeDelta::minutes(11));
    assert!(browser.caller().await.confirmed().is_err());
    let alone = browser.post("/me/confirmations", &json!({ "password": PASSWORD })).await;
    assert_eq!(problem(&alone), (403, "factor-asked"), "the password alone is not enough");
    assert!(browser.caller().await.confirmed().is_err());
    let shown = browser.post("/me/confirmations", &app.shows()).await;
    assert_eq!(shown.0, StatusCode::NO_CONTENT, "a code shows that it is the person");
    assert!(browser.caller().await.confirmed().is_ok());
    let (status, made) = browser.post("/me/second-factor/recovery-codes", &json!({})).await;
    assert_eq!((status, made["recovery_codes"].as_array().unwrap().len()), (StatusCode::CREATED, 10));
    let mut half = first_step(&server).await;
    let old = json!({ "code": codes[1] });
    assert_eq!(problem(&half.post("/sessions/second-step", &old).await), (403, "wrong-code"));
    let new = json!({ "code": made["recovery_codes"][3] });
    assert_eq!(half.post("/sessions/second-step", &new).await.0, StatusCode::CREATED);

    assert_eq!(half.delete("/me/second-factor").await.0, StatusCode::NO_CONTENT);
    assert!(!is_in(&mut browser).await && is_in(&mut half).await, "turning it off ends the others");
    assert_eq!(half.get("/me/second-factor").await.1, json!({ "recovery_codes_left": 0, "passkeys": 0 }));
    assert_eq!(
        server.browser().post("/sessions", &credentials(PHONE, PASSWORD)).await.0,
        StatusCode::CREATED
    );
    let none = half.post("/me/second-factor/recovery-codes", &json!({})).await;
    assert_eq!(problem(&none), (409, "second-factor-first"));
}

#[tokio::test]
async fn a_business_lets_in_only_those_who_give_a_code_where_it_says_so() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let mut member = server.member(&mut owner, "9876543211", "member").await;
    let rule = |required: bool| json!({ "required": required });
    assert_eq!(problem(&owner.put("/team/second-factor", &rule(true)).await), (409, "second-factor-first"));
    let (_app, _) = turn_on(&server, &mut owner).await;
    assert_eq!(problem(&member.put("/team/second-factor", &rule(true)).await), (403, "forbidden"));
    let (status, team) = owner.put("/team/second-factor", &rule(true)).await;
    assert_eq!((status, &team["second_factor_required"]), (StatusCode::OK, &json!(true)));
    assert_eq!(owner.post("/sell", &json!({})).await.0, StatusCode::OK);

    assert_eq!(problem(&member.post("/sell", &json!({})).await), (403, "second-factor-required"));
    assert_eq!(member.get("/me").await.1["must_enrol"], true);
    let mut own = server.browser();
    own.post("/sessions", &credentials("9876543211", PASSWORD)).await;
    assert_eq!(own.get("/me").await.1["must_enrol"], true, "at the next sign-in too");
    turn_on(&server, &mut member).await;
    assert_eq!(member.get("/me").await.1["must_enrol"], false);
    assert_eq!(member.post("/sell", &json!({})).await.0, StatusCode::OK);
    member.delete("/me/second-factor").await;
    assert_eq!(problem(&member.post("/sell", &json!({})).await), (403, "second-factor-required"));

    owner.put("/team/second-factor", &rule(false)).await;
    assert_eq!(member.post("/sell", &json!({})).await.0, StatusCode::OK);
    let (_, acts) = owner.get("/team/acts").await;
    let acts: Vec<_> = acts["items"].as_array().unwrap().iter().map(|act| act["act"].clone()).collect();
    assert_eq!(acts[..2], [json!("factor_freed"), json!("factor_required")]);
}

#[tokio::test]
async fn a_wrong_code_is_in_the_trail_of_the_business_whoever_gave_it() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let id = owner.person_id().await;
    turn_on(&server, &mut owner).await;
    let wrong = json!({ "code": "000 00x" });
    let mut guesser = first_step(&server).await;
    assert_eq!(problem(&guesser.post("/sessions/second-step", &wrong).await), (403, "wrong-code"));
    server.test.clock.advance(TimeDelta::seconds(1));
    assert_eq!(problem(&owner.post("/me/confirmations", &wrong).await), (403, "wrong-code"));

    let (status, page) = owner.get("/audit?area=sign_ins").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let entries = page["items"].as_array().unwrap();
    let seen: Vec<_> = entries.iter().map(|it| (&it["deed"], it["person_id"].as_str())).collect();
    let refused = json!("code_refused");
    assert_eq!(
        seen[..2],
        [(&refused, Some(id.as_str())), (&refused, None)],
        "by whoever was in, and by nobody known"
    );
    assert!(entries[..2].iter().all(|it| it["about_id"] == id.as_str()), "{page}");
    assert!(!page.to_string().contains("000 00x"), "the code itself is nowhere");
    let (_, own) = owner.get("/me/acts").await;
    let own: Vec<_> = own["items"].as_array().unwrap().iter().map(|act| act["act"].clone()).collect();
    assert_eq!(own[..2], [refused.clone(), refused]);
}
