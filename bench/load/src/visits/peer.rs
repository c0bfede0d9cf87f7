//! The sides of a visit as sockets at the peer, socket.io: Engine.IO 4 over a WebSocket, as much of it as a chat needs.
//!
//! A frame is text: `0…` opens, `2` asks whether we live and `3` says so; `40…` joins, `42N[event, data]` says something and
//! `43N[…]` answers the call numbered N.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::{Mutex, mpsc};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use super::ours::VISITS;
use super::schedule::{Flights, Pair, Speaker};
use crate::server::Server;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Mouth = Arc<Mutex<SplitSink<Stream, Message>>>;

/// A socket in a room.
pub struct Caller {
    mouth: Mouth,
    answers: mpsc::Receiver<()>,
    said: u64,
}

/// Starts the peer's server; with a database it stores each message before it sends it on.
pub async fn start(peer: &Path, database: Option<&str>) -> anyhow::Result<Server> {
    Server::spawn(|port| {
        let mut command = Command::new("node");
        command.arg(peer.join("server.mjs")).env("NODE_ENV", "production").env("PORT", port.to_string());
        match database {
            Some(url) => command.env("DATABASE_URL", url),
            None => command.env_remove("DATABASE_URL"),
        };
        command
    })
    .await
}

/// Opens a room for every pair; their names begin with `round`.
pub async fn seat(server: &str, round: &str) -> anyhow::Result<Vec<Pair<Caller>>> {
    let mut pairs = Vec::with_capacity(VISITS);
    for number in 0..VISITS {
        let room = format!("{round}-{number}");
        let flights = Flights::default();
        let (buyer, buyer_hears) = join(server, &room, "buyer", flights.clone()).await?;
        let (vendor, vendor_hears) = join(server, &room, "vendor", flights.clone()).await?;
        let ears = [buyer_hears, vendor_hears].map(tokio::spawn);
        pairs.push(Pair { buyer, vendor, flights, ears });
    }
    Ok(pairs)
}

async fn join(
    server: &str,
    room: &str,
    side: &str,
    flights: Flights,
) -> anyhow::Result<(Caller, impl Future<Output = anyhow::Result<()>> + use<>)> {
    let url = format!("{}/socket.io/?EIO=4&transport=websocket", server.replacen("http", "ws", 1));
    let (stream, _) = connect_async(url).await.context("the peer's socket does not open")?;
    let (mouth, mut ear) = stream.split();
    let mouth = Arc::new(Mutex::new(mouth));
    let (answer, answers) = mpsc::channel(16);
    wait_for(&mut ear, "0").await?;
    let who = json!({ "room": room, "side": side });
    mouth.lock().await.send(Message::text(format!("40{who}"))).await?;
    wait_for(&mut ear, "40").await?;
    let hears = listen(ear, Arc::clone(&mouth), answer, flights);
    Ok((Caller { mouth, answers, said: 0 }, hears))
}

impl Speaker for Caller {
    async fn say(&mut self, client_id: Uuid, text: &str) -> anyhow::Result<()> {
        let event = json!(["say", { "client_id": client_id, "text": text }]);
        self.said += 1;
        self.mouth.lock().await.send(Message::text(format!("42{}{event}", self.said))).await?;
        self.answers.recv().await.context("the peer closed its socket")
    }
}

/// Notes what one side hears, and passes on that its own words were taken.
async fn listen(
    mut ear: SplitStream<Stream>,
    mouth: Mouth,
    answer: mpsc::Sender<()>,
    flights: Flights,
) -> anyhow::Result<()> {
    loop {
        let frame = next(&mut ear).await?;
        if frame == "2" {
            mouth.lock().await.send(Message::text("3")).await?;
        } else if frame.starts_with("43") {
            answer.send(()).await?;
        } else if let Some(event) = frame.strip_prefix("42") {
            let event: Value = serde_json::from_str(event)?;
            let client_id = event[1]["client_id"].as_str().context("a message has a client's id")?;
            flights.arrive(client_id.parse()?, event[1]["id"].as_str().unwrap_or_default());
        }
    }
}

async fn wait_for(ear: &mut SplitStream<Stream>, begins: &str) -> anyhow::Result<()> {
    let frame = next(ear).await?;
    anyhow::ensure!(frame.starts_with(begins), "the peer said {frame} instead of {begins}");
    Ok(())
}

async fn next(ear: &mut SplitStream<Stream>) -> anyhow::Result<String> {
    while let Some(frame) = ear.next().await {
        if let Message::Text(text) = frame? {
            return Ok(text.as_str().to_owned());
        }
    }
    bail!("the peer closed its socket")
}
