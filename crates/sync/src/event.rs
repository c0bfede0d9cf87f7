//! What happened, as the log keeps it and as a socket sends it.

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use serde_json::Value;
use types::VisitId;
use uuid::Uuid;

/// Something that a subscriber has to hear, once and in order.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// What it is: `message`, `offer`, `order` …
    pub kind: &'static str,
    /// The visit it belongs to, where it belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<VisitId>,
    /// The thing itself, as the API would show it to this subscriber.
    pub data: Value,
}

/// A numbered event in its frame. `payload` is the JSON of an [`Event`]; it is not read again.
pub(crate) fn frame(seq: i64, payload: &str) -> Utf8Bytes {
    format!(r#"{{"type":"event","seq":{seq},"event":{payload}}}"#).into()
}

/// The first thing a server says.
pub(crate) fn welcome(epoch: Uuid, seq: i64, heartbeat_s: u64) -> Utf8Bytes {
    format!(r#"{{"type":"welcome","epoch":"{epoch}","seq":{seq},"heartbeat_s":{heartbeat_s}}}"#).into()
}

/// "Are you there?"
pub(crate) const PING: Utf8Bytes = Utf8Bytes::from_static(r#"{"type":"ping"}"#);
/// "Something cannot be sent any more: load anew." The socket closes after it.
pub(crate) const RESYNC: Utf8Bytes = Utf8Bytes::from_static(r#"{"type":"resync"}"#);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn frames_are_what_the_client_reads() {
        let event =
            Event { kind: "message", visit_id: None, data: json!({"text": "ஐந்து \"kg\""}) };
        let text = frame(121, &serde_json::to_string(&event).unwrap());
        let read: Value = serde_json::from_str(&text).unwrap();
        let inner = json!({"kind": "message", "data": {"text": "ஐந்து \"kg\""}});
        assert_eq!(read, json!({"type": "event", "seq": 121, "event": inner}));
        let read: Value = serde_json::from_str(&welcome(Uuid::nil(), 7, 20)).unwrap();
        assert_eq!(
            read,
            json!({"type": "welcome", "epoch": "00000000-0000-0000-0000-000000000000", "seq": 7, "heartbeat_s": 20})
        );
    }
}
