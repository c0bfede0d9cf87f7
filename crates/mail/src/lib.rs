//! Letters through the mail server that the configuration names.
//!
//! **Invariants.** What is sent and the password of the server cross a network only over TLS that the server proved itself on; a server on
//! this machine may do without. A letter that is sent twice has the same id, so that mail programs show it once. What a server says when
//! it refuses is not repeated: it names the person.
//!
//! **Deliberately absent**: a queue and retries, which are the callers' jobs; pictures, HTML and attachments.

mod config;
mod mailer;

pub use config::{Config, ConfigError};
pub use mailer::{Letter, Mailer, NotSent};
