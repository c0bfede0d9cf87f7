//! How often one may knock, speak and listen.

use std::time::Duration;

use identity::Caller;
use parley::Side;
use platform::Clock;
use platform::limit::{Limiter, TooMany};
use types::VisitId;

use crate::room::Party;

/// The limits of this context, each by who does it. Many phones share one address behind a mobile network: what is counted by
/// address is generous.
#[derive(Debug)]
pub struct Limits {
    scans: Limiter<[u8; 16]>,
    entries: Limiter<[u8; 16]>,
    words: Limiter<(VisitId, Side)>,
    recordings: Limiter<(VisitId, Side)>,
    listening: Limiter<(VisitId, Side)>,
    reports: Limiter<[u8; 16]>,
}

impl Limits {
    pub fn new(clock: &Clock) -> Self {
        Self {
            scans: Limiter::new(clock.clone(), 300, Duration::from_millis(200)),
            entries: Limiter::new(clock.clone(), 200, Duration::from_millis(500)),
            words: Limiter::new(clock.clone(), 30, Duration::from_millis(500)),
            recordings: Limiter::new(clock.clone(), 10, Duration::from_secs(2)),
            listening: Limiter::new(clock.clone(), 60, Duration::from_millis(500)),
            reports: Limiter::new(clock.clone(), 30, Duration::from_mins(1)),
        }
    }

    /// Looks at a stall.
    pub fn scan(&self, caller: &Caller) -> Result<(), TooMany> {
        self.scans.check(&caller.connection().network())
    }

    /// Enters a stall.
    pub fn enter(&self, caller: &Caller) -> Result<(), TooMany> {
        self.entries.check(&caller.connection().network())
    }

    /// Says or offers something.
    pub fn words(&self, party: Party) -> Result<(), TooMany> {
        self.words.check(&(party.visit, party.side))
    }

    /// Sends a recording.
    pub fn recording(&self, party: Party) -> Result<(), TooMany> {
        self.recordings.check(&(party.visit, party.side))
    }

    /// Reports somebody.
    pub fn report(&self, caller: &Caller) -> Result<(), TooMany> {
        self.reports.check(&caller.connection().network())
    }

    /// Has something spoken.
    pub fn listen(&self, party: Party) -> Result<(), TooMany> {
        self.listening.check(&(party.visit, party.side))
    }
}
