//! Events: what happened, as the vendor lists it and sends it to webhooks.
//!
//! The object in an event is a snapshot made when it happened.

use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::error::Result;
use super::listing::{Listed, Page};
use super::params::Params;
use super::task::Task;
use super::webhook_signature;
use crate::delivery::{DeliveryState, Habits, News};
use crate::shelf::Kept;

/// The version of the API that answers and events are written in.
pub const API_VERSION: &str = "2026-10-28.endive";

/// The events this emulator fires.
pub const EVENTS: [&str; 51] = [
    "charge.captured",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.expired",
    "charge.failed",
    "charge.refund.updated",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.created",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
    "customer.updated",
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.voided",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "payment_method.attached",
    "payment_method.detached",
    "payout.canceled",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "payout.reconciliation_completed",
    "price.created",
    "price.updated",
    "product.created",
    "product.updated",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "setup_intent.canceled",
    "setup_intent.created",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
];

const RETRY_MS_FIRST: i64 = 60_000;
const RETRY_MS_MAX: i64 = 12 * 3_600_000;

/// How the vendor delivers: each attempt is signed with its own time, and retried for three days.
pub(crate) const HABITS: Habits = Habits {
    signature_header: "Stripe-Signature",
    event_id_header: None,
    sign: webhook_signature::header,
    retry_ms,
    retry_for_ms: 3 * 24 * 3_600_000,
};

fn retry_ms(attempts: usize) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    (RETRY_MS_FIRST << doublings).min(RETRY_MS_MAX)
}

#[derive(Debug)]
pub(crate) struct Event {
    id: String,
    kind: &'static str,
    created: i64,
    object: Value,
    previous: Option<Value>,
    request: Option<String>,
    idempotency_key: Option<String>,
    deliveries: Vec<u64>,
}

impl Kept for Event {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Event {
    const KIND: &'static str = "event";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Event {
    fn shown(&self, pending_webhooks: usize) -> Value {
        let mut data = json!({ "object": self.object });
        if let Some(previous) = &self.previous {
            data["previous_attributes"] = previous.clone();
        }
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": data,
            "livemode": false,
            "pending_webhooks": pending_webhooks,
            "request": { "id": self.request, "idempotency_key": self.idempotency_key },
            "type": self.kind,
        })
    }
}

/// The attributes of `before` that are no longer so.
pub(crate) fn changed(before: &Value, now: &Value) -> Value {
    let empty = Map::new();
    let attributes = before.as_object().unwrap_or(&empty).iter();
    let changed = attributes.filter(|(name, value)| now.get(name.as_str()) != Some(value));
    Value::Object(changed.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Writes an event down and puts its deliveries on the agenda.
pub(crate) fn announce(desk: &mut Desk<'_>, kind: &'static str, object: Value, previous: Option<Value>) {
    let mut event = Event {
        id: desk.id("evt_"),
        kind,
        created: desk.now_s,
        object,
        previous,
        request: desk.cause.request.clone(),
        idempotency_key: desk.cause.idempotency_key.clone(),
        deliveries: Vec::new(),
    };
    let wanting = desk.account.endpoints.iter().filter(|endpoint| endpoint.wants(kind)).count();
    let body = event.shown(wanting).to_string();
    let news = News {
        account: desk.number,
        event: kind,
        event_id: &event.id,
        body: body.as_bytes(),
        at_ms: desk.now_ms,
    };
    let bench = &mut *desk.bench;
    let (endpoints, faults) = (&desk.account.endpoints, &mut desk.account.webhook_faults);
    let posted = bench.post_room.post(&news, endpoints, faults, &mut bench.entropy);
    for delivery in posted {
        event.deliveries.push(delivery.id);
        if let Some(due_ms) = delivery.due_ms {
            desk.bench.agenda.enter(due_ms, desk.number, Task::Deliver(delivery.id));
        }
    }
    desk.account.events.put(event);
}

impl Desk<'_> {
    fn pending_webhooks(&self, event: &Event) -> usize {
        let deliveries = event.deliveries.iter().filter_map(|id| self.bench.post_room.get(*id));
        deliveries.filter(|delivery| delivery.state != DeliveryState::Delivered).count()
    }

    pub(crate) fn event(&self, id: &str) -> Result<Value> {
        let event =
            self.account.events.get(id).ok_or_else(|| super::error::Error::no_such("event", id, "id"))?;
        Ok(event.shown(self.pending_webhooks(event)))
    }

    pub(crate) fn list_events(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (kind, kinds) = (params.text("type")?, params.list("types")?);
        let delivered = params.flag("delivery_success")?;
        params.finish()?;
        let wanted = self.account.events.newest_first().filter(|event| {
            kind.as_deref().is_none_or(|kind| matches(kind, event.kind))
                && (kinds.is_empty() || kinds.iter().any(|kind| kind == event.kind))
                && delivered.is_none_or(|wanted| (self.pending_webhooks(event) == 0) == wanted)
        });
        page.of(wanted, "/v1/events", |event| event.shown(self.pending_webhooks(event)))
    }
}

/// Whether a kind is asked for, `*` standing for the end of its name.
fn matches(wanted: &str, kind: &str) -> bool {
    wanted.strip_suffix('*').map_or(wanted == kind, |start| kind.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told_as_it_was() {
        let (before, now) = (json!({ "a": 1, "b": "x" }), json!({ "a": 2, "b": "x", "c": true }));
        assert_eq!(changed(&before, &now), json!({ "a": 1 }));
    }

    #[test]
    fn retries_back_off_to_half_a_day() {
        assert_eq!([1, 2, 3, 40].map(retry_ms), [60_000, 120_000, 240_000, 43_200_000]);
    }

    #[test]
    fn a_star_asks_for_every_kind_that_starts_so() {
        assert!(matches("charge.*", "charge.refunded"));
        assert!(!matches("charge.*", "refund.created"));
    }
}
