//! What the other side is doing: signals of a visit, and how far its talk has come.

use async_trait::async_trait;
use parley::Side;
use sync::{Relay, Sender, Signal, SignalKind, Subscriber};

use crate::Negotiation;
use crate::db::{messages, visits};
use crate::news::subscriber;
use crate::room::Party;
use crate::visit::{Reached, Visit};

#[async_trait]
impl Relay for Negotiation {
    async fn relay(&self, from: Subscriber, signal: &Signal) -> anyhow::Result<Option<Subscriber>> {
        let mut connection = self.db.acquire().await?;
        let found = visits::find(&mut connection, from.tenant(), signal.visit_id, self.clock.now()).await?;
        let Some((visit, side)) = found.and_then(|visit| side_of(from, &visit).map(|side| (visit, side)))
        else {
            return Ok(None);
        };
        if signal.kind == SignalKind::Recording {
            self.expect_speech(Party::side(visit.tenant, visit.id, side));
        }
        // The other side hears only of its own doing that it was noticed.
        if matches!(signal.kind, SignalKind::Heard | SignalKind::Seen) {
            let Some(id) = signal.message_id else { return Ok(None) };
            let message = messages::find(&mut connection, visit.tenant, id).await?;
            let Some(message) = message.filter(|m| m.visit == visit.id && m.audience.includes(side)) else {
                return Ok(None);
            };
            let seen_seq = if signal.kind == SignalKind::Seen { message.seq } else { 0 };
            let reached = Reached { delivered_seq: message.seq, seen_seq };
            visits::mark_reached(&mut connection, visit.tenant, visit.id, side, reached).await?;
        }
        Ok(Some(subscriber(&visit, side.other())))
    }
}

/// Which side of a visit a subscriber is; none where it is not in it.
fn side_of(from: Subscriber, visit: &Visit) -> Option<Side> {
    [Side::Buyer, Side::Vendor].into_iter().find(|side| subscriber(visit, *side) == from)
}

/// A side as signals name it.
pub const fn sender(side: Side) -> Sender {
    match side {
        Side::Buyer => Sender::Buyer,
        Side::Vendor => Sender::Vendor,
    }
}
