//! Webhooks: events as the vendor writes, signs and delivers them.
//!
//! The body is a snapshot made when the event happened; it is written and signed once, so that every attempt carries
//! the same bytes. One merchant's deliveries go out one after the other, which keeps runs repeatable.

mod fault;
mod post_room;
mod sender;

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::agenda::Task;
use super::desk::Desk;

pub use fault::{WebhookFault, WebhookFaultKind};
pub use post_room::{Attempt, Delivery, DeliveryState};

pub(crate) use fault::RULES_MAX as FAULTS_MAX;
pub(crate) use post_room::PostRoom;
pub(crate) use sender::send_due;

/// The most webhooks one merchant may set, as the vendor allows.
pub const ENDPOINTS_MAX: usize = 30;

/// The vendor counts an endpoint that takes longer to answer as failed.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The events this emulator fires.
pub const EVENTS: [&str; 10] = [
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "order.paid",
    "qr_code.created",
    "qr_code.credited",
    "qr_code.closed",
    "refund.created",
    "refund.processed",
    "refund.failed",
];

/// Where a merchant wants to hear of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// An `http` address on this machine: the emulator calls nobody else.
    pub url: String,
    /// Signs the body.
    pub secret: String,
    /// The events wanted; all where absent.
    #[serde(default)]
    pub events: Option<Vec<String>>,
    /// Switched off by the vendor after a day of failures.
    #[serde(default = "active")]
    pub active: bool,
}

fn active() -> bool {
    true
}

impl Endpoint {
    /// A webhook for all events.
    pub fn new(url: &str, secret: &str) -> Self {
        Self { url: url.to_owned(), secret: secret.to_owned(), events: None, active: true }
    }

    pub(crate) fn invalid(&self) -> Option<&'static str> {
        let url = reqwest::Url::parse(&self.url).ok();
        let local =
            url.as_ref().filter(|url| url.scheme() == "http").and_then(reqwest::Url::host_str).is_some_and(
                |host| {
                    let host = host.trim_start_matches('[').trim_end_matches(']');
                    host == "localhost"
                        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
                },
            );
        let known = |event: &String| EVENTS.contains(&event.as_str());
        match self {
            _ if !local => Some("url must be an http address on this machine"),
            endpoint if endpoint.secret.is_empty() || endpoint.secret.len() > 256 => {
                Some("secret must have 1 to 256 bytes")
            }
            endpoint if !endpoint.events.iter().flatten().all(known) => Some("events must be known events"),
            _ => None,
        }
    }

    fn wants(&self, event: &str) -> bool {
        self.active && self.events.as_ref().is_none_or(|wanted| wanted.iter().any(|name| name == event))
    }
}

/// The vendor's signature: hex HMAC-SHA256.
pub(crate) fn sign(message: &[u8], secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// Writes an event down and puts its deliveries on the agenda.
pub(crate) fn announce(desk: &mut Desk<'_>, event: &'static str, entities: &[(&'static str, Value)]) {
    let body = envelope(desk, event, entities);
    let event_id = desk.bench.entropy.token(14);
    let wanting: Vec<Endpoint> =
        desk.merchant.endpoints.iter().filter(|endpoint| endpoint.wants(event)).cloned().collect();
    for endpoint in wanting {
        let deliveries = fault::drafts(&mut desk.merchant.webhook_faults, event, desk.now_ms);
        for draft in deliveries {
            let flip_at = draft.flip.then(|| desk.bench.entropy.below(body.len()));
            let delivery = Delivery::new(
                desk.number,
                (event, &event_id),
                &endpoint,
                &body,
                &draft,
                (desk.now_ms, flip_at),
            );
            let id = desk.bench.post_room.accept(delivery);
            if !draft.lost {
                desk.bench.agenda.enter(draft.due_ms, desk.number, Task::Deliver(id));
            }
        }
    }
}

fn envelope(desk: &Desk<'_>, event: &str, entities: &[(&'static str, Value)]) -> Vec<u8> {
    let contains: Vec<&str> = entities.iter().map(|(name, _)| *name).collect();
    let payload: Map<String, Value> = entities
        .iter()
        .map(|(name, entity)| ((*name).to_owned(), json!({ "entity": as_announced(event, entity) })))
        .collect();
    let body = json!({
        "entity": "event",
        "account_id": desk.merchant.account_id,
        "event": event,
        "contains": contains,
        "payload": payload,
        "created_at": desk.now_s,
    });
    body.to_string().into_bytes()
}

/// Captured payments carry two more fields in webhooks than in answers.
fn as_announced(event: &str, entity: &Value) -> Value {
    let mut entity = entity.clone();
    if (event == "payment.captured" || event.starts_with("refund."))
        && entity["entity"] == "payment"
        && let Some(map) = entity.as_object_mut()
    {
        let amount = map.get("amount").cloned().unwrap_or_default();
        map.insert("base_amount".to_owned(), amount);
        map.insert("amount_transferred".to_owned(), 0.into());
    }
    entity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_rfc_4231() {
        // Test case 2 of RFC 4231.
        assert_eq!(
            sign(b"what do ya want for nothing?", "Jefe"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn webhooks_go_to_this_machine_only() {
        for url in ["http://127.0.0.1:8080/hook", "http://localhost/hook", "http://[::1]:9/hook"] {
            assert_eq!(Endpoint::new(url, "s").invalid(), None, "{url}");
        }
        for url in [
            "http://10.0.0.8/hook",
            "https://127.0.0.1/",
            "http://example.com/",
            "file:///etc/passwd",
            "nonsense",
        ] {
            assert!(Endpoint::new(url, "s").invalid().is_some(), "{url}");
        }
    }
}
