//! Whoever begins to speak finds the recogniser ready when the recording arrives.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use axum::http::StatusCode;
use sync::{Relay, Sender, Signal, SignalKind};

use crate::market::{Market, without_tools};
use crate::news::{Sides, sides};
use crate::voices::{OFFER, record};

/// A stand-in for the recogniser of English: it notes each start of its process, and is ready for whatever it is asked.
struct Ears {
    place: tempfile::TempDir,
    voices: voice::Config,
}

impl Ears {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let file = |name: &str| place.path().join(name);
        fs::create_dir_all(file("model/en-us")).unwrap();
        for name in ["library.so", "model/en-us/mdef", "model/cmudict-en-us.dict", "model/en-us.lm.bin"] {
            fs::write(file(name), "").unwrap();
        }
        let starts = file("starts");
        // Four bytes of length and an answer, for every request there will be; then it reads until its input ends.
        let ready = r#"\022\0\0\0{"answer":"ready"}"#;
        let program = format!(
            "#!/bin/sh\nfor n in 1 2 3 4 5 6 7 8 9; do printf '{ready}'; done\necho >> {}\nexec /bin/cat > /dev/null\n",
            starts.display()
        );
        fs::write(file("recogniser"), program).unwrap();
        fs::set_permissions(file("recogniser"), fs::Permissions::from_mode(0o755)).unwrap();
        let voices = voice::Config {
            pocketsphinx_library: Some(file("library.so")),
            pocketsphinx_model: Some(file("model")),
            recogniser_program: Some(file("recogniser")),
            ..without_tools()
        };
        Self { place, voices }
    }

    fn starts(&self) -> usize {
        fs::read_to_string(self.place.path().join("starts")).map_or(0, |starts| starts.lines().count())
    }

    async fn started(&self) {
        let started = async {
            while self.starts() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), started).await.expect("the recogniser is started");
    }
}

#[tokio::test]
async fn whoever_begins_to_record_has_the_recogniser_of_their_language_started_once() {
    let ears = Ears::new();
    let market = Market::open_with(ears.voices.clone()).await;
    let mut vendor = market.vendor().await;
    let (_, visit) = market.buyer_at(&mut vendor).await;
    let Sides { vendor: stall, buyer: guest, visit: id } = sides(&market, &visit).await;
    let recording = |by| Signal { kind: SignalKind::Recording, visit_id: id, by, message_id: None };
    let typing = Signal { kind: SignalKind::Typing, ..recording(Sender::Buyer) };
    // The vendor speaks Tamil, which this server does not understand; writing needs no ears.
    assert_eq!(market.negotiation.relay(stall, &recording(Sender::Vendor)).await.unwrap(), Some(guest));
    assert_eq!(market.negotiation.relay(guest, &typing).await.unwrap(), Some(stall));
    assert_eq!(ears.starts(), 0);
    // The buyer speaks English; a turn may still be the vendor's, so it is asked again as the phone does.
    while ears.starts() == 0 {
        assert_eq!(market.negotiation.relay(guest, &recording(Sender::Buyer)).await.unwrap(), Some(stall));
    }
    for _ in 0..5 {
        assert_eq!(market.negotiation.relay(guest, &recording(Sender::Buyer)).await.unwrap(), Some(stall));
    }
    assert_eq!(ears.starts(), 1);
}

#[tokio::test]
async fn a_recording_that_nobody_announced_has_the_recogniser_started_too() {
    let ears = Ears::new();
    let market = Market::open_with(ears.voices.clone()).await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    record(&mut buyer, &visit, OFFER, "").await.is(StatusCode::ACCEPTED);
    ears.started().await;
    assert_eq!(ears.starts(), 1);
}
