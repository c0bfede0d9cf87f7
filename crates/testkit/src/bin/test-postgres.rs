//! Starts a throw-away PostgreSQL for tests, prints its address, and stops it on end of input or a signal. With
//! `--migrated` the address is of a database that has our schema.

use std::io::Write;

use platform::postgres::{Mode, Options, Postgres};
use platform::{Clock, Db, Entropy, migrate};
use sqlx::ConnectOptions;
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

/// Where the data are made in memory; copying a database there takes a tenth of the time.
const MEMORY: &str = "/dev/shm";
/// What must be free in memory for that: far more than a run takes.
const MEMORY_BYTES_MIN: u64 = 3 << 30;
/// Where they are made otherwise: an unprivileged account reaches it.
const DISK: &str = "/var/tmp";

const SETTINGS: [&str; 5] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "max_wal_size=512MB",
];

/// The folder in which the data are made.
fn parent() -> &'static str {
    let free = rustix::fs::statvfs(MEMORY).map_or(0, |fs| fs.f_bavail.saturating_mul(fs.f_frsize));
    if free.min(memory_available()) >= MEMORY_BYTES_MIN { MEMORY } else { DISK }
}

/// The bytes of memory that programs can still have; none where the kernel does not say.
fn memory_available() -> u64 {
    let known = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = known.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or(0, |kilobytes| kilobytes.saturating_mul(1024))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::Builder::new().prefix("vyapar-test-").tempdir_in(parent())?;
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711))?;
    let options = Options {
        mode: Mode::Auto,
        url: None,
        data_dir: dir.path().to_owned(),
        system_dir: None,
        bundle_dir: None,
        // Nobody mourns these data: speed over durability.
        settings: SETTINGS.map(str::to_owned).to_vec(),
    };
    let postgres = Postgres::start(&options, &Entropy::system()).await?;
    if std::env::args().any(|a| a == "--migrated") {
        let db = Db::connect(postgres.connect_options().clone(), 2).await?;
        migrate::migrate(&db, &Clock::system(), &Entropy::system()).await?;
    }
    println!("{}", postgres.connect_options().to_url_lossy());
    std::io::stdout().flush()?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut input = tokio::io::stdin();
    let mut ignored = [0; 64];
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
        () = async { while input.read(&mut ignored).await.is_ok_and(|n| n > 0) {} } => {}
    }
    postgres.stop().await;
    drop(dir);
    // Returning would wait for the read of standard input, which nothing can cancel.
    std::process::exit(0)
}
