//! What tests stand on.
//!
//! [`TestDb`] is a PostgreSQL database of the test's own, copied from a template that the first test of a run migrates.
//! The server is the one that `VYAPAR_TEST_DATABASE_URL` names; `make test` starts one, and
//! `cargo run -p testkit --bin test-postgres` starts one for a single crate's tests.

mod db;

pub use db::TestDb;
