//! Billing on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod access;
mod credit;
mod desk;
mod issuing;
mod plans;
mod profiles;
