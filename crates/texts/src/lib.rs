//! Short messages to telephones, by SMS and WhatsApp, through the carrier that the configuration names.
//!
//! **Invariants.** What is sent and the carrier's secret cross a network only over TLS; an emulator on this machine may do without. What a
//! carrier says when it refuses is not repeated, but for its number: its words name the person. Numbers of other countries than the
//! configured ones are not written to: each message costs money, and strangers choose whom it goes to.
//!
//! **Deliberately absent**: a queue and retries, which are the callers' jobs; limits, which are their rows; messages that come in; news of
//! whether a message arrived.

mod carrier;
mod config;
mod twilio;

use std::sync::Arc;

pub use carrier::{Carrier, Content, NotSent, Text};
pub use config::{Config, ConfigError, WhatsApp};

/// The configured carrier; none where there is none.
///
/// # Errors
/// Settings that cannot be used.
pub fn carrier(config: &Config) -> Result<Option<Arc<dyn Carrier>>, ConfigError> {
    Ok(config.account()?.map(|account| Arc::new(twilio::Twilio::new(account)) as Arc<dyn Carrier>))
}
