//! Identity on a real PostgreSQL, through its router and middleware.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod accounts;
mod api_keys;
mod app_tokens;
mod audit;
mod authenticator;
mod browser;
mod consents;
mod devices;
mod exchange;
mod guests;
mod invitations;
mod issuer;
mod logs;
mod mail;
mod openid;
mod operators;
mod passkeys;
mod pictures;
mod second_factor;
mod sessions;
mod teams;
mod text_limits;
mod texts;
mod throttling;
