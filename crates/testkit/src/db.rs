//! A database a test.

use chrono::{DateTime, Utc};
use platform::{Clock, Db, Entropy, migrate};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// Connections a test's database may use.
const CONNECTIONS_MAX: u32 = 10;

/// A migrated, empty database, with the clock and the randomness to use beside it. Dropped with the value.
#[derive(Debug)]
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// A clock that stands at 2026-11-23T09:30:00Z until the test moves it.
    pub clock: Clock,
    /// Randomness of the system: ids do not repeat between tests.
    pub entropy: Entropy,
    name: String,
    server: PgConnectOptions,
}

impl TestDb {
    /// Makes a database for one test.
    ///
    /// # Panics
    /// Where there is no server: says how to get one.
    pub async fn create() -> Self {
        let server = server();
        let entropy = Entropy::system();
        let template = ensure_template(&server, &entropy).await;
        let name = format!("test_{}", hex::encode(entropy.bytes::<8>()));
        let mut connection = server.connect().await.expect("the test server answers");
        create_database(&mut connection, &name, Some(&template)).await.expect("a database can be copied");
        connection.close().await.expect("the connection closes");
        let db = Db::connect(server.clone().database(&name), CONNECTIONS_MAX)
            .await
            .expect("the new database answers");
        Self { db, clock: Clock::manual(start()), entropy, name, server }
    }

    /// How to connect to this database, for a process of its own.
    pub fn connect_options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// The address of this database, for `DATABASE_URL`.
    pub fn url(&self) -> String {
        self.connect_options().to_url_lossy().to_string()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // The test's runtime is ending: the clean-up has one of its own.
        let cleanup = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let drop_database = async {
                let mut connection = server.connect().await?;
                let statement = format!("drop database if exists {name} with (force)");
                sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await
            };
            runtime.map(|r| r.block_on(drop_database)).is_ok()
        });
        let _ = cleanup.join();
    }
}

fn server() -> PgConnectOptions {
    let url = std::env::var("VYAPAR_TEST_DATABASE_URL").expect(
        "VYAPAR_TEST_DATABASE_URL is not set: run the tests with `make test`, or start a server with \
         `cargo run -p testkit --bin test-postgres` and set what it prints",
    );
    url.parse().expect("VYAPAR_TEST_DATABASE_URL is a PostgreSQL address")
}

fn start() -> DateTime<Utc> {
    "2026-11-23T09:30:00Z".parse().expect("a time")
}

/// The name of the migrated template; made by whichever test comes first.
async fn ensure_template(server: &PgConnectOptions, entropy: &Entropy) -> String {
    let template = format!("template_{}", migrate::fingerprint());
    let mut connection = server.connect().await.expect("the test server answers");
    let exists = sqlx::query("select 1 from pg_database where datname = $1").bind(&template);
    if exists.fetch_optional(&mut connection).await.expect("the catalogue reads").is_none() {
        let draft = format!("draft_{}", hex::encode(entropy.bytes::<8>()));
        create_database(&mut connection, &draft, None).await.expect("a database can be made");
        let db = Db::connect(server.clone().database(&draft), 2).await.expect("the draft answers");
        migrate::migrate(&db, &Clock::system(), entropy).await.expect("the migrations apply");
        db.pool().close().await;
        // Renaming is atomic: where another test was faster, its template serves and the draft goes.
        let rename = format!("alter database {draft} rename to {template}");
        if sqlx::query(AssertSqlSafe(rename)).execute(&mut connection).await.is_err() {
            let clean = format!("drop database {draft} with (force)");
            sqlx::query(AssertSqlSafe(clean))
                .execute(&mut connection)
                .await
                .expect("the draft can be dropped");
        }
    }
    template
}

async fn create_database(
    connection: &mut PgConnection,
    name: &str,
    template: Option<&str>,
) -> Result<(), sqlx::Error> {
    let template = template.unwrap_or("template1");
    // The template is small and nothing waits for the checkpoint: copying its files is quicker than logging each page.
    let statement = format!("create database {name} template {template} strategy file_copy");
    // Copying needs the template to itself for a moment; another test may be copying it right now.
    let mut tries = 0;
    loop {
        match sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *connection).await {
            Err(error) if is_busy(&error) && tries < 200 => tries += 1,
            other => return other.map(drop),
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
}

/// `object_in_use`: somebody is connected to the template.
fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "55006")
}
