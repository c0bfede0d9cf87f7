//! Webhooks: events as the vendor writes, signs and delivers them.
//!
//! The body is a snapshot made when the event happened; it is written and signed once, so that every attempt carries
//! the same bytes. One merchant's deliveries go out one after the other, which keeps runs repeatable.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::desk::Desk;
use super::task::Task;
use crate::delivery::{Habits, News};

/// The most webhooks one merchant may set, as the vendor allows.
pub const ENDPOINTS_MAX: usize = 30;

/// The vendor counts an endpoint that takes longer to answer as failed.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(5);

const RETRY_MS_FIRST: i64 = 5_000;
const RETRY_MS_MAX: i64 = 3_600_000;

/// The events this emulator fires.
pub const EVENTS: [&str; 25] = [
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
    "payout.queued",
    "payout.initiated",
    "payout.processed",
    "payout.failed",
    "payout.reversed",
    "payment.dispute.created",
    "payment.dispute.under_review",
    "payment.dispute.action_required",
    "payment.dispute.won",
    "payment.dispute.lost",
    "payment.dispute.closed",
    "token.confirmed",
    "token.rejected",
    "token.paused",
    "token.cancelled",
];

/// The vendor's signature: hex HMAC-SHA256.
pub(crate) fn sign(message: &[u8], secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// How the vendor delivers: signed by body alone, retried for a day, after which the endpoint is switched off.
pub(crate) const HABITS: Habits = Habits {
    signature_header: "X-Razorpay-Signature",
    event_id_header: Some("x-razorpay-event-id"),
    sign: |body, secret, _now_ms| sign(body, secret),
    retry_ms,
    retry_for_ms: 24 * 3_600_000,
};

/// How long the vendor waits after so many failed attempts.
fn retry_ms(attempts: usize) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    (RETRY_MS_FIRST << doublings).min(RETRY_MS_MAX)
}

/// Writes an event down and puts its deliveries on the agenda.
pub(crate) fn announce(desk: &mut Desk<'_>, event: &'static str, entities: &[(&'static str, Value)]) {
    let body = envelope(desk, event, entities);
    let event_id = desk.bench.entropy.token(14);
    let news = News { account: desk.number, event, event_id: &event_id, body: &body, at_ms: desk.now_ms };
    let bench = &mut *desk.bench;
    let posted = bench.post_room.post(
        &news,
        &desk.merchant.endpoints,
        &mut desk.merchant.webhook_faults,
        &mut bench.entropy,
    );
    for delivery in posted {
        if let Some(due_ms) = delivery.due_ms {
            desk.bench.agenda.enter(due_ms, desk.number, Task::Deliver(delivery.id));
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
    fn retries_back_off_to_an_hour() {
        let waits: Vec<i64> = [1, 2, 3, 10, 11, 500].into_iter().map(retry_ms).collect();
        assert_eq!(waits, [5_000, 10_000, 20_000, 2_560_000, 3_600_000, 3_600_000]);
    }
}
