//! Programs that act as a person: signed in by password and code, calling with tokens that change, ended with everything else.

use axum::http::StatusCode;
use chrono::TimeDelta;
use data_encoding::BASE32_NOPAD;
use futures::future::join_all;
use platform::jobs::Jobs;
use serde_json::{Value, json};
use totp_rs::{Algorithm, TOTP};

use crate::browser::{Browser, PASSWORD, Server, account, credentials};
use crate::sessions::purge;

const PHONE: &str = "9876543210";

fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

const OVER: (u16, &str) = (401, "wrong-token");

fn sign_in() -> Value {
    json!({ "phone": PHONE, "password": PASSWORD, "name": "Stock counter" })
}

/// A program that holds two tokens.
#[derive(Clone)]
struct Program {
    access: String,
    refresh: String,
}

impl Program {
    async fn signed_in(server: &Server) -> Self {
        let (status, tokens) = server.browser().post("/tokens", &sign_in()).await;
        assert_eq!(status, StatusCode::CREATED, "{tokens}");
        Self::of(&tokens)
    }

    fn of(tokens: &Value) -> Self {
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }

    /// What it calls with.
    fn client(&self, server: &Server) -> Browser {
        server.browser().header("authorization", &format!("Bearer {}", self.access))
    }

    async fn calls(&self, server: &Server) -> (StatusCode, Value) {
        self.client(server).get("/me").await
    }

    async fn exchange(&self, server: &Server) -> (StatusCode, Value) {
        server.browser().post("/tokens/exchanges", &json!({ "refresh_token": self.refresh })).await
    }

    async fn next(&self, server: &Server) -> Self {
        let (status, tokens) = self.exchange(server).await;
        assert_eq!(status, StatusCode::CREATED, "{tokens}");
        Self::of(&tokens)
    }

    async fn is_over(&self, server: &Server) -> bool {
        problem(&self.calls(server).await) == OVER && problem(&self.exchange(server).await) == OVER
    }
}

#[tokio::test]
async fn a_program_acts_as_its_person_and_is_seen_and_ended_among_the_devices() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    server.test.clock.advance(TimeDelta::minutes(1));
    let program = Program::signed_in(&server).await;
    let mut client = program.client(&server);
    assert_eq!(client.get("/me").await.1["person"]["id"], owner.person_id().await.as_str());
    assert_eq!(client.post("/sell", &json!({})).await.0, StatusCode::OK);
    assert!(client.cookies.is_empty(), "a token needs no cookie");
    // Cookies beside a token say nothing, and a token that is none is not made up for by one.
    let mut other = server.vendor("9876543211").await;
    client.cookies.clone_from(&other.cookies);
    assert_eq!(client.get("/me").await.1["person"]["phone"], "+919876543210");
    let mut forged = server.browser().header("authorization", "Bearer vya_forged");
    forged.cookies.clone_from(&other.cookies);
    assert_eq!(problem(&forged.get("/me").await), OVER);
    assert!(other.get("/me").await.1.get("person").is_some());

    let (_, devices) = owner.get("/me/sessions").await;
    let seen: Vec<_> =
        devices["items"].as_array().unwrap().iter().map(|it| (&it["device"], &it["is_app"])).collect();
    assert!(seen.contains(&(&json!("Stock counter"), &json!(true))), "{devices}");
    assert_eq!(seen.iter().filter(|(_, app)| **app == json!(false)).count(), 1, "{devices}");
    let id =
        devices["items"].as_array().unwrap().iter().find(|it| it["is_app"] == true).unwrap()["id"].clone();
    assert_eq!(
        owner.delete(&format!("/me/sessions/{}", id.as_str().unwrap())).await.0,
        StatusCode::NO_CONTENT
    );
    assert!(program.is_over(&server).await);
    assert_eq!(owner.get("/me").await.0, StatusCode::OK, "the person's own browser stays in");
}

#[tokio::test]
async fn a_token_calls_for_a_quarter_of_an_hour_and_neither_does_the_others_work() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let (_, tokens) = server.browser().post("/tokens", &sign_in()).await;
    let lasts = tokens["access_ends_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(lasts - server.test.clock.now(), TimeDelta::minutes(15));
    let first = Program::of(&tokens);
    let swapped = Program { access: first.refresh.clone(), refresh: first.access.clone() };
    assert_eq!(problem(&swapped.exchange(&server).await), OVER);
    assert!(swapped.calls(&server).await.1.get("person").is_none(), "the other kind is nobody");
    server.test.clock.advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
    assert_eq!(first.calls(&server).await.0, StatusCode::OK);
    let second = first.next(&server).await;
    assert_eq!(first.calls(&server).await.0, StatusCode::OK, "calls under way end well");
    server.test.clock.advance(TimeDelta::seconds(1));
    assert_eq!(problem(&first.calls(&server).await), OVER);
    assert_eq!(second.calls(&server).await.0, StatusCode::OK);
    assert_ne!((&first.access, &first.refresh), (&second.access, &second.refresh));
}

#[tokio::test]
async fn a_lost_answer_is_given_again_for_ten_seconds() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let first = Program::signed_in(&server).await;
    let second = first.next(&server).await;
    server.test.clock.advance(TimeDelta::seconds(10));
    let again = first.next(&server).await;
    assert_eq!((&again.access, &again.refresh), (&second.access, &second.refresh));
    assert_eq!(second.next(&server).await.calls(&server).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_parent_that_comes_late_ends_the_sign_in_for_both() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let first = Program::signed_in(&server).await;
    let second = first.next(&server).await;
    server.test.clock.advance(TimeDelta::seconds(11));
    assert_eq!(problem(&first.exchange(&server).await), OVER);
    assert!(second.is_over(&server).await);
    let (_, acts) = owner.get("/me/acts").await;
    assert_eq!(acts["items"][0]["act"], "token_reused", "the person is told");
    let (_, trail) = owner.get("/audit?area=sign_ins").await;
    assert_eq!(trail["items"][0]["deed"], "stopped", "{trail}");
    assert_eq!(owner.get("/me/sessions").await.1["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_older_ancestor_ends_the_sign_in_however_soon_it_comes() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let other = Program::signed_in(&server).await;
    let first = Program::signed_in(&server).await;
    let second = first.next(&server).await;
    let third = second.next(&server).await;
    assert_eq!(third.calls(&server).await.0, StatusCode::OK);
    assert_eq!(problem(&first.exchange(&server).await), OVER, "a grandparent, within ten seconds");
    assert!(second.is_over(&server).await && third.is_over(&server).await);
    assert_eq!(other.calls(&server).await.0, StatusCode::OK, "another sign-in is another family");
}

#[tokio::test]
async fn exchanges_at_once_all_get_the_same_answer_on_every_node() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let first = Program::signed_in(&server).await;
    let nodes: Vec<Server> = (0..8).map(|_| server.another_node()).collect();
    let answers = join_all(nodes.iter().map(|node| first.next(node))).await;
    for answer in &answers {
        assert_eq!((&answer.access, &answer.refresh), (&answers[0].access, &answers[0].refresh));
    }
    let generations: i64 =
        sqlx::query_scalar("select count(*) from app_tokens").fetch_one(server.test.db.pool()).await.unwrap();
    assert_eq!(generations, 2);
    assert_eq!(answers[7].next(&server).await.calls(&server).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_sign_in_ends_unused_after_two_weeks_and_after_ninety_days_however_it_is_used() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let idle = Program::signed_in(&server).await;
    let mut used = Program::signed_in(&server).await;
    for day in (0..90).step_by(9) {
        used = used.next(&server).await;
        assert_eq!(used.calls(&server).await.0, StatusCode::OK, "day {day}");
        server.test.clock.advance(TimeDelta::days(9));
        if day == 18 {
            assert!(idle.is_over(&server).await, "unused");
        }
    }
    assert!(used.is_over(&server).await, "ninety days old");
}

#[tokio::test]
async fn sign_out_a_changed_password_and_a_lock_end_tokens_at_once() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let out = Program::signed_in(&server).await;
    assert_eq!(out.client(&server).delete("/sessions/current").await.0, StatusCode::NO_CONTENT);
    assert!(out.is_over(&server).await);

    let changed = Program::signed_in(&server).await;
    let other = "copper mango lantern";
    let change = json!({ "old_password": PASSWORD, "password": other });
    assert_eq!(owner.put("/me/password", &change).await.0, StatusCode::NO_CONTENT);
    assert!(changed.is_over(&server).await);

    let with = json!({ "phone": PHONE, "password": other, "name": "Stock counter" });
    let locked = Program::of(&server.browser().post("/tokens", &with).await.1);
    assert_eq!(locked.calls(&server).await.0, StatusCode::OK);
    let lock = "update people set locked_at = $1";
    let done = sqlx::query(lock).bind(server.test.clock.now());
    done.execute(server.test.db.pool()).await.unwrap();
    assert!(locked.is_over(&server).await);
    assert_eq!(problem(&server.browser().post("/tokens", &with).await), (403, "account-locked"));
}

#[tokio::test]
async fn a_second_factor_is_asked_of_programs_too() {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let before = Program::signed_in(&server).await;
    let (_, told) = owner.post("/me/second-factor/enrolments", &json!({})).await;
    let secret = BASE32_NOPAD.decode(told["secret"].as_str().unwrap().as_bytes()).unwrap();
    let totp = TOTP::new(Algorithm::SHA1, 6, 0, 30, secret).unwrap();
    let shows = || totp.generate(server.test.clock.now().timestamp().unsigned_abs());
    assert_eq!(owner.put("/me/second-factor", &json!({ "code": shows() })).await.0, StatusCode::OK);
    assert!(before.is_over(&server).await, "a changed factor ends programs, too");

    let with = |code: &str| {
        let mut given = sign_in();
        given["code"] = json!(code);
        given
    };
    let without = server.browser().post("/tokens", &sign_in()).await;
    assert_eq!(problem(&without), (403, "factor-asked"));
    assert_eq!(problem(&server.browser().post("/tokens", &with("000000")).await), (403, "wrong-code"));
    server.test.clock.advance(TimeDelta::seconds(30));
    let code = shows();
    let (status, tokens) = server.browser().post("/tokens", &with(&code)).await;
    assert_eq!(status, StatusCode::CREATED, "{tokens}");
    assert_eq!(Program::of(&tokens).calls(&server).await.0, StatusCode::OK);
    server.test.clock.advance(TimeDelta::seconds(1));
    assert_eq!(problem(&server.browser().post("/tokens", &with(&code)).await), (403, "wrong-code"), "once");
    let (_, trail) = owner.get("/audit?area=sign_ins").await;
    let deeds: Vec<_> = trail["items"].as_array().unwrap().iter().map(|it| it["deed"].clone()).collect();
    assert_eq!(deeds[..3], [json!("code_refused"), json!("signed_in"), json!("code_refused")]);
}

#[tokio::test]
async fn tokens_are_kept_as_hashes_and_a_sealed_answer_for_moments() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let first = Program::signed_in(&server).await;
    let second = first.next(&server).await;
    let dump = async || -> String {
        let all = "select string_agg(app_tokens::text, ' ') || (select string_agg(sessions::text, ' ') from sessions) from app_tokens";
        sqlx::query_scalar(all).fetch_one(server.test.db.pool()).await.unwrap()
    };
    let sealed = async || -> i64 {
        let count = "select count(*) from app_tokens where next_sealed is not null";
        sqlx::query_scalar(count).fetch_one(server.test.db.pool()).await.unwrap()
    };
    let kept = dump().await;
    for token in [&first.access, &first.refresh, &second.access, &second.refresh] {
        assert_eq!(token.len(), 4 + 43, "256 random bits");
        assert!(
            !kept.contains(token.as_str()) && !kept.contains(&hex::encode(token)),
            "as itself or as bytes"
        );
    }
    assert_eq!(sealed().await, 1);
    let third = second.next(&server).await;
    assert_eq!(sealed().await, 1, "what nobody asks for any more is forgotten");
    server.test.clock.advance(TimeDelta::seconds(11));
    let jobs = Jobs::new(server.test.db.clone(), server.test.clock.clone(), server.test.entropy.clone());
    purge(&server, &jobs).await;
    assert_eq!(sealed().await, 0);
    assert_eq!(third.calls(&server).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_would_open_another_session_is_not_for_programs() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let program = Program::signed_in(&server).await;
    let mut client = program.client(&server);
    for (path, body) in [
        ("/businesses", json!({ "name": "Second" })),
        ("/sessions", credentials(PHONE, PASSWORD)),
        ("/accounts", account("9876543212")),
    ] {
        assert_eq!(problem(&client.post(path, &body).await), (403, "forbidden"), "{path}");
    }
    assert_eq!(program.calls(&server).await.0, StatusCode::OK, "and it is signed in as before");
    assert_eq!(client.get("/businesses").await.1["items"].as_array().unwrap().len(), 1);
    for name in ["", " ", &"x".repeat(41)] {
        let named = json!({ "phone": PHONE, "password": PASSWORD, "name": name });
        assert_eq!(server.browser().post("/tokens", &named).await.0.as_u16(), 422, "{name:?}");
    }
}
