//! Connections behind the fence see the rows of the business they were handed out for.

use platform::tenancy::{Fence, beyond, on_behalf_of};
use platform::{Clock, Db, Entropy, migrate};
use sqlx::AssertSqlSafe;
use testkit::TestDb;
use types::TenantId;
use uuid::Uuid;

const ONE: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
const OTHER: TenantId = TenantId::from_uuid(Uuid::from_u128(2));

async fn two_businesses(test: &TestDb) {
    let both = sqlx::query("insert into visit_counters (tenant_id, buyers) values ($1, 1), ($2, 2)");
    both.bind(ONE.uuid()).bind(OTHER.uuid()).execute(test.db.pool()).await.unwrap();
}

/// How many buyers there are, as somebody asks who forgot to say whose.
async fn buyers(db: &Db) -> Vec<i32> {
    let mut connection = db.acquire().await.unwrap();
    let all = sqlx::query_scalar("select buyers from visit_counters order by buyers");
    all.fetch_all(&mut *connection).await.unwrap()
}

async fn buyers_in_a_transaction(db: &Db) -> Vec<i32> {
    let mut transaction = db.begin().await.unwrap();
    let all = sqlx::query_scalar("select buyers from visit_counters order by buyers");
    let found = all.fetch_all(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    found
}

#[tokio::test]
async fn a_connection_sees_the_business_it_was_handed_out_for_time_after_time() {
    let test = TestDb::create().await;
    two_businesses(&test).await;
    // One connection, so that each of them gets what another had before.
    let db = Db::connect(test.connect_options(), 1).await.unwrap();
    for _ in 0..3 {
        assert_eq!(on_behalf_of(ONE, buyers(&db)).await, [1]);
        assert_eq!(on_behalf_of(OTHER, buyers_in_a_transaction(&db)).await, [2]);
        assert_eq!(on_behalf_of(ONE, buyers_in_a_transaction(&db)).await, [1]);
        assert_eq!(on_behalf_of(OTHER, buyers(&db)).await, [2]);
        assert_eq!(buyers(&db).await, [1, 2], "the installation sees all");
        assert_eq!(on_behalf_of(OTHER, beyond(buyers(&db))).await, [1, 2], "as it says");
    }
    db.close().await;
}

#[tokio::test]
async fn a_connection_that_was_told_nothing_sees_no_row() {
    let test = TestDb::create().await;
    two_businesses(&test).await;
    assert_eq!(test.db.fence().await.unwrap(), Fence::Up);
    let fenced = test.connect_options().options([("role", platform::tenancy::ROLE)]);
    let db = Db::connect(fenced, 1).await.unwrap();
    assert!(buyers(&db).await.is_empty());
    db.close().await;
    // What one of them had in its hands is told nothing of its sight to the next.
    let db = Db::connect(test.connect_options(), 1).await.unwrap();
    let spawned = on_behalf_of(ONE, async {
        assert_eq!(buyers(&db).await, [1]);
        let db = db.clone();
        tokio::spawn(async move { buyers(&db).await }).await.unwrap()
    });
    assert_eq!(spawned.await, [1, 2], "what is spawned is the installation's");
    let nobodys = TenantId::from_uuid(Uuid::nil());
    assert!(on_behalf_of(nobodys, buyers(&db)).await.is_empty());
    db.close().await;
}

#[tokio::test]
async fn a_call_that_breaks_off_leaves_no_sight_behind() {
    let test = TestDb::create().await;
    two_businesses(&test).await;
    let db = Db::connect(test.connect_options(), 1).await.unwrap();
    assert_eq!(on_behalf_of(ONE, buyers(&db)).await, [1]);
    for _ in 0..20 {
        let mut broken = Box::pin(on_behalf_of(OTHER, buyers_in_a_transaction(&db)));
        assert!(futures::poll!(&mut broken).is_pending());
        drop(broken);
        assert_eq!(on_behalf_of(ONE, buyers(&db)).await, [1]);
    }
    db.close().await;
}

#[tokio::test]
async fn a_login_that_may_make_no_roles_works_and_says_what_is_off() {
    let test = TestDb::create().await;
    let name = format!("plain_{}", hex::encode(Entropy::system().bytes::<8>()));
    let server = test.db.pool();
    for statement in [
        format!("create role {name} login password 'plain'"),
        format!("grant all on database {} to {name}", database(&test)),
        format!("create schema own authorization {name}"),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(server).await.unwrap();
    }
    let connect =
        || test.connect_options().username(&name).password("plain").options([("search_path", "own")]);
    let db = Db::connect(connect(), 2).await.unwrap();
    migrate::migrate(&db, &Clock::system(), &Entropy::system()).await.unwrap();
    let fence = db.fence().await.unwrap();
    assert_eq!(fence, Fence::NotGiven);
    assert!(
        fence.sentence().contains("may not act as the role") && fence.fix().contains("grant vyapar_tenant")
    );
    let both = sqlx::query("insert into visit_counters (tenant_id, buyers) values ($1, 1), ($2, 2)");
    both.bind(ONE.uuid()).bind(OTHER.uuid()).execute(db.pool()).await.unwrap();
    assert_eq!(on_behalf_of(ONE, buyers(&db)).await, [1, 2], "off, and the product goes on");
    db.close().await;

    // As `doctor` says how.
    sqlx::query(AssertSqlSafe(format!("grant vyapar_tenant to {name}"))).execute(server).await.unwrap();
    let db = Db::connect(connect(), 2).await.unwrap();
    migrate::migrate(&db, &Clock::system(), &Entropy::system()).await.unwrap();
    assert_eq!(db.fence().await.unwrap(), Fence::Up);
    assert_eq!(on_behalf_of(ONE, buyers(&db)).await, [1]);
    assert_eq!(buyers(&db).await, [1, 2], "the owner of the tables sees all");
    db.close().await;
    for statement in [format!("drop owned by {name} cascade"), format!("drop role {name}")] {
        sqlx::query(AssertSqlSafe(statement)).execute(server).await.unwrap();
    }
}

fn database(test: &TestDb) -> String {
    test.connect_options().get_database().unwrap().to_owned()
}
