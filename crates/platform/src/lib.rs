//! What every context stands on.
//!
//! Time, randomness, the database, problems, background jobs, the outbox, keys, sealed data, blobs, the register of personal data,
//! the scanner and outbound HTTP.
//!
//! **Invariants.** No context reads a clock or a random source but through [`Clock`] and [`Entropy`]. No SQL statement
//! calls `now()`. Slow or fallible outside work is a job enqueued in the transaction that needs it.
//!
//! **Deliberately absent**: anything that fewer than three contexts use, and every product rule.

pub mod blob;
mod clock;
pub mod config;
pub mod csv;
pub mod db;
pub mod entitlement;
mod entropy;
pub mod extract;
pub mod http;
pub mod jobs;
pub mod kept;
pub mod keys;
pub mod lease;
pub mod limit;
pub mod meter;
pub mod migrate;
mod nudge;
pub mod outbox;
pub mod page;
pub mod personal;
pub mod postgres;
pub mod problem;
pub mod retention;
pub mod scan;
pub mod seal;
pub mod sent;
pub mod telemetry;
pub mod tenancy;
pub mod text;

pub use clock::Clock;
pub use db::{Db, RetryHint};
pub use entropy::Entropy;
pub use nudge::Nudge;
pub use problem::{Problem, ProblemType};
