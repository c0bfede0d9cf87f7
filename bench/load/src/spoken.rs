//! A spoken offer: from the end of speech (the recording is sent) to the first sound at the other side, still marked as being confirmed.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use serde_json::Value;

use crate::server::{Server, data_dir};
use crate::stall;
use crate::tally::Tally;

/// Runs it and prints what it measured.
pub async fn run(vyapar: &Path, recording: &Path, times: usize) -> anyhow::Result<()> {
    let sound =
        std::fs::read(recording).with_context(|| format!("{} cannot be read", recording.display()))?;
    let data = data_dir()?;
    let server = Server::start(vyapar, data.path()).await?;
    let stall = stall::open(&server.url, 0).await?;
    let mut visit = stall.visit(0).await?;
    let (mut to_text, mut to_sound) = (Tally::default(), Tally::default());
    for _ in 0..times {
        let asked = Instant::now();
        let path =
            format!("/visits/{}/recordings?client_id={}&product_id={}", visit.id, stall::id(), visit.product);
        let sent: Value = visit.buyer.post_sound(&path, sound.clone()).await?;
        let inert = |o: &Value| o["state"] == "being_confirmed";
        let offer = visit.vendor_hears.wait_for("offer", inert).await?;
        to_text.note(asked.elapsed());
        let message = sent["id"].as_str().context("the message has an id")?;
        let speech = format!("/visits/{}/messages/{message}/speech", visit.id);
        visit.vendor.file(&speech).await?.context("no voice is installed")?;
        to_sound.note(asked.elapsed());
        anyhow::ensure!(offer["may"]["accept"] == false, "the offer can be accepted before it is confirmed");
        let question = visit.buyer_hears.wait_for("read_back", |q| q["open"] == true).await?;
        let dismiss = format!(
            "/visits/{}/read-backs/{}/dismiss",
            visit.id,
            question["id"].as_str().unwrap_or_default()
        );
        visit.buyer.post(&dismiss, serde_json::json!({})).await?;
    }
    println!("end of speech → offer at the other side        {to_text}");
    println!("end of speech → first sound at the other side  {to_sound}");
    println!(
        "(the first one starts the recogniser; speech of the same words is kept, so later ones may be found)"
    );
    server.stop().await
}
