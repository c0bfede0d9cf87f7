//! What a client says after its hello: pongs and signals, at a bounded pace.

use std::time::Duration;

use axum::extract::ws::Message;
use futures::StreamExt;
use serde::Deserialize;
use tokio::time::{Instant, timeout};

use super::{End, Stream};
use crate::signal::Draft;
use crate::{Subscriber, Sync};

/// Frames that a client may send at once.
const BURST: u32 = 60;
/// Each of these brings another.
const REPLENISHED_EVERY: Duration = Duration::from_millis(100);
/// Frames too many that are passed over before the socket is closed.
const PATIENCE: u32 = 500;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Frame {
    Signal {
        signal: Draft,
    },
    /// A pong, or what a newer client may say: being heard is all it is for.
    #[serde(other)]
    Other,
}

/// What a socket may still send.
#[derive(Debug)]
struct Budget {
    left: u32,
    counted_at: Instant,
    passed_over: u32,
}

/// Listens until the other end goes, falls silent or says too much.
pub(super) async fn listen(sync: &Sync, subscriber: Subscriber, stream: &mut Stream) -> End {
    let mut budget = Budget { left: BURST, counted_at: Instant::now(), passed_over: 0 };
    loop {
        let message = match timeout(sync.config.sockets.silence_max, stream.next()).await {
            Err(_) => return End::Silent,
            Ok(Some(Ok(message))) => message,
            Ok(None | Some(Err(_))) => return End::Gone,
        };
        if !budget.spend(Instant::now()) {
            if budget.passed_over > PATIENCE {
                return End::Refused("too many frames");
            }
            continue;
        }
        match message {
            Message::Text(text) => {
                if let Ok(Frame::Signal { signal }) = serde_json::from_str(&text) {
                    sync.relay_signal(subscriber, signal).await;
                }
            }
            Message::Binary(_) => return End::Refused("frames are text"),
            Message::Close(_) => return End::Gone,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

impl Sync {
    /// Passes a signal on to whoever else hears it, where the sender is not too eager.
    async fn relay_signal(&self, from: Subscriber, draft: Draft) {
        if self.signals.check(&from).is_err() {
            return;
        }
        let Some(relay) = self.relay.get() else { return };
        let signal = draft.of(from);
        match relay.relay(from, &signal).await {
            Ok(Some(to)) => self.send_signal(to, signal),
            Ok(None) => {}
            Err(error) => tracing::warn!(error = format!("{error:#}"), "a signal could not be relayed"),
        }
    }
}

impl Budget {
    fn spend(&mut self, now: Instant) -> bool {
        let periods = now.duration_since(self.counted_at).as_millis() / REPLENISHED_EVERY.as_millis();
        let gained = u32::try_from(periods).unwrap_or(u32::MAX);
        if gained >= BURST {
            (self.left, self.counted_at) = (BURST, now);
        } else {
            self.left = (self.left + gained).min(BURST);
            self.counted_at += REPLENISHED_EVERY * gained;
        }
        if self.left == 0 {
            self.passed_over += 1;
            return false;
        }
        self.left -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_ten_a_second() {
        let start = Instant::now();
        let mut budget = Budget { left: BURST, counted_at: start, passed_over: 0 };
        let mut taken = |now| (0..100).filter(|_| budget.spend(now)).count();
        assert_eq!(taken(start), 60);
        assert_eq!(taken(start + Duration::from_secs(1)), 10);
        assert_eq!(taken(start + Duration::from_hours(1)), 60);
        assert_eq!(budget.passed_over, 40 + 90 + 40);
    }
}
