//! One socket's queue: bounded by count and bytes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

use crate::ticket::Holder;

/// Why a socket ends that did not end by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// It cannot be told everything: its device has to load anew.
    Resync,
    /// The session or pass is over.
    Over,
    /// A newer device took its place.
    Replaced,
    /// The server stops.
    Stopping,
}

/// The hub's end of a queue.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub id: u64,
    pub holder: Holder,
    frames: Sender<(i64, Utf8Bytes)>,
    shared: Arc<Shared>,
}

/// The socket's end of a queue.
#[derive(Debug)]
pub(crate) struct Inlet {
    pub id: u64,
    frames: Receiver<(i64, Utf8Bytes)>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    bytes: AtomicUsize,
    bytes_max: usize,
    farewell: OnceLock<Farewell>,
    ended: CancellationToken,
}

/// What is numbered 0 is a signal.
const SIGNAL: i64 = 0;

/// A queue of at most so many frames and bytes.
pub(crate) fn queue(id: u64, holder: Holder, frames_max: usize, bytes_max: usize) -> (Outlet, Inlet) {
    let (sender, receiver) = mpsc::channel(frames_max);
    let shared = Arc::new(Shared {
        bytes: AtomicUsize::new(0),
        bytes_max,
        farewell: OnceLock::new(),
        ended: CancellationToken::new(),
    });
    let outlet = Outlet { id, holder, frames: sender, shared: Arc::clone(&shared) };
    (outlet, Inlet { id, frames: receiver, shared })
}

impl Outlet {
    /// Queues a numbered event; false where it does not fit, or the socket is gone.
    pub fn push(&self, seq: i64, frame: &Utf8Bytes) -> bool {
        let before = self.shared.bytes.fetch_add(frame.len(), Ordering::SeqCst);
        let fits = before + frame.len() <= self.shared.bytes_max
            && self.frames.try_send((seq, frame.clone())).is_ok();
        if !fits {
            self.shared.bytes.fetch_sub(frame.len(), Ordering::SeqCst);
        }
        fits
    }

    /// Queues a signal where at least half of the queue is free: a signal never costs an event its place.
    pub fn push_signal(&self, frame: &Utf8Bytes) {
        if self.frames.capacity() * 2 >= self.frames.max_capacity() {
            self.push(SIGNAL, frame);
        }
    }

    /// Ends the socket; the first reason counts.
    pub fn end(&self, farewell: Farewell) {
        let _ = self.shared.farewell.set(farewell);
        self.shared.ended.cancel();
    }
}

impl Inlet {
    /// The next frame, an event with its number or a signal with 0; why the socket ends where it does.
    pub async fn next(&mut self) -> Result<(i64, Utf8Bytes), Farewell> {
        tokio::select! {
            biased;
            () = self.shared.ended.cancelled() => Err(self.farewell()),
            frame = self.frames.recv() => match frame {
                Some((seq, frame)) => {
                    self.shared.bytes.fetch_sub(frame.len(), Ordering::SeqCst);
                    Ok((seq, frame))
                }
                None => Err(self.farewell()),
            },
        }
    }

    /// Why the socket has to end, where it has to.
    pub fn ended(&self) -> Option<Farewell> {
        self.shared.ended.is_cancelled().then(|| self.farewell())
    }

    fn farewell(&self) -> Farewell {
        self.shared.farewell.get().copied().unwrap_or(Farewell::Stopping)
    }

    /// Bytes that wait.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.shared.bytes.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use types::TenantId;
    use uuid::Uuid;

    use super::*;
    use crate::Subscriber;

    fn holder() -> Holder {
        Holder { subscriber: Subscriber::vendor(TenantId::from_uuid(Uuid::from_u128(1))), session: None }
    }

    #[tokio::test]
    async fn a_queue_is_bounded_by_count_and_by_bytes() {
        let frame = Utf8Bytes::from("0123456789");
        let (outlet, mut inlet) = queue(1, holder(), 3, 25);
        assert!(outlet.push(1, &frame) && outlet.push(2, &frame));
        assert!(!outlet.push(3, &frame), "30 bytes are more than 25");
        assert_eq!(inlet.next().await, Ok((1, frame.clone())));
        assert!(outlet.push(3, &frame));
        assert_eq!(inlet.bytes(), 20);
        let (outlet, _inlet) = queue(1, holder(), 3, 1000);
        assert!((1..=3).all(|seq| outlet.push(seq, &frame)));
        assert!(!outlet.push(4, &frame), "a fourth frame");
    }

    #[tokio::test]
    async fn signals_leave_half_of_the_queue_to_events() {
        let frame = Utf8Bytes::from("s");
        let (outlet, _inlet) = queue(1, holder(), 4, 1000);
        (0..10).for_each(|_| outlet.push_signal(&frame));
        assert!(outlet.push(1, &frame), "an event still has room");
    }

    #[tokio::test]
    async fn the_first_reason_to_end_counts_and_goes_before_what_waits() {
        let (outlet, mut inlet) = queue(1, holder(), 3, 1000);
        outlet.push(1, &Utf8Bytes::from("x"));
        outlet.end(Farewell::Resync);
        outlet.end(Farewell::Stopping);
        assert_eq!(inlet.next().await, Err(Farewell::Resync));
        assert_eq!(inlet.ended(), Some(Farewell::Resync));
    }
}
