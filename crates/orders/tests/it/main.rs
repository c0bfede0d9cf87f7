//! Orders on a real PostgreSQL, over the real contexts below.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod agreeing;
mod disputes;
mod documents;
mod gateway;
mod late_money;
mod market;
mod paying;
mod payment_requests;
mod races;
mod reading;
mod recipients;
mod refunding;
