//! A device at the other end of a socket: behaves as the web client does.

use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::server::ORIGIN;

const PATIENCE: Duration = Duration::from_secs(15);

pub struct Device {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub epoch: Option<String>,
    pub seen: Option<i64>,
}

/// How a socket ended, as the other end tells it.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed {
    /// The close code; none where the connection just broke.
    pub code: Option<u16>,
    /// What came before it and was not read.
    pub before: Vec<Value>,
}

impl Device {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address, Some(ORIGIN)).await.unwrap()
    }

    pub async fn try_connect(address: SocketAddr, origin: Option<&str>) -> Result<Self, Error> {
        let mut request = format!("ws://{address}/socket").into_client_request()?;
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = connect_async(request).await?;
        Ok(Self { socket, epoch: None, seen: None })
    }

    /// Says hello and hears the welcome.
    pub async fn hello(mut self, ticket: &str, epoch: Option<&str>, after: Option<i64>) -> Self {
        self.say_hello(ticket, epoch, after).await;
        let welcome = self.next().await;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        let epoch_now = welcome["epoch"].as_str().unwrap().to_owned();
        let goes_on = after.is_some() && epoch == Some(&epoch_now);
        self.seen = if goes_on { after } else { welcome["seq"].as_i64() };
        self.epoch = Some(epoch_now);
        self
    }

    pub async fn say_hello(&mut self, ticket: &str, epoch: Option<&str>, after: Option<i64>) {
        self.say(&json!({"type": "hello", "ticket": ticket, "epoch": epoch, "after": after})).await;
    }

    pub async fn say(&mut self, frame: &Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        // A socket that the server has closed takes nothing more; the test looks at how it closed.
        let _ = self.socket.send(message).await;
    }

    /// The next frame but pings, which are answered.
    pub async fn next(&mut self) -> Value {
        loop {
            let frame = self.next_of_any_kind().await;
            if frame["type"] != "ping" {
                return frame;
            }
            self.say(&json!({"type": "pong"})).await;
        }
    }

    pub async fn next_of_any_kind(&mut self) -> Value {
        match timeout(PATIENCE, self.socket.next()).await.expect("a frame comes in time") {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The `n` of the next event, whose number has to follow the last.
    pub async fn next_event(&mut self) -> i64 {
        let frame = self.next().await;
        assert_eq!(frame["type"], "event", "{frame}");
        let seq = frame["seq"].as_i64();
        assert_eq!(seq, self.seen.map(|seen| seen + 1), "{frame}");
        self.seen = seq;
        frame["event"]["data"]["n"].as_i64().unwrap()
    }

    pub async fn next_events(&mut self, count: usize) -> Vec<i64> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.next_event().await);
        }
        events
    }

    /// Asserts that nothing but pings comes for a while.
    pub async fn hears_nothing(&mut self) {
        while let Ok(message) = timeout(Duration::from_millis(200), self.socket.next()).await {
            let message = message.unwrap().unwrap();
            assert!(message.to_text().unwrap().contains("ping"), "{message:?}");
        }
    }

    /// How a hello was answered: by a welcome, or by the end of the socket.
    pub async fn is_welcome(&mut self) -> bool {
        match timeout(PATIENCE, self.socket.next()).await.expect("a hello is answered in time") {
            Some(Ok(Message::Text(text))) => text.contains("welcome"),
            _ => false,
        }
    }

    /// Goes away; what it knew stays.
    pub async fn leave(&mut self) {
        self.socket.close(None).await.unwrap();
        self.closed().await;
    }

    /// Reads to the end.
    pub async fn closed(&mut self) -> Closed {
        let mut closed = Closed { code: None, before: Vec::new() };
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the socket closes in time") {
                Some(Ok(Message::Text(text))) => closed.before.push(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => closed.code = frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return closed,
            }
        }
    }
}
