//! How fast the server is ready, with a new database and with one that exists, and what it holds when idle.

use std::path::Path;
use std::time::Duration;

use crate::server::{Server, data_dir};

/// Runs it and prints what it measured.
pub async fn run(vyapar: &Path) -> anyhow::Result<()> {
    let data = data_dir()?;
    for name in ["new database", "existing database", "existing database"] {
        let server = Server::start(vyapar, data.path()).await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let (ready, rss) = (server.ready_after.as_secs_f64(), server.rss_mb()?);
        println!("{name:<18} ready after {ready:.2} s, {rss} MB resident when idle");
        server.stop().await?;
    }
    Ok(())
}
