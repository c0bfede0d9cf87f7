//! Names, numbers and addresses in the database: sealed, found by their index, sealed from the clear of a release before.

use axum::http::StatusCode;
use platform::Entropy;
use platform::fields::{Fields, PHONE_NUMBERS};
use platform::keys::Keyring;
use platform::personal::{self, Holder};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::browser::{Browser, PASSWORD, Server, account, credentials};

const PHONE: &str = "9876543210";
const NUMBER: &str = "+919876543210";
const INVITED: &str = "9876543219";
const ADDRESS: &str = "meena@example.com";

/// What the server of these tests has.
pub fn keys() -> String {
    "5a".repeat(32)
}

pub fn fields(keys: &str) -> Fields {
    Fields::new(&Keyring::from_hex(keys).unwrap(), Entropy::system())
}

impl Server {
    async fn run(&self, statement: &str) {
        sqlx::query(AssertSqlSafe(statement.to_owned())).execute(self.test.db.pool()).await.unwrap();
    }

    /// Every row that identity has, as text.
    async fn rows(&self) -> String {
        let mut all = String::new();
        for table in self.identity.tables() {
            let rows = AssertSqlSafe(format!("select kept::text from {} as kept", table.name));
            let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(self.test.db.pool()).await.unwrap();
            all.extend(rows);
        }
        all
    }

    /// Seals what is in the clear, as the program does when it starts.
    async fn seal_open(&self) -> u64 {
        personal::seal_open(&self.test.db, &fields(&keys()), self.identity.tables()).await.unwrap()
    }

    /// Puts rows back into the form of the release before.
    async fn unsealed(&self, name: &str) {
        self.run(&format!(
            "update people
             set name = '{name}', phone = '{NUMBER}', email = '{ADDRESS}', name_sealed = null, phone_sealed = null,
                 phone_index = null, email_sealed = null, email_index = null"
        ))
        .await;
        self.run(&format!("update tenants set name = '{name}', name_sealed = null")).await;
        self.run(&format!(
            "update invitations
             set phone = '+91{INVITED}', phone_sealed = null, phone_index = null
             where phone_index is not null"
        ))
        .await;
    }
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/me").await.1.get("person").is_some()
}

/// A vendor called Meena, who has invited somebody by number.
async fn with_an_invitation() -> (Server, Browser) {
    let server = Server::start().await;
    let mut owner = server.vendor(PHONE).await;
    let (status, _) = owner.post("/team/invitations", &json!({ "role": "member", "phone": INVITED })).await;
    assert_eq!(status, StatusCode::CREATED);
    (server, owner)
}

#[tokio::test]
async fn whoever_has_the_database_reads_no_name_and_no_number() {
    let (server, mut owner) = with_an_invitation().await;
    let rows = server.rows().await;
    for told in ["Meena", PHONE, INVITED] {
        assert!(!rows.contains(told), "{told} is in the clear: {rows}");
    }
    let (_, team) = owner.get("/team").await;
    assert_eq!(
        (
            &team["name"],
            &team["members"][0]["phone"],
            &team["invitations"][0]["phone"],
            &team["invitations"][0]["invited_by"]
        ),
        (&json!("Meena"), &json!(NUMBER), &json!(format!("+91{INVITED}")), &json!("Meena"))
    );
}

#[tokio::test]
async fn rows_of_the_release_before_are_sealed_and_their_people_sign_in_as_ever() {
    let (server, mut owner) = with_an_invitation().await;
    let before = owner.get("/team").await;
    server.unsealed("Meena").await;
    assert!(server.rows().await.contains(NUMBER), "the form of before has it in the clear");
    let other = server.browser().post("/sessions", &credentials(PHONE, PASSWORD)).await;
    assert_eq!(other.0, StatusCode::UNAUTHORIZED, "nobody is found by what is not sealed yet");
    // Broken off after the names.
    let people = server.identity.tables().iter().filter(|table| table.name == "tenants").copied();
    let tenants: Vec<_> = people.collect();
    assert_eq!(personal::seal_open(&server.test.db, &fields(&keys()), &tenants).await.unwrap(), 1);
    assert_eq!(server.seal_open().await, 4, "name, number and address of a person, number of an invitation");
    assert_eq!(server.seal_open().await, 0, "again, there is nothing to do");
    let rows = server.rows().await;
    for told in ["Meena", PHONE, INVITED, ADDRESS] {
        assert!(!rows.contains(told), "{told} is in the clear: {rows}");
    }
    assert_eq!(owner.get("/team").await.1["members"][0]["name"], before.1["members"][0]["name"]);
    for handle in [credentials(PHONE, PASSWORD), json!({ "email": ADDRESS, "password": PASSWORD })] {
        let mut browser = server.browser();
        let (status, answer) = browser.post("/sessions", &handle).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        assert!(is_signed_in(&mut browser).await);
    }
    let twice = server.browser().post("/accounts", &account(PHONE)).await;
    assert_eq!((twice.0, &twice.1["type"]), (StatusCode::CONFLICT, &json!("/problems/phone-taken")));
}

#[tokio::test]
async fn many_rows_are_sealed_in_batches() {
    let server = Server::start().await;
    server
        .run(
            "insert into people (id, phone, name, language, password_hash, created_at, updated_at)
             select gen_random_uuid(), '+9190000' || lpad(n::text, 5, '0'), 'Person ' || n, 'en', '', $$2026-01-01$$, $$2026-01-01$$
             from generate_series(1, 450) as n",
        )
        .await;
    assert_eq!(server.seal_open().await, 900);
    let open: i64 = sqlx::query_scalar("select count(*) from people where num_nonnulls(name, phone) > 0")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    let found: i64 = sqlx::query_scalar("select count(*) from people where phone_index = $1")
        .bind(fields(&keys()).index(PHONE_NUMBERS, "+919000000450"))
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert_eq!((open, found), (0, 1));
}

#[tokio::test]
async fn what_was_moved_to_another_row_or_column_does_not_open() {
    let server = Server::start().await;
    let mut one = server.vendor(PHONE).await;
    let mut two = server.vendor("9876543211").await;
    let moves = [
        "update people set phone_sealed = (select phone_sealed from people as other where other.id <> people.id)",
        "update people set name_sealed = phone_sealed",
    ];
    for moved in moves {
        let mut transaction = server.test.db.begin().await.unwrap();
        sqlx::query("create table kept as select * from people").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        server.run(moved).await;
        for browser in [&mut one, &mut two] {
            let (status, answer) = browser.get("/me").await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{moved}: {answer}");
            assert!(!answer.to_string().contains("98765432"), "{answer}");
        }
        server
            .run(
                "update people set name_sealed = kept.name_sealed, phone_sealed = kept.phone_sealed
                 from kept where kept.id = people.id",
            )
            .await;
        server.run("drop table kept").await;
        assert!(is_signed_in(&mut one).await && is_signed_in(&mut two).await);
    }
}

#[tokio::test]
async fn the_index_alone_refuses_a_second_row_with_the_same_number() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let again = sqlx::query(
        "insert into people (id, phone_index, language, password_hash, created_at, updated_at)
         select gen_random_uuid(), phone_index, language, '', created_at, created_at from people",
    );
    let refused = again.execute(server.test.db.pool()).await.unwrap_err();
    assert_eq!(platform::db::violated_constraint(&refused), Some("people_phone_once"));
}

#[tokio::test]
async fn everything_is_sealed_again_with_another_key_and_is_found_as_before() {
    let (server, mut owner) = with_an_invitation().await;
    let (two, three) = (format!("{} {}", keys(), "5b".repeat(32)), format!("{} {}", keys(), "5c".repeat(32)));
    let tables = server.identity.tables();
    let all = "name, phone of a person; name of a business; phone of an invitation";
    let done = personal::seal_again(&server.test.db, &fields(&two), tables).await.unwrap();
    assert_eq!((done.sealed, done.unopenable), (4, 0), "{all}");
    let done = personal::seal_again(&server.test.db, &fields(&two), tables).await.unwrap();
    assert_eq!((done.sealed, done.unopenable), (0, 0), "again, there is nothing to do");
    // The second key is followed by a third, and is taken away: what it sealed was sealed again.
    let all_keys = format!("{two} {}", "5c".repeat(32));
    let done = personal::seal_again(&server.test.db, &fields(&all_keys), tables).await.unwrap();
    assert_eq!(done.sealed, 4);
    let lost = personal::seal_again(&server.test.db, &fields(&two), tables).await.unwrap();
    assert_eq!((lost.sealed, lost.unopenable), (0, 4), "without the third they do not open, and stay");
    let after = server.with_keys(&three);
    let mut browser = after.browser();
    let (status, answer) = browser.post("/sessions", &credentials(PHONE, PASSWORD)).await;
    assert_eq!((status, &answer["name"]), (StatusCode::CREATED, &Value::from("Meena")), "{answer}");
    assert_eq!(
        owner.get("/me").await.0,
        StatusCode::INTERNAL_SERVER_ERROR,
        "the first key alone opens nothing"
    );
}
