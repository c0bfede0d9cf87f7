//! The context as others use it: real programs, the emulated vendor, no database.

mod bad_input;
mod bhashini;
mod setting;
mod speech;
mod talk;
mod without_tools;
