//! Letters and their links, through a real mail server: opening an account, adding an address, replacing a forgotten password; and that
//! nobody learns from any of it who has an account.

use axum::http::StatusCode;
use chrono::TimeDelta;
use mail::{Config, Mailer};
use platform::jobs::{Jobs, Worker};
use serde_json::{Value, json};
use testkit::{Mail, Mailbox, statements};

use crate::browser::{Browser, PASSWORD, Server, account, credentials};
use crate::second_factor::turn_on;

const EMAIL: &str = "meena@example.com";
const PHONE: &str = "9876543210";
const FRESH: &str = "lantern cow rice";

/// A server that writes letters, and the mailbox of everybody.
struct Office {
    server: Server,
    mailbox: Mailbox,
    jobs: Jobs,
}

impl Office {
    async fn open() -> Self {
        let server = Server::start().await;
        let test = &server.test;
        let jobs = Jobs::new(test.db.clone(), test.clock.clone(), test.entropy.clone());
        let mailbox = Mailbox::open();
        let from = Some("VyaparMitra <no-reply@stall.example>".to_owned());
        let config = Config { server: Some(mailbox.url().into()), from };
        let mailer = Mailer::new(&config).unwrap().unwrap();
        Self { server: server.writing(mailer, jobs.clone()), mailbox, jobs }
    }

    /// Runs what waits, as a worker would; how much there was.
    async fn deliver(&self) -> usize {
        let worker = Worker::new(self.jobs.clone(), self.server.identity.handlers(), 2);
        worker.run_due().await.unwrap()
    }

    async fn letter(&self) -> Mail {
        self.deliver().await;
        self.mailbox.next().await
    }

    /// What the link in the next letter carries.
    async fn token(&self) -> Value {
        json!({ "token": secret(&self.letter().await) })
    }

    /// Somebody with an account at an address.
    async fn person(&self, email: &str) -> Browser {
        let mut browser = self.server.browser();
        let asked = browser.post("/accounts/links", &json!({ "email": email, "language": "ta" })).await;
        assert_eq!(asked.0, StatusCode::ACCEPTED, "{}", asked.1);
        let (status, person) = browser.post("/accounts/by-link", &opening(&self.token().await)).await;
        assert_eq!(status, StatusCode::CREATED, "{person}");
        browser
    }

    async fn sign_in(&self, email: &str, password: &str) -> (Browser, StatusCode) {
        // Guesses are as slow as ever.
        self.server.test.clock.advance(TimeDelta::seconds(10));
        let mut browser = self.server.browser();
        let (status, _) = browser.post("/sessions", &by_mail(email, password)).await;
        (browser, status)
    }
}

fn secret(mail: &Mail) -> String {
    let (_, rest) = mail.text.split_once("https://stall.example/v/link#").expect("a link to the market");
    rest.split_whitespace().next().unwrap().to_owned()
}

fn opening(token: &Value) -> Value {
    json!({ "token": token["token"], "name": "Meena", "password": PASSWORD, "language": "ta" })
}

fn by_mail(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default().trim_start_matches("/problems/"))
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/me").await.1.get("person").is_some()
}

#[tokio::test]
async fn somebody_opens_an_account_by_a_link_and_signs_in_with_the_address() {
    let office = Office::open().await;
    let mut browser = office.server.browser();
    let asked = json!({ "email": " Meena@Example.com", "language": "ta" });
    assert_eq!(browser.post("/accounts/links", &asked).await.0, StatusCode::ACCEPTED);
    let mail = office.letter().await;
    assert_eq!(
        (mail.to.as_slice(), mail.subject.as_str()),
        ([EMAIL.to_owned()].as_slice(), "உங்கள் கணக்கைத் திறக்கவும்")
    );
    let token = json!({ "token": secret(&mail) });
    let (status, link) = browser.post("/links/look", &token).await;
    assert_eq!((status, link), (StatusCode::OK, json!({ "purpose": "open", "email": EMAIL })));

    let weak = json!({ "token": token["token"], "name": "Meena", "password": "meena@example.com", "language": "ta" });
    assert_eq!(
        problem(&browser.post("/accounts/by-link", &weak).await),
        (422, "password-common"),
        "the link is not used up"
    );
    let (status, person) = browser.post("/accounts/by-link", &opening(&token)).await;
    assert_eq!((status, &person["email"]), (StatusCode::CREATED, &json!(EMAIL)));
    assert!(person.get("phone").is_none() && person["tenant_id"].is_string(), "{person}");
    assert!(is_in(&mut browser).await);
    for path in ["/links/look", "/accounts/by-link"] {
        assert_eq!(problem(&office.server.browser().post(path, &opening(&token)).await), (410, "link-over"));
    }
    assert_eq!(office.sign_in("MEENA@example.com", PASSWORD).await.1, StatusCode::CREATED);
    assert_eq!(office.sign_in(EMAIL, FRESH).await.1, StatusCode::UNAUTHORIZED);
    for neither in
        [json!({ "password": PASSWORD }), json!({ "phone": PHONE, "email": EMAIL, "password": PASSWORD })]
    {
        let refused = office.server.browser().post("/sessions", &neither).await;
        assert_eq!((problem(&refused), &refused.1["field"]), ((422, "invalid-field"), &json!("phone")));
    }
    let nonsense = office.server.browser().post("/sessions", &by_mail("meena", PASSWORD)).await;
    assert_eq!((problem(&nonsense), &nonsense.1["field"]), ((422, "invalid-field"), &json!("email")));
}

#[tokio::test]
async fn nobody_learns_from_answer_or_work_whether_an_address_has_an_account() {
    let office = Office::open().await;
    office.person(EMAIL).await;
    let asks = [
        ("/accounts/links", json!({ "language": "en" })),
        ("/password-resets", json!({})),
        ("/sessions", json!({ "password": FRESH })),
    ];
    for (path, body) in asks {
        let mut seen = Vec::new();
        for email in [EMAIL, "nobody@example.com"] {
            let mut body = body.clone();
            body["email"] = json!(email);
            let mut browser = office.server.browser();
            let ((status, answer), work) = statements(browser.post(path, &body)).await;
            seen.push((status, answer["type"].clone(), answer["detail"].clone(), work));
        }
        assert_eq!(seen[0], seen[1], "{path}");
    }
    office.deliver().await;
    let mut got = Vec::new();
    while let Some(mail) = office.mailbox.take() {
        got.push((mail.to[0].clone(), mail.subject.clone(), mail.text.contains('#')));
    }
    got.sort();
    let known = "உங்களுக்கு ஏற்கனவே கணக்கு உள்ளது".to_owned();
    let reset = "புதிய கடவுச்சொல்லைத் தேர்ந்தெடுக்கவும்".to_owned();
    let mut wanted = vec![
        (EMAIL.to_owned(), known, false),
        (EMAIL.to_owned(), reset, true),
        ("nobody@example.com".to_owned(), "Open your account".to_owned(), true),
    ];
    wanted.sort();
    assert_eq!(got, wanted, "what is known is told to the address alone");
}

#[tokio::test]
async fn a_changed_password_ends_the_links_that_would_replace_it() {
    let office = Office::open().await;
    let mut browser = office.person(EMAIL).await;
    let mut stranger = office.server.browser();
    stranger.post("/password-resets", &json!({ "email": EMAIL })).await;
    let token = office.token().await;
    let change = json!({ "old_password": PASSWORD, "password": FRESH });
    assert_eq!(browser.put("/me/password", &change).await.0, StatusCode::NO_CONTENT);
    let reset = json!({ "token": token["token"], "password": "another cow rice" });
    assert_eq!(problem(&stranger.put("/password-resets", &reset).await), (410, "link-over"));
}

#[tokio::test]
async fn a_reset_ends_every_session_and_the_second_factor_is_asked_for_as_before() {
    let office = Office::open().await;
    let mut browser = office.person(EMAIL).await;
    let (app, _) = turn_on(&office.server, &mut browser).await;
    browser.patch("/me", &json!({ "time_zone": "Europe/London" })).await;
    let mut half = office.sign_in(EMAIL, PASSWORD).await.0;
    assert!(is_in(&mut browser).await);
    let mut stranger = office.server.browser();
    assert_eq!(stranger.post("/password-resets", &json!({ "email": EMAIL })).await.0, StatusCode::ACCEPTED);
    let token = office.token().await;
    let (_, link) = stranger.post("/links/look", &token).await;
    assert_eq!(link["purpose"], "reset");
    let reset = |password: &str| json!({ "token": token["token"], "password": password });
    assert_eq!(
        problem(&stranger.put("/password-resets", &reset("password1")).await),
        (422, "password-common")
    );
    assert!(is_in(&mut browser).await, "nothing changed yet");
    assert_eq!(stranger.put("/password-resets", &reset(FRESH)).await.0, StatusCode::NO_CONTENT);
    assert!(!is_in(&mut stranger).await, "a link alone signs nobody in");
    assert!(!is_in(&mut browser).await);
    let begun_before = half.post("/sessions/second-step", &app.shows_next()).await;
    assert_eq!(problem(&begun_before), (401, "sign-in-over"));
    assert_eq!(
        problem(&stranger.put("/password-resets", &reset("another cow rice")).await),
        (410, "link-over")
    );

    assert_eq!(office.sign_in(EMAIL, PASSWORD).await.1, StatusCode::UNAUTHORIZED);
    let (mut entered, status) = office.sign_in(EMAIL, FRESH).await;
    assert_eq!(status, StatusCode::ACCEPTED, "a code is asked for");
    assert!(!is_in(&mut entered).await);
    assert_eq!(entered.post("/sessions/second-step", &app.shows_next()).await.0, StatusCode::CREATED);
    assert_eq!(entered.get("/me/acts").await.1["items"][1]["act"], "password_reset");
    let told = office.letter().await;
    assert_eq!((told.to[0].as_str(), told.subject.as_str()), (EMAIL, "உங்கள் கடவுச்சொல் மாற்றப்பட்டது"));
    // The clock stands at 09:30 UTC and was moved by less than half an hour.
    assert!(!told.text.contains('#') && told.text.contains("2026-11-23 09:3"), "{}", told.text);
    assert!(told.text.contains("(Europe/London)"), "{}", told.text);
}

#[tokio::test]
async fn a_link_works_for_an_hour_and_for_one_thing() {
    let office = Office::open().await;
    let mut browser = office.person(EMAIL).await;
    let ask = json!({ "email": EMAIL });
    browser.post("/password-resets", &ask).await;
    let token = office.token().await;
    assert_eq!(problem(&browser.post("/accounts/by-link", &opening(&token)).await), (410, "link-over"));
    assert_eq!(problem(&browser.put("/me/email", &token).await), (410, "link-over"));
    let reset = json!({ "token": token["token"], "password": FRESH });
    office.server.test.clock.advance(TimeDelta::minutes(59));
    assert_eq!(browser.post("/links/look", &token).await.0, StatusCode::OK);
    office.server.test.clock.advance(TimeDelta::minutes(1));
    assert_eq!(problem(&browser.put("/password-resets", &reset).await), (410, "link-over"));
}

#[tokio::test]
async fn a_link_works_once_also_for_two_at_the_same_moment() {
    let office = Office::open().await;
    let mut browser = office.person(EMAIL).await;
    browser.post("/password-resets", &json!({ "email": EMAIL })).await;
    let token = office.token().await;
    let reset = json!({ "token": token["token"], "password": FRESH });
    let (mut one, mut two) = (office.server.browser(), office.server.browser());
    let raced = tokio::join!(one.put("/password-resets", &reset), two.put("/password-resets", &reset));
    let mut statuses = [raced.0.0.as_u16(), raced.1.0.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 410], "of two at the same moment one counts");
    assert_eq!(problem(&one.put("/password-resets", &reset).await), (410, "link-over"), "and none later");
}

#[tokio::test]
async fn an_address_is_added_by_its_person_alone_and_the_one_before_is_told() {
    let office = Office::open().await;
    let mut vendor = office.server.vendor(PHONE).await;
    let mut other = office.server.vendor("9876543211").await;
    assert_eq!(vendor.post("/me/email", &json!({ "email": EMAIL })).await.0, StatusCode::ACCEPTED);
    let token = office.token().await;
    assert_eq!(problem(&office.server.browser().put("/me/email", &token).await), (401, "signed-out"));
    assert_eq!(problem(&other.put("/me/email", &token).await), (410, "link-over"), "another account's");
    let (status, person) = vendor.put("/me/email", &token).await;
    assert_eq!(
        (status, &person["email"], &person["phone"]),
        (StatusCode::OK, &json!(EMAIL), &json!("+919876543210"))
    );
    assert_eq!(office.sign_in(EMAIL, PASSWORD).await.1, StatusCode::CREATED);
    assert_eq!(vendor.get("/me/acts").await.1["items"][1]["act"], "email_changed");

    // Somebody else wants it: told to whoever has it, and to nobody else.
    assert_eq!(other.post("/me/email", &json!({ "email": EMAIL })).await.0, StatusCode::ACCEPTED);
    let told = office.letter().await;
    assert_eq!((told.to[0].as_str(), told.text.contains('#')), (EMAIL, false));

    // A reset that went to the address before does not outlive it.
    vendor.post("/password-resets", &json!({ "email": EMAIL })).await;
    let reset = office.token().await;
    vendor.post("/me/email", &json!({ "email": "new@example.com" })).await;
    let token = office.token().await;
    assert_eq!(vendor.put("/me/email", &token).await.0, StatusCode::OK);
    let told = office.letter().await;
    assert_eq!((told.to[0].as_str(), told.text.contains("new@example.com")), (EMAIL, false));
    let reset = json!({ "token": reset["token"], "password": FRESH });
    assert_eq!(problem(&vendor.put("/password-resets", &reset).await), (410, "link-over"));
    assert_eq!(office.sign_in(EMAIL, PASSWORD).await.1, StatusCode::UNAUTHORIZED);
    assert_eq!(office.sign_in("new@example.com", PASSWORD).await.1, StatusCode::CREATED);
}

#[tokio::test]
async fn the_first_who_shows_that_an_address_is_theirs_has_it() {
    let office = Office::open().await;
    let (mut one, mut two) = (office.server.vendor(PHONE).await, office.server.vendor("9876543211").await);
    let mut tokens = Vec::new();
    for browser in [&mut one, &mut two] {
        browser.post("/me/email", &json!({ "email": EMAIL })).await;
        tokens.push(office.token().await);
    }
    assert_eq!(two.put("/me/email", &tokens[1]).await.0, StatusCode::OK);
    assert_eq!(problem(&one.put("/me/email", &tokens[0]).await), (410, "link-over"));
    assert!(one.get("/me").await.1["person"].get("email").is_none());
}

#[tokio::test]
async fn the_link_leads_to_the_configured_address_whatever_a_caller_says() {
    let office = Office::open().await;
    office.person(EMAIL).await;
    let mut forger = office.server.browser();
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example"),
    ] {
        forger = forger.header(name, value);
    }
    assert_eq!(forger.post("/password-resets", &json!({ "email": EMAIL })).await.0, StatusCode::ACCEPTED);
    let mail = office.letter().await;
    assert!(
        !mail.source.contains("evil") && mail.text.contains("https://stall.example/v/link#"),
        "{}",
        mail.text
    );
}

#[tokio::test]
async fn no_row_and_no_job_holds_what_a_link_carries() {
    let office = Office::open().await;
    let mut browser = office.server.browser();
    browser.post("/accounts/links", &json!({ "email": EMAIL, "language": "en" })).await;
    let dump = "select (select string_agg(jobs::text, ' ') from jobs) || (select string_agg(letters::text, ' ') from letters)";
    let kept: String = sqlx::query_scalar(dump).fetch_one(office.server.test.db.pool()).await.unwrap();
    let secret = secret(&office.letter().await);
    assert_eq!(secret.len(), 43);
    assert!(!kept.contains(&secret), "{kept}");
    let job: String = kept.split("send-letter").nth(1).unwrap().chars().take(100).collect();
    assert!(!job.contains('@'), "a job names a letter by its id: {job}");
    // A job that runs again after the letter was sent sends nothing.
    assert_eq!(office.deliver().await, 0);
    assert!(office.mailbox.is_empty());
}

#[tokio::test]
async fn five_letters_an_hour_go_to_an_address_whoever_asks() {
    let office = Office::open().await;
    for at in ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4", "203.0.113.5"] {
        let asked = office.server.browser_at(at).post("/password-resets", &json!({ "email": EMAIL })).await;
        assert_eq!(asked.0, StatusCode::ACCEPTED);
    }
    let mut sixth = office.server.browser_at("203.0.113.6");
    let opening = json!({ "email": EMAIL, "language": "en" });
    let refused = sixth.post("/accounts/links", &opening).await;
    assert_eq!(
        problem(&refused),
        (429, "too-many-requests"),
        "an address without an account is no different"
    );
    let other = json!({ "email": "other@example.com" });
    assert_eq!(sixth.post("/password-resets", &other).await.0, StatusCode::ACCEPTED);
    office.server.test.clock.advance(TimeDelta::minutes(61));
    assert_eq!(sixth.post("/accounts/links", &opening).await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn what_the_server_takes_later_is_sent_later_and_what_it_refuses_waits_for_the_operator() {
    let office = Office::open().await;
    let mut browser = office.server.browser();
    let ask = json!({ "email": EMAIL, "language": "en" });
    office.mailbox.refuse(451);
    browser.post("/accounts/links", &ask).await;
    office.deliver().await;
    assert!(office.mailbox.is_empty());
    office.mailbox.accept();
    office.server.test.clock.advance(TimeDelta::minutes(5));
    assert_eq!(secret(&office.letter().await).len(), 43);

    office.mailbox.refuse(550);
    browser.post("/accounts/links", &ask).await;
    office.deliver().await;
    let mut connection = office.server.test.db.acquire().await.unwrap();
    let dead = office.jobs.resting(&mut connection, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].kind.as_str(), dead[0].state.as_str()), (1, "send-letter", "dead"));
    let why = dead[0].last_error.as_deref().unwrap();
    assert!(why.contains("550") && !why.contains("meena"), "who it was for is not said: {why}");
}

#[tokio::test]
async fn without_a_mail_server_people_are_told_so() {
    let server = Server::start().await;
    let mut vendor = server.vendor(PHONE).await;
    for (path, body) in [
        ("/accounts/links", json!({ "email": EMAIL, "language": "en" })),
        ("/password-resets", json!({ "email": EMAIL })),
        ("/me/email", json!({ "email": EMAIL })),
    ] {
        assert_eq!(problem(&vendor.post(path, &body).await), (409, "mail-off"), "{path}");
    }
    assert_eq!(
        server.browser().post("/sessions", &credentials(PHONE, PASSWORD)).await.0,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn an_invitation_that_whoever_asked_came_with_is_kept_with_the_link() {
    let office = Office::open().await;
    let mut owner = office.server.vendor(PHONE).await;
    let business = owner.get("/me").await.1["person"]["tenant_id"].clone();
    let mut opened = Vec::new();
    for email in [EMAIL, "late@example.com"] {
        let (_, link) = owner.post("/team/invitations", &json!({ "role": "member" })).await;
        let ask = json!({ "email": email, "language": "en", "invitation": link["token"] });
        assert_eq!(office.server.browser().post("/accounts/links", &ask).await.0, StatusCode::ACCEPTED);
        let token = office.token().await;
        // Somebody opens the letter in another browser, which knows of no invitation.
        let mut other = office.server.browser();
        let (_, looked) = other.post("/links/look", &token).await;
        assert_eq!(looked["invitation"]["business"], "Meena", "{looked}");
        if opened.len() == 1 {
            // It is taken back meanwhile: the account has a business of its own.
            let path = format!("/team/invitations/{}", link["id"].as_str().unwrap());
            assert_eq!(owner.delete(&path).await.0, StatusCode::NO_CONTENT);
            assert!(other.post("/links/look", &token).await.1.get("invitation").is_none());
        }
        let (status, person) = other.post("/accounts/by-link", &opening(&token)).await;
        assert_eq!(status, StatusCode::CREATED, "{person}");
        opened.push(person["tenant_id"].clone());
        office.server.test.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(opened[0], business);
    assert!(opened[1].is_string() && opened[1] != business);
    let kept: String = sqlx::query_scalar("select coalesce(string_agg(letters::text, ' '), '') from letters")
        .fetch_one(office.server.test.db.pool())
        .await
        .unwrap();
    assert!(!kept.contains(EMAIL), "{kept}");
}

#[tokio::test]
async fn somebody_who_was_invited_joins_by_an_address_and_not_in_place_of_a_number() {
    let office = Office::open().await;
    let mut owner = office.server.vendor(PHONE).await;
    let mut joined = Vec::new();
    for phone in [Value::Null, json!("9876543219")] {
        let (_, link) = owner.post("/team/invitations", &json!({ "role": "member", "phone": phone })).await;
        let mut browser = office.server.browser();
        browser.post("/accounts/links", &json!({ "email": EMAIL, "language": "en" })).await;
        let mut body = opening(&office.token().await);
        body["invitation"] = link["token"].clone();
        joined.push(browser.post("/accounts/by-link", &body).await);
        office.server.test.clock.advance(TimeDelta::minutes(1));
        if joined.len() == 1 {
            // The same address once more is known; another is not.
            let (_, team) = owner.get("/team").await;
            assert_eq!(team["members"][1]["email"], EMAIL);
            sqlx::query("update people set email_index = sha256('elsewhere'), email_sealed = null where email_index is not null")
                .execute(office.server.test.db.pool())
                .await
                .unwrap();
        }
    }
    assert_eq!(joined[0].0, StatusCode::CREATED, "{}", joined[0].1);
    assert_eq!(problem(&joined[1]), (403, "not-invited"));
    // The number's account is opened as ever.
    let (status, _) = office.server.browser().post("/accounts", &account("9876543219")).await;
    assert_eq!(status, StatusCode::CREATED);
}
