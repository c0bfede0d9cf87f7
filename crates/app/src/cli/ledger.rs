//! `vyapar ledger check`, `vyapar ledger explain ID`

use std::process::ExitCode;

use ::ledger::Ledger;
use clap::Subcommand;
use platform::postgres::Postgres;
use platform::{Clock, Db, Entropy};
use uuid::Uuid;

use crate::Config;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Recomputes every balance from its transfers; fails where anything differs.
    Check,
    /// Tells why money moved: the id of a transfer, a payment or a refund.
    Explain {
        /// The id.
        id: Uuid,
    },
}

pub async fn run(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    let entropy = Entropy::system();
    let postgres = Postgres::join_or_start(&config.postgres_options(), &entropy).await?;
    let db = Db::connect(postgres.connect_options().clone(), 2).await?;
    let ledger = Ledger::new(Clock::system(), entropy);
    let answer = match command {
        Command::Check => check(&ledger, &db).await,
        Command::Explain { id } => explain(&ledger, &db, id).await,
    };
    db.close().await;
    postgres.stop().await;
    answer
}

async fn check(ledger: &Ledger, db: &Db) -> anyhow::Result<ExitCode> {
    let report = ledger.check(&mut *db.acquire().await?).await?;
    println!(
        "{} accounts, {} transfers; debits {} and credits {} of the smallest unit, difference {}",
        report.accounts,
        report.transfers,
        report.debits_minor,
        report.credits_minor,
        report.debits_minor - report.credits_minor,
    );
    println!(
        "pending: debits {} and credits {}, difference {}",
        report.debits_pending_minor,
        report.credits_pending_minor,
        report.debits_pending_minor - report.credits_pending_minor,
    );
    for fault in &report.faults {
        println!("✗ {fault}");
    }
    println!(
        "{}",
        if report.is_sound() {
            "every balance follows from its transfers"
        } else {
            "the books are not sound"
        }
    );
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn explain(ledger: &Ledger, db: &Db, id: Uuid) -> anyhow::Result<ExitCode> {
    let explained = ledger.explain(&mut *db.acquire().await?, id).await?;
    if explained.is_empty() {
        println!("no money moved because of {id}");
        return Ok(ExitCode::FAILURE);
    }
    for posting in &explained {
        println!("{posting}");
    }
    Ok(ExitCode::SUCCESS)
}
