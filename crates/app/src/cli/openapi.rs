//! `vyapar openapi`: the document, without a database behind it.

use std::process::ExitCode;

use platform::{Clock, Db, Entropy};
use sqlx::postgres::PgConnectOptions;

use crate::wiring::{App, Ground};
use crate::{Config, router};

pub fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    let entropy = Entropy::system();
    let scratch = tempfile::tempdir()?;
    scratch.path().clone_into(&mut config.data_dir);
    // Routes are made from contexts, and contexts hold a pool; nothing here asks it for a connection.
    let db = Db::lazy(PgConnectOptions::new_without_pgpass(), 1);
    let app = App::new(config, Ground { db, clock: Clock::system(), entropy })?;
    let (_, document) = router::api(&app);
    println!("{}", serde_json::to_string_pretty(&crate::openapi::json(&document))?);
    Ok(ExitCode::SUCCESS)
}
