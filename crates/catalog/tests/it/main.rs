//! Catalog on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod bad_input;
mod books;
mod goods;
mod holds;
mod products;
mod qr;
mod races;
mod retries;
mod shop;
mod stall;
mod stock;
