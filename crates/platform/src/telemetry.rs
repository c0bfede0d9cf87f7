//! Logs: JSON lines for machines, one readable line for people.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Readable in a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// One readable line.
    Readable,
}

/// Starts logging to standard error; `filter` as in `RUST_LOG` (`info,sqlx=warn`). A second call does nothing.
pub fn start(format: LogFormat, filter: &str) {
    let readable = match format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Json => false,
        LogFormat::Readable => true,
    };
    let builder = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info")));
    // Where another subscriber is installed already (tests), that one stays.
    let _ = if readable {
        builder.compact().with_target(false).without_time().try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
}
