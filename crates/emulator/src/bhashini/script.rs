//! Scripted answers: what is heard in a recording, and how a text is said in another language.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most lines a script may have.
pub const SCRIPT_LINES_MAX: usize = 10_000;
const KEY_BYTES_MAX: usize = 16 * 1024;
const OUTPUT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What is asked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Task {
    /// Speech to text.
    #[serde(rename = "asr")]
    Asr,
    /// Text to text in another language.
    #[serde(rename = "translation")]
    Translation,
    /// Text to speech.
    #[serde(rename = "tts")]
    Tts,
    /// Text to text in another script.
    #[serde(rename = "transliteration")]
    Transliteration,
    /// Which language a text is in.
    #[serde(rename = "txt-lang-detection")]
    TextLanguage,
}

/// One scripted answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What is asked.
    pub task: Task,
    /// The text; for `asr` the key of [`audio_key`] or the recording's address.
    pub input: String,
    /// The source language; any where absent.
    #[serde(default)]
    pub source: Option<String>,
    /// The target language, for translation and transliteration; any where absent.
    #[serde(default)]
    pub target: Option<String>,
    /// The answer: text, for `tts` a WAV file in base64, for language detection a code, for transliteration the
    /// suggestions, one a line.
    pub output: String,
}

impl Line {
    /// What is heard in a recording of these bytes.
    pub fn heard(audio: &[u8], text: &str) -> Self {
        let (input, output) = (audio_key(audio), text.to_owned());
        Self { task: Task::Asr, input, source: None, target: None, output }
    }

    /// How a text is said in another language.
    pub fn translated(source: &str, text: &str, target: &str, output: &str) -> Self {
        Self {
            task: Task::Translation,
            input: text.to_owned(),
            source: Some(source.to_owned()),
            target: Some(target.to_owned()),
            output: output.to_owned(),
        }
    }

    pub(crate) fn invalid(&self) -> Option<&'static str> {
        match self {
            line if line.input.is_empty() || line.input.len() > KEY_BYTES_MAX => {
                Some("input must have 1 to 16384 bytes")
            }
            line if line.output.len() > OUTPUT_BYTES_MAX => Some("output must have at most 4194304 bytes"),
            _ => None,
        }
    }
}

/// The key of a recording: `sha256:` and the hex hash of its bytes, as they are sent before base64.
pub fn audio_key(audio: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(audio)))
}

/// All scripted answers.
#[derive(Debug, Default)]
pub(crate) struct Script {
    lines: HashMap<(Task, String), Vec<Line>>,
    count: usize,
}

impl Script {
    /// Adds a line; one for the same question is replaced.
    pub(crate) fn add(&mut self, line: Line) -> Result<(), &'static str> {
        if let Some(problem) = line.invalid() {
            return Err(problem);
        }
        let lines = self.lines.entry((line.task, line.input.trim().to_owned())).or_default();
        let same = |known: &&mut Line| known.source == line.source && known.target == line.target;
        if let Some(known) = lines.iter_mut().find(same) {
            *known = line;
            return Ok(());
        }
        if self.count >= SCRIPT_LINES_MAX {
            return Err("the script is full: clear it first");
        }
        self.count += 1;
        lines.push(line);
        Ok(())
    }

    /// The answer to a question; lines that name the languages come before lines for any.
    pub(crate) fn answer(&self, task: Task, input: &str, source: &str, target: &str) -> Option<&str> {
        let matches =
            |wanted: &Option<String>, given: &str| wanted.as_deref().is_none_or(|want| want == given);
        self.lines
            .get(&(task, input.trim().to_owned()))?
            .iter()
            .filter(|line| matches(&line.source, source) && matches(&line.target, target))
            .max_by_key(|line| u8::from(line.source.is_some()) + u8::from(line.target.is_some()))
            .map(|line| line.output.as_str())
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_the_languages_comes_before_one_for_any() {
        let mut script = Script::default();
        script.add(Line { source: None, ..Line::translated("en", "hello", "hi", "any") }).unwrap();
        script.add(Line::translated("en", "hello", "hi", "नमस्ते")).unwrap();
        assert_eq!(script.answer(Task::Translation, " hello ", "en", "hi"), Some("नमस्ते"));
        assert_eq!(script.answer(Task::Translation, "hello", "ta", "hi"), Some("any"));
        assert_eq!(script.answer(Task::Translation, "hello", "en", "ta"), None);
        assert_eq!(script.answer(Task::Transliteration, "hello", "en", "hi"), None);
    }

    #[test]
    fn a_line_said_again_replaces_the_first_and_the_script_is_bounded() {
        let mut script = Script::default();
        for number in 0..SCRIPT_LINES_MAX {
            script.add(Line::translated("en", &number.to_string(), "hi", "x")).unwrap();
        }
        script.add(Line::translated("en", "7", "hi", "सात")).unwrap();
        assert_eq!(script.answer(Task::Translation, "7", "en", "hi"), Some("सात"));
        assert!(script.add(Line::translated("en", "one more", "hi", "x")).is_err());
    }
}
