//! The recogniser of this machine, and what it is given to hear.

use std::path::PathBuf;

use types::Language;
use voice::audio::{Limits, clean, decode};
use voice::stt::local::{Config, Local};
use voice::stt::{Error, Expecting, Heard, Hints, Recogniser, Speech16k};

/// A recogniser whose process is the small program of this crate.
pub fn local() -> Local {
    Local::new(config())
}

pub fn config() -> Config {
    Config { program: Some(env!("CARGO_BIN_EXE_recogniser").into()), ..Config::default() }
}

pub fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Decodes, cleans and recognises a file, as a server does.
pub async fn hear(local: &Local, file: &[u8], expecting: Expecting) -> Result<Heard, Error> {
    let recording = decode(file, &Limits::default()).expect("a fixture that decodes");
    let source_rate_hz = recording.source_rate_hz;
    let cleaned = clean(recording.samples).expect("a fixture with speech");
    let speech = Speech16k { samples: &cleaned.samples, source_rate_hz };
    let names = ["Tomato", "Onion", "Potato"].map(str::to_owned);
    local.recognise(&speech, Language::English, &Hints { expecting, names: &names }).await
}
