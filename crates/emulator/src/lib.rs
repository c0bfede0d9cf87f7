#![doc = include_str!("../README.md")]
// The objects of Stripe have more fields than the default lets a JSON literal hold.
#![recursion_limit = "256"]

mod agenda;
pub mod bhashini;
mod clock;
mod control;
mod delivery;
mod entropy;
mod fault;
mod outbound;
pub mod razorpay;
mod server;
mod shelf;
pub mod stripe;
pub mod twilio;

pub use clock::Clock;
pub use fault::{ApiFault, CALLS_MAX, Call, DELAY_MS_MAX, FaultKind, RULES_MAX, When};
pub use server::{Emulator, Options, serve};

pub use bhashini::Bhashini;
pub use razorpay::Razorpay;
pub use stripe::Stripe;
pub use twilio::Twilio;
