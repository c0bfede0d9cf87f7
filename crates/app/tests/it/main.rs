//! The whole program: its own process, a real PostgreSQL, emulated vendors, phones over HTTP and sockets.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod acme;
mod bad_input;
mod commands;
mod contract;
mod crews;
mod demo;
mod edges;
mod fences;
mod floors;
mod gateway;
mod grievances;
mod kept_visits;
mod killed;
mod locking;
mod missing_tools;
mod moderation;
mod operator;
mod owing;
mod permissions;
mod place;
mod privacy;
mod process;
mod providers;
mod scanner;
mod sealed;
mod secrets;
mod seeds;
mod story;
mod switches;
mod top_up;
mod transport;
