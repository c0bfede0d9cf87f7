//! Every SQL statement of this context.
//!
//! Lock order: `sync_heads` by tenant and subscriber, last in the caller's transaction. Tickets and push subscriptions are
//! written in transactions of their own and wait for nobody.

pub(crate) mod log;
mod personal;
pub(crate) mod push;
pub(crate) mod tickets;
