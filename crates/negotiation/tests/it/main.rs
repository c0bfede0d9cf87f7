//! Bargaining over HTTP, on a real database and the real contexts below.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod asking;
mod binding;
mod consents;
mod contract;
mod doors;
mod head_start;
mod input;
mod lists;
mod market;
mod news;
mod phone;
mod races;
mod retries;
mod story;
mod voices;
