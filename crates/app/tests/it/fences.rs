//! The rows of businesses are kept apart by the database, too: table by table, and in calls over HTTP.

use std::collections::BTreeMap;

use platform::tenancy::{Fence, on_behalf_of};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use testkit::TestDb;
use types::TenantId;
use uuid::Uuid;

use crate::privacy::{Browser, Place, text};
use crate::story::id;

/// Tables that name a business and have no policy, and why.
const OPEN: [(&str, &str); 1] =
    [("people", "A person belongs to many businesses and to none: the column says for which they work now.")];

const OURS: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
const THEIRS: TenantId = TenantId::from_uuid(Uuid::from_u128(2));

/// The tables with a policy, each with the column that says whose a row is.
async fn fenced(test: &TestDb) -> BTreeMap<String, String> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select tablename::text, qual from pg_policies where schemaname = 'public' and policyname = 'rows_of_one_business'",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    let column_of = |qual: &str| {
        let named =
            ["chain_id", "tenant_id", "id"].into_iter().find(|name| qual.contains(&format!("({name} =")));
        named.unwrap_or_else(|| panic!("{qual} compares no column")).to_owned()
    };
    rows.into_iter().map(|(table, qual)| (table, column_of(&qual))).collect()
}

#[tokio::test]
async fn every_table_of_businesses_is_fenced_or_says_why_not() {
    let test = TestDb::create().await;
    assert_eq!(test.db.fence().await.unwrap(), Fence::Up);
    let named: Vec<String> = sqlx::query_scalar(
        "select distinct table_name::text
         from information_schema.columns
         join information_schema.tables using (table_schema, table_name)
         where table_schema = 'public' and table_type = 'BASE TABLE'
             and (column_name in ('tenant_id', 'business_id', 'chain_id') or table_name in ('tenants', 'audit_chains'))",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    let fenced = fenced(&test).await;
    for table in &named {
        let is_open = OPEN.iter().any(|(open, why)| open == table && !why.is_empty());
        assert_ne!(
            fenced.contains_key(table),
            is_open,
            "{table} names businesses: give it a policy as in the migration `platform_keep_businesses_apart`, or a line in OPEN that \
             says why it has none"
        );
    }
    let on: Vec<String> =
        sqlx::query_scalar("select relname::text from pg_class where relrowsecurity order by relname")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    assert_eq!(on, fenced.into_keys().collect::<Vec<_>>(), "a table with policies has them on");
}

/// Takes every rule off the tables but their policies, so that a row needs to say only whose it is.
async fn without_other_rules(test: &TestDb) {
    sqlx::raw_sql(
        "do $$ declare found record; begin
           for found in
             select conrelid::regclass as of, conname from pg_constraint
             where connamespace = 'public'::regnamespace and contype in ('f', 'c', 'u', 'p', 'x') and conparentid = 0
             order by contype = 'f' desc, contype = 'p'
           loop
             execute format('alter table %s drop constraint if exists %I cascade', found.of, found.conname);
           end loop;
           for found in select indexrelid::regclass as of from pg_index where indisunique
             and indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
           loop
             execute format('drop index %s', found.of);
           end loop;
           for found in
             select attrelid::regclass as of, attname from pg_attribute
             join pg_class on pg_class.oid = attrelid
             where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and attnotnull and not attisdropped
           loop
             execute format('alter table %s alter column %I drop not null', found.of, found.attname);
           end loop;
           for found in
             select tgrelid::regclass as of, tgname from pg_trigger where not tgisinternal
           loop
             execute format('drop trigger %I on %s', found.tgname, found.of);
           end loop;
         end $$",
    )
    .execute(test.db.pool())
    .await
    .unwrap();
}

#[tokio::test]
async fn a_statement_that_asks_for_everything_gets_and_changes_the_rows_of_one_business() {
    let test = TestDb::create().await;
    without_other_rules(&test).await;
    let tables = fenced(&test).await;
    assert!(tables.len() > 60, "{}", tables.len());
    for (table, column) in &tables {
        let insert = format!("insert into {table} ({column}) values ($1)");
        for business in [OURS, THEIRS] {
            let row = sqlx::query(AssertSqlSafe(insert.clone())).bind(business.uuid());
            row.execute(test.db.pool()).await.unwrap();
        }
        on_behalf_of(OURS, ours_alone(&test, table, column)).await;
        let all = AssertSqlSafe(format!("select {column} from {table}"));
        let left: Vec<Uuid> = sqlx::query_scalar(all).fetch_all(test.db.pool()).await.unwrap();
        assert_eq!(left, [THEIRS.uuid()], "{table}: what is another's stays as it is");
    }
}

/// Looks at, changes and deletes all there is, and tries to give another a row.
async fn ours_alone(test: &TestDb, table: &str, column: &str) {
    let run = async |statement: String| {
        let mut connection = test.db.acquire().await.unwrap();
        let done = sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await;
        done.map(|done| done.rows_affected())
    };
    let seen = AssertSqlSafe(format!("select {column} from {table} for update"));
    let mut connection = test.db.acquire().await.unwrap();
    let seen: Vec<Uuid> = sqlx::query_scalar(seen).fetch_all(&mut *connection).await.unwrap();
    drop(connection);
    assert_eq!(seen, [OURS.uuid()], "{table} shows rows of another");
    assert_eq!(run(format!("update {table} set {column} = {column}")).await.unwrap(), 1, "{table}");
    let theirs = THEIRS.uuid();
    for refused in [
        format!("insert into {table} ({column}) values ('{theirs}')"),
        format!("update {table} set {column} = '{theirs}'"),
    ] {
        let error = run(refused.clone()).await.expect_err(&refused);
        let code = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        assert_eq!(code.as_deref(), Some("42501"), "{refused}: {error}");
    }
    assert_eq!(run(format!("delete from {table}")).await.unwrap(), 1, "{table}");
}

#[tokio::test]
async fn what_is_no_business_s_is_used_by_all() {
    let test = TestDb::create().await;
    without_other_rules(&test).await;
    for (table, whose) in [
        ("commission_rules", "null"),
        ("jobs", "null"),
        ("document_series", "'00000000-0000-0000-0000-000000000000'"),
    ] {
        let insert = AssertSqlSafe(format!("insert into {table} (tenant_id) values ({whose})"));
        let update = AssertSqlSafe(format!("update {table} set tenant_id = tenant_id"));
        let used = on_behalf_of(OURS, async {
            let mut connection = test.db.acquire().await.unwrap();
            sqlx::query(insert).execute(&mut *connection).await.unwrap();
            sqlx::query(update).execute(&mut *connection).await.unwrap().rows_affected()
        });
        assert_eq!(used.await, 1, "{table}");
    }
}

/// Has the database write down as whom each change of a table is made.
async fn watched(place: &Place, table: &str) {
    let watch = format!(
        "create table witnessed (seq int generated always as identity, role text, business text);
         grant insert on witnessed to public;
         create function witness() returns trigger language plpgsql as $$ begin
           insert into witnessed (role, business) values (current_user, current_setting('vyapar.business', true));
           return new;
         end $$;
         create trigger watched after insert or update on {table} for each row execute function witness();"
    );
    sqlx::raw_sql(AssertSqlSafe(watch)).execute(place.test.db.pool()).await.unwrap();
}

async fn witnessed(place: &Place) -> Vec<(String, Option<String>)> {
    sqlx::query_as("with all_of_them as (delete from witnessed returning *) select role, business from all_of_them order by seq")
        .fetch_all(place.test.db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_members_call_runs_behind_the_fence_and_a_buyers_does_not() {
    let place = Place::open().await;
    let mut owner = place.account("Meena", "9876500002").await;
    let me = place.done(&mut owner, "GET", "/me", Value::Null).await;
    let business = text(&me["person"]["tenant_id"]);
    let product = place.stall(&mut owner).await;
    let mut buyer = Browser::default();
    let qr = place.done(&mut owner, "GET", "/stall/qr", Value::Null).await;
    let enter = json!({ "token": qr["token"], "language": "en" });
    let visit = text(&place.done(&mut buyer, "POST", "/visits", enter).await["id"]);

    watched(&place, "messages").await;
    let say = || json!({ "client_id": id(), "text": "good morning", "via": "typed" });
    let at = format!("/visits/{visit}/messages");
    place.done(&mut owner, "POST", &at, say()).await;
    let as_member = witnessed(&place).await;
    assert!(!as_member.is_empty());
    let fenced = (platform::tenancy::ROLE.to_owned(), Some(business));
    assert!(as_member.iter().all(|seen| *seen == fenced), "{as_member:?}");
    place.done(&mut buyer, "POST", &at, say()).await;
    let as_buyer = witnessed(&place).await;
    assert!(!as_buyer.is_empty() && as_buyer.iter().all(|seen| seen.0 != fenced.0), "{as_buyer:?}");

    // Reads leave no trace: what the role alone may not read, members alone do not get.
    sqlx::query("revoke select on messages from vyapar_tenant").execute(place.test.db.pool()).await.unwrap();
    let (status, _) = place.call(&mut owner, "GET", &at, Value::Null).await;
    assert_eq!(status.as_u16(), 500);
    place.done(&mut buyer, "GET", &at, Value::Null).await;
    place.done(&mut owner, "GET", &format!("/products/{product}"), Value::Null).await;
}
