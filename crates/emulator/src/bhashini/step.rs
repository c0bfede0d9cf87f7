//! One task of a chain: what it takes, and what it answers.

use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::error::Error;
use super::script::Task;
use super::{Bhashini, language, service, wav};

const RATE_HZ_MIN: u64 = 8_000;
const RATE_HZ_MAX: u64 = 48_000;
const TTS_RATE_HZ: u64 = 22_050;

/// One task of the chain.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) task: Task,
    pub(super) config: Map<String, Value>,
}

impl Step {
    fn text(&self, path: [&str; 2]) -> Option<&str> {
        self.config.get(path[0])?.get(path[1])?.as_str()
    }

    fn language(&self, field: &'static str) -> Result<&str, Error> {
        let code = self
            .text(["language", field])
            .ok_or_else(|| Error::missing(&["pipelineTasks", "config", "language", field]))?;
        // The models are chosen by language: Dhruva finds none for one that is not served.
        language::script_of(code).map(|_| code).ok_or_else(|| Error::failed("DHRUVA-101"))
    }

    /// The service asked for, or else the one taken for the language.
    pub(super) fn service(&self) -> Result<String, Error> {
        let source = self.text(["language", "sourceLanguage"]).unwrap_or_default();
        let named = self.config.get("serviceId").and_then(Value::as_str).filter(|id| !id.is_empty());
        let id = named.unwrap_or_else(|| service::default_id(self.task, source));
        if service::exists(id, self.task) {
            Ok(id.to_owned())
        } else {
            Err(Error::client(StatusCode::NOT_FOUND, "Invalid Service Id"))
        }
    }

    fn rate_hz(&self) -> Result<Option<u64>, Error> {
        match self.config.get("samplingRate").filter(|value| !value.is_null()) {
            None => Ok(None),
            Some(value) => {
                let rate = value.as_u64().filter(|rate| (RATE_HZ_MIN..=RATE_HZ_MAX).contains(rate));
                let place = ["pipelineTasks", "config", "samplingRate"];
                let message = "ensure this value is from 8000 to 48000";
                rate.map(Some).ok_or_else(|| Error::unprocessable(&place, message, "value_error.number"))
            }
        }
    }

    /// The answer, and the texts for the next task.
    pub(super) fn run(
        &self,
        bhashini: &Bhashini,
        inputs: Vec<String>,
    ) -> Result<(Value, Vec<String>), Error> {
        match self.task {
            Task::Asr => self.recognise(bhashini, &inputs),
            Task::Translation => self.translate(bhashini, &inputs),
            Task::Tts => self.speak(bhashini, &inputs).map(|answer| (answer, inputs)),
            Task::Transliteration => self.transliterate(bhashini, &inputs),
            Task::TextLanguage => self.detect(bhashini, &inputs).map(|answer| (answer, inputs)),
        }
    }

    fn recognise(&self, bhashini: &Bhashini, recordings: &[String]) -> Result<(Value, Vec<String>), Error> {
        let source = self.language("sourceLanguage")?;
        let rate_hz = self.rate_hz()?;
        let state = bhashini.state();
        let texts: Vec<String> = recordings
            .iter()
            .map(|key| match state.script.answer(Task::Asr, key, source, "") {
                Some(text) => Ok(text.to_owned()),
                None if key.starts_with("sha256:") => Ok(String::new()),
                None => Err(Error::failed("DHRUVA-116")),
            })
            .collect::<Result<_, _>>()?;
        let output: Vec<Value> = texts.iter().map(|text| json!({ "source": text })).collect();
        let config = json!({
            "serviceId": self.service()?,
            "language": { "sourceLanguage": source, "sourceScriptCode": "" },
            "audioFormat": self.config.get("audioFormat").cloned().unwrap_or_else(|| "wav".into()),
            "encoding": null,
            "samplingRate": rate_hz,
            "postProcessors": self.config.get("postProcessors"),
        });
        Ok((json!({ "taskType": self.task, "config": config, "output": output, "audio": null }), texts))
    }

    fn translate(&self, bhashini: &Bhashini, texts: &[String]) -> Result<(Value, Vec<String>), Error> {
        let targets = self.scripted(bhashini, texts)?;
        let pairs = texts.iter().zip(&targets);
        let output: Vec<Value> =
            pairs.map(|(source, target)| json!({ "source": source, "target": target })).collect();
        Ok((json!({ "taskType": self.task, "config": null, "output": output, "audio": null }), targets))
    }

    fn transliterate(&self, bhashini: &Bhashini, texts: &[String]) -> Result<(Value, Vec<String>), Error> {
        let answers = self.scripted(bhashini, texts)?;
        let suggestions = answers.iter().map(|answer| answer.lines().collect::<Vec<_>>());
        let output: Vec<Value> = texts
            .iter()
            .zip(suggestions.clone())
            .map(|(source, target)| json!({ "source": source, "target": target }))
            .collect();
        let first = suggestions.map(|lines| lines.first().copied().unwrap_or_default().to_owned()).collect();
        Ok((json!({ "taskType": self.task, "config": null, "output": output, "audio": null }), first))
    }

    /// The scripted answers to all texts; a text without one fails as a model fails.
    fn scripted(&self, bhashini: &Bhashini, texts: &[String]) -> Result<Vec<String>, Error> {
        let (source, target) = (self.language("sourceLanguage")?, self.language("targetLanguage")?);
        let state = bhashini.state();
        let answers = texts.iter().map(|text| match text.trim() {
            "" => Some(String::new()),
            text => state.script.answer(self.task, text, source, target).map(str::to_owned),
        });
        answers.collect::<Option<_>>().ok_or_else(|| Error::failed("DHRUVA-102"))
    }

    fn speak(&self, bhashini: &Bhashini, texts: &[String]) -> Result<Value, Error> {
        let source = self.language("sourceLanguage")?;
        let rate_hz = self.rate_hz()?.unwrap_or(TTS_RATE_HZ);
        let place = ["pipelineTasks", "config", "gender"];
        let gender = self.config.get("gender").ok_or_else(|| Error::missing(&place))?;
        if !matches!(gender.as_str(), Some("male" | "female")) {
            let message = "value is not a valid enumeration member";
            return Err(Error::unprocessable(&place, message, "type_error.enum"));
        }
        let format = self.config.get("audioFormat").and_then(Value::as_str).unwrap_or("wav");
        let speed = self.config.get("speed").and_then(Value::as_f64).unwrap_or(1.0);
        let audio = texts
            .iter()
            .map(|text| sound(bhashini, text, source, (rate_hz, format), speed))
            .map(|content| content.map(|content| json!({ "audioContent": content, "audioUri": null })))
            .collect::<Result<Vec<_>, _>>()?;
        let config = json!({
            "language": { "sourceLanguage": source, "sourceScriptCode": "" },
            "audioFormat": format,
            "encoding": "base64",
            "samplingRate": rate_hz,
            "postProcessors": null,
        });
        Ok(json!({ "taskType": self.task, "config": config, "output": null, "audio": audio }))
    }

    fn detect(&self, bhashini: &Bhashini, texts: &[String]) -> Result<Value, Error> {
        let state = bhashini.state();
        let output: Vec<Value> = texts
            .iter()
            .map(|text| {
                let scripted = state.script.answer(Task::TextLanguage, text, "", "");
                let known = scripted.map(|code| (code, language::script_of(code).unwrap_or("Zyyy"), 1.0));
                let (code, script, score) = known.or_else(|| language::detect(text))?;
                let prediction = json!({ "langCode": code, "scriptCode": script, "langScore": score });
                Some(json!({ "source": text, "langPrediction": [prediction] }))
            })
            .collect::<Option<_>>()
            .ok_or_else(|| Error::failed("DHRUVA-102"))?;
        Ok(json!({ "taskType": self.task, "config": null, "output": output, "audio": null }))
    }
}

/// Speech in base64: the scripted recording, or a tone. Dhruva says nothing for an empty text.
fn sound(
    bhashini: &Bhashini,
    text: &str,
    source: &str,
    (rate_hz, format): (u64, &str),
    speed: f64,
) -> Result<String, Error> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    if let Some(recording) = bhashini.state().script.answer(Task::Tts, text, source, "") {
        return Ok(recording.to_owned());
    }
    let rate_hz = u32::try_from(rate_hz).unwrap_or(22_050);
    let samples = wav::tone(wav::spoken_ms(text, speed), rate_hz);
    match format {
        "wav" => Ok(BASE64_STANDARD.encode(wav::file(&samples, rate_hz))),
        "pcm" => Ok(BASE64_STANDARD.encode(wav::pcm(&samples))),
        // The emulator has no encoder for the compressed formats.
        _ => Err(Error::failed("DHRUVA-101")),
    }
}
