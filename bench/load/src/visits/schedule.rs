//! Who says what when, the same for every server, and what became of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::stall;
use crate::tally::Tally;

/// How often somebody speaks in a visit.
pub const EVERY: Duration = Duration::from_secs(2);
/// How long a frame may still be on its way when the sending ends.
const LINGER: Duration = Duration::from_secs(5);

/// One side of a visit.
pub trait Speaker {
    /// Says something, and returns when the server has answered.
    async fn say(&mut self, client_id: Uuid, text: &str) -> anyhow::Result<()>;
}

/// The two sides of a visit, and who listens for them.
pub struct Pair<S> {
    pub buyer: S,
    pub vendor: S,
    pub flights: Flights,
    pub ears: [JoinHandle<anyhow::Result<()>>; 2],
}

/// When it begins to be measured, and when the speaking ends.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub from: Instant,
    pub until: Instant,
}

/// The messages of one visit that are on their way, or were.
#[derive(Debug, Clone, Default)]
pub struct Flights(Arc<Mutex<HashMap<Uuid, Flight>>>);

#[derive(Debug)]
struct Flight {
    sent: Instant,
    arrived: Vec<(Duration, String)>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// From sending a message to its frame at the other side.
    pub frames: Tally,
    /// From sending a message to the server's answer.
    pub answers: Tally,
    pub lost: usize,
    pub doubled: usize,
}

impl Window {
    /// From now: unmeasured for `warming`, then measured for `length`.
    pub fn new(warming: Duration, length: Duration) -> Self {
        let from = Instant::now() + warming;
        Self { from, until: from + length }
    }
}

impl Flights {
    fn send(&self, client_id: Uuid) {
        self.locked().insert(client_id, Flight { sent: Instant::now(), arrived: Vec::new() });
    }

    /// Notes that the other side heard it, under the id that the server gave it.
    pub fn arrive(&self, client_id: Uuid, id: &str) {
        if let Some(flight) = self.locked().get_mut(&client_id) {
            flight.arrived.push((flight.sent.elapsed(), id.to_owned()));
        }
    }

    fn land(&self, from: Instant, found: &mut Found) {
        for flight in self.locked().values() {
            let Some((time, first)) = flight.arrived.first() else {
                found.lost += 1;
                continue;
            };
            if flight.sent >= from {
                found.frames.note(*time);
            }
            // The same message is told again when it is delivered or seen; another message under its id is a double.
            found.doubled += usize::from(flight.arrived.iter().any(|(_, id)| id != first));
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Uuid, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    fn and(mut self, other: Self) -> Self {
        self.frames.extend(other.frames);
        self.answers.extend(other.answers);
        self.lost += other.lost;
        self.doubled += other.doubled;
        self
    }
}

/// Lets all pairs speak until the window closes, and waits for what is on its way.
pub async fn play<S: Speaker>(pairs: Vec<Pair<S>>, window: Window) -> anyhow::Result<Found> {
    let all = try_join_all(pairs.into_iter().enumerate().map(|(n, pair)| bargain(n, pair, window))).await?;
    Ok(all.into_iter().fold(Found::default(), Found::and))
}

async fn bargain<S: Speaker>(number: usize, pair: Pair<S>, window: Window) -> anyhow::Result<Found> {
    let Pair { mut buyer, mut vendor, flights, ears } = pair;
    // Visits do not speak in step.
    tokio::time::sleep(EVERY * u32::try_from(number % 100)? / 100).await;
    let mut found = Found::default();
    let mut turn = 0_u32;
    while Instant::now() < window.until {
        let next = Instant::now() + EVERY;
        let client_id = stall::id();
        flights.send(client_id);
        let asked = Instant::now();
        if turn.is_multiple_of(2) {
            buyer.say(client_id, &format!("five kilos for {}", 120 + turn)).await?;
        } else {
            vendor.say(client_id, &format!("கிலோ {} ரூபாய்", 40 - turn % 10)).await?;
        }
        if asked >= window.from {
            found.answers.note(asked.elapsed());
        }
        turn += 1;
        tokio::time::sleep_until(next.into()).await;
    }
    tokio::time::sleep(LINGER).await;
    ears.iter().for_each(JoinHandle::abort);
    flights.land(window.from, &mut found);
    Ok(found)
}
