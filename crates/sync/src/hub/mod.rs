//! The sockets of this process, by subscriber, and how far each subscriber's log was read for them.

mod outlet;
mod run;

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use platform::Nudge;
use tokio::time::Instant;
use types::{GuestId, SessionId, TenantId};

pub(crate) use outlet::{Farewell, Inlet};

use self::outlet::Outlet;
use crate::config::SocketLimits;
use crate::db::log::Row;
use crate::event;
use crate::ticket::Holder;
use crate::{Error, Subscriber};

/// How long a publisher's commit is looked for at every wake-up; after that the idle look finds it. Longer than the quick looks
/// that follow a nudge.
const EXPECTED_FOR: Duration = Duration::from_millis(1500);

/// The sockets of this process.
#[derive(Debug)]
pub(crate) struct Hub {
    limits: SocketLimits,
    nudge: Nudge,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    channels: HashMap<Subscriber, Channel>,
    sockets: usize,
    next_id: u64,
}

/// A subscriber with at least one socket here.
#[derive(Debug)]
struct Channel {
    /// The last number that was read from the log and handed to every outlet.
    position: i64,
    /// Until when a commit is expected that moves the log to this number.
    expected: Option<(i64, Instant)>,
    /// Oldest first.
    outlets: VecDeque<Outlet>,
}

/// A socket that was taken in.
#[derive(Debug)]
pub(crate) struct Attached {
    pub inlet: Inlet,
    /// The queue brings everything after this number.
    pub live_after: i64,
}

/// Whose lives the open sockets hang on.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    pub sessions: Vec<SessionId>,
    pub guests: Vec<(TenantId, GuestId)>,
}

impl Hub {
    pub fn new(limits: SocketLimits) -> Self {
        Self { limits, nudge: Nudge::default(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a panic left behind is whole: every change is one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many sockets are open.
    pub fn sockets(&self) -> usize {
        self.state().sockets
    }

    /// Whether another socket fits.
    pub fn has_room(&self) -> bool {
        self.sockets() < self.limits.sockets_max
    }

    /// Takes a socket in. `head` is the last number of the subscriber's log, read just before.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn attach(&self, holder: Holder, head: i64) -> Result<Attached, Error> {
        let subscriber = holder.subscriber;
        let per_subscriber_max = match subscriber.guest_id() {
            Some(_) => self.limits.per_guest_max,
            None => self.limits.per_vendor_max,
        };
        let mut state = self.state();
        if state.sockets >= self.limits.sockets_max {
            return Err(Error::Full);
        }
        state.next_id += 1;
        let id = state.next_id;
        let (outlet, inlet) =
            outlet::queue(id, holder, self.limits.queue_frames_max, self.limits.queue_bytes_max);
        let channel = state.channels.entry(subscriber).or_insert_with(|| Channel {
            position: head,
            expected: None,
            outlets: VecDeque::new(),
        });
        channel.outlets.push_back(outlet);
        // Somebody may have published before there was a channel to expect it, and commits only now.
        channel.expect(i64::MAX);
        let live_after = channel.position;
        let replaced =
            if channel.outlets.len() > per_subscriber_max { channel.outlets.pop_front() } else { None };
        state.sockets += 1;
        if let Some(oldest) = replaced {
            oldest.end(Farewell::Replaced);
            state.sockets -= 1;
        }
        drop(state);
        self.nudge.soon();
        Ok(Attached { inlet, live_after })
    }

    /// Lets a socket go; one that was ended from here is gone already.
    pub fn detach(&self, subscriber: Subscriber, id: u64) {
        self.state().end(subscriber, |outlet| outlet.id == id, Farewell::Stopping);
    }

    /// A transaction has numbered events up to these and is about to commit.
    pub fn expect(&self, heads: &[(Subscriber, i64)]) {
        let mut any = false;
        let mut state = self.state();
        for (subscriber, seq) in heads {
            if let Some(channel) = state.channels.get_mut(subscriber) {
                channel.expect(*seq);
                any = true;
            }
        }
        drop(state);
        if any {
            self.nudge.soon();
        }
    }

    /// Whose logs to read, and after which numbers: all of them, or those where a commit is expected.
    fn wanted(&self, all: bool) -> Vec<(Subscriber, i64)> {
        let now = Instant::now();
        let mut state = self.state();
        let mut wanted = Vec::new();
        for (subscriber, channel) in &mut state.channels {
            channel.expected =
                channel.expected.filter(|(seq, until)| *seq > channel.position && *until > now);
            if all || channel.expected.is_some() {
                wanted.push((*subscriber, channel.position));
            }
        }
        wanted
    }

    /// Hands rows of the log, in order, to the sockets of their subscribers.
    fn deliver(&self, rows: &[Row]) {
        let mut state = self.state();
        for rows in rows.chunk_by(|a, b| a.subscriber == b.subscriber) {
            let subscriber = rows[0].subscriber;
            let Some(channel) = state.channels.get_mut(&subscriber) else { continue };
            // The last socket left and another came while the rows were read: its channel starts elsewhere.
            if channel.position != rows[0].after {
                continue;
            }
            for row in rows {
                state.hand_out(subscriber, row);
            }
        }
    }

    /// Passes a signal to the subscriber's sockets here.
    pub fn signal(&self, subscriber: Subscriber, frame: &Utf8Bytes) {
        if let Some(channel) = self.state().channels.get(&subscriber) {
            channel.outlets.iter().for_each(|outlet| outlet.push_signal(frame));
        }
    }

    /// Whose lives the open sockets hang on.
    fn holders(&self) -> Holders {
        let state = self.state();
        let mut holders = Holders::default();
        for (subscriber, channel) in &state.channels {
            match subscriber.guest_id() {
                Some(guest) => holders.guests.push((subscriber.tenant(), guest)),
                None => holders.sessions.extend(channel.outlets.iter().filter_map(|o| o.holder.session)),
            }
        }
        holders
    }

    /// Ends the sockets whose holder `is_over`.
    fn end_where(&self, is_over: impl Fn(&Holder) -> bool, farewell: Farewell) {
        let mut state = self.state();
        let subscribers: Vec<Subscriber> = state.channels.keys().copied().collect();
        for subscriber in subscribers {
            state.end(subscriber, |outlet| is_over(&outlet.holder), farewell);
        }
    }
}

impl State {
    /// Hands one event to every socket of its subscriber. A socket that it does not fit is ended; a hole ends them all.
    fn hand_out(&mut self, subscriber: Subscriber, row: &Row) {
        let Some(channel) = self.channels.get_mut(&subscriber) else { return };
        if row.seq <= channel.position {
            return;
        }
        let has_hole = row.seq != channel.position + 1;
        channel.position = row.seq;
        let frame = event::frame(row.seq, &row.payload);
        self.end(subscriber, |outlet| has_hole || !outlet.push(row.seq, &frame), Farewell::Resync);
    }

    /// Ends those sockets of a subscriber that `ends` tells, and forgets them.
    fn end(&mut self, subscriber: Subscriber, ends: impl Fn(&Outlet) -> bool, farewell: Farewell) {
        let Some(channel) = self.channels.get_mut(&subscriber) else { return };
        let before = channel.outlets.len();
        channel.outlets.retain(|outlet| {
            let goes = ends(outlet);
            if goes {
                outlet.end(farewell);
            }
            !goes
        });
        self.sockets -= before - channel.outlets.len();
        if channel.outlets.is_empty() {
            self.channels.remove(&subscriber);
        }
    }
}

impl Channel {
    fn expect(&mut self, seq: i64) {
        let until = Instant::now() + EXPECTED_FOR;
        let most = self.expected.map_or(seq, |(before, _)| before.max(seq));
        self.expected = Some((most, until));
    }
}
