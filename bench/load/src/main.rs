//! Loads a server on this machine as phones would. Bounded in count and time; stops what it starts.

mod cpu;
mod rows;
mod server;
mod sign_ins;
mod spoken;
mod stall;
mod start;
mod tally;
mod visits;
mod webhooks;

use std::path::PathBuf;

use anyhow::bail;
use app::signals::StopSignals;
use clap::{Parser, Subcommand};

/// Measurements of a running server, and of its database.
#[derive(Debug, Parser)]
struct Arguments {
    /// The release binary.
    #[arg(long, default_value = "target/release/vyapar")]
    vyapar: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 100 visits on 200 sockets, a message each 2 s in every visit; beside a peer, where one is given.
    Visits(visits::Arguments),
    /// From the end of a spoken offer to the first sound at the other side.
    Spoken {
        /// The recording (WAV, English).
        #[arg(long)]
        recording: PathBuf,
        /// How often.
        #[arg(long, default_value_t = 20)]
        times: usize,
    },
    /// Signed webhooks over connections that stay open: how many a second are verified, stored and acknowledged.
    Webhooks(webhooks::Arguments),
    /// Wrong passwords, many at once, beside people who are signed in; and what looking at a session costs.
    SignIns(sign_ins::Arguments),
    /// What it costs that PostgreSQL keeps the rows of businesses apart, too.
    Rows,
    /// From the start of `vyapar serve` to its first answer, and its memory when idle.
    Start,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { vyapar, command } = Arguments::parse();
    let measure = async {
        match command {
            Command::Visits(arguments) => visits::run(&vyapar, &arguments).await,
            Command::Spoken { recording, times } => spoken::run(&vyapar, &recording, times.min(200)).await,
            Command::Webhooks(arguments) => webhooks::run(&vyapar, &arguments).await,
            Command::SignIns(arguments) => sign_ins::run(&vyapar, &arguments).await,
            Command::Rows => Box::pin(rows::run()).await,
            Command::Start => start::run(&vyapar).await,
        }
    };
    // What was started is stopped when it is dropped.
    let mut stop = StopSignals::listen()?;
    tokio::select! {
        measured = measure => measured,
        () = stop.told() => bail!("told to stop"),
    }
}
