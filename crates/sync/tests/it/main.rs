//! sync on a real PostgreSQL, through its router, with real sockets.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod bounds;
mod device;
mod lives;
mod log;
mod purge;
mod push;
mod server;
mod signals;
mod tickets;
