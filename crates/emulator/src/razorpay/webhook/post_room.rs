//! Deliveries and what became of them.

use std::collections::{BTreeMap, VecDeque};

use serde::{Serialize, Serializer};

use super::fault::Draft;
use super::{Endpoint, sign};

/// The most deliveries kept; past it the oldest is forgotten.
pub(crate) const DELIVERIES_MAX: usize = 20_000;
const RETRY_MS_FIRST: i64 = 5_000;
const RETRY_MS_MAX: i64 = 3_600_000;
/// The vendor retries for a day after the event and then switches the endpoint off.
const RETRY_FOR_MS: i64 = 24 * 3_600_000;

/// One event on its way to one endpoint.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// The number to resend it by.
    pub id: u64,
    /// The event.
    pub event: &'static str,
    /// The vendor's id of the event, the same for every copy and attempt.
    pub event_id: String,
    /// Where it goes.
    pub url: String,
    /// What became of it.
    pub state: DeliveryState,
    /// When the event happened, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it is sent next.
    pub due_ms: i64,
    /// The body as it was signed.
    #[serde(serialize_with = "as_text")]
    pub body: Vec<u8>,
    /// Its signature.
    pub signature: String,
    /// What was tried.
    pub attempts: Vec<Attempt>,
    #[serde(skip)]
    pub(crate) merchant: usize,
    #[serde(skip)]
    at_once: u32,
    #[serde(skip)]
    flip_at: Option<usize>,
}

fn as_text<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its time, or for its turn.
    Pending,
    /// It is being sent.
    Sending,
    /// The endpoint answered 2xx.
    Delivered,
    /// It was lost on command.
    Lost,
    /// A day of attempts failed.
    GivenUp,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When it began, in milliseconds since 1970.
    pub at_ms: i64,
    /// The endpoint's answer, where there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
}

impl Attempt {
    fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// A request to send.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) merchant: usize,
    pub(crate) delivery: u64,
    pub(crate) url: String,
    pub(crate) body: Vec<u8>,
    pub(crate) signature: String,
    pub(crate) event_id: String,
    pub(crate) copies: u32,
}

/// What follows from a finished attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Nothing,
    /// Try again at this time.
    Retry {
        due_ms: i64,
    },
    /// A day of attempts failed: the endpoint is switched off.
    SwitchOff,
}

/// All deliveries, and for each merchant which is to go out next.
#[derive(Debug, Default)]
pub(crate) struct PostRoom {
    deliveries: BTreeMap<u64, Delivery>,
    lanes: BTreeMap<usize, Lane>,
    accepted: u64,
}

#[derive(Debug, Default)]
struct Lane {
    ready: VecDeque<u64>,
    busy: bool,
}

impl Delivery {
    pub(crate) fn new(
        merchant: usize,
        event: (&'static str, &str),
        endpoint: &Endpoint,
        body: &[u8],
        draft: &Draft,
        (created_ms, flip_at): (i64, Option<usize>),
    ) -> Self {
        let secret =
            if draft.wrong_secret { format!("not {}", endpoint.secret) } else { endpoint.secret.clone() };
        Self {
            id: 0,
            event: event.0,
            event_id: event.1.to_owned(),
            url: endpoint.url.clone(),
            state: if draft.lost { DeliveryState::Lost } else { DeliveryState::Pending },
            created_ms,
            due_ms: draft.due_ms,
            signature: sign(body, &secret),
            body: body.to_vec(),
            attempts: Vec::new(),
            merchant,
            at_once: draft.at_once,
            flip_at,
        }
    }

    fn outgoing(&self) -> Outgoing {
        let mut body = self.body.clone();
        let first = self.attempts.is_empty();
        if let Some(byte) = self.flip_at.filter(|_| first).and_then(|at| body.get_mut(at)) {
            *byte ^= 1;
        }
        Outgoing {
            merchant: self.merchant,
            delivery: self.id,
            url: self.url.clone(),
            body,
            signature: self.signature.clone(),
            event_id: self.event_id.clone(),
            copies: if first { self.at_once } else { 1 },
        }
    }
}

impl PostRoom {
    /// Takes a delivery in and numbers it.
    pub(crate) fn accept(&mut self, mut delivery: Delivery) -> u64 {
        if self.deliveries.len() >= DELIVERIES_MAX
            && let Some((id, forgotten)) = self.deliveries.pop_first()
        {
            tracing::warn!(id, event = forgotten.event, "the oldest webhook delivery is forgotten");
        }
        self.accepted += 1;
        delivery.id = self.accepted;
        self.deliveries.insert(delivery.id, delivery);
        self.accepted
    }

    /// Queues a delivery whose time has come.
    pub(crate) fn make_ready(&mut self, merchant: usize, id: u64) {
        self.lanes.entry(merchant).or_default().ready.push_back(id);
    }

    /// The next request of every merchant that has none under way.
    pub(crate) fn take_outgoing(&mut self) -> Vec<Outgoing> {
        let mut outgoing = Vec::new();
        for lane in self.lanes.values_mut().filter(|lane| !lane.busy) {
            while let Some(id) = lane.ready.pop_front() {
                let Some(delivery) = self.deliveries.get_mut(&id) else { continue };
                if delivery.state == DeliveryState::Pending {
                    delivery.state = DeliveryState::Sending;
                    lane.busy = true;
                    outgoing.push(delivery.outgoing());
                    break;
                }
            }
        }
        outgoing
    }

    /// Whether nothing is under way or ready.
    pub(crate) fn is_idle(&self) -> bool {
        self.lanes.values().all(|lane| !lane.busy && lane.ready.is_empty())
    }

    /// Records an attempt and frees the merchant's lane.
    pub(crate) fn finish(&mut self, sent: &Outgoing, attempts: Vec<Attempt>, now_ms: i64) -> Next {
        let merchant = sent.merchant;
        if let Some(lane) = self.lanes.get_mut(&merchant) {
            lane.busy = false;
        }
        let Some(delivery) = self.deliveries.get_mut(&sent.delivery) else { return Next::Nothing };
        let succeeded = attempts.iter().any(Attempt::succeeded);
        delivery.attempts.extend(attempts);
        if succeeded {
            delivery.state = DeliveryState::Delivered;
            return Next::Nothing;
        }
        let due_ms = now_ms + retry_ms(delivery.attempts.len());
        if due_ms - delivery.created_ms > RETRY_FOR_MS {
            delivery.state = DeliveryState::GivenUp;
            return Next::SwitchOff;
        }
        delivery.state = DeliveryState::Pending;
        delivery.due_ms = due_ms;
        Next::Retry { due_ms }
    }

    /// Makes a delivery ready again at once: sound, once, and signed with the endpoint's present secret.
    pub(crate) fn resend(&mut self, id: u64, secret: Option<&str>, now_ms: i64) {
        let Some(delivery) = self.deliveries.get_mut(&id) else { return };
        if let Some(secret) = secret {
            delivery.signature = sign(&delivery.body, secret);
        }
        delivery.state = DeliveryState::Pending;
        delivery.due_ms = now_ms;
        (delivery.flip_at, delivery.at_once) = (None, 1);
        let merchant = delivery.merchant;
        self.make_ready(merchant, id);
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Delivery> {
        self.deliveries.get(&id)
    }

    pub(crate) fn of_merchant(&self, merchant: usize) -> impl Iterator<Item = &Delivery> {
        self.deliveries.values().filter(move |delivery| delivery.merchant == merchant)
    }
}

/// How long the vendor waits after so many failed attempts.
fn retry_ms(attempts: usize) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    (RETRY_MS_FIRST << doublings).min(RETRY_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_back_off_to_an_hour() {
        let waits: Vec<i64> = [1, 2, 3, 10, 11, 500].into_iter().map(retry_ms).collect();
        assert_eq!(waits, [5_000, 10_000, 20_000, 2_560_000, 3_600_000, 3_600_000]);
    }
}
