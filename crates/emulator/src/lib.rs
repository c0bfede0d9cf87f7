#![doc = include_str!("../README.md")]

pub mod bhashini;
mod clock;
mod control;
mod entropy;
mod fault;
mod outbound;
pub mod razorpay;
mod server;

pub use clock::Clock;
pub use fault::{ApiFault, CALLS_MAX, Call, DELAY_MS_MAX, FaultKind, RULES_MAX, When};
pub use server::{Emulator, Options, serve};

pub use bhashini::Bhashini;
pub use razorpay::Razorpay;
