//! What somebody reads who has the database and not the keys: nobody's name, number or address, but for what stands in one list.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::place::{Browser, EMAIL, HOLDER, NAME, PHONE, Place, UPI};
use crate::process::Program;
use crate::story::{self, PASSWORD};

const INVITED: &str = "9876500099";
const BUYER: &str = "Quillon Brightwater";
const ADDRESS: &str = "17 Lantern Row";

/// Columns in which names, numbers or addresses may stand in the clear, and why.
const OPEN: [(&str, &str); 2] = [
    ("documents.snapshot", "a paper as it was issued: the law wants seller and buyer on it, unaltered"),
    (
        "sync_events.payload",
        "news of thirty days for phones that were away, and of people only what the stall shows each buyer: its UPI id",
    ),
];

/// Every column of every table as text, bytes as the text that is in them.
async fn columns(db: &platform::Db) -> BTreeMap<String, String> {
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text, udt_name::text
         from information_schema.columns
         join information_schema.tables using (table_schema, table_name)
         where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> '_sqlx_migrations'",
    )
    .fetch_all(db.pool())
    .await
    .unwrap();
    let mut all = BTreeMap::new();
    for (table, column, kind) in columns {
        let value = match kind.as_str() {
            "bytea" => format!("encode({column}, 'escape')"),
            _ => format!("{column}::text"),
        };
        let rows = AssertSqlSafe(format!("select {value} from {table} where {column} is not null"));
        let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(db.pool()).await.unwrap();
        all.insert(format!("{table}.{column}"), rows.join("\n"));
    }
    all
}

/// In which columns these words are found.
async fn found(db: &platform::Db, words: &[&str]) -> Vec<(String, String)> {
    let columns = columns(db).await;
    let found = columns.iter().flat_map(|(column, rows)| {
        words.iter().filter(|word| rows.contains(**word)).map(|word| (column.clone(), (*word).to_owned()))
    });
    found.collect()
}

#[tokio::test]
async fn whoever_has_the_database_reads_nobodys_name_number_or_address() {
    let place = Place::open().await;
    let mut owner = place.account(NAME, PHONE).await;
    place.reached_by_mail(&mut owner, EMAIL).await;
    let invitation = json!({ "role": "member", "phone": INVITED });
    place.done(&mut owner, "POST", "/team/invitations", invitation).await;
    let product = place.stall(&mut owner).await;
    let upi = json!({ "kind": "upi", "holder": HOLDER, "upi_id": UPI });
    place.done(&mut owner, "PUT", "/payout-account", upi).await;
    let mut buyer = Browser::default();
    let (_, order) = place.agree(&mut owner, &mut buyer, &product).await;
    let recipient = json!({
        "legal_name": BUYER, "address": ADDRESS, "city": "Bengaluru", "pin": "560001", "state_code": "29",
    });
    place.done(&mut buyer, "PUT", &format!("/orders/{order}/recipient"), recipient).await;
    let words =
        [NAME, "Zephyrine", PHONE, EMAIL, "zq.greens", UPI, HOLDER, INVITED, BUYER, ADDRESS, "560001"];
    let before = found(&place.test.db, &words).await;
    place.pay(&mut owner, &order).await;
    let after = found(&place.test.db, &words).await;
    for (column, word) in before.iter().chain(&after) {
        assert!(
            OPEN.iter().any(|(open, _)| open == column),
            "{word} stands in the clear in {column}: {after:?}"
        );
    }
    let news: Vec<_> = after.iter().filter(|(column, _)| column == "sync_events.payload").collect();
    assert!(news.iter().all(|(_, word)| word == UPI || word == "zephyrine"), "{news:?}");
    // Who may read it, reads it.
    let shown = place.done(&mut owner, "GET", "/payout-account", json!(null)).await;
    assert_eq!((&shown["holder"], &shown["upi_id"]), (&json!(HOLDER), &json!(UPI)));
    let order = place.done(&mut buyer, "GET", &format!("/orders/{order}"), json!(null)).await;
    assert_eq!(order["recipient"]["legal_name"], BUYER);
}

#[tokio::test]
async fn every_sealed_column_is_in_the_register() {
    let place = Place::open().await;
    // Sealed for themselves, by keys of their own purposes.
    let own = ["payout_accounts.number_sealed", "app_tokens.next_sealed"];
    let columns = columns(&place.test.db).await;
    let sealed =
        columns.keys().filter(|column| column.ends_with("_sealed") && !own.contains(&column.as_str()));
    let tables: Vec<_> = place.app.privacy.holders().iter().flat_map(|holder| holder.tables()).collect();
    let mut named: Vec<String> = Vec::new();
    for table in &tables {
        for column in table.sealed {
            named.push(format!("{}.{}_sealed", table.name, column.name));
            if column.index.is_some() {
                assert!(columns.contains_key(&format!("{}.{}_index", table.name, column.name)), "{table:?}");
            }
        }
    }
    named.sort();
    assert_eq!(sealed.cloned().collect::<Vec<_>>(), named);
}

#[tokio::test]
async fn what_lay_open_is_sealed_when_the_program_starts() {
    let mut program = Program::start(&[]).await;
    let (mut vendor, _) = story::vendor(&program).await;
    vendor.put("/payment-profile", json!({ "upi_id": UPI, "cash": true })).await.unwrap();
    vendor.put("/payout-account", json!({ "kind": "upi", "holder": HOLDER, "upi_id": UPI })).await.unwrap();
    program.kill();
    // As the release before kept them.
    for statement in [
        "update people set name = 'Test', name_sealed = null, phone = '+919812345670', phone_sealed = null, phone_index = null",
        "update tenants set name = 'Test', name_sealed = null",
        "update payment_profiles set upi_id = 'zephyrine@okaxis', upi_id_sealed = null",
        "update payout_accounts set holder = 'Z Quandary Holder', holder_sealed = null, upi_id = 'zephyrine@okaxis', upi_id_sealed = null",
        "insert into webhook_events (id, gateway, event_id, event, body, signature, state, received_at, updated_at)
         values (gen_random_uuid(), 'razorpay', 'old', 'payment.captured', $${\"contact\": \"+919876500099\"}$$::bytea, '', 'done',
             '2026-11-01', '2026-11-01')",
        "insert into pictures (person_id, name, jpeg, set_at) select id, 'old', 'what Quillon looks like', '2026-11-01' from people",
    ] {
        sqlx::query(statement).execute(program.db.db.pool()).await.unwrap();
    }
    let words = ["9812345670", UPI, HOLDER, INVITED, "what Quillon looks like"];
    assert_eq!(
        found(&program.db.db, &words).await.len(),
        6,
        "a number, two UPI ids, a holder, a payer, a picture"
    );
    program.again().await;
    let left = found(&program.db.db, &words).await;
    assert!(left.is_empty(), "{left:?}");
    let mut phone = program.phone();
    let person =
        phone.post("/sessions", json!({ "phone": "9812345670", "password": PASSWORD })).await.unwrap();
    assert_eq!(person["name"], "Test");
    let pictures = "select count(*) from pictures where jpeg_sealed is not null";
    let pictures: i64 = sqlx::query_scalar(pictures).fetch_one(program.db.db.pool()).await.unwrap();
    assert!(pictures > 0);
    assert_eq!(phone.get("/payment-profile").await.unwrap()["upi_id"], UPI);
    assert_eq!(phone.get("/payout-account").await.unwrap()["holder"], HOLDER);
}
