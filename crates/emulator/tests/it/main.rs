//! The emulator over HTTP, as the product and a person meet it.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod api_faults;
mod bhashini;
mod checkout;
mod control;
mod disputes;
mod mandates;
mod payments;
mod payouts;
mod qr_codes;
mod refunds;
mod settlements;
mod shop;
mod stripe;
mod webhooks;
