use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use emulator::bhashini::{Line, Task, User, audio_key};
use emulator::{ApiFault, Emulator, FaultKind, Options};
use serde_json::{Value, json};

use crate::shop::{NOW_S, answer, http, text};

const PIPELINE_ID: &str = "64392f96daac500b55c543cd";

async fn start() -> Emulator {
    Emulator::start(Options::repeatable(NOW_S, 7)).await.unwrap()
}

async fn configure(emulator: &Emulator, body: Value) -> (u16, Value) {
    let user = User::demo();
    let url = format!("{}/ulca/apis/v0/model/getModelsPipeline", emulator.bhashini_url());
    let request = http().post(url).header("userID", user.user_id).header("ulcaApiKey", user.ulca_api_key);
    answer(request.json(&body)).await
}

async fn compute_with(emulator: &Emulator, key: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/services/inference/pipeline", emulator.bhashini_url());
    answer(http().post(url).header("Authorization", key).json(&body)).await
}

async fn compute(emulator: &Emulator, tasks: Value, input: Value) -> (u16, Value) {
    let body = json!({ "pipelineTasks": tasks, "inputData": input });
    compute_with(emulator, &User::demo().inference_api_key, body).await
}

fn translation(source: &str, target: &str) -> Value {
    let language = json!({ "sourceLanguage": source, "targetLanguage": target });
    json!({ "taskType": "translation", "config": { "language": language } })
}

fn speech(language: &str, more: &Value) -> Value {
    let mut config = json!({ "language": { "sourceLanguage": language }, "gender": "female" });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "taskType": "tts", "config": config })
}

fn recognition(language: &str) -> Value {
    let config =
        json!({ "language": { "sourceLanguage": language }, "audioFormat": "wav", "samplingRate": 16_000 });
    json!({ "taskType": "asr", "config": config })
}

fn texts(text: &str) -> Value {
    json!({ "input": [{ "source": text }] })
}

fn audio(bytes: &[u8]) -> Value {
    json!({ "audio": [{ "audioContent": BASE64_STANDARD.encode(bytes) }] })
}

#[tokio::test]
async fn the_configuration_call_names_services_and_where_to_call_them() {
    let emulator = start().await;
    let body = json!({
        "pipelineTasks": [recognition("en"), translation("en", "ta"), speech("ta", &json!({}))],
        "pipelineRequestConfig": { "pipelineId": PIPELINE_ID }
    });
    let (status, answer) = configure(&emulator, body).await;
    assert_eq!(status, 200);
    assert_eq!(answer["languages"], json!([{ "sourceLanguage": "en", "targetLanguageList": ["ta"] }]));
    let end_point = &answer["pipelineInferenceAPIEndPoint"];
    assert_eq!(end_point["callbackUrl"], format!("{}/services/inference/pipeline", emulator.bhashini_url()));
    assert_eq!(
        end_point["inferenceApiKey"],
        json!({ "name": "Authorization", "value": User::demo().inference_api_key })
    );
    let config = answer["pipelineResponseConfig"].as_array().unwrap();
    let tasks: Vec<&Value> = config.iter().map(|task| &task["taskType"]).collect();
    assert_eq!(tasks, ["asr", "translation", "tts"]);

    emulator.bhashini().script([Line::translated("en", "hello", "ta", "வணக்கம்")]).unwrap();
    let mut task = translation("en", "ta");
    task["config"]["serviceId"] = config[1]["config"][0]["serviceId"].clone();
    let key = text(&end_point["inferenceApiKey"]["value"]);
    let body = json!({ "pipelineTasks": [task], "inputData": texts("hello") });
    let (_, translated) = compute_with(&emulator, &key, body).await;
    assert_eq!(translated["pipelineResponse"][0]["output"][0]["target"], "வணக்கம்");
}

#[tokio::test]
async fn without_named_languages_all_are_offered() {
    let emulator = start().await;
    let body = json!({
        "pipelineTasks": [{ "taskType": "translation" }],
        "pipelineRequestConfig": { "pipelineId": PIPELINE_ID }
    });
    let (_, answer) = configure(&emulator, body).await;
    assert_eq!(answer["languages"].as_array().unwrap().len(), 13);
    assert_eq!(answer["pipelineResponseConfig"][0]["config"].as_array().unwrap().len(), 13 * 12);
}

#[tokio::test]
async fn a_wrong_configuration_call_is_refused_in_ulcas_words() {
    let emulator = start().await;
    let config = json!({ "pipelineId": PIPELINE_ID });
    for (body, sentence) in [
        (json!({ "pipelineRequestConfig": config }), "PipelineTasks is required field"),
        (
            json!({ "pipelineTasks": [speech("hi", &json!({}))] }),
            "PipelineRequestConfig and PipelineId are required field",
        ),
        (
            json!({ "pipelineTasks": [{ "taskType": "magic" }], "pipelineRequestConfig": config }),
            "TaskType is not valid !",
        ),
        (
            json!({ "pipelineTasks": [speech("hi", &json!({}))], "pipelineRequestConfig": { "pipelineId": "x" } }),
            "Pipeline model with the request PipelineId does not exist",
        ),
        (
            json!({ "pipelineTasks": [speech("hi", &json!({})), recognition("hi")], "pipelineRequestConfig": config }),
            "Requested pipeline does not exist with this submitter!",
        ),
        (
            json!({ "pipelineTasks": [recognition("fr")], "pipelineRequestConfig": config }),
            "No supported tasks found for this request!!",
        ),
    ] {
        let (status, refusal) = configure(&emulator, body).await;
        assert_eq!((status, text(&refusal["message"]).as_str()), (400, sentence));
    }
    let url = format!("{}/ulca/apis/v0/model/getModelsPipeline", emulator.bhashini_url());
    let body = json!({ "pipelineTasks": [recognition("hi")], "pipelineRequestConfig": config });
    let stranger = http().post(&url).header("userID", "stranger").header("ulcaApiKey", "x").json(&body);
    assert_eq!(answer(stranger).await.0, 400);
    let (_, anonymous) = answer(http().post(&url).json(&body)).await;
    assert_eq!(anonymous.get("pipelineInferenceAPIEndPoint"), None);
}

#[tokio::test]
async fn an_unscripted_recording_is_heard_as_nothing_and_a_scripted_one_as_scripted() {
    let emulator = start().await;
    let tasks = json!([recognition("en")]);
    let (_, unknown) = compute(&emulator, tasks.clone(), audio(b"RIFF one")).await;
    assert_eq!(unknown["pipelineResponse"][0]["output"], json!([{ "source": "" }]));
    emulator.bhashini().script([Line::heard(b"RIFF one", "five kilos")]).unwrap();
    let (_, known) = compute(&emulator, tasks, audio(b"RIFF one")).await;
    let answered = &known["pipelineResponse"][0];
    assert_eq!(answered["output"], json!([{ "source": "five kilos" }]));
    assert_eq!((&answered["taskType"], &answered["config"]["samplingRate"]), (&json!("asr"), &json!(16_000)));
}

#[tokio::test]
async fn an_unscripted_translation_fails_and_is_never_an_echo() {
    let emulator = start().await;
    let (status, refusal) = compute(&emulator, json!([translation("en", "hi")]), texts("five kilos")).await;
    assert_eq!((status, &refusal["detail"]["kind"]), (500, &json!("DHRUVA-102")));
    assert!(!refusal.to_string().contains("five kilos"));
}

#[tokio::test]
async fn a_chain_hands_each_result_on() {
    let emulator = start().await;
    emulator
        .bhashini()
        .script([Line::heard(b"RIFF", "five kilos"), Line::translated("en", "five kilos", "ta", "ஐந்து கிலோ")])
        .unwrap();
    let tasks = json!([recognition("en"), translation("en", "ta"), speech("ta", &json!({}))]);
    let (_, answer) = compute(&emulator, tasks, audio(b"RIFF")).await;
    let steps = answer["pipelineResponse"].as_array().unwrap();
    assert_eq!(steps[1]["output"], json!([{ "source": "five kilos", "target": "ஐந்து கிலோ" }]));
    let spoken = BASE64_STANDARD.decode(text(&steps[2]["audio"][0]["audioContent"])).unwrap();
    assert_eq!(&spoken[..4], b"RIFF");
    let backwards = json!([speech("ta", &json!({})), translation("ta", "en")]);
    let (status, nothing) = compute(&emulator, backwards, texts("x")).await;
    assert_eq!((status, nothing), (200, json!({ "pipelineResponse": [] })));
}

#[tokio::test]
async fn speech_is_as_long_as_the_text_at_the_asked_rate_and_pace() {
    let emulator = start().await;
    let mut sizes = Vec::new();
    for more in [
        json!({ "samplingRate": 8_000 }),
        json!({ "samplingRate": 16_000 }),
        json!({ "samplingRate": 16_000, "speed": 2.0 }),
        json!({ "samplingRate": 16_000, "audioFormat": "pcm" }),
    ] {
        let (_, answer) = compute(&emulator, json!([speech("hi", &more)]), texts("पाँच किलो टमाटर")).await;
        let content = text(&answer["pipelineResponse"][0]["audio"][0]["audioContent"]);
        sizes.push(BASE64_STANDARD.decode(content).unwrap().len());
    }
    let data = sizes[3];
    assert_eq!(sizes, [44 + data / 2, 44 + data, 44 + data / 2, data]);
    let recording = BASE64_STANDARD.encode(b"RIFF a real voice");
    let line =
        Line { output: recording.clone(), task: Task::Tts, ..Line::translated("hi", "दाम", "", "") };
    emulator.bhashini().script([Line { target: None, ..line }]).unwrap();
    let (_, scripted) = compute(&emulator, json!([speech("hi", &json!({}))]), texts("दाम")).await;
    assert_eq!(scripted["pipelineResponse"][0]["audio"][0]["audioContent"], recording);
}

#[tokio::test]
async fn wrong_compute_calls_are_refused_where_they_are_wrong() {
    let emulator = start().await;
    let no_gender = json!({ "taskType": "tts", "config": { "language": { "sourceLanguage": "hi" } } });
    let mut unknown_service = translation("en", "hi");
    unknown_service["config"]["serviceId"] = json!("nobody/nothing");
    let mut bare = translation("en", "hi");
    bare["config"]["language"].as_object_mut().unwrap().remove("targetLanguage");
    for (tasks, input, status) in [
        (json!([no_gender]), texts("x"), 422),
        (json!([speech("hi", &json!({ "gender": "robot" }))]), texts("x"), 422),
        (json!([speech("hi", &json!({ "samplingRate": 7_999 }))]), texts("x"), 422),
        (json!([speech("hi", &json!({ "audioFormat": "mp3" }))]), texts("x"), 500),
        (json!([speech("fr", &json!({}))]), texts("x"), 500),
        (json!([unknown_service]), texts("x"), 404),
        (json!([bare]), texts("x"), 422),
        (json!([{ "taskType": "magic", "config": {} }]), texts("x"), 422),
        (json!([]), texts("x"), 422),
        (json!([recognition("en")]), json!({ "audio": [{ "audioContent": "not base64 !" }] }), 500),
        (json!([recognition("en")]), texts("x"), 422),
        (json!([translation("en", "hi")]), texts(&"x".repeat(10_001)), 422),
    ] {
        let (got, refusal) = compute(&emulator, tasks.clone(), input).await;
        assert_eq!(got, status, "{tasks}: {refusal}");
        assert!(refusal["detail"].is_array() || refusal["detail"].is_object(), "{refusal}");
    }
}

#[tokio::test]
async fn a_key_is_needed_and_must_be_known() {
    let emulator = start().await;
    let body = json!({ "pipelineTasks": [recognition("en")], "inputData": audio(b"x") });
    let (status, refusal) = compute_with(&emulator, "wrong", body.clone()).await;
    assert_eq!((status, refusal), (401, json!({ "detail": { "message": "Not authenticated" } })));
    let url = format!("{}/services/inference/pipeline", emulator.bhashini_url());
    assert_eq!(answer(http().post(url).json(&body)).await, (403, json!({ "detail": "Not authenticated" })));
}

#[tokio::test]
async fn faults_strike_this_vendor_alone() {
    let emulator = start().await;
    for (status, retry_after_s) in [(401, None), (403, None), (429, Some(3)), (503, None)] {
        let fault = FaultKind::Status { status, retry_after_s };
        emulator.bhashini().add_fault(ApiFault::next_call(fault)).unwrap();
        assert_eq!(compute(&emulator, json!([recognition("en")]), audio(b"x")).await.0, status);
    }
    emulator.bhashini().add_fault(ApiFault::next_call(FaultKind::Hang)).unwrap();
    let orders = format!("{}/v1/orders", emulator.razorpay_url());
    assert_eq!(answer(http().get(orders)).await.0, 401);
}

#[tokio::test]
async fn what_was_asked_is_remembered_for_the_test_to_read() {
    let emulator = start().await;
    let mut task = recognition("hi");
    task["config"]["preProcessors"] = json!(["vad"]);
    compute(&emulator, json!([task]), audio(b"RIFF two")).await;
    let heard = emulator.bhashini().heard();
    assert_eq!(heard.len(), 1);
    assert_eq!((heard[0].task, &heard[0].inputs), (Task::Asr, &vec![audio_key(b"RIFF two")]));
    assert_eq!(heard[0].config["preProcessors"], json!(["vad"]));
    emulator.bhashini().reset();
    assert!(emulator.bhashini().heard().is_empty() && emulator.bhashini().calls().is_empty());
}
