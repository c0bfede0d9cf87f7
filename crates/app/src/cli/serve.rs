//! `vyapar serve`

use std::process::ExitCode;

use crate::server::{Server, run_until_told};
use crate::{Config, report};

pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    platform::telemetry::start(config.log.format, &config.log.filter);
    Box::pin(run_until_told(config, announce)).await?;
    Ok(ExitCode::SUCCESS)
}

fn announce(server: &Server) {
    for part in report::parts(&server.app).iter().filter(|part| !part.on) {
        tracing::warn!(part = part.name.as_str(), fix = part.fix, "{}", part.sentence);
    }
    tracing::info!(
        http = %server.http, https = ?server.https, redirect = ?server.leads_on, database = server.database(), public_url = server.app.config.public_url(), "ready"
    );
}
