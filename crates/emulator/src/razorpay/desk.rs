//! One merchant's place at the gateway: its account, and what all accounts share.

use serde::Serialize;
use serde_json::Value;

use super::merchant::Merchant;
use super::task::Task;
use super::webhook::announce;
use crate::agenda::Agenda;
use crate::delivery::PostRoom;
use crate::entropy::Entropy;

/// What all merchants share.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) entropy: Entropy,
    pub(crate) agenda: Agenda<Task>,
    pub(crate) post_room: PostRoom,
    /// Where the pay pages are, without a slash at the end.
    pub(crate) public_url: String,
}

/// A merchant at work, at one moment. Every change of the gateway's state is a method of this type.
pub(crate) struct Desk<'world> {
    pub(crate) merchant: &'world mut Merchant,
    pub(crate) number: usize,
    pub(crate) bench: &'world mut Bench,
    /// The moment, in seconds since 1970.
    pub(crate) now_s: i64,
    /// The same moment in milliseconds.
    pub(crate) now_ms: i64,
}

/// The entity as the vendor sends it.
pub(crate) fn wire(entity: &impl Serialize) -> Value {
    serde_json::to_value(entity).expect("entities have string keys and finite numbers")
}

impl Desk<'_> {
    /// A new id of 14 letters and digits behind its prefix.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.bench.entropy.token(14))
    }

    /// Enters something to happen at `at_s`, seconds since 1970.
    pub(crate) fn schedule(&mut self, at_s: i64, task: Task) {
        self.bench.agenda.enter(at_s.saturating_mul(1000), self.number, task);
    }

    /// Tells the merchant's webhooks of an event, with the entities as they are now.
    pub(crate) fn announce<const N: usize>(
        &mut self,
        event: &'static str,
        entities: &[(&'static str, Value); N],
    ) {
        announce(self, event, entities);
    }
}
