//! `vyapar migrate`

use std::process::ExitCode;

use platform::postgres::Postgres;
use platform::{Clock, Db, Entropy};

use crate::Config;

pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let entropy = Entropy::system();
    let postgres = Postgres::join_or_start(&config.postgres_options(), &entropy).await?;
    let db = Db::connect(postgres.connect_options().clone(), 2).await?;
    let migrated = platform::migrate::migrate(&db, &Clock::system(), &entropy).await;
    db.close().await;
    postgres.stop().await;
    migrated?;
    println!("the schema is up to date ({})", platform::migrate::fingerprint());
    Ok(ExitCode::SUCCESS)
}
