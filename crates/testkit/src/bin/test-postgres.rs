//! Starts a throw-away PostgreSQL for tests, prints its address, and stops it on end of input or a signal. With
//! `--migrated` the address is of a database that has our schema.

use std::io::Write;

use platform::postgres::{Mode, Options, Postgres};
use platform::{Clock, Db, Entropy, migrate};
use sqlx::ConnectOptions;
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Under /var/tmp, where an unprivileged account reaches it.
    let dir = tempfile::Builder::new().prefix("vyapar-test-").tempdir_in("/var/tmp")?;
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711))?;
    let options = Options {
        mode: Mode::Auto,
        url: None,
        data_dir: dir.path().to_owned(),
        system_dir: None,
        bundle_dir: None,
        // Nobody mourns these data: speed over durability.
        settings: ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]
            .map(str::to_owned)
            .to_vec(),
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
