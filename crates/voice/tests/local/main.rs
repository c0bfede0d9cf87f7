//! The local recogniser in its own process, against human digits and synthetic offers. Needs the Debian packages
//! libpocketsphinx3 and pocketsphinx-en-us, as scripts/setup installs them.

mod digits;
mod machine;
mod offers;

use parley::{Act, Context, Reading, read};
use types::Language;
use voice::stt::{Error, Heard};

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
