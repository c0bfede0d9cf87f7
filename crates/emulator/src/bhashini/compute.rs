//! `POST /services/inference/pipeline`: does a chain of tasks, each taking what the one before it put out.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::config_call::follows;
use super::error::Error;
use super::script::{Task, audio_key};
use super::service::{self, Heard};
use super::{Bhashini, language, wav};

const TASKS_MAX: usize = 5;
const ITEMS_MAX: usize = 25;
const TEXT_CHARS_MAX: usize = 10_000;
const RATE_HZ_MIN: u64 = 8_000;
const RATE_HZ_MAX: u64 = 48_000;
const TTS_RATE_HZ: u64 = 22_050;

/// One task of the chain.
#[derive(Debug)]
struct Step {
    task: Task,
    config: Map<String, Value>,
}

/// What the chain starts with, and what each task hands to the next.
#[derive(Debug, Default, Deserialize)]
struct Inputs {
    #[serde(default)]
    input: Option<Vec<Text>>,
    #[serde(default)]
    audio: Option<Vec<Audio>>,
}

#[derive(Debug, Deserialize)]
struct Text {
    #[serde(default)]
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Audio {
    #[serde(default)]
    audio_content: Option<String>,
    #[serde(default)]
    audio_uri: Option<String>,
}

pub(super) async fn pipeline(
    State(bhashini): State<Bhashini>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Error> {
    authorize(&bhashini, &headers)?;
    let too_large = |_| Error::client(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    let body = body.map_err(too_large)?;
    let request: Value = serde_json::from_slice(&body)
        .map_err(|error| Error::unprocessable(&[], &error.to_string(), "value_error.jsondecode"))?;
    let steps = read_steps(&request)?;
    let inputs = read_inputs(&request)?;
    // Dhruva answers a chain it does not know with status 200 and nothing done.
    if !steps.windows(2).all(|pair| follows(pair[0].task, pair[1].task)) {
        return Ok(Json(json!({ "pipelineResponse": [] })));
    }
    Ok(Json(json!({ "pipelineResponse": run(&bhashini, &steps, inputs)? })))
}

fn authorize(bhashini: &Bhashini, headers: &HeaderMap) -> Result<(), Error> {
    let key = headers.get(header::AUTHORIZATION).ok_or_else(Error::no_key)?;
    let known = |user: &super::User| user.inference_api_key.as_bytes() == key.as_bytes();
    if bhashini.shared.users.iter().any(known) {
        Ok(())
    } else {
        Err(Error::client(StatusCode::UNAUTHORIZED, "Not authenticated"))
    }
}

fn read_steps(request: &Value) -> Result<Vec<Step>, Error> {
    let tasks = request.get("pipelineTasks").ok_or_else(|| Error::missing(&["pipelineTasks"]))?;
    let tasks = tasks.as_array().ok_or_else(|| {
        Error::unprocessable(&["pipelineTasks"], "value is not a valid list", "type_error.list")
    })?;
    if tasks.is_empty() || tasks.len() > TASKS_MAX {
        let message = "ensure this value has from 1 to 5 items";
        return Err(Error::unprocessable(&["pipelineTasks"], message, "value_error.list"));
    }
    tasks.iter().map(read_step).collect()
}

fn read_step(task: &Value) -> Result<Step, Error> {
    let place = |field| ["pipelineTasks", field];
    let kind = task.get("taskType").ok_or_else(|| Error::missing(&place("taskType")))?;
    let kind = serde_json::from_value(kind.clone()).map_err(|_| {
        let message = "value is not a valid enumeration member";
        Error::unprocessable(&place("taskType"), message, "type_error.enum")
    })?;
    match task.get("config") {
        Some(Value::Object(config)) => Ok(Step { task: kind, config: config.clone() }),
        _ => Err(Error::missing(&place("config"))),
    }
}

fn read_inputs(request: &Value) -> Result<Inputs, Error> {
    let given = request.get("inputData").ok_or_else(|| Error::missing(&["inputData"]))?;
    let inputs: Inputs = serde_json::from_value(given.clone())
        .map_err(|error| Error::unprocessable(&["inputData"], &error.to_string(), "type_error"))?;
    let items = inputs.input.as_ref().map_or(0, Vec::len).max(inputs.audio.as_ref().map_or(0, Vec::len));
    let mut texts = inputs.input.iter().flatten().filter_map(|text| text.source.as_deref());
    if items > ITEMS_MAX || texts.any(|text| text.chars().count() > TEXT_CHARS_MAX) {
        return Err(Error::unprocessable(&["inputData"], "the input is too large", "value_error"));
    }
    Ok(inputs)
}

fn run(bhashini: &Bhashini, steps: &[Step], inputs: Inputs) -> Result<Vec<Value>, Error> {
    let mut texts: Vec<String> = inputs.input.into_iter().flatten().filter_map(|text| text.source).collect();
    let recordings = inputs.audio.unwrap_or_default();
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        let service_id = step.service()?;
        let inputs = match step.task {
            Task::Asr => recordings.iter().map(Audio::key).collect::<Result<_, _>>()?,
            _ => texts.clone(),
        };
        if inputs.is_empty() {
            let field = if step.task == Task::Asr { "audio" } else { "input" };
            return Err(Error::missing(&["inputData", field]));
        }
        let (task, config) = (step.task, step.config.clone());
        bhashini.state().heard.add(Heard { task, service_id, config, inputs: inputs.clone() });
        let (answer, next) = step.run(bhashini, inputs)?;
        answers.push(answer);
        texts = next;
    }
    Ok(answers)
}

impl Audio {
    /// The key the script knows this recording by: its hash, or its address, since nothing is fetched.
    fn key(&self) -> Result<String, Error> {
        match (&self.audio_content, &self.audio_uri) {
            (Some(content), _) if !content.is_empty() => {
                let bytes = BASE64_STANDARD.decode(content).map_err(|_| Error::failed("DHRUVA-116"))?;
                Ok(audio_key(&bytes))
            }
            (_, Some(uri)) => Ok(uri.clone()),
            _ => Err(Error::failed("DHRUVA-116")),
        }
    }
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

    fn service(&self) -> Result<String, Error> {
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
    fn run(&self, bhashini: &Bhashini, inputs: Vec<String>) -> Result<(Value, Vec<String>), Error> {
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
