//! What tests stand on.
//!
//! [`TestDb`] is a PostgreSQL database of the test's own, copied from a template that the first test of a run migrates.
//! The server is the one that `VYAPAR_TEST_DATABASE_URL` names; `make test` starts one, and
//! `cargo run -p testkit --bin test-postgres` starts one for a single crate's tests. [`statements`] counts what a request asks
//! of it. [`Mailbox`] is a mail server that keeps what it gets.

mod db;
mod mailbox;
mod statements;

pub use db::TestDb;
pub use mailbox::{Mail, Mailbox};
pub use statements::statements;
