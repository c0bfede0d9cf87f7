//! The platform on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod db;
mod jobs;
mod migrate;
mod outbox;
mod postgres;
mod tenancy;
