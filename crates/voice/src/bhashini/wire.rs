//! The JSON of both calls. Answers are read leniently: what is not needed may be missing, new or of another kind.

use std::collections::HashMap;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};
use types::Language;

use crate::audio::RATE_HZ;

/// Base64 as it is written everywhere, read with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The longest text that is taken for an answer: far more than a minute of speech or any translation holds.
const TEXT_CHARS_MAX: usize = 8_000;

/// The longest sentence of the vendor's that is repeated to people.
const SENTENCE_CHARS_MAX: usize = 160;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Task {
    /// `asr`
    Recognition,
    /// `translation`
    Translation,
    /// `tts`
    Speech,
}

/// A task in a language, or from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Service {
    pub task: Task,
    pub source: Language,
    pub target: Option<Language>,
}

/// What the configuration call answered.
#[derive(Debug)]
pub(super) struct Listed {
    pub services: HashMap<Service, String>,
    pub url: String,
    pub header: String,
    pub key: String,
}

impl Task {
    const ALL: [Self; 3] = [Self::Recognition, Self::Translation, Self::Speech];

    const fn name(self) -> &'static str {
        match self {
            Self::Recognition => "asr",
            Self::Translation => "translation",
            Self::Speech => "tts",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }
}

impl Service {
    fn language(self) -> Value {
        match self.target {
            Some(target) => json!({ "sourceLanguage": self.source.code(), "targetLanguage": target.code() }),
            None => json!({ "sourceLanguage": self.source.code() }),
        }
    }
}

/// Asks for every service of the whole way from speech to speech.
pub(super) fn configuration_request(pipeline_id: &str) -> Value {
    let tasks: Vec<Value> = Task::ALL.into_iter().map(|task| json!({ "taskType": task.name() })).collect();
    json!({ "pipelineTasks": tasks, "pipelineRequestConfig": { "pipelineId": pipeline_id } })
}

/// Reads the services, the address and the key.
pub(super) fn read_configuration(answer: &Value) -> Option<Listed> {
    let end_point = answer.get("pipelineInferenceAPIEndPoint")?;
    let mut services = HashMap::new();
    for task in list(answer.get("pipelineResponseConfig")) {
        let Some(kind) = task.get("taskType").and_then(Value::as_str).and_then(Task::of) else { continue };
        for entry in list(task.get("config")) {
            let language = |field| entry.get("language")?.get(field)?.as_str()?.parse::<Language>().ok();
            let (id, source) = (entry.get("serviceId").and_then(Value::as_str), language("sourceLanguage"));
            let (Some(id), Some(source)) = (id, source) else { continue };
            let target = language("targetLanguage").filter(|_| kind == Task::Translation);
            // The first of several is the platform's own choice.
            services.entry(Service { task: kind, source, target }).or_insert_with(|| id.to_owned());
        }
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let key = end_point.get("inferenceApiKey");
    Some(Listed {
        services,
        url: text(end_point.get("callbackUrl"))?,
        header: text(key.and_then(|k| k.get("name"))).unwrap_or_else(|| "Authorization".to_owned()),
        key: text(key.and_then(|k| k.get("value")))?,
    })
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// Asks what is said in a WAV file.
pub(super) fn recognition_request(service: Service, id: &str, wav: &[u8]) -> Value {
    let config = json!({
        "language": service.language(), "serviceId": id, "audioFormat": "wav", "samplingRate": RATE_HZ,
    });
    request(service, config, json!({ "audio": [{ "audioContent": BASE64.encode(wav) }] }))
}

/// Asks for a text in another language.
pub(super) fn translation_request(service: Service, id: &str, text: &str) -> Value {
    let config = json!({ "language": service.language(), "serviceId": id });
    request(service, config, json!({ "input": [{ "source": text }] }))
}

/// Asks for a text as speech.
pub(super) fn speech_request(service: Service, id: &str, gender: &str, text: &str) -> Value {
    let config = json!({
        "language": service.language(), "serviceId": id, "gender": gender, "audioFormat": "wav",
        "samplingRate": 22_050,
    });
    request(service, config, json!({ "input": [{ "source": text }] }))
}

#[expect(clippy::needless_pass_by_value, reason = "both become part of the request")]
fn request(service: Service, config: Value, input: Value) -> Value {
    json!({
        "pipelineTasks": [{ "taskType": service.task.name(), "config": config }],
        "inputData": input,
    })
}

/// The text of an answer to recognition or translation; `None` where the answer holds none.
pub(super) fn read_text(answer: &Value, task: Task) -> Option<String> {
    let field = if task == Task::Translation { "target" } else { "source" };
    let text = answer.pointer("/pipelineResponse/0/output/0")?.get(field)?.as_str()?;
    text.chars().nth(TEXT_CHARS_MAX).is_none().then(|| one_line(text))
}

/// The sound file of an answer to speech.
pub(super) fn read_sound(answer: &Value) -> Option<Vec<u8>> {
    let content = answer.pointer("/pipelineResponse/0/audio/0/audioContent")?.as_str()?;
    let packed: String = content.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(packed).ok().filter(|bytes| !bytes.is_empty())
}

/// What the vendor says is wrong, in its own words, cut short; empty where it says nothing. A secret that it repeats is taken out before:
/// what is left of one that was cut would not be known again.
pub(super) fn read_complaint<'a>(body: &[u8], secrets: impl Iterator<Item = &'a str>) -> String {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let places = ["/message", "/detail/message", "/detail", "/detail/0/msg"];
    let said = places.iter().find_map(|place| answer.pointer(place)?.as_str()).unwrap_or_default();
    let known = secrets.filter(|secret| !secret.is_empty());
    let said = known.fold(one_line(said), |said, secret| said.replace(secret, "…"));
    said.chars().take(SENTENCE_CHARS_MAX).collect()
}

/// A vendor's text without line breaks, control characters and direction tricks.
fn one_line(text: &str) -> String {
    let is_trick =
        |c: &char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let plain: String =
        text.chars().filter(|c| !is_trick(c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_past_what_is_strange_in_it() {
        let answer = json!({
            "languages": "new", "extra": 1,
            "pipelineResponseConfig": [
                { "taskType": "ocr", "config": [] },
                { "taskType": "asr", "config": [
                    { "serviceId": "first", "language": { "sourceLanguage": "hi" } },
                    { "serviceId": "second", "language": { "sourceLanguage": "hi" } },
                    { "serviceId": "kok", "language": { "sourceLanguage": "kok" } },
                    { "serviceId": 7 }, "nonsense",
                ] },
                { "taskType": "translation", "config": [
                    { "serviceId": "mt", "language": { "sourceLanguage": "hi", "targetLanguage": "ta" } },
                ] },
            ],
            "pipelineInferenceAPIEndPoint": { "callbackUrl": "https://x/", "inferenceApiKey": { "value": "k" } },
        });
        let listed = read_configuration(&answer).unwrap();
        assert_eq!(
            (listed.url.as_str(), listed.header.as_str(), listed.key.as_str()),
            ("https://x/", "Authorization", "k")
        );
        let hindi = Service { task: Task::Recognition, source: Language::Hindi, target: None };
        assert_eq!(listed.services.get(&hindi).map(String::as_str), Some("first"));
        assert_eq!(listed.services.len(), 2);
        assert!(read_configuration(&json!({ "pipelineResponseConfig": [] })).is_none());
    }

    #[test]
    fn an_answer_without_what_was_asked_is_none() {
        for answer in [
            json!({}),
            json!(null),
            json!({ "pipelineResponse": [] }),
            json!({ "pipelineResponse": [{ "output": null }] }),
        ] {
            assert_eq!(read_text(&answer, Task::Recognition), None);
            assert_eq!(read_sound(&answer), None);
        }
        let answer =
            json!({ "pipelineResponse": [{ "output": [{ "source": "a\n\u{202E}b", "target": " c " }] }] });
        assert_eq!(read_text(&answer, Task::Recognition).as_deref(), Some("a b"));
        assert_eq!(read_text(&answer, Task::Translation).as_deref(), Some("c"));
        let endless = json!({ "pipelineResponse": [{ "output": [{ "source": "x".repeat(9_000) }] }] });
        assert_eq!(read_text(&endless, Task::Recognition), None);
        let unpadded = json!({ "pipelineResponse": [{ "audio": [{ "audioContent": "UklG\nRg" }] }] });
        assert_eq!(read_sound(&unpadded).as_deref(), Some(&b"RIFF"[..]));
    }

    #[test]
    fn a_complaint_is_found_in_every_shape_and_cut_short() {
        let read_complaint = |body: &[u8]| read_complaint(body, std::iter::empty());
        for body in [
            r#"{"code":"400","message":"no key"}"#,
            r#"{"detail":{"kind":"DHRUVA-101","message":"no key"}}"#,
            r#"{"detail":"no key"}"#,
            r#"{"detail":[{"loc":["body"],"msg":"no key"}]}"#,
        ] {
            assert_eq!(read_complaint(body.as_bytes()), "no key");
        }
        assert_eq!(read_complaint(b"<html>"), "");
        assert_eq!(read_complaint(format!(r#"{{"message":"{}"}}"#, "x".repeat(900)).as_bytes()).len(), 160);
    }

    #[test]
    fn a_key_that_a_complaint_repeats_is_not_told_even_where_the_complaint_is_cut() {
        let key = "ab12cd34ef56";
        for before in [0, 150, 155, 159, 400] {
            let body = format!(r#"{{"message":"{} {key} is wrong"}}"#, "x".repeat(before));
            let said = read_complaint(body.as_bytes(), ["", key].into_iter());
            assert!(!said.contains("ab"), "{said}");
        }
    }
}
