//! From an utterance to acts.
//!
//! Invariants: a number of talk never moves a deal; a price is either read the one way its words and the offer on the
//! table allow, or every near reading is returned for the app to ask about; nothing is accepted that does not stand.

mod answer;
mod bargain;
mod plain;
mod talk;

use serde::{Deserialize, Serialize};
use types::Language;

use crate::act::Act;
use crate::context::{Asked, Context};
use crate::scene::Scene;

/// What an utterance was understood to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reading", content = "acts", rename_all = "snake_case")]
pub enum Reading {
    /// These acts, in the order they were said.
    Understood(Vec<Act>),
    /// One of these, likeliest first: one to three. A single one is a guess to be asked about.
    Unsure(Vec<Vec<Act>>),
    /// Nothing about the deal: moves nothing, and goes to translation as it is.
    Talk,
}

/// A longer text, in characters, is no utterance at a stall: it is talk.
pub const UTTERANCE_CHARS_MAX: usize = 500;

/// The candidates an unsure reading has at most.
const CANDIDATES_MAX: usize = 3;

/// Reads one utterance.
///
/// Text of any length and content is safe; more than [`UTTERANCE_CHARS_MAX`] characters are [`Reading::Talk`].
pub fn read(text: &str, language: Language, context: &Context) -> Reading {
    // Four bytes hold any character, so longer texts need no counting.
    if text.len() > UTTERANCE_CHARS_MAX * 4 || text.chars().count() > UTTERANCE_CHARS_MAX {
        return Reading::Talk;
    }
    let scene = Scene::of(text, language, context.stall);
    if scene.items().is_empty() {
        return Reading::Talk;
    }
    let reading = read_scene(&scene, context, language);
    if scene.unclear_units == 0 {
        return reading;
    }
    let other = Scene::in_other_size(text, language, context.stall);
    Reading::either([reading, read_scene(&other, context, language)])
}

fn read_scene(scene: &Scene, context: &Context, language: Language) -> Reading {
    let answered = match context.asked {
        Some(Asked::Price) => answer::price(scene, context),
        Some(Asked::Quantity(unit)) => answer::quantity(scene, unit, context),
        Some(Asked::YesNo) => answer::yes_no(scene, context),
        Some(Asked::Which(candidates)) => answer::which(scene, candidates, context),
        None => None,
    };
    let reading = answered.unwrap_or_else(|| bargain::read(scene, context, language));
    if scene.is_negative() { reading.doubted() } else { reading }
}

impl Reading {
    /// A reading from candidates, likeliest first: none is talk, one is understood, more are a question.
    fn from_candidates(mut candidates: Vec<Vec<Act>>) -> Self {
        let mut seen = Vec::with_capacity(candidates.len());
        candidates.retain(|c| {
            let is_new = !c.is_empty() && !seen.contains(c);
            if is_new {
                seen.push(c.clone());
            }
            is_new
        });
        candidates.truncate(CANDIDATES_MAX);
        match candidates.len() {
            0 => Self::Talk,
            1 => Self::Understood(candidates.remove(0)),
            _ => Self::Unsure(candidates),
        }
    }

    /// A reading from those of alternatives: whatever they do not agree on is a question.
    fn either(readings: impl IntoIterator<Item = Self>) -> Self {
        let mut sides: Vec<std::vec::IntoIter<Vec<Act>>> = Vec::new();
        let mut is_open = false;
        for reading in readings {
            is_open |= !matches!(reading, Self::Understood(_));
            sides.push(match reading {
                Self::Understood(acts) => vec![acts].into_iter(),
                Self::Unsure(candidates) => candidates.into_iter(),
                Self::Talk => Vec::new().into_iter(),
            });
        }
        // The likeliest of every side comes before the second guess of any.
        let mut candidates = Vec::new();
        for _ in 0..CANDIDATES_MAX {
            candidates.extend(sides.iter_mut().filter_map(Iterator::next));
        }
        let reading = Self::from_candidates(candidates);
        if is_open { reading.doubted() } else { reading }
    }

    /// The same acts as a guess that the app asks about, where they would move the deal.
    fn doubted(self) -> Self {
        match self {
            Self::Understood(acts) if acts.iter().any(Act::moves_the_deal) => Self::Unsure(vec![acts]),
            sure => sure,
        }
    }

    /// The acts understood; empty for talk and where the app has to ask.
    pub fn acts(&self) -> &[Act] {
        match self {
            Self::Understood(acts) => acts,
            Self::Unsure(_) | Self::Talk => &[],
        }
    }
}
