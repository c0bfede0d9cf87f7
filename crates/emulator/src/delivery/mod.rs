//! Webhooks on their way, alike for every vendor that sends them.
//!
//! The body is written once, so that every attempt carries the same bytes. One account's deliveries go out one after the
//! other, which keeps runs repeatable. What vendors do differently is in [`Habits`].

mod endpoint;
mod fault;
mod post_room;
mod sender;

pub use endpoint::Endpoint;
pub use fault::{WebhookFault, WebhookFaultKind};
pub use post_room::{Attempt, Delivery, DeliveryState};

pub(crate) use fault::RULES_MAX as FAULTS_MAX;
pub(crate) use post_room::{News, Next, Outgoing, PostRoom};
pub(crate) use sender::{Carrier, Taken, send_due};

/// How one vendor signs and retries.
#[derive(Debug)]
pub(crate) struct Habits {
    /// The header that carries the signature.
    pub(crate) signature_header: &'static str,
    /// The header that carries the event's id, where the vendor sends one.
    pub(crate) event_id_header: Option<&'static str>,
    /// The header's value for a body, a secret and the time of the attempt in milliseconds since 1970.
    pub(crate) sign: fn(&[u8], &str, i64) -> String,
    /// How long the vendor waits after so many failed attempts.
    pub(crate) retry_ms: fn(usize) -> i64,
    /// How long after the event the vendor gives up.
    pub(crate) retry_for_ms: i64,
}
