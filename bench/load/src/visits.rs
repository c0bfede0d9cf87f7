//! 100 visits at 10 stalls: 200 sockets, a message each 2 s in every visit, alternately from either side.
//!
//! Measured is the time from sending a message to the frame in the other side's language on the other side's socket; that none is
//! lost and none comes twice; and every API call made meanwhile.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::phone::{Phone, Socket};
use futures::future::try_join_all;
use serde_json::json;
use uuid::Uuid;

use crate::server::{Server, data_dir};
use crate::stall::{self, Visit};
use crate::tally::Tally;

const STALLS: usize = 10;
const VISITS_A_STALL: usize = 10;
const EVERY: Duration = Duration::from_secs(2);
/// How long a frame may still be on its way when the sending ends.
const LINGER: Duration = Duration::from_secs(5);

type Sent = Arc<Mutex<HashMap<Uuid, Flight>>>;

/// A message on its way.
struct Flight {
    sent: Instant,
    arrived: Vec<(Duration, String)>,
}

/// What a run found.
#[derive(Default)]
struct Found {
    frames: Tally,
    posts: Tally,
    lost: usize,
    doubled: usize,
}

/// Runs it and prints what it measured.
pub async fn run(vyapar: &Path, seconds: u64) -> anyhow::Result<()> {
    let data = data_dir()?;
    let server = Server::start(vyapar, data.path()).await?;
    let mut visits = Vec::new();
    let mut watcher = None;
    for number in 0..STALLS {
        let stall = stall::open(&server.url, number).await?;
        for buyer in 0..VISITS_A_STALL {
            visits.push(stall.visit(number * VISITS_A_STALL + buyer).await?);
        }
        watcher = Some((stall.vendor.clone(), visits[visits.len() - 1].id.clone()));
    }
    println!(
        "{} visits, {} sockets, a message each {} s for {seconds} s",
        visits.len(),
        visits.len() * 2,
        EVERY.as_secs()
    );
    let cpu = server.cpu_s()?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let calls = watcher.map(|(vendor, visit)| tokio::spawn(watch(vendor, visit, until)));
    let all = try_join_all(visits.into_iter().enumerate().map(|(n, v)| bargain(n, v, until))).await?;
    let found = all.into_iter().fold(Found::default(), Found::and);
    let mut calls = match calls {
        Some(calls) => calls.await??,
        None => Tally::default(),
    };
    println!("send → frame at the other side  {}", found.frames);
    println!("POST of a message               {}", found.posts);
    calls.extend(found.posts);
    println!("every API call                  {calls}");
    println!("lost {}, doubled {}", found.lost, found.doubled);
    println!("server: {} MB resident at most, {:.1} CPU-s", server.rss_peak_mb()?, server.cpu_s()? - cpu);
    server.stop().await
}

impl Found {
    fn and(mut self, other: Self) -> Self {
        self.frames.extend(other.frames);
        self.posts.extend(other.posts);
        self.lost += other.lost;
        self.doubled += other.doubled;
        self
    }
}

async fn bargain(number: usize, visit: Visit, until: Instant) -> anyhow::Result<Found> {
    let sent: Sent = Arc::default();
    let Visit { id, product, mut buyer, mut vendor, buyer_hears, vendor_hears } = visit;
    let to_buyer = tokio::spawn(listen(buyer_hears, id.clone(), "vendor", Arc::clone(&sent)));
    let to_vendor = tokio::spawn(listen(vendor_hears, id.clone(), "buyer", Arc::clone(&sent)));
    // Visits do not speak in step.
    tokio::time::sleep(EVERY * u32::try_from(number % 100)? / 100).await;
    let mut found = Found::default();
    let mut turn = 0_u32;
    while Instant::now() < until {
        let next = Instant::now() + EVERY;
        let by_buyer = turn.is_multiple_of(2);
        let text = if by_buyer {
            format!("five kilos for {}", 120 + turn)
        } else {
            format!("கிலோ {} ரூபாய்", 40 - turn % 10)
        };
        let client_id = stall::id();
        let flight = Flight { sent: Instant::now(), arrived: Vec::new() };
        locked(&sent).insert(client_id, flight);
        let message = json!({ "client_id": client_id, "text": text, "product_id": product, "via": "typed" });
        let phone = if by_buyer { &mut buyer } else { &mut vendor };
        let asked = Instant::now();
        phone.post(&format!("/visits/{id}/messages"), message).await?;
        found.posts.note(asked.elapsed());
        turn += 1;
        tokio::time::sleep_until(next.into()).await;
    }
    tokio::time::sleep(LINGER).await;
    to_buyer.abort();
    to_vendor.abort();
    for flight in locked(&sent).values() {
        match flight.arrived.as_slice() {
            [] => found.lost += 1,
            [(time, _), more @ ..] => {
                found.frames.note(*time);
                // The same message is told again when it is delivered or seen; another message under its id is a double.
                found.doubled += usize::from(more.iter().any(|(_, id)| *id != flight.arrived[0].1));
            }
        }
    }
    Ok(found)
}

/// Notes what one side hears of the other.
async fn listen(mut socket: Socket, visit: String, of: &'static str, sent: Sent) -> anyhow::Result<()> {
    loop {
        let event = socket.next_event().await?;
        let data = &event["data"];
        if event["kind"] != "message" || data["visit_id"] != visit.as_str() || data["by"] != of {
            continue;
        }
        let client_id = data["client_id"].as_str().and_then(|id| id.parse::<Uuid>().ok());
        if let Some(flight) = client_id.and_then(|id| locked(&sent).remove_entry(&id)) {
            let (id, mut flight) = flight;
            flight.arrived.push((flight.sent.elapsed(), data["id"].as_str().unwrap_or_default().to_owned()));
            locked(&sent).insert(id, flight);
        }
    }
}

fn locked(sent: &Sent) -> std::sync::MutexGuard<'_, HashMap<Uuid, Flight>> {
    sent.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a vendor looks at meanwhile.
async fn watch(mut vendor: Phone, visit: String, until: Instant) -> anyhow::Result<Tally> {
    let mut calls = Tally::default();
    let pages = [
        "/visits",
        "/products",
        "/orders",
        "/wallet",
        "/stall",
        "/stall/qr",
        "/documents",
        "/capabilities",
        "/me",
    ]
    .map(str::to_owned);
    let pages = pages.into_iter().chain([format!("/visits/{visit}"), format!("/visits/{visit}/messages")]);
    for page in pages.collect::<Vec<_>>().iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        let asked = Instant::now();
        vendor.get(page).await?;
        calls.note(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(calls)
}
