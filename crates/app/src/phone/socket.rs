//! A phone's socket: hears every event and waits for the one it wants.

use std::time::Duration;

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Phone, text};

/// How long an event may take; recognition and translation are part of it.
const WITHIN: Duration = Duration::from_secs(20);
/// Events kept that nobody has asked for yet.
const KEPT_MAX: usize = 200;

/// One phone's socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    kept: Vec<Value>,
}

impl Socket {
    /// Opens the socket of this phone: a buyer's for its visit, a vendor's for the stall.
    ///
    /// # Errors
    /// A ticket or a connection that is refused.
    pub async fn open(phone: &mut Phone, visit: Option<&str>) -> anyhow::Result<Self> {
        let server = phone.server().to_owned();
        let asked = visit.map_or_else(|| json!({}), |visit| json!({ "visit_id": visit }));
        let ticket = text(&phone.post("/socket-tickets", asked).await?, "/ticket")?;
        let url = format!("{}/api/v1/socket", server.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("origin", server.parse()?);
        let (stream, _) = connect_async(request).await.context("the socket does not open")?;
        let mut socket = Self { stream, kept: Vec::new() };
        socket.send(&json!({ "type": "hello", "ticket": ticket, "epoch": null, "after": null })).await?;
        // What happens before the welcome is history and does not come as an event.
        while socket.next_frame().await?["type"] != "welcome" {}
        Ok(socket)
    }

    /// Tells the other side of a visit what is being done here: `typing`, `recording`.
    ///
    /// # Errors
    /// Where the socket is closed.
    pub async fn signal(&mut self, kind: &str, visit: &str) -> anyhow::Result<()> {
        self.send(&json!({ "type": "signal", "signal": { "kind": kind, "visit_id": visit } })).await
    }

    async fn send(&mut self, frame: &Value) -> anyhow::Result<()> {
        Ok(self.stream.send(Message::text(frame.to_string())).await?)
    }

    /// The data of the first event of this kind that fits, heard already or still to come.
    ///
    /// # Errors
    /// Where none comes within 20 s, or the socket is closed.
    pub async fn wait_for(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let wanted = |event: &Value| event["kind"] == kind && fits(&event["data"]);
        if let Some(at) = self.kept.iter().position(wanted) {
            return Ok(self.kept.remove(at)["data"].take());
        }
        let next = async {
            loop {
                let event = self.next_event().await?;
                if event["kind"] == kind && fits(&event["data"]) {
                    return Ok(event["data"].clone());
                }
                if self.kept.len() < KEPT_MAX {
                    self.kept.push(event);
                }
            }
        };
        match timeout(WITHIN, next).await {
            Ok(found) => found,
            Err(_) => bail!("no {kind} came within {} s", WITHIN.as_secs()),
        }
    }

    /// The next event.
    ///
    /// # Errors
    /// Where the socket is closed.
    pub async fn next_event(&mut self) -> anyhow::Result<Value> {
        loop {
            let mut frame = self.next_frame().await?;
            if frame["type"] == "event" {
                return Ok(frame["event"].take());
            }
            if frame["type"] == "ping" {
                self.send(&json!({ "type": "pong" })).await?;
            }
        }
    }

    async fn next_frame(&mut self) -> anyhow::Result<Value> {
        while let Some(frame) = self.stream.next().await {
            if let Message::Text(text) = frame? {
                return Ok(serde_json::from_str(text.as_str())?);
            }
        }
        bail!("the socket was closed")
    }
}
