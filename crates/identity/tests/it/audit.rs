//! The audit trail: what is kept, who sees it, and that a change of it is found.

use axum::http::StatusCode;
use futures::future::join_all;
use identity::OperatorRole;
use identity::audit::heads::{Head, Seal, heads};
use identity::audit::verify::{FaultKind, verify};
use identity::audit::{self, Act, Area, Deed};
use platform::keys::Keyring;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use testkit::TestDb;
use types::{PersonId, TenantId};
use uuid::Uuid;

use crate::browser::{PASSWORD, Server, credentials};

const OWNER: &str = "9876543210";
const OTHER: &str = "9876543211";

fn ids() -> (PersonId, TenantId) {
    (PersonId::from_uuid(Uuid::from_u128(1)), TenantId::from_uuid(Uuid::from_u128(2)))
}

/// A database in which somebody did six things to a business, one reason each.
async fn six_acts() -> TestDb {
    let test = TestDb::create().await;
    let (person, tenant) = ids();
    for reason in ["one", "two", "three", "four", "five", "six"] {
        let mut transaction = test.db.begin().await.unwrap();
        let act = Act::by(person, Area::Credits, Deed::Given, test.clock.now()).in_business(tenant);
        audit::keep(&mut transaction, act.because(reason)).await.unwrap();
        transaction.commit().await.unwrap();
    }
    test
}

/// What somebody who owns the tables could do.
async fn tamper(test: &TestDb, statements: &[&str]) {
    let mut transaction = test.db.begin().await.unwrap();
    let all =
        ["alter table audit_acts disable trigger user", "alter table audit_chains disable trigger user"];
    for statement in all.iter().chain(statements) {
        sqlx::query(AssertSqlSafe((*statement).to_owned())).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn first_fault(test: &TestDb, exported: &[Head]) -> Option<(i64, FaultKind)> {
    let verdict = verify(&test.db, exported).await.unwrap();
    assert!(verdict.faults.len() < 2, "{:?}", verdict.faults);
    verdict.faults.first().map(|fault| (fault.number, fault.kind))
}

#[tokio::test]
async fn whatever_is_done_to_an_entry_is_found_where_it_was_done() {
    let test = six_acts().await;
    assert_eq!(first_fault(&test, &[]).await, None);
    let edits = [
        "update audit_acts set reason = 'another' where number = 3",
        "update audit_acts set area = 'nothing that is known' where number = 3",
        "update audit_acts set at = at + interval '1 microsecond' where number = 3",
        "update audit_acts set person_id = null, about_id = person_id where number = 3",
        "update audit_acts set id = gen_random_uuid() where number = 3",
    ];
    for edit in edits {
        tamper(&test, &["create table kept as select * from audit_acts where number = 3", edit]).await;
        assert_eq!(first_fault(&test, &[]).await, Some((3, FaultKind::Altered)), "{edit}");
        let back = [
            "delete from audit_acts where number = 3",
            "insert into audit_acts select * from kept",
            "drop table kept",
        ];
        tamper(&test, &back).await;
    }
    tamper(&test, &["delete from audit_acts where number = 3"]).await;
    assert_eq!(first_fault(&test, &[]).await, Some((3, FaultKind::Missing)));
    tamper(&test, &["update audit_acts set number = number - 1 where number > 3"]).await;
    assert_eq!(first_fault(&test, &[]).await, Some((3, FaultKind::Altered)));
}

#[tokio::test]
async fn entries_that_are_slipped_in_swapped_or_cut_off_are_found() {
    let test = six_acts().await;
    let before = heads(&test.db).await.unwrap();
    // One that another chain made, with hashes that fit themselves, in the place of the second.
    let other = six_acts().await;
    let slipped: (Uuid, Vec<u8>, Vec<u8>) =
        sqlx::query_as("select id, previous, hash from audit_acts where number = 2")
            .fetch_one(other.db.pool())
            .await
            .unwrap();
    assert_ne!(slipped.1, vec![0; 32]);
    let swap = [
        "update audit_acts set number = 99 where number = 2",
        "update audit_acts set number = 2 where number = 4",
        "update audit_acts set number = 4 where number = 99",
    ];
    tamper(&test, &swap).await;
    assert_eq!(first_fault(&test, &[]).await, Some((2, FaultKind::Altered)));
    let back = [
        "update audit_acts set number = 99 where number = 4",
        "update audit_acts set number = 4 where number = 2",
        "update audit_acts set number = 2 where number = 99",
    ];
    tamper(&test, &back).await;
    assert_eq!(first_fault(&test, &before).await, None);
    let insert = "insert into audit_acts select chain_id, 7, id, at, area, deed, person_id, about_id, 'slipped in', hash, hash
         from audit_acts where number = 6";
    tamper(&test, &[insert]).await;
    assert_eq!(first_fault(&test, &[]).await, Some((7, FaultKind::Altered)));
    // Whoever cuts the tail and says that the chain ends there is only found by what was exported.
    let cut = [
        "delete from audit_acts where number > 4",
        "update audit_chains set length = 4, head = (select hash from audit_acts where number = 4)",
    ];
    tamper(&test, &cut[..1]).await;
    assert_eq!(first_fault(&test, &[]).await, Some((5, FaultKind::EndDiffers)));
    tamper(&test, &cut).await;
    assert_eq!(first_fault(&test, &[]).await, None);
    assert_eq!(first_fault(&test, &before).await, Some((5, FaultKind::CutSinceExport)));
    let (person, tenant) = ids();
    tamper(&test, &["alter table audit_acts enable trigger user"]).await;
    for _ in 0..2 {
        let act = Act::by(person, Area::Credits, Deed::Stopped, test.clock.now()).in_business(tenant);
        audit::keep(&mut test.db.begin().await.unwrap(), act).await.unwrap();
        let mut transaction = test.db.begin().await.unwrap();
        audit::keep(&mut transaction, act).await.unwrap();
        transaction.commit().await.unwrap();
    }
    assert_eq!(first_fault(&test, &[]).await, None);
    assert_eq!(first_fault(&test, &before).await, Some((6, FaultKind::RewrittenSinceExport)));
    tamper(&test, &["delete from audit_acts", "delete from audit_chains"]).await;
    assert_eq!(first_fault(&test, &before).await, Some((1, FaultKind::CutSinceExport)));
}

#[tokio::test]
async fn the_database_itself_refuses_changes() {
    let test = six_acts().await;
    let refused = [
        "update audit_acts set reason = 'x'",
        "delete from audit_acts",
        "truncate audit_acts",
        "update audit_chains set length = 3",
        "update audit_chains set head = decode(repeat('00', 32), 'hex')",
        "delete from audit_chains",
        "truncate audit_chains cascade",
    ];
    for statement in refused {
        let error = sqlx::query(AssertSqlSafe(statement)).execute(test.db.pool()).await.unwrap_err();
        assert_eq!(platform::db::violated_constraint(&error), Some("audit_stays"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn twenty_writers_at_once_make_one_chain() {
    let test = TestDb::create().await;
    let (person, tenant) = ids();
    let write = async |n: usize| {
        for _ in 0..5 {
            let mut transaction = test.db.begin().await.unwrap();
            let act = Act::by(person, Area::Refunds, Deed::MadeAgain, test.clock.now());
            let act = if n.is_multiple_of(4) { act } else { act.in_business(tenant) };
            audit::keep(&mut transaction, act).await.unwrap();
            transaction.commit().await.unwrap();
        }
    };
    join_all((0..20).map(write)).await;
    let verdict = verify(&test.db, &[]).await.unwrap();
    assert_eq!((verdict.chains, verdict.entries, verdict.is_sound()), (2, 100, true), "{:?}", verdict.faults);
}

#[tokio::test]
async fn an_act_that_did_not_happen_is_not_kept_and_an_export_is_signed() {
    let test = six_acts().await;
    let (person, tenant) = ids();
    let mut transaction = test.db.begin().await.unwrap();
    let act = Act::by(person, Area::Credits, Deed::Given, test.clock.now()).in_business(tenant);
    audit::keep(&mut transaction, act).await.unwrap();
    transaction.rollback().await.unwrap();
    let ends = heads(&test.db).await.unwrap();
    assert_eq!((ends.len(), ends[0].length), (1, 6));
    let seal = Seal::new(&Keyring::from_hex(&"5a".repeat(32)).unwrap());
    let text = seal.export(&ends, test.clock.now());
    assert_eq!(seal.read(&text).unwrap(), ends);
    assert_eq!(first_fault(&test, &ends).await, None);
}

fn said(entry: &Value) -> (&str, &str) {
    (entry["area"].as_str().unwrap(), entry["deed"].as_str().unwrap())
}

#[tokio::test]
async fn an_owner_sees_who_did_what_and_who_looked_and_nobody_elses() {
    let server = Server::start().await;
    let mut owner = server.vendor(OWNER).await;
    let mut other = server.vendor(OTHER).await;
    let id = owner.person_id().await;
    let mut elsewhere = server.browser();
    elsewhere.post("/sessions", &credentials(OWNER, "not the password")).await;
    elsewhere.post("/sessions", &credentials("9000000001", PASSWORD)).await;
    elsewhere.post("/sessions", &credentials(OWNER, PASSWORD)).await;
    let (status, trail) = owner.get("/audit").await;
    assert_eq!(status, StatusCode::OK);
    let items = trail["items"].as_array().unwrap();
    let mut kept: Vec<_> = items.iter().map(said).collect();
    kept.sort_unstable();
    assert_eq!(kept, [("sign_ins", "refused"), ("sign_ins", "signed_in"), ("team", "opened")]);
    let refused = items.iter().find(|entry| said(entry).1 == "refused").unwrap();
    assert!(refused.get("name").is_none() && refused["about_id"] == id, "{refused}");
    assert_eq!(refused["about_name"], "Meena");
    assert!(!trail.to_string().contains(OWNER), "no telephone numbers");
    let (_, mine) = other.get("/audit").await;
    assert_eq!(mine["items"].as_array().unwrap().len(), 1, "{mine}");
    // Whoever runs the installation sees all of it, which is kept as well.
    let mut connection = server.test.db.acquire().await.unwrap();
    server
        .identity
        .set_operator(&mut connection, &OTHER.parse().unwrap(), Some(OperatorRole::Admin))
        .await
        .unwrap();
    let tenant = items[0]["tenant_id"].as_str().unwrap();
    let (status, all) = other.get(&format!("/operator/audit?tenant={tenant}")).await;
    assert_eq!((status, all["items"].as_array().unwrap().len()), (StatusCode::OK, 4), "{all}");
    assert_eq!(owner.get("/operator/audit").await.0, StatusCode::FORBIDDEN);
    let (_, seen) = owner.get("/audit?area=audit").await;
    assert_eq!(said(&seen["items"][0]), ("audit", "looked"));
    assert_eq!(seen["items"][0]["person_id"], other.person_id().await);
    other.get(&format!("/operator/audit?tenant={tenant}")).await;
    let (_, again) = owner.get("/audit?area=audit").await;
    assert_eq!(again["items"].as_array().unwrap().len(), 1, "the same look is kept once in ten minutes");
    let (_, nobody) = other.get("/operator/audit?area=sign_ins&limit=1").await;
    let before = nobody["next"].as_str().unwrap();
    let (_, next) = other.get(&format!("/operator/audit?area=sign_ins&limit=1&before={before}")).await;
    assert_ne!(next["items"][0]["id"], nobody["items"][0]["id"]);
    assert!(verify(&server.test.db, &[]).await.unwrap().is_sound());
}

#[tokio::test]
async fn who_was_given_a_role_is_kept_with_the_reason_also_from_the_command_line() {
    let server = Server::start().await;
    let mut admin = server.vendor(OWNER).await;
    server.vendor(OTHER).await;
    let mut connection = server.test.db.acquire().await.unwrap();
    server
        .identity
        .set_operator(&mut connection, &OWNER.parse().unwrap(), Some(OperatorRole::Admin))
        .await
        .unwrap();
    let new = json!({ "phone": OTHER, "role": "support", "reason": "answers the telephone" });
    assert_eq!(admin.post("/operator/people", &new).await.0, StatusCode::OK);
    let (_, kept) = admin.get("/operator/audit?area=people").await;
    let items = kept["items"].as_array().unwrap();
    let by_hand: Vec<&Value> = items.iter().filter(|entry| said(entry).1 == "role_changed").collect();
    assert_eq!(by_hand.len(), 2, "{kept}");
    assert!(by_hand.iter().any(|entry| entry["reason"] == "made support: answers the telephone"));
    assert!(by_hand.iter().any(|entry| entry.get("person_id").is_none()), "the command line is nobody");
    assert!(by_hand.iter().all(|entry| entry.get("tenant_id").is_none()));
}
