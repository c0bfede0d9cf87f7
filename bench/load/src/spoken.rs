//! A spoken offer: from the end of speech to the first sound at the other side, still marked as being confirmed.
//!
//! The phone does what the web client does: it signals `recording` when the button is pressed, speaks for as long as the recording
//! lasts, and sends it then; the clock starts with the sending. Speech that the server keeps is deleted before each take, so that
//! every answer is synthesised anew. The first take after a start of the server is a figure of its own, also for a phone whose
//! socket was down when the button was pressed. What is kinder than a market: the network is this machine's, one person speaks
//! at a time, the voice is synthetic, clean and always the same.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

use crate::server::{Server, data_dir};
use crate::stall::{self, Visit};
use crate::tally::Tally;

/// So many first takes of each kind.
const STARTS: usize = 3;

/// What is said.
struct Recording {
    wav: Vec<u8>,
    lasts: Duration,
}

/// Whether the phone says that somebody records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    Up,
    Down,
}

/// What was measured, from the end of speech on.
#[derive(Debug, Default)]
struct Found {
    /// To the offer at the other side.
    offer: Tally,
    /// To the sound there.
    sound: Tally,
}

/// Runs it and prints what it measured.
pub async fn run(vyapar: &Path, recording: &Path, times: usize) -> anyhow::Result<()> {
    let recording = Recording::read(recording)?;
    println!("speech of {:.1} s", recording.lasts.as_secs_f64());
    let data = data_dir()?;
    let speech = data.path().join("blobs/speech");
    let mut stalls = 0;
    for (socket, name) in [(Socket::Down, "unannounced"), (Socket::Up, "announced")] {
        let mut first = Found::default();
        for _ in 0..STARTS {
            let server = Server::start(vyapar, data.path()).await?;
            let mut visit = stall::open(&server.url, stalls).await?.visit(stalls).await?;
            stalls += 1;
            take(&mut visit, &recording, (socket, &speech), &mut first).await?;
            server.stop().await?;
        }
        first.print(&format!("first take after a start, {name}"));
    }
    let server = Server::start(vyapar, data.path()).await?;
    let mut visit = stall::open(&server.url, stalls).await?.visit(stalls).await?;
    take(&mut visit, &recording, (Socket::Up, &speech), &mut Found::default()).await?;
    let mut found = Found::default();
    for _ in 0..times {
        take(&mut visit, &recording, (Socket::Up, &speech), &mut found).await?;
    }
    found.print("every later take");
    server.stop().await
}

/// Says it once, and takes it back.
async fn take(
    visit: &mut Visit,
    recording: &Recording,
    (socket, speech): (Socket, &PathBuf),
    found: &mut Found,
) -> anyhow::Result<()> {
    forget(speech)?;
    if socket == Socket::Up {
        visit.buyer_hears.signal("recording", &visit.id).await?;
    }
    tokio::time::sleep(recording.lasts).await;
    let ended = Instant::now();
    let path =
        format!("/visits/{}/recordings?client_id={}&product_id={}", visit.id, stall::id(), visit.product);
    let sent: Value = visit.buyer.post_sound(&path, recording.wav.clone()).await?;
    let offer = visit.vendor_hears.wait_for("offer", |o| o["state"] == "being_confirmed").await?;
    found.offer.note(ended.elapsed());
    let message = sent["id"].as_str().context("the message has an id")?;
    let sound = format!("/visits/{}/messages/{message}/speech", visit.id);
    visit.vendor.file(&sound).await?.context("no voice is installed")?;
    found.sound.note(ended.elapsed());
    anyhow::ensure!(speech.is_dir(), "the server keeps its speech elsewhere, so it cannot be deleted");
    anyhow::ensure!(offer["may"]["accept"] == false, "the offer can be accepted before it is confirmed");
    let question = visit.buyer_hears.wait_for("read_back", |q| q["open"] == true).await?;
    let question = question["id"].as_str().context("the question has an id")?;
    visit.buyer.post(&format!("/visits/{}/read-backs/{question}/dismiss", visit.id), json!({})).await?;
    Ok(())
}

/// Deletes the speech that the server keeps.
fn forget(speech: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(speech) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done.with_context(|| format!("{} cannot be emptied", speech.display())),
    }
}

impl Recording {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let wav = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        // The header's eighth word is how many bytes a second takes; forty-four bytes lie before the samples.
        let rate = wav.get(28..32).context("the recording is no WAV")?;
        let rate = u32::from_le_bytes(rate.try_into()?);
        let bytes = u32::try_from(wav.len())?.saturating_sub(44);
        anyhow::ensure!(rate > 0, "the recording is no WAV");
        Ok(Self { wav, lasts: Duration::from_secs_f64(f64::from(bytes) / f64::from(rate)) })
    }
}

impl Found {
    fn print(&self, what: &str) {
        println!("{what}");
        for (to, times) in
            [("offer at the other side", &self.offer), ("sound at the other side", &self.sound)]
        {
            println!("  end of speech → {to}  {times}");
            println!("    {}", times.spread());
        }
    }
}
