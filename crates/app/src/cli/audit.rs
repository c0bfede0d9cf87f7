//! `vyapar audit verify`, `vyapar audit heads`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use identity::audit::heads::{Seal, heads};
use identity::audit::verify::verify;
use platform::keys::Keyring;
use platform::postgres::Postgres;
use platform::{Clock, Db, Entropy};

use crate::Config;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Recomputes every chain of the trail; fails at the first entry of each that is not as it was written.
    Verify {
        /// What `vyapar audit heads` printed before: the trail must still hold it.
        #[arg(long)]
        since: Option<PathBuf>,
    },
    /// Prints where each chain ends, signed: kept elsewhere, it shows later that history was not rewritten.
    Heads,
}

pub async fn run(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    let entropy = Entropy::system();
    let postgres = Postgres::join_or_start(&config.postgres_options(), &entropy).await?;
    let db = Db::connect(postgres.connect_options().clone(), 2).await?;
    let seal = Keyring::load(&config.keys, &config.data_dir, &entropy).map(|keyring| Seal::new(&keyring));
    let answer = match command {
        Command::Verify { since } => check(&db, &seal?, since).await,
        Command::Heads => print(&db, &seal?).await,
    };
    db.close().await;
    postgres.stop().await;
    answer
}

async fn check(db: &Db, seal: &Seal, since: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let exported = match since {
        Some(file) => {
            let text = std::fs::read_to_string(&file);
            seal.read(&text.with_context(|| format!("{} cannot be read", file.display()))?)?
        }
        None => Vec::new(),
    };
    let verdict = verify(db, &exported).await?;
    println!("{} chains, {} entries", verdict.chains, verdict.entries);
    for fault in &verdict.faults {
        println!("✗ {fault}");
    }
    let said =
        if verdict.is_sound() { "every entry follows from the one before" } else { "the trail is broken" };
    println!("{said}");
    Ok(if verdict.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn print(db: &Db, seal: &Seal) -> anyhow::Result<ExitCode> {
    print!("{}", seal.export(&heads(db).await?, Clock::system().now()));
    Ok(ExitCode::SUCCESS)
}
