//! `POST /ulca/apis/v0/model/getModelsPipeline`: which services do a chain of tasks, where, and with which key.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::Error;
use super::language::{LANGUAGES, script_of};
use super::script::Task;
use super::{Bhashini, User, service};

/// The pipelines known: the ministry's and the research group's, by their published ids.
const PIPELINES: [&str; 2] = ["64392f96daac500b55c543cd", "643930aa521a4b1ba0f4c41d"];
const TASKS_MAX: usize = 3;

#[derive(Debug, Deserialize)]
struct Request {
    #[serde(rename = "pipelineTasks", default)]
    tasks: Option<Vec<Wanted>>,
    #[serde(rename = "pipelineRequestConfig", default)]
    config: Option<RequestConfig>,
}

#[derive(Debug, Deserialize)]
struct RequestConfig {
    #[serde(rename = "pipelineId", default)]
    pipeline_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(rename = "taskType")]
    task: Task,
    #[serde(default)]
    config: Option<WantedConfig>,
}

#[derive(Debug, Deserialize)]
struct WantedConfig {
    #[serde(default)]
    language: Option<WantedLanguage>,
}

#[derive(Debug, Default, Clone, Deserialize)]
struct WantedLanguage {
    #[serde(rename = "sourceLanguage", default)]
    source: Option<String>,
    #[serde(rename = "targetLanguage", default)]
    target: Option<String>,
}

impl Wanted {
    fn language(&self) -> WantedLanguage {
        self.config.as_ref().and_then(|config| config.language.clone()).unwrap_or_default()
    }

    fn is_pair(&self) -> bool {
        matches!(self.task, Task::Translation | Task::Transliteration)
    }

    /// The language pairs served; single languages come with an empty target.
    fn served(&self) -> Vec<(&'static str, &'static str)> {
        let wanted = self.language();
        let fits = |given: &Option<String>, code: &str| given.as_deref().is_none_or(|given| given == code);
        let sources = LANGUAGES.iter().map(|(code, _)| *code).filter(|code| fits(&wanted.source, code));
        if !self.is_pair() {
            return sources.map(|code| (code, "")).collect();
        }
        let targets = || LANGUAGES.iter().map(|(code, _)| *code).filter(|code| fits(&wanted.target, code));
        sources
            .flat_map(|source| {
                targets().filter(move |target| *target != source).map(move |target| (source, target))
            })
            .collect()
    }

    fn shown(&self) -> Value {
        let config: Vec<Value> = self.served().into_iter().map(|pair| entry(self.task, pair)).collect();
        json!({ "taskType": self.task, "config": config })
    }
}

fn entry(task: Task, (source, target): (&str, &str)) -> Value {
    let mut language = json!({ "sourceLanguage": source, "sourceScriptCode": script_of(source) });
    if !target.is_empty() {
        language["targetLanguage"] = target.into();
        language["targetScriptCode"] = script_of(target).into();
    }
    let mut entry = json!({
        "serviceId": service::default_id(task, source),
        "modelId": model_id(task, source),
        "language": language,
        "domain": ["general"],
    });
    if task == Task::Tts {
        entry["supportedVoices"] = json!(["male", "female"]);
    }
    entry
}

/// A stable stand-in for the database id of a model.
fn model_id(task: Task, source: &str) -> String {
    let key = super::audio_key(format!("{task:?} {}", service::default_id(task, source)).as_bytes());
    key.trim_start_matches("sha256:").chars().take(24).collect()
}

pub(super) async fn get_models_pipeline(
    State(bhashini): State<Bhashini>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Error> {
    let refuse = |message: &str| Error::ulca(message, bhashini.shared.clock.now_ms());
    let body = body.map_err(|_| refuse("The request is too large"))?;
    let request: Request = serde_json::from_slice(&body).map_err(|error| {
        // An unknown task is the one thing that can be wrong with a well-formed request.
        let task = error.is_data() && error.to_string().contains("variant");
        refuse(if task {
            "TaskType is not valid !"
        } else {
            "Pipeline validation failed. Check uploaded file syntax"
        })
    })?;
    let tasks = checked(&request).map_err(refuse)?;
    let user = user(&bhashini, &headers).map_err(refuse)?;
    Ok(Json(answer(tasks, user, &bhashini.shared.public_url)))
}

fn checked(request: &Request) -> Result<&[Wanted], &'static str> {
    let tasks = request.tasks.as_deref().filter(|tasks| !tasks.is_empty());
    let tasks = tasks.ok_or("PipelineTasks is required field")?;
    let id = request.config.as_ref().and_then(|config| config.pipeline_id.as_deref());
    let id = id.ok_or("PipelineRequestConfig and PipelineId are required field")?;
    if !PIPELINES.contains(&id) {
        return Err("Pipeline model with the request PipelineId does not exist");
    }
    let in_order = tasks.windows(2).all(|pair| follows(pair[0].task, pair[1].task));
    if tasks.len() > TASKS_MAX || !in_order {
        return Err("Requested pipeline does not exist with this submitter!");
    }
    if tasks.iter().any(|task| task.served().is_empty()) {
        return Err("No supported tasks found for this request!!");
    }
    Ok(tasks)
}

/// Whether one task may feed the next.
pub(super) fn follows(first: Task, then: Task) -> bool {
    matches!(
        (first, then),
        (Task::Asr | Task::Transliteration, Task::Translation)
            | (Task::Translation | Task::Transliteration, Task::Tts)
    )
}

/// The user the headers name; none where they name none, which ULCA answers without an endpoint.
fn user<'a>(bhashini: &'a Bhashini, headers: &HeaderMap) -> Result<Option<&'a User>, &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(key)) = (header("userID"), header("ulcaApiKey")) else { return Ok(None) };
    let known = bhashini.shared.users.iter().find(|user| user.user_id == id && user.ulca_api_key == key);
    known.map(Some).ok_or("Ulca Api Key does not exist!")
}

fn answer(tasks: &[Wanted], user: Option<&User>, public_url: &str) -> Value {
    let mut answer = json!({
        "languages": languages(tasks),
        "pipelineResponseConfig": tasks.iter().map(Wanted::shown).collect::<Vec<_>>(),
    });
    if let Some(user) = user {
        answer["feedbackUrl"] = format!("{public_url}/services/feedback/submit").into();
        answer["pipelineInferenceAPIEndPoint"] = json!({
            "callbackUrl": format!("{public_url}/services/inference/pipeline"),
            "inferenceApiKey": { "name": "Authorization", "value": user.inference_api_key },
            "isMultilingualEnabled": true,
            "isSyncApi": true,
        });
    }
    answer
}

/// Which languages the whole chain takes in, and which it puts out for each.
fn languages(tasks: &[Wanted]) -> Vec<Value> {
    let sources = tasks.first().map(Wanted::served).unwrap_or_default();
    let mut named: Vec<&str> = sources.iter().map(|(source, _)| *source).collect();
    named.dedup();
    let pair = tasks.iter().find(|task| task.is_pair());
    named
        .into_iter()
        .map(|source| {
            let targets: Vec<&str> = match pair {
                Some(task) => {
                    let pairs = task.served().into_iter();
                    pairs.filter(|(from, _)| *from == source).map(|(_, target)| target).collect()
                }
                None => vec![source],
            };
            json!({ "sourceLanguage": source, "targetLanguageList": targets })
        })
        .collect()
}
