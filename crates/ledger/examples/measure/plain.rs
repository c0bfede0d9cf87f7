//! The peer: one row and one commit at a time, by `pgbench` or, where there is none, by a loop of prepared statements.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures::future::join_all;
use platform::Db;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::process::Command;

/// One row of about the size that a ledger of its own would have.
const INSERT: &str = "insert into plain_rows (debit, credit, amount_minor, at)
    values (gen_random_uuid(), gen_random_uuid(), 5, now())";
/// Every backend is new, and reads the catalogue before its first row: until then nothing is counted.
const WARM_UP: Duration = Duration::from_secs(1);
const WARM_UP_A_CLIENT: Duration = Duration::from_millis(20);

/// Whoever inserts the rows.
#[derive(Debug)]
pub struct Plain {
    /// None where it is not installed.
    pgbench: Option<PathBuf>,
    options: PgConnectOptions,
    script: PathBuf,
}

impl Plain {
    /// Makes the table and the script.
    pub async fn prepare(options: &PgConnectOptions, db: &Db) -> Self {
        let table = "create table plain_rows (id bigint generated always as identity primary key, debit uuid not null,
            credit uuid not null, amount_minor bigint not null, at timestamptz not null)";
        sqlx::query(table).execute(db.pool()).await.unwrap();
        let script = std::env::temp_dir().join(format!("vyapar-bench-insert-{}.sql", std::process::id()));
        std::fs::write(&script, format!("{};", INSERT.replace('\n', " "))).unwrap();
        Self { pgbench: find(), options: options.clone(), script }
    }

    /// How it is named in the table.
    pub const fn name(&self) -> &'static str {
        if self.pgbench.is_some() { "INSERT by pgbench" } else { "INSERT by a loop, for there is no pgbench" }
    }

    /// Rows a second once all clients are at work.
    pub async fn inserts_per_s(&self, clients: usize, during: Duration) -> u64 {
        let warm_up = WARM_UP + WARM_UP_A_CLIENT * u32::try_from(clients).unwrap();
        match &self.pgbench {
            Some(pgbench) => self.by_pgbench(pgbench, clients, warm_up, during).await,
            None => self.by_loop(clients, warm_up, during).await,
        }
    }

    async fn by_pgbench(
        &self,
        pgbench: &PathBuf,
        clients: usize,
        warm_up: Duration,
        during: Duration,
    ) -> u64 {
        // The driver's own parameters mean nothing to libpq.
        let url = self.options.to_url_lossy();
        let url = url.as_str().split('?').next().unwrap_or_default();
        let output = Command::new(pgbench)
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--progress=1", "--client"])
            .arg(clients.to_string())
            .args(["--time", &(warm_up + during).as_secs().to_string(), "--file"])
            .arg(&self.script)
            .arg(url)
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        // `progress: 5.0 s, 4012.3 tps, lat …`, each second.
        let tps = |line: &str| line.split(", ").nth(1)?.strip_suffix(" tps")?.parse::<f64>().ok();
        let each: Vec<f64> =
            told.lines().filter(|line| line.starts_with("progress: ")).filter_map(tps).collect();
        let last = usize::try_from(during.as_secs()).unwrap().min(each.len());
        assert!(last > 0, "pgbench says {told}");
        whole(each[each.len() - last..].iter().sum::<f64>() / f64::from(u32::try_from(last).unwrap()))
    }

    async fn by_loop(&self, clients: usize, warm_up: Duration, during: Duration) -> u64 {
        let mut connections = Vec::new();
        for _ in 0..clients {
            connections.push(self.options.connect().await.unwrap());
        }
        let start = Instant::now();
        let insert = |mut connection: PgConnection| async move {
            let mut counted = 0;
            while start.elapsed() < warm_up + during {
                sqlx::query(INSERT).execute(&mut connection).await.unwrap();
                counted += u64::from(start.elapsed() > warm_up);
            }
            counted
        };
        let counted =
            join_all(connections.into_iter().map(|connection| tokio::spawn(insert(connection)))).await;
        counted.into_iter().map(Result::unwrap).sum::<u64>() / during.as_secs()
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.script);
    }
}

/// A rate without its fraction.
fn whole(rate: f64) -> u64 {
    format!("{rate:.0}").parse().unwrap()
}

/// On the path, or where Debian keeps it.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut dirs: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    dirs.sort();
    dirs.extend(std::env::split_paths(&path));
    dirs.into_iter().map(|dir| dir.join("pgbench")).rfind(|program| program.is_file())
}
