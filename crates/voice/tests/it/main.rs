//! The context as others use it: real programs, the emulated vendor, no database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_input;
mod bhashini;
mod setting;
mod speech;
mod talk;
mod without_tools;
