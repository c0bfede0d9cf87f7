//! The peer: `pgbench`, one row and one commit at a time.

use std::path::PathBuf;
use std::time::Duration;

use platform::Db;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;

/// One row of about the size that a ledger of its own would have.
const INSERT: &str = "insert into plain_rows (debit, credit, amount_minor, at)
    values (gen_random_uuid(), gen_random_uuid(), 5, now());";

/// `pgbench` with what it needs to connect.
#[derive(Debug)]
pub struct Pgbench {
    program: PathBuf,
    url: String,
    script: PathBuf,
}

impl Pgbench {
    /// Makes the table and the script.
    pub async fn prepare(options: &PgConnectOptions, db: &Db) -> Self {
        let table = "create table plain_rows (id bigint generated always as identity primary key, debit uuid not null,
            credit uuid not null, amount_minor bigint not null, at timestamptz not null)";
        sqlx::query(table).execute(db.pool()).await.unwrap();
        let script = std::env::temp_dir().join(format!("vyapar-bench-insert-{}.sql", std::process::id()));
        std::fs::write(&script, INSERT.replace('\n', " ")).unwrap();
        // The driver's own parameters mean nothing to libpq.
        let url = options.to_url_lossy();
        let url = url.as_str().split('?').next().unwrap_or_default().to_owned();
        Self { program: find(), url, script }
    }

    /// Rows a second, from when all clients are connected: for that they get time of their own.
    pub async fn inserts_per_s(&self, clients: usize, during: Duration) -> u64 {
        let connecting = Duration::from_millis(20) * u32::try_from(clients).unwrap();
        let seconds = (during + connecting).as_secs();
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--client"])
            .arg(clients.to_string())
            .args(["--time", &seconds.to_string(), "--file"])
            .arg(&self.script)
            .arg(&self.url)
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        let rate =
            told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(['.', ' ']).next()?.parse().ok());
        rate.unwrap_or_else(|| panic!("pgbench says {told} {}", String::from_utf8_lossy(&output.stderr)))
    }
}

impl Drop for Pgbench {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.script);
    }
}

/// On the path, or where Debian keeps it.
fn find() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin/pgbench"))
        .filter(|program| program.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from("pgbench"))
}
