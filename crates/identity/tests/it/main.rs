//! Identity on a real PostgreSQL, through its router and middleware.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod accounts;
mod audit;
mod browser;
mod devices;
mod guests;
mod invitations;
mod logs;
mod operators;
mod second_factor;
mod sessions;
mod teams;
mod throttling;
