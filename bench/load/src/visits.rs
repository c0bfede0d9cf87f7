//! 100 visits at 10 stalls: 200 sockets, a message each 2 s in every visit, alternately from either side.
//!
//! Measured is the time from sending a message to the frame in the other side's language on the other side's socket; that none is
//! lost and none comes twice; and every API call made meanwhile. With a peer, shorter rounds on the same schedule follow.

mod ours;
mod peer;
mod rounds;
mod schedule;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use app::phone::Phone;
use clap::Args;

use crate::server::{Server, data_dir};
use crate::tally::Tally;
use schedule::{EVERY, Window, play};

/// How long, and beside what.
#[derive(Debug, Args)]
pub struct Arguments {
    /// For how long, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the peer's program is: rounds beside it follow.
    #[arg(long)]
    peer: Option<PathBuf>,
    /// How many rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each round is measured, in seconds.
    #[arg(long, default_value_t = 20)]
    round_seconds: u64,
}

/// Runs it and prints what it measured.
pub async fn run(vyapar: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    alone(vyapar, Duration::from_secs(arguments.seconds.min(600))).await?;
    let Some(peer) = &arguments.peer else { return Ok(()) };
    let length = Duration::from_secs(arguments.round_seconds.min(600));
    rounds::run(vyapar, peer, arguments.rounds.min(20), length).await
}

/// The whole of it, while a vendor looks at every page.
async fn alone(vyapar: &Path, length: Duration) -> anyhow::Result<()> {
    let data = data_dir()?;
    let server = Server::start(vyapar, data.path()).await?;
    let (pairs, watcher) = ours::seat(&server.url, 0).await?;
    println!(
        "{} visits, {} sockets, a message each {} s for {} s",
        pairs.len(),
        pairs.len() * 2,
        EVERY.as_secs(),
        length.as_secs()
    );
    let cpu = server.cpu_s()?;
    let window = Window::new(Duration::ZERO, length);
    let calls = tokio::spawn(watch(watcher, window.until));
    let found = play(pairs, window).await?;
    let mut calls = calls.await??;
    println!("send → frame at the other side  {}", found.frames);
    println!("POST of a message               {}", found.answers);
    calls.extend(found.answers);
    println!("every API call                  {calls}");
    println!("lost {}, doubled {}", found.lost, found.doubled);
    println!("server: {} MB resident at most, {:.1} CPU-s", server.rss_peak_mb()?, server.cpu_s()? - cpu);
    server.stop().await
}

/// What a vendor looks at meanwhile.
async fn watch((mut vendor, visit): (Phone, String), until: Instant) -> anyhow::Result<Tally> {
    let mut calls = Tally::default();
    let pages = [
        "/visits",
        "/products",
        "/orders",
        "/wallet",
        "/stall",
        "/stall/qr",
        "/documents",
        "/capabilities",
        "/me",
    ]
    .map(str::to_owned);
    let pages = pages.into_iter().chain([format!("/visits/{visit}"), format!("/visits/{visit}/messages")]);
    for page in pages.collect::<Vec<_>>().iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        let asked = Instant::now();
        vendor.get(page).await?;
        calls.note(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(calls)
}
