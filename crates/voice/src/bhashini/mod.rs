//! BHASHINI, the Indian government's language platform: recognition, translation and speech.

mod config;

pub use config::{Config, Gender, ServiceIds};
