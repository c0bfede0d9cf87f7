//! The local recogniser in its own process, against human digits and synthetic offers. Needs the Debian packages
//! libpocketsphinx3 and pocketsphinx-en-us, as scripts/setup installs them.

mod digits;
mod offers;
mod process;

use std::path::PathBuf;

use parley::{Act, Context, Reading, read};
use types::Language;
use voice::audio::{Limits, clean, decode};
use voice::stt::local::{Config, Local};
use voice::stt::{Error, Expecting, Heard, Hints, Recogniser, Speech16k};

/// A recogniser whose process is the small program of this crate.
fn local() -> Local {
    Local::new(config())
}

fn config() -> Config {
    Config { program: Some(env!("CARGO_BIN_EXE_recogniser").into()), ..Config::default() }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Decodes, cleans and recognises a file, as a server does.
async fn hear(local: &Local, file: &[u8], expecting: Expecting) -> Result<Heard, Error> {
    let recording = decode(file, &Limits::default()).expect("a fixture that decodes");
    let source_rate_hz = recording.source_rate_hz;
    let cleaned = clean(recording.samples).expect("a fixture with speech");
    let speech = Speech16k { samples: &cleaned.samples, source_rate_hz };
    let names = ["Tomato", "Onion", "Potato"].map(str::to_owned);
    local.recognise(&speech, Language::English, &Hints { expecting, names: &names }).await
}

/// What an utterance comes to when all its readings are considered: understood, asked about, or talk.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Sure(Vec<Act>),
    Asked(Vec<Vec<Act>>),
    Talk,
}

fn outcome(heard: &Result<Heard, Error>, context: &Context<'_>) -> Outcome {
    let Ok(heard) = heard else { return Outcome::Talk };
    let context = context.spoken(true);
    let moving = |acts: &Vec<Act>| acts.iter().any(Act::moves_the_deal);
    let mut candidates = Vec::new();
    let mut is_sure = true;
    for (index, text) in std::iter::once(&heard.text).chain(&heard.alternatives).enumerate() {
        let readings = match read(text, Language::English, &context) {
            Reading::Understood(acts) if moving(&acts) => vec![acts],
            Reading::Unsure(readings) => {
                is_sure = false;
                readings
            }
            Reading::Understood(_) | Reading::Talk => {
                is_sure &= index > 0;
                Vec::new()
            }
        };
        for acts in readings {
            if !candidates.contains(&acts) {
                candidates.push(acts);
            }
        }
    }
    match candidates.len() {
        0 => Outcome::Talk,
        1 if is_sure => Outcome::Sure(candidates.remove(0)),
        _ => Outcome::Asked(candidates),
    }
}
