//! The program: configuration, wiring of the contexts, router, listeners, worker and command line.
//!
//! **Invariants.** Contexts meet here and nowhere else: [`wiring`] makes each once and says which event becomes which job.
//! Whatever is missing outside (keys, programs, models) is said in one sentence by [`report`], and the product starts without it.
//!
//! **Deliberately absent**: product rules. What an offer, a payment or an invoice is belongs to its context.

pub mod acme;
pub mod assets;
pub mod cli;
pub mod config;
mod headers;
mod http;
pub mod limits;
mod openapi;
mod oversight;
pub mod permissions;
pub mod phone;
mod redirect;
pub mod report;
pub mod router;
pub mod server;
pub mod signals;
mod superseded;
pub mod switched;
mod tls;
pub mod wiring;

pub use config::Config;
