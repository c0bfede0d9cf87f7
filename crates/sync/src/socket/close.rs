//! How a socket ends.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, close_code};
use futures::{SinkExt, StreamExt};
use tokio::time::timeout;

use super::{Sink, Stream};
use crate::event;
use crate::hub::Farewell;

/// How long the other end may take to close after we did.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The hub says so.
    Farewell(Farewell),
    /// The other end went.
    Gone,
    /// It said nothing for too long.
    Silent,
    /// It did not take a frame in time.
    Slow,
    /// It may not, or does what it may not.
    Refused(&'static str),
    /// We cannot serve it now.
    Broken,
}

impl From<Farewell> for End {
    fn from(farewell: Farewell) -> Self {
        Self::Farewell(farewell)
    }
}

impl From<sqlx::Error> for End {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(%error, "a socket could not be served");
        Self::Broken
    }
}

/// Says why, where the other end can still hear, and closes.
pub(super) async fn close(end: End, sink: &mut Sink, stream: &mut Stream, write_max: Duration) {
    let (code, reason) = match end {
        // Nobody listens.
        End::Gone | End::Silent | End::Slow => return,
        End::Farewell(Farewell::Resync) => (close_code::NORMAL, "resync"),
        End::Farewell(Farewell::Over) => (close_code::POLICY, "the session or pass is over"),
        End::Farewell(Farewell::Replaced) => (close_code::NORMAL, "a newer device took this place"),
        End::Farewell(Farewell::Stopping) => (close_code::AWAY, "the server stops"),
        End::Refused(reason) => (close_code::POLICY, reason),
        End::Broken => (close_code::ERROR, "try again"),
    };
    let last_words = async {
        if end == End::Farewell(Farewell::Resync) {
            sink.send(Message::Text(event::RESYNC)).await?;
        }
        sink.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
    };
    if matches!(timeout(write_max, last_words).await, Ok(Ok(()))) {
        // What is unread when a connection is dropped resets it, and the last words would be lost.
        let drained = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = timeout(CLOSE_WITHIN, drained).await;
    }
}
