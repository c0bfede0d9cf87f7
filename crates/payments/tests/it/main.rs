//! Payments on a real PostgreSQL, against the emulated gateway.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod bank;
mod checkout;
mod commission;
mod disputes;
mod faults;
mod late;
mod mandates;
mod paying;
mod payout_histories;
mod payouts;
mod profile;
mod provider;
mod reconciling;
mod refunds;
mod replaced;
mod settlement_files;
mod settling;
mod stall;
mod stripe;
mod tcs;
mod top_up;
mod top_ups;
mod wallet;
mod webhooks;
