//! The sides of a visit as phones at our server.

use app::phone::{Phone, Socket};
use serde_json::json;
use uuid::Uuid;

use super::schedule::{Flights, Pair, Speaker};
use crate::stall;

const STALLS: usize = 10;
const VISITS_A_STALL: usize = 10;
/// How many pairs there are, at every server.
pub const VISITS: usize = STALLS * VISITS_A_STALL;

/// A phone in a visit.
pub struct Caller {
    phone: Phone,
    visit: String,
    product: String,
}

impl Speaker for Caller {
    async fn say(&mut self, client_id: Uuid, text: &str) -> anyhow::Result<()> {
        let message =
            json!({ "client_id": client_id, "text": text, "product_id": self.product, "via": "typed" });
        let path = format!("/visits/{}/messages", self.visit);
        // The server closes a connection that was idle for 10 s, maybe as it is used again. A phone asks again, under the same id.
        if self.phone.post(&path, message.clone()).await.is_err() {
            self.phone.post(&path, message).await?;
        }
        Ok(())
    }
}

/// Opens stalls that no earlier `round` opened, and a visit for every pair; and one vendor's phone more, with one of the visits.
pub async fn seat(server: &str, round: usize) -> anyhow::Result<(Vec<Pair<Caller>>, (Phone, String))> {
    let mut pairs = Vec::with_capacity(VISITS);
    let mut watcher = None;
    for number in round * STALLS..(round + 1) * STALLS {
        let stall = stall::open(server, number).await?;
        for buyer in 0..VISITS_A_STALL {
            let visit = stall.visit(number * VISITS_A_STALL + buyer).await?;
            watcher = Some((stall.vendor.clone(), visit.id.clone()));
            pairs.push(pair(visit));
        }
    }
    Ok((pairs, watcher.ok_or_else(|| anyhow::anyhow!("there are no stalls"))?))
}

fn pair(visit: stall::Visit) -> Pair<Caller> {
    let stall::Visit { id, product, buyer, vendor, buyer_hears, vendor_hears } = visit;
    let flights = Flights::default();
    let ears = [(buyer_hears, "vendor"), (vendor_hears, "buyer")]
        .map(|(socket, of)| tokio::spawn(listen(socket, id.clone(), of, flights.clone())));
    let [buyer, vendor] =
        [buyer, vendor].map(|phone| Caller { phone, visit: id.clone(), product: product.clone() });
    Pair { buyer, vendor, flights, ears }
}

/// Notes what one side hears of the other.
async fn listen(mut socket: Socket, visit: String, of: &'static str, flights: Flights) -> anyhow::Result<()> {
    loop {
        let event = socket.next_event().await?;
        let data = &event["data"];
        if event["kind"] != "message" || data["visit_id"] != visit.as_str() || data["by"] != of {
            continue;
        }
        if let Some(client_id) = data["client_id"].as_str().and_then(|id| id.parse().ok()) {
            flights.arrive(client_id, data["id"].as_str().unwrap_or_default());
        }
    }
}
