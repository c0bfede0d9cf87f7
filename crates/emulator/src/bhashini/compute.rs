//! `POST /services/inference/pipeline`: does a chain of tasks, each taking what the one before it put out.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Bhashini;
use super::config_call::follows;
use super::error::Error;
use super::script::{Task, audio_key};
use super::service::Heard;
use super::step::Step;

const TASKS_MAX: usize = 5;
const ITEMS_MAX: usize = 25;
const TEXT_CHARS_MAX: usize = 10_000;

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
