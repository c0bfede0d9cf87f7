//! Codes that come to the telephone: what bounds them, what is kept of them, and that nobody learns from them who has an account.

use axum::http::StatusCode;
use chrono::TimeDelta;
use emulator::{ApiFault, FaultKind};
use serde_json::json;
use sha2::{Digest, Sha256};
use testkit::statements;
use texts::WhatsApp;
use uuid::Uuid;

use crate::browser::{Browser, Server};
use crate::exchange::{E164, Exchange, OTHER, PHONE, code, given, opening, problem, reset, wrong};

#[tokio::test]
async fn a_code_takes_five_guesses_and_a_number_ten_an_hour_on_every_node() {
    let exchange = Exchange::open().await;
    exchange.person(PHONE).await;
    let mut guesser = exchange.server.browser();
    let ticket = exchange.ask(&mut guesser, "/password-resets/codes", PHONE).await;
    let told = code(&exchange.message().await);
    // All at once: none slips through.
    let guess = reset(&ticket, &wrong(&told));
    let guess = &guess;
    let mut browsers: Vec<Browser> = (0..8).map(|_| exchange.server.browser()).collect();
    let tries =
        browsers.iter_mut().map(|browser| async { browser.put("/password-resets/codes", guess).await });
    let answers = futures::future::join_all(tries).await;
    let ended = |as_what: (u16, &str)| answers.iter().filter(|answer| problem(answer) == as_what).count();
    assert_eq!((ended((403, "wrong-sent-code")), ended((410, "code-over"))), (5, 3), "{answers:?}");
    // Eight of ten tries of this hour are used up; another code has five of its own.
    let ticket = exchange.ask(&mut guesser, "/password-resets/codes", PHONE).await;
    let told = code(&exchange.message().await);
    for _ in 0..2 {
        let refused = guesser.put("/password-resets/codes", &reset(&ticket, &wrong(&told))).await;
        assert_eq!(problem(&refused), (403, "wrong-sent-code"));
    }
    let right = reset(&ticket, &told);
    let refused =
        exchange.another_node().browser_at("198.51.100.7").put("/password-resets/codes", &right).await;
    assert_eq!(problem(&refused), (429, "too-many-requests"));
    exchange.server.test.clock.advance(TimeDelta::hours(1));
    let ticket = exchange.ask(&mut guesser, "/password-resets/codes", PHONE).await;
    let told = code(&exchange.message().await);
    assert_eq!(guesser.put("/password-resets/codes", &reset(&ticket, &told)).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn nobody_learns_from_answer_or_work_whether_a_number_has_an_account() {
    let exchange = Exchange::open().await;
    exchange.person(PHONE).await;
    // Somebody whose number stands on their word: what a database holds from before.
    exchange.person(OTHER).await;
    sqlx::query("update people set phone_verified_at = null where phone = $1")
        .bind("+919876543211")
        .execute(exchange.server.test.db.pool())
        .await
        .unwrap();
    let mut asker = exchange.person("9876543219").await;
    let numbers = [PHONE, OTHER, "9876543212"];
    exchange.deliver().await;
    let before = exchange.vendor.twilio().sent().len();
    for ask in ["/accounts/codes", "/password-resets/codes", "/me/phone"] {
        let mut seen = Vec::new();
        for phone in numbers {
            let body = json!({ "phone": phone, "language": "ta" });
            let mut stranger = exchange.server.browser();
            let browser = if ask == "/me/phone" { &mut asker } else { &mut stranger };
            let ((status, answer), asked) = statements(browser.post(ask, &body)).await;
            let ticket = &answer["ticket"];
            let wrong = match ask {
                "/accounts/codes" => {
                    let body = opening(ticket, "12345");
                    statements(browser.post("/accounts/by-code", &body)).await
                }
                "/password-resets/codes" => {
                    let body = reset(ticket, "12345");
                    statements(browser.put("/password-resets/codes", &body)).await
                }
                _ => {
                    let body = given(ticket, "12345");
                    statements(browser.put("/me/phone", &body)).await
                }
            };
            let told = (wrong.0.0, wrong.0.1["type"].clone(), wrong.0.1["detail"].clone(), wrong.1);
            seen.push((status, ticket.as_str().map(str::len), answer["expires_at"].clone(), asked, told));
        }
        assert_eq!((seen[0].0, seen[0].4.0), (StatusCode::ACCEPTED, StatusCode::FORBIDDEN), "{ask}");
        assert!(seen.iter().all(|one| *one == seen[0]), "{ask}: {seen:#?}");
    }
    exchange.deliver().await;
    let sent = exchange.vendor.twilio().sent();
    let mut got: Vec<(String, bool)> = sent[before..]
        .iter()
        .map(|message| (message.to.clone(), message.body.contains("/v/sign-in")))
        .collect();
    got.sort();
    let wanted = [
        ("+919876543210", false),
        ("+919876543210", true),
        ("+919876543210", true),
        ("+919876543211", true),
        ("+919876543211", true),
        ("+919876543212", false),
        ("+919876543212", false),
    ];
    let wanted: Vec<(String, bool)> = wanted.map(|(to, known)| (to.to_owned(), known)).into();
    assert_eq!(
        got, wanted,
        "what is known is told to the number alone, and nothing resets a number that nobody has shown"
    );
}

#[tokio::test]
async fn no_row_and_no_job_holds_a_code_or_a_ticket() {
    let exchange = Exchange::open().await;
    let mut browser = exchange.server.browser();
    let ticket = exchange.ask(&mut browser, "/accounts/codes", PHONE).await;
    let kept = exchange.dump("texts").await + &exchange.dump("jobs").await;
    let code = code(&exchange.message().await);
    assert!(!kept.contains(ticket.as_str().unwrap()) && !kept.contains(&code), "{kept}");
    let job: String = kept.split("send-text").nth(1).unwrap().chars().take(100).collect();
    assert!(!job.contains("98765"), "a job names a message by its id: {job}");
    // Without the installation's key the hash of a code is not to be had by trying all of them.
    let hash = sqlx::query_scalar::<_, Vec<u8>>("select code_hash from texts");
    let hash = hash.fetch_one(exchange.server.test.db.pool()).await.unwrap();
    let id: Uuid =
        sqlx::query_scalar("select id from texts").fetch_one(exchange.server.test.db.pool()).await.unwrap();
    for bare in [code.as_bytes().to_vec(), [id.as_bytes().as_slice(), code.as_bytes()].concat()] {
        assert_ne!(hash, Sha256::digest(bare).to_vec());
    }
    // A job that runs again after the message was sent sends nothing.
    assert_eq!(exchange.deliver().await, 0);
}

#[tokio::test]
async fn five_messages_an_hour_go_to_a_number_and_a_network_and_the_installation_have_limits_too() {
    let exchange = Exchange::with(|config| config.hourly_max = 50).await;
    let ask = async |at: &str, phone: &str| {
        let body = json!({ "phone": phone, "language": "en" });
        exchange.server.browser_at(at).post("/accounts/codes", &body).await
    };
    for host in 1..=5 {
        assert_eq!(ask(&format!("203.0.113.{host}"), PHONE).await.0, StatusCode::ACCEPTED);
    }
    let sixth = exchange
        .server
        .browser_at("203.0.113.6")
        .post("/password-resets/codes", &json!({ "phone": PHONE }))
        .await;
    assert_eq!(problem(&sixth), (429, "too-many-requests"), "whatever it is for");
    // One network: forty.
    for number in 0..40 {
        exchange.server.test.clock.advance(TimeDelta::seconds(5));
        assert_eq!(ask("203.0.113.9", &format!("90000000{number:02}")).await.0, StatusCode::ACCEPTED);
    }
    for _ in 0..20 {
        exchange.server.test.clock.advance(TimeDelta::seconds(5));
        assert_eq!(problem(&ask("203.0.113.9", "9100000000").await), (429, "too-many-requests"));
    }
    // All together: fifty, of which the refused ones used nothing up.
    for number in 0..5 {
        assert_eq!(ask("198.51.100.1", &format!("92000000{number:02}")).await.0, StatusCode::ACCEPTED);
    }
    assert_eq!(problem(&ask("198.51.100.2", "9300000000").await), (429, "too-many-requests"));
    exchange.server.test.clock.advance(TimeDelta::minutes(61));
    assert_eq!(ask("203.0.113.6", PHONE).await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_code_comes_by_whatsapp_where_that_is_set_up_and_other_countries_are_not_written_to() {
    let exchange = Exchange::open().await;
    let mut browser = exchange.server.browser();
    let mut body = json!({ "phone": PHONE, "language": "ta", "by": "whatsapp" });
    let (_, answer) = browser.post("/accounts/codes", &body).await;
    let message = exchange.message().await;
    assert_eq!(message.to, format!("whatsapp:{E164}"));
    let opened = browser.post("/accounts/by-code", &opening(&answer["ticket"], &code(&message))).await;
    assert_eq!(opened.0, StatusCode::CREATED, "{}", opened.1);
    // What is no code is in no template.
    browser.post("/accounts/codes", &body).await;
    assert_eq!(exchange.message().await.to, E164);
    body["phone"] = json!("+442079460958");
    assert_eq!(problem(&browser.post("/accounts/codes", &body).await), (422, "phone-elsewhere"));
    let without = Exchange::with(|config| config.whatsapp = WhatsApp::default()).await;
    body["phone"] = json!(PHONE);
    assert_eq!(problem(&without.server.browser().post("/accounts/codes", &body).await), (409, "no-whatsapp"));
}

#[tokio::test]
async fn what_the_carrier_takes_later_is_sent_later_and_what_it_refuses_waits_for_the_operator() {
    let exchange = Exchange::open().await;
    let mut browser = exchange.server.browser();
    let twilio = exchange.vendor.twilio();
    let down = FaultKind::Status { status: 503, retry_after_s: None };
    twilio.add_fault(ApiFault::next_call(down)).unwrap();
    exchange.ask(&mut browser, "/accounts/codes", PHONE).await;
    exchange.deliver().await;
    assert!(twilio.sent().is_empty());
    exchange.server.test.clock.advance(TimeDelta::minutes(5));
    let message = exchange.message().await;
    assert!(message.validity_s <= 300, "no longer than the code works: {}", message.validity_s);

    let refused = Exchange::with(|config| config.from = Some("+14155559999".to_owned())).await;
    refused.ask(&mut refused.server.browser(), "/accounts/codes", PHONE).await;
    refused.deliver().await;
    let mut connection = refused.server.test.db.acquire().await.unwrap();
    let dead = refused.jobs.resting(&mut connection, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].kind.as_str(), dead[0].state.as_str()), (1, "send-text", "dead"));
    let why = dead[0].last_error.as_deref().unwrap();
    assert!(
        why.contains("21606") && !why.contains("98765") && !why.contains("5559999"),
        "whom it was for is not said: {why}"
    );
}

#[tokio::test]
async fn without_a_carrier_people_are_told_so_and_accounts_are_opened_on_ones_word() {
    let server = Server::start().await;
    let mut vendor = server.vendor(PHONE).await;
    for path in ["/accounts/codes", "/password-resets/codes", "/me/phone"] {
        let body = json!({ "phone": PHONE, "language": "en" });
        assert_eq!(problem(&vendor.post(path, &body).await), (409, "texts-off"), "{path}");
    }
    let given = given(&json!("x"), "123456");
    assert_eq!(problem(&vendor.put("/me/phone", &given).await), (409, "texts-off"));
}
