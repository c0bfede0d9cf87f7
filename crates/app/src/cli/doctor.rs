//! `vyapar doctor`: what is on, what is off, and how to switch it on.

use std::process::ExitCode;
use std::time::Duration;

use platform::Db;
use platform::postgres::Postgres;

use crate::report::Part;
use crate::{Config, report};

/// How long a database may take to answer somebody who only looks.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);

pub async fn run(config: &Config) -> ExitCode {
    let mut parts = report::before_start(config).await;
    parts.push(provider_keys(config).await);
    for part in &parts {
        println!("{} {:<12} {}", if part.on { "✓" } else { "–" }, part.name, part.sentence);
        if !part.on && !part.fix.is_empty() {
            println!("  {:<12} → {}", "", part.fix);
        }
    }
    let vital = parts.iter().any(|part| part.vital && !part.on);
    if vital {
        println!("\nThe product cannot start until the lines about the database and the keys are mended.");
    }
    if vital { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// How many keys of providers there are, where a database runs that can be asked.
async fn provider_keys(config: &Config) -> Part {
    let of_settings = usize::from(!config.voice.outside().names.is_empty());
    let counted = async {
        let connect = Postgres::running(&config.postgres_options())?;
        let db = Db::connect(connect, 1).await.ok()?;
        let counted = voice::providers::count(&mut *db.acquire().await.ok()?).await.ok();
        db.close().await;
        counted
    };
    let counted = tokio::time::timeout(ANSWERS_WITHIN, counted).await.ok().flatten();
    let sentence = match counted {
        Some((all, on)) => format!(
            "Keys of providers: {all} in the database, {on} of them on, {of_settings} in the settings."
        ),
        None => format!(
            "Keys of providers: {of_settings} in the settings; those in the database are counted while it runs."
        ),
    };
    Part {
        name: "providers".to_owned(),
        on: of_settings > 0 || counted.is_some_and(|(_, on)| on > 0),
        vital: false,
        sentence,
        fix: "add one at /op/providers, or to the settings under voice.bhashini".to_owned(),
    }
}
