//! Deliveries and what became of them.

use std::collections::{BTreeMap, VecDeque};

use serde::{Serialize, Serializer};

use super::fault::{Draft, drafts};
use super::{Endpoint, Habits, WebhookFault};
use crate::entropy::Entropy;

/// The most deliveries kept; past it the oldest is forgotten.
pub(crate) const DELIVERIES_MAX: usize = 20_000;

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
    /// The body as it is signed.
    #[serde(serialize_with = "as_text")]
    pub body: Vec<u8>,
    /// The signature of the last attempt.
    pub signature: String,
    /// What was tried.
    pub attempts: Vec<Attempt>,
    #[serde(skip)]
    pub(crate) account: usize,
    #[serde(skip)]
    secret: String,
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
    /// All attempts failed.
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
    pub(crate) account: usize,
    pub(crate) delivery: u64,
    pub(crate) url: String,
    pub(crate) body: Vec<u8>,
    /// The vendor's own headers.
    pub(crate) headers: Vec<(&'static str, String)>,
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
    /// The vendor tries no more.
    GiveUp,
}

/// An event to tell of.
#[derive(Debug)]
pub(crate) struct News<'a> {
    pub(crate) account: usize,
    pub(crate) event: &'static str,
    pub(crate) event_id: &'a str,
    pub(crate) body: &'a [u8],
    /// When it happened, in milliseconds since 1970.
    pub(crate) at_ms: i64,
}

/// A delivery that was taken in.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) id: u64,
    /// When it is to be sent; a lost one is not.
    pub(crate) due_ms: Option<i64>,
}

/// All deliveries, and for each account which is to go out next.
#[derive(Debug)]
pub(crate) struct PostRoom {
    habits: &'static Habits,
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
    fn new(news: &News<'_>, endpoint: &Endpoint, draft: &Draft, flip_at: Option<usize>) -> Self {
        let secret =
            if draft.wrong_secret { format!("not {}", endpoint.secret) } else { endpoint.secret.clone() };
        Self {
            id: 0,
            event: news.event,
            event_id: news.event_id.to_owned(),
            url: endpoint.url.clone(),
            state: if draft.lost { DeliveryState::Lost } else { DeliveryState::Pending },
            created_ms: news.at_ms,
            due_ms: draft.due_ms,
            body: news.body.to_vec(),
            signature: String::new(),
            attempts: Vec::new(),
            account: news.account,
            secret,
            at_once: draft.at_once,
            flip_at,
        }
    }

    fn sign(&mut self, habits: &Habits, now_ms: i64) {
        self.signature = (habits.sign)(&self.body, &self.secret, now_ms);
    }

    fn outgoing(&mut self, habits: &Habits, now_ms: i64) -> Outgoing {
        self.sign(habits, now_ms);
        let mut body = self.body.clone();
        let first = self.attempts.is_empty();
        if let Some(byte) = self.flip_at.filter(|_| first).and_then(|at| body.get_mut(at)) {
            *byte ^= 1;
        }
        let mut headers = vec![(habits.signature_header, self.signature.clone())];
        headers.extend(habits.event_id_header.map(|name| (name, self.event_id.clone())));
        Outgoing {
            account: self.account,
            delivery: self.id,
            url: self.url.clone(),
            body,
            headers,
            copies: if first { self.at_once } else { 1 },
        }
    }
}

impl PostRoom {
    pub(crate) fn new(habits: &'static Habits) -> Self {
        Self { habits, deliveries: BTreeMap::new(), lanes: BTreeMap::new(), accepted: 0 }
    }

    /// Makes the deliveries of an event, as the rules of what goes wrong have it.
    pub(crate) fn post(
        &mut self,
        news: &News<'_>,
        endpoints: &[Endpoint],
        faults: &mut Vec<WebhookFault>,
        entropy: &mut Entropy,
    ) -> Vec<Posted> {
        let mut posted = Vec::new();
        for endpoint in endpoints.iter().filter(|endpoint| endpoint.wants(news.event)) {
            for draft in drafts(faults, news.event, news.at_ms) {
                let flip_at = draft.flip.then(|| entropy.below(news.body.len()));
                let id = self.accept(Delivery::new(news, endpoint, &draft, flip_at));
                posted.push(Posted { id, due_ms: (!draft.lost).then_some(draft.due_ms) });
            }
        }
        posted
    }

    /// Takes a delivery in and numbers it.
    fn accept(&mut self, mut delivery: Delivery) -> u64 {
        if self.deliveries.len() >= DELIVERIES_MAX
            && let Some((id, forgotten)) = self.deliveries.pop_first()
        {
            tracing::warn!(id, event = forgotten.event, "the oldest webhook delivery is forgotten");
        }
        self.accepted += 1;
        delivery.id = self.accepted;
        delivery.sign(self.habits, delivery.created_ms);
        self.deliveries.insert(delivery.id, delivery);
        self.accepted
    }

    /// Queues a delivery whose time has come.
    pub(crate) fn make_ready(&mut self, account: usize, id: u64) {
        self.lanes.entry(account).or_default().ready.push_back(id);
    }

    /// The next request of every account that has none under way, signed now.
    pub(crate) fn take_outgoing(&mut self, now_ms: i64) -> Vec<Outgoing> {
        let mut outgoing = Vec::new();
        for lane in self.lanes.values_mut().filter(|lane| !lane.busy) {
            while let Some(id) = lane.ready.pop_front() {
                let Some(delivery) = self.deliveries.get_mut(&id) else { continue };
                if delivery.state == DeliveryState::Pending {
                    delivery.state = DeliveryState::Sending;
                    lane.busy = true;
                    outgoing.push(delivery.outgoing(self.habits, now_ms));
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

    /// Records an attempt and frees the account's lane.
    pub(crate) fn finish(&mut self, sent: &Outgoing, attempts: Vec<Attempt>, now_ms: i64) -> Next {
        if let Some(lane) = self.lanes.get_mut(&sent.account) {
            lane.busy = false;
        }
        let Some(delivery) = self.deliveries.get_mut(&sent.delivery) else { return Next::Nothing };
        let succeeded = attempts.iter().any(Attempt::succeeded);
        delivery.attempts.extend(attempts);
        if succeeded {
            delivery.state = DeliveryState::Delivered;
            return Next::Nothing;
        }
        let due_ms = now_ms + (self.habits.retry_ms)(delivery.attempts.len());
        if due_ms - delivery.created_ms > self.habits.retry_for_ms {
            delivery.state = DeliveryState::GivenUp;
            return Next::GiveUp;
        }
        delivery.state = DeliveryState::Pending;
        delivery.due_ms = due_ms;
        Next::Retry { due_ms }
    }

    /// Makes a delivery ready again at once: sound, once, and signed with the endpoint's present secret.
    pub(crate) fn resend(&mut self, id: u64, secret: Option<&str>, now_ms: i64) {
        let Some(delivery) = self.deliveries.get_mut(&id) else { return };
        if let Some(secret) = secret {
            secret.clone_into(&mut delivery.secret);
        }
        delivery.state = DeliveryState::Pending;
        delivery.due_ms = now_ms;
        (delivery.flip_at, delivery.at_once) = (None, 1);
        let account = delivery.account;
        self.make_ready(account, id);
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Delivery> {
        self.deliveries.get(&id)
    }

    pub(crate) fn of_account(&self, account: usize) -> impl Iterator<Item = &Delivery> {
        self.deliveries.values().filter(move |delivery| delivery.account == account)
    }
}
