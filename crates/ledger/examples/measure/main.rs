//! How fast the books are beside single-row INSERTs of `pgbench` on the same PostgreSQL, with the same number of clients, every
//! commit durable; and how fast they still are with millions of transfers in them. `bench/ledger/run` builds and runs it.

#![expect(clippy::unwrap_used, reason = "a measurement that fails has nothing to say")]

mod clients;
mod cpu;
mod full;
mod history;
mod plain;
mod rates;
mod reads;

use std::path::PathBuf;
use std::time::Duration;

use platform::Entropy;
use platform::postgres::{Mode, Options, Postgres};

/// Connections of the pool that `post` goes through; callers beyond it wait.
const CONNECTIONS_MAX: u32 = 64;
/// Every commit durable, room for the clients, and no checkpoint in the midst of a measurement.
const SETTINGS: [&str; 5] = [
    "max_connections=600",
    "fsync=on",
    "synchronous_commit=on",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
];
/// What a server with so many transfers would be given.
const FULL_SETTINGS: [&str; 2] = ["shared_buffers=1GB", "maintenance_work_mem=512MB"];

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, or: u64| arguments.get(at).map_or(or, |given| given.parse().unwrap());
    let full = arguments.first().is_some_and(|first| first == "full");
    let dir = PathBuf::from(format!("/var/tmp/vyapar-bench-ledger-{}", std::process::id()));
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let settings = if full { [&SETTINGS[..], &FULL_SETTINGS[..]].concat() } else { SETTINGS.to_vec() };
    let postgres = Postgres::start(&options(&dir, &settings), &Entropy::system()).await.unwrap();
    println!("{}; {}", postgres.origin(), settings.join(", "));
    if full {
        full::measure(&postgres, number(1, 10).clamp(1, 100)).await;
    } else {
        let during = Duration::from_secs(number(0, 3).clamp(1, 60));
        rates::measure(&postgres, during, number(1, 3).clamp(1, 20)).await;
    }
    postgres.stop().await;
    std::fs::remove_dir_all(&dir).unwrap();
}

/// A server as the product runs its own, but for what is named.
fn options(dir: &std::path::Path, settings: &[&str]) -> Options {
    Options {
        mode: Mode::System,
        url: None,
        data_dir: dir.to_owned(),
        system_dir: None,
        bundle_dir: None,
        settings: settings.iter().copied().map(str::to_owned).collect(),
    }
}
