//! The whole program: its own process, a real PostgreSQL, emulated vendors, phones over HTTP and sockets.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod bad_input;
mod commands;
mod contract;
mod demo;
mod edges;
mod fences;
mod gateway;
mod kept_visits;
mod killed;
mod locking;
mod missing_tools;
mod operator;
mod permissions;
mod privacy;
mod process;
mod scanner;
mod secrets;
mod seeds;
mod story;
mod top_up;
mod transport;
