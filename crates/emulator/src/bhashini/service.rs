//! Which services there are, and the record of what they were asked.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Map, Value};

use super::script::Task;

/// The most questions remembered.
const RECORD_MAX: usize = 2_000;
const INPUT_CHARS_MAX: usize = 2_000;

/// Ids that clients know by heart, besides those that the configuration call hands out.
const FIXED: [(&str, Task); 9] = [
    ("bhashini/ai4bharat/conformer-multilingual-asr", Task::Asr),
    ("ai4bharat/conformer-en-gpu--t4", Task::Asr),
    ("ai4bharat/conformer-hi-gpu--t4", Task::Asr),
    ("ai4bharat/conformer-multilingual-indo_aryan-gpu--t4", Task::Asr),
    ("ai4bharat/conformer-multilingual-dravidian-gpu--t4", Task::Asr),
    ("ai4bharat/whisper-medium-en--gpu--t4", Task::Asr),
    ("ai4bharat/indic-tts-coqui-indo_aryan-gpu--t4", Task::Tts),
    ("ai4bharat/indic-tts-coqui-dravidian-gpu--t4", Task::Tts),
    ("ai4bharat/indic-tts-coqui-misc-gpu--t4", Task::Tts),
];

/// The service that is taken for a language where none is named.
pub(crate) fn default_id(task: Task, source: &str) -> &'static str {
    match (task, source) {
        (Task::Asr, "en") => "ai4bharat/whisper--gpu-t4",
        (Task::Asr, _) => "ai4bharat/conformer-multilingual-all--gpu-t4",
        (Task::Translation, _) => "ai4bharat/indictrans-v2-all-gpu--t4",
        (Task::Tts, "kn" | "ml" | "ta" | "te") => "ai4bharat/indic-tts-dravidian--gpu-t4",
        (Task::Tts, "en") => "ai4bharat/indic-tts-misc--gpu-t4",
        (Task::Tts, _) => "ai4bharat/indic-tts-indo-aryan--gpu-t4",
        (Task::Transliteration, _) => "ai4bharat/indicxlit--cpu-fsv2",
        (Task::TextLanguage, _) => "bhashini/indic-lang-detection-all",
    }
}

/// Whether a service of this id does this task.
pub(crate) fn exists(id: &str, task: Task) -> bool {
    let by_heart = FIXED.iter().any(|(fixed, of)| *fixed == id && *of == task);
    by_heart || ["en", "ta", "hi"].into_iter().any(|source| default_id(task, source) == id)
}

/// One question that a service was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Heard {
    /// What was asked.
    pub task: Task,
    /// By which service.
    pub service_id: String,
    /// The whole configuration sent with it.
    pub config: Map<String, Value>,
    /// The texts, or the keys of the recordings; long ones are cut.
    pub inputs: Vec<String>,
}

/// The latest questions.
#[derive(Debug, Default)]
pub(crate) struct Record(VecDeque<Heard>);

impl Record {
    pub(crate) fn add(&mut self, mut heard: Heard) {
        for input in &mut heard.inputs {
            if let Some((end, _)) = input.char_indices().nth(INPUT_CHARS_MAX) {
                input.truncate(end);
            }
        }
        if self.0.len() == RECORD_MAX {
            self.0.pop_front();
        }
        self.0.push_back(heard);
    }

    pub(crate) fn all(&self) -> Vec<Heard> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bhashini::language::LANGUAGES;

    #[test]
    fn whatever_the_configuration_call_hands_out_exists() {
        let tasks = [Task::Asr, Task::Translation, Task::Tts, Task::Transliteration, Task::TextLanguage];
        for task in tasks {
            assert!(LANGUAGES.iter().all(|(code, _)| exists(default_id(task, code), task)));
        }
        assert!(!exists("ai4bharat/indictrans-v2-all-gpu--t4", Task::Tts));
        assert!(!exists("", Task::Asr));
    }
}
