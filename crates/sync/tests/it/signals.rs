//! Signals: relayed, limited, lost without harm.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use sync::{Relay, Signal, SignalKind, Subscriber};
use types::VisitId;

use crate::device::Device;
use crate::server::Server;

/// A visit between two, as negotiation would know it.
struct Visit {
    id: VisitId,
    sides: [Subscriber; 2],
    asked: Mutex<Vec<SignalKind>>,
}

#[async_trait]
impl Relay for Visit {
    async fn relay(&self, from: Subscriber, signal: &Signal) -> anyhow::Result<Option<Subscriber>> {
        self.asked.lock().unwrap().push(signal.kind);
        anyhow::ensure!(signal.kind != SignalKind::Seen, "the database is away");
        let takes_part = signal.visit_id == self.id && self.sides.contains(&from);
        Ok(self.sides.into_iter().find(|side| takes_part && *side != from))
    }
}

struct Scene {
    server: Server,
    visit: Arc<Visit>,
    vendor: Device,
    buyer: Device,
}

async fn scene() -> Scene {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut buyer = server.buyer_at(vendor.tenant).await;
    let sides = [Subscriber::vendor(vendor.tenant), buyer.subscriber];
    let visit = Arc::new(Visit { id: buyer.visit, sides, asked: Mutex::default() });
    server.sync.relay_through(visit.clone());
    let devices = (server.device_of(&mut vendor).await, server.device_of_buyer(&mut buyer).await);
    Scene { server, visit, vendor: devices.0, buyer: devices.1 }
}

fn signal(kind: &str, visit: VisitId, by: &str) -> Value {
    json!({"type": "signal", "signal": {"kind": kind, "visit_id": visit, "by": by}})
}

#[tokio::test]
async fn a_signal_reaches_the_other_side_with_its_true_sender() {
    let Scene { server, visit, mut vendor, mut buyer } = scene().await;
    buyer.say(&signal("typing", visit.id, "vendor")).await;
    assert_eq!(vendor.next().await, signal("typing", visit.id, "buyer"));
    vendor.say(&signal("recording", visit.id, "vendor")).await;
    assert_eq!(buyer.next().await, signal("recording", visit.id, "vendor"));
    // It has no number: the next event follows the last.
    server.tell(visit.sides[1], [1]).await;
    assert_eq!(buyer.next_event().await, 1);
}

#[tokio::test]
async fn a_signal_for_a_foreign_visit_and_one_that_fails_are_dropped() {
    let Scene { server, visit, mut vendor, mut buyer } = scene().await;
    let foreign = server.test.entropy.id(server.test.clock.now());
    buyer.say(&signal("typing", foreign, "buyer")).await;
    buyer.say(&signal("seen", visit.id, "buyer")).await;
    buyer.say(&signal("heard", visit.id, "buyer")).await;
    assert_eq!(vendor.next().await, signal("heard", visit.id, "buyer"));
    assert_eq!(*visit.asked.lock().unwrap(), [SignalKind::Typing, SignalKind::Seen, SignalKind::Heard]);
}

#[tokio::test]
async fn a_flood_of_signals_is_thinned_out() {
    let Scene { server: _server, visit, mut vendor, mut buyer } = scene().await;
    for _ in 0..55 {
        buyer.say(&signal("typing", visit.id, "buyer")).await;
    }
    for _ in 0..40 {
        vendor.next().await;
    }
    vendor.hears_nothing().await;
    assert_eq!(visit.asked.lock().unwrap().len(), 40);
}

#[tokio::test]
async fn before_there_is_a_relay_signals_go_nowhere() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut device = server.device_of(&mut vendor).await;
    device.say(&signal("typing", server.test.entropy.id(server.test.clock.now()), "vendor")).await;
    device.hears_nothing().await;
}
