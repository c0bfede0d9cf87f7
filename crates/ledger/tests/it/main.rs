//! The books on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod batches;
mod books;
mod check;
mod entries;
mod faults;
mod faulty;
mod histories;
mod model;
mod past;
mod posting;
mod races;
mod reversal;
mod two_phase;
