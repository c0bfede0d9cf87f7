//! `vyapar keys list`, `vyapar keys add`, `vyapar keys rotate`

use std::process::ExitCode;

use clap::Subcommand;
use platform::keys::{KeyId, Keyring};
use platform::postgres::Postgres;
use platform::{Clock, Db, Entropy, migrate};

use crate::Config;
use crate::wiring::{App, Ground};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Names the master keys, oldest first, and what each has sealed.
    List,
    /// Adds a new key to the file: it seals from now on. Servers that run read it when they first meet it.
    Add,
    /// Seals account numbers, recordings and second factors with the newest key, while servers run. Broken off, it goes on when it is called again.
    Rotate,
}

pub async fn run(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    let entropy = Entropy::system();
    if matches!(command, Command::Add) {
        let keyring = Keyring::load(&config.keys, &config.data_dir, &entropy)?;
        println!("{} seals from now on; seal the rest with `vyapar keys rotate`", keyring.add(&entropy)?);
        return Ok(ExitCode::SUCCESS);
    }
    let postgres = Postgres::join_or_start(&config.postgres_options(), &entropy).await?;
    let answer = Box::pin(with_app(config, &postgres, entropy, command)).await;
    postgres.stop().await;
    answer
}

async fn with_app(
    config: Config,
    postgres: &Postgres,
    entropy: Entropy,
    command: Command,
) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let db = Db::connect(postgres.connect_options().clone(), 4).await?;
    migrate::migrate(&db, &clock, &entropy).await?;
    let keyring = Keyring::load(&config.keys, &config.data_dir, &entropy)?;
    let app = App::new(config, Ground { db: db.clone(), clock, entropy })?;
    let answer = match command {
        Command::Rotate => rotate(&app, &keyring).await,
        Command::List | Command::Add => list(&app, &keyring).await,
    };
    db.close().await;
    answer
}

async fn list(app: &App, keyring: &Keyring) -> anyhow::Result<ExitCode> {
    let kinds = [
        ("account numbers", app.payments.sealed_with().await?),
        ("recordings", app.negotiation.sealed_with().await?),
        ("second factors", app.identity.sealed_with().await?),
    ];
    let ids = keyring.ids();
    for (n, id) in ids.iter().enumerate() {
        let mut does: Vec<String> = Vec::new();
        does.extend((n == 0).then(|| "signs".to_owned()));
        does.extend((n + 1 == ids.len()).then(|| "seals".to_owned()));
        for (kind, counts) in &kinds {
            // What has no name was sealed with the first.
            let is_its = |key: &Option<KeyId>| key.map_or(n == 0, |key| key == *id);
            let count: i64 = counts.iter().filter(|(key, _)| is_its(key)).map(|(_, count)| count).sum();
            does.push(format!("{count} {kind}"));
        }
        println!("{id}  {}", does.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

async fn rotate(app: &App, keyring: &Keyring) -> anyhow::Result<ExitCode> {
    let mut done = app.payments.seal_again().await?;
    done += app.negotiation.seal_again().await?;
    done += app.identity.seal_again().await?;
    let newest = keyring.ids().last().map(ToString::to_string).unwrap_or_default();
    println!("{} values sealed again with {newest}", done.sealed);
    if done.unopenable > 0 {
        println!("{} values open with no key there is, and stay as they are", done.unopenable);
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
