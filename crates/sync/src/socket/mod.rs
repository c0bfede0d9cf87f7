//! One socket: hello, welcome, what was missed, then what comes.

mod close;
mod listen;
mod strangers;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use axum::http::HeaderMap;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use identity::Caller;
use serde::Deserialize;
use tokio::time::{Instant, interval_at, timeout};
use uuid::Uuid;

pub(crate) use self::close::End;
pub(crate) use self::strangers::{Stranger, Strangers};
use crate::db::log;
use crate::hub::{Attached, Farewell, Inlet};
use crate::ticket::Holder;
use crate::{Error, Subscriber, Sync, event};

/// The largest frame a client may send.
pub(crate) const FRAME_BYTES_MAX: usize = 16 * 1024;

type Sink = SplitSink<WebSocket, Message>;
type Stream = SplitStream<WebSocket>;

/// The first frame of a client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename = "hello")]
struct Hello {
    ticket: String,
    epoch: Option<String>,
    after: Option<i64>,
}

/// A socket's place in the hub: given back however the socket ends.
struct Seat<'a> {
    sync: &'a Sync,
    subscriber: Subscriber,
    inlet: Inlet,
    /// The last number that was sent, or that the device has from elsewhere.
    cursor: i64,
    /// The queue brings everything after this number.
    live_after: i64,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.sync.hub.detach(self.subscriber, self.inlet.id);
    }
}

/// Serves a socket to its end.
pub(crate) async fn serve(sync: Sync, socket: WebSocket, stranger: Stranger) {
    let (mut sink, mut stream) = socket.split();
    let end = match greet(&sync, &mut sink, &mut stream).await {
        Ok(mut seat) => {
            drop(stranger);
            let subscriber = seat.subscriber;
            tokio::select! {
                end = listen::listen(&sync, subscriber, &mut stream) => end,
                end = seat.speak(&mut sink) => end,
            }
        }
        Err(end) => end,
    };
    tracing::debug!(?end, "a socket ends");
    close::close(end, &mut sink, &mut stream, sync.config.sockets.write_max).await;
}

/// Hears the hello, uses the ticket up, takes a seat and welcomes.
async fn greet<'a>(sync: &'a Sync, sink: &mut Sink, stream: &mut Stream) -> Result<Seat<'a>, End> {
    let hello =
        timeout(sync.config.sockets.hello_max, hear_hello(stream)).await.unwrap_or(Err(End::Silent))?;
    let holder = sync.redeem_ticket(&hello.ticket).await?.ok_or(End::Refused("the ticket is not good"))?;
    let (seat, welcome) = sync.take_seat(holder, &hello).await?;
    send(sync, sink, welcome).await?;
    Ok(seat)
}

async fn hear_hello(stream: &mut Stream) -> Result<Hello, End> {
    match stream.next().await {
        Some(Ok(Message::Text(text))) => {
            serde_json::from_str(&text).map_err(|_| End::Refused("the first frame has to be a hello"))
        }
        Some(Ok(_)) => Err(End::Refused("the first frame has to be a hello")),
        _ => Err(End::Gone),
    }
}

async fn send(sync: &Sync, sink: &mut Sink, frame: Utf8Bytes) -> Result<(), End> {
    match timeout(sync.config.sockets.write_max, sink.send(Message::Text(frame))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::Slow),
    }
}

impl Sync {
    /// Lets a request for a socket in: from a page of ours or a program, while there is room.
    pub(crate) fn admit_stranger(&self, caller: &Caller, headers: &HeaderMap) -> Result<Stranger, Error> {
        if !self.identity.origins().allow(headers) {
            tracing::warn!(origin = ?headers.get("origin"), "a socket from another site was refused");
            return Err(Error::ForeignOrigin);
        }
        if !self.hub.has_room() {
            return Err(Error::Full);
        }
        let address = caller.connection().address;
        self.strangers.admit(address, self.config.sockets.strangers_per_address_max)
    }

    /// Finds out from where the device goes on and takes a seat in the hub.
    async fn take_seat(&self, holder: Holder, hello: &Hello) -> Result<(Seat<'_>, Utf8Bytes), End> {
        let subscriber = holder.subscriber;
        let after = hello.after.unwrap_or_default();
        let head = self.head(subscriber, after).await?;
        let same_epoch =
            hello.epoch.as_deref().and_then(|epoch| Uuid::parse_str(epoch).ok()) == Some(head.epoch);
        let cursor = if same_epoch && hello.after.is_some() {
            let is_held = after == head.seq || (0 <= after && after < head.seq && head.reaches);
            if is_held { after } else { return Err(End::Farewell(Farewell::Resync)) }
        } else {
            head.seq
        };
        let Attached { inlet, live_after } = self.hub.attach(holder, head.seq)?;
        let welcome = event::welcome(head.epoch, head.seq, self.config.sockets.heartbeat.as_secs().max(1));
        Ok((Seat { sync: self, subscriber, inlet, cursor, live_after }, welcome))
    }

    /// Where the log stands; begins it where nothing was told to the subscriber yet.
    async fn head(&self, subscriber: Subscriber, after: i64) -> Result<log::Head, sqlx::Error> {
        let mut connection = self.db.acquire().await?;
        if let Some(head) = log::head(&mut connection, subscriber, after).await? {
            return Ok(head);
        }
        let now = self.clock.now();
        log::begin(&mut connection, subscriber, self.entropy.id(now), now).await?;
        log::head(&mut connection, subscriber, after).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

impl Seat<'_> {
    /// Sends what was missed, then what comes, and pings.
    async fn speak(&mut self, sink: &mut Sink) -> End {
        match self.try_speak(sink).await {
            Err(end) => end,
            Ok(never) => match never {},
        }
    }

    async fn try_speak(&mut self, sink: &mut Sink) -> Result<std::convert::Infallible, End> {
        self.catch_up(sink).await?;
        let heartbeat = self.sync.config.sockets.heartbeat;
        let mut ping = interval_at(Instant::now() + heartbeat, heartbeat);
        loop {
            tokio::select! {
                _ = ping.tick() => send(self.sync, sink, event::PING).await?,
                next = self.inlet.next() => {
                    let (seq, frame) = next?;
                    self.pass_on(sink, seq, frame).await?;
                }
            }
        }
    }

    /// A frame of the queue: a signal (0), an event that the device has, or the next one.
    async fn pass_on(&mut self, sink: &mut Sink, seq: i64, frame: Utf8Bytes) -> Result<(), End> {
        if seq > 0 {
            if seq <= self.cursor {
                return Ok(());
            }
            if seq != self.cursor + 1 {
                return Err(End::Farewell(Farewell::Resync));
            }
            self.cursor = seq;
        }
        send(self.sync, sink, frame).await
    }

    /// Sends from the log what the queue will not bring.
    async fn catch_up(&mut self, sink: &mut Sink) -> Result<(), End> {
        while self.cursor < self.live_after {
            if let Some(farewell) = self.inlet.ended() {
                return Err(farewell.into());
            }
            let mut connection = self.sync.db.acquire().await?;
            let rows = log::events_after(&mut connection, &[(self.subscriber, self.cursor)]).await?;
            drop(connection);
            if rows.is_empty() {
                return Err(Farewell::Resync.into());
            }
            let live_after = self.live_after;
            for row in rows.iter().take_while(|row| row.seq <= live_after) {
                if row.payload.len() > self.sync.config.sockets.queue_bytes_max {
                    return Err(Farewell::Resync.into());
                }
                self.pass_on(sink, row.seq, event::frame(row.seq, &row.payload)).await?;
            }
        }
        Ok(())
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(error) => error.into(),
            _ => Self::Refused("there is no room"),
        }
    }
}
