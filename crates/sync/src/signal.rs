//! Signals: what is worth telling only at the moment it happens.

use async_trait::async_trait;
use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use types::{MessageId, VisitId};

use crate::Subscriber;

/// What somebody is doing right now. Not numbered, not kept, lost where a line is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Signal {
    /// What.
    pub kind: SignalKind,
    /// In which visit.
    pub visit_id: VisitId,
    /// Who.
    pub by: Sender,
    /// Which message was heard or seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
}

/// What is signalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// Somebody types.
    Typing,
    /// Somebody holds the button and speaks.
    Recording,
    /// A message was played.
    Heard,
    /// A message was on the screen.
    Seen,
}

/// Which side of a visit a signal comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The guest.
    Buyer,
    /// The stall.
    Vendor,
}

/// Knows who takes part in a visit. Sync itself does not.
#[async_trait]
pub trait Relay: Send + Sync {
    /// Who else hears this signal; `None` drops it: a visit that is not the sender's, or is over. The implementor may keep
    /// what a signal tells (that a message was seen).
    async fn relay(&self, from: Subscriber, signal: &Signal) -> anyhow::Result<Option<Subscriber>>;
}

/// A signal as a client sends it. Who sends it is known from the socket: a `by` is not read.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Draft {
    kind: SignalKind,
    visit_id: VisitId,
    message_id: Option<MessageId>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "signal")]
struct Frame {
    signal: Signal,
}

impl Signal {
    /// The signal in its frame.
    pub(crate) fn frame(self) -> Utf8Bytes {
        serde_json::to_string(&Frame { signal: self }).expect("ids and names are JSON").into()
    }
}

impl Draft {
    pub(crate) fn of(self, from: Subscriber) -> Signal {
        let by = if from.guest_id().is_some() { Sender::Buyer } else { Sender::Vendor };
        Signal { kind: self.kind, visit_id: self.visit_id, by, message_id: self.message_id }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use types::{GuestId, TenantId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn who_signals_is_known_from_the_socket() {
        let id = "01932f5e-8a5c-7c3e-9d54-0123456789ab";
        let sent = json!({"kind": "seen", "visit_id": id, "by": "vendor", "message_id": id});
        let draft: Draft = serde_json::from_value(sent).unwrap();
        let id_of = Uuid::from_u128;
        let buyer = Subscriber::guest(TenantId::from_uuid(id_of(1)), GuestId::from_uuid(id_of(2)));
        let frame: Value = serde_json::from_str(&draft.of(buyer).frame()).unwrap();
        let signal = json!({"kind": "seen", "visit_id": id, "by": "buyer", "message_id": id});
        assert_eq!(frame, json!({"type": "signal", "signal": signal}));
    }
}
