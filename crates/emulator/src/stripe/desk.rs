//! One account's place at the gateway: what it owns, and what all accounts share.

use serde_json::Value;

use super::account::Account;
use super::event;
use super::task::Task;
use crate::agenda::Agenda;
use crate::delivery::PostRoom;
use crate::entropy::Entropy;

/// What all accounts share.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) entropy: Entropy,
    pub(crate) agenda: Agenda<Task>,
    pub(crate) post_room: PostRoom,
    /// Where the hosted pages are, without a slash at the end.
    pub(crate) public_url: String,
}

/// The API call that causes what happens; nothing where it happens by itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cause {
    pub(crate) request: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// An account at work, at one moment. Every change of the gateway's state is a method of this type.
pub(crate) struct Desk<'world> {
    pub(crate) account: &'world mut Account,
    pub(crate) number: usize,
    pub(crate) bench: &'world mut Bench,
    pub(crate) cause: Cause,
    /// The moment, in seconds since 1970.
    pub(crate) now_s: i64,
    /// The same moment in milliseconds.
    pub(crate) now_ms: i64,
}

impl Desk<'_> {
    /// A new id of 24 letters and digits behind its prefix.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.bench.entropy.token(24))
    }

    /// Enters something to happen so many seconds from now.
    pub(crate) fn schedule(&mut self, after_s: u32, task: Task) {
        self.schedule_at(self.now_s.saturating_add(i64::from(after_s)), task);
    }

    /// Enters something to happen at `at_s`, seconds since 1970.
    pub(crate) fn schedule_at(&mut self, at_s: i64, task: Task) {
        self.bench.agenda.enter(at_s.saturating_mul(1000), self.number, task);
    }

    /// Tells of an event, with the object as it is now.
    pub(crate) fn announce(&mut self, kind: &'static str, object: Value) {
        event::announce(self, kind, object, None);
    }

    /// Tells of a change, with the object as it was and as it is.
    pub(crate) fn announce_change(&mut self, kind: &'static str, before: &Value, object: Value) {
        let changed = event::changed(before, &object);
        event::announce(self, kind, object, Some(changed));
    }
}
