//! Speech in, speech out, and talk in another language.

use axum::http::{Method, StatusCode};
use bytes::Bytes;
use chrono::TimeDelta;
use emulator::bhashini::{Line, Task, User};
use emulator::{Emulator, Options};
use platform::kept::Keeper;
use serde_json::{Value, json};

use crate::consents::decide;
use crate::doors::purge;
use crate::market::{Market, without_tools};
use crate::phone::{Answer, Phone};

/// "Five kilos for one fifty", by a synthetic voice.
pub const OFFER: &[u8] = include_bytes!("../../../voice/fixtures/offers/five-kilos-for-150-slt.flac");
/// "Yes", by a synthetic voice.
const YES: &[u8] = include_bytes!("../../../voice/fixtures/offers/yes-slt.flac");

/// A market whose voices are BHASHINI's, as emulated.
pub struct Abroad {
    pub market: Market,
    pub bhashini: Emulator,
}

impl Abroad {
    pub async fn open() -> Self {
        let bhashini = Emulator::start(Options::default()).await.unwrap();
        let mut voices = without_tools();
        voices.bhashini.config_url =
            format!("{}/ulca/apis/v0/model/getModelsPipeline", bhashini.bhashini_url());
        voices.bhashini.compute_url = format!("{}/services/inference/pipeline", bhashini.bhashini_url());
        voices.bhashini.inference_key = Some(User::demo().inference_api_key.into());
        Self { market: Market::open_with(voices).await, bhashini }
    }

    /// Has these bytes heard as these words. They are sent once, to learn how they reach the recogniser.
    pub async fn teach(&self, phone: &mut Phone, visit: &str, bytes: &'static [u8], text: &str) {
        record(phone, visit, bytes, "").await.is(StatusCode::ACCEPTED);
        self.market.work().await;
        let asked = self.bhashini.bhashini().heard();
        let key = asked.iter().rfind(|h| h.task == Task::Asr).unwrap().inputs[0].clone();
        let line = Line { task: Task::Asr, input: key, source: None, target: None, output: text.to_owned() };
        self.bhashini.bhashini().script([line]).unwrap();
    }
}

/// Sends a recording.
pub async fn record(phone: &mut Phone, visit: &str, bytes: &'static [u8], more: &str) -> Answer {
    let path = format!("{visit}/recordings?client_id={}{more}", phone.fresh());
    phone.call(Method::POST, &path, Some(("audio/flac", Bytes::from_static(bytes)))).await
}

#[tokio::test]
async fn without_a_recogniser_the_speaker_is_told_and_nobody_else() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let taken = record(&mut buyer, &visit, OFFER, "").await.is(StatusCode::ACCEPTED);
    assert_eq!((&taken["state"], &taken["via"]), (&json!("hearing"), &json!("spoken")));
    assert_eq!(taken["recording"]["sha256"].as_str().unwrap().len(), 64);
    market.work().await;
    market.later(TimeDelta::seconds(30));
    market.work().await;
    let after = buyer.last_message(&visit).await;
    assert_eq!(after["state"], "refused");
    let why = after["refused_because"].as_str().unwrap();
    assert!(["no-recogniser", "recogniser-away"].contains(&why), "{why}");
    assert_eq!(vendor.messages(&visit).await.len(), 1);
    assert!(market.blobs.list("recordings").await.unwrap().is_empty(), "the sound is gone");
}

#[tokio::test]
async fn a_spoken_offer_is_heard_confirmed_by_a_spoken_yes_and_stands() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    abroad.teach(&mut buyer, &visit, OFFER, "five kilos for one fifty").await;
    let refused = buyer.last_message(&visit).await;
    assert_eq!((&refused["state"], &refused["refused_because"]), (&json!("refused"), &json!("no-speech")));

    record(&mut buyer, &visit, OFFER, "").await.is(StatusCode::ACCEPTED);
    assert_eq!(vendor.messages(&visit).await.len(), 1, "what is not heard yet is not told");
    market.work().await;
    let heard = buyer.last_message(&visit).await;
    assert_eq!(
        (&heard["state"], &heard["original"]["text"]),
        (&json!("heard"), &json!("five kilos for one fifty"))
    );
    assert_eq!(heard["recording"]["heard_by"], "provider:bhashini");
    let offer = vendor.visit(&visit).await["offers"][0].clone();
    assert_eq!((&offer["state"], &offer["confirmed"]), (&json!("being_confirmed"), &json!(false)));
    assert!(vendor.last_message(&visit).await["text"].as_str().unwrap().contains("₹150"));
    assert!(market.blobs.list("recordings").await.unwrap().is_empty(), "heard, the sound is gone");

    abroad.teach(&mut buyer, &visit, YES, "yes").await;
    record(&mut buyer, &visit, YES, "&expecting=yes_no").await.is(StatusCode::ACCEPTED);
    market.work().await;
    let offer = vendor.visit(&visit).await["standing"].clone();
    assert_eq!((&offer["state"], &offer["total"]["minor"]), (&json!("offered"), &json!(150_00)));
    assert_eq!(vendor.messages(&visit).await.len(), 2, "the yes was said to the app");
}

#[tokio::test]
async fn a_yes_that_is_heard_late_does_not_answer_a_question_asked_since() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    abroad.teach(&mut buyer, &visit, YES, "yes").await;
    let dear = vendor.offer(&visit, 180_00, "5").await.is(StatusCode::CREATED);
    buyer.accept(&visit, &dear).await.is(StatusCode::CREATED);
    record(&mut buyer, &visit, YES, "&expecting=yes_no").await.is(StatusCode::ACCEPTED);
    // Before it is heard, another deal is on the screen.
    let dearer = vendor.offer(&visit, 900_00, "20").await.is(StatusCode::CREATED);
    buyer.accept(&visit, &dearer).await.is(StatusCode::CREATED);
    market.work().await;
    let after = buyer.visit(&visit).await;
    assert_eq!(after["order"], json!(null), "nobody said yes to the second: {after}");
    assert_eq!(after["standing"]["id"], dearer["id"]);
    // Said after the question, it binds.
    record(&mut buyer, &visit, YES, "&expecting=yes_no").await.is(StatusCode::ACCEPTED);
    market.work().await;
    assert_eq!(buyer.visit(&visit).await["order"]["total"]["minor"], 900_00);
}

#[tokio::test]
async fn a_recording_is_kept_where_its_speaker_wants_it_and_for_seven_days() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    abroad.teach(&mut buyer, &visit, OFFER, "five kilos for one fifty").await;
    decide(&mut buyer, "/passes/consents/kept_recordings", true).await;
    let path = format!("{visit}/recordings?client_id={}", buyer.fresh());
    let bytes = || Some(("audio/flac", Bytes::from_static(OFFER)));
    let first = buyer.call(Method::POST, &path, bytes()).await.is(StatusCode::ACCEPTED);
    let again = buyer.call(Method::POST, &path, bytes()).await.is(StatusCode::ACCEPTED);
    assert_eq!(again["id"], first["id"], "a retry is not said twice");
    buyer
        .call(Method::POST, &path, Some(("audio/flac", Bytes::from_static(YES))))
        .await
        .refused("client-id-reused");
    market.work().await;
    let stored = market.blobs.list("recordings").await.unwrap();
    assert_eq!(stored.len(), 1);
    let sealed = market.blobs.get("recordings", &stored[0].0).await.unwrap();
    assert!(!sealed.windows(4).any(|w| w == b"fLaC"), "at rest it is sealed");
    let at = market.test.clock.now();
    let kept = async |at| {
        let kept = market.negotiation.kept_at(at, None, 10).await.unwrap();
        kept.iter().map(|kept| usize::try_from(kept.bytes).unwrap()).collect::<Vec<_>>()
    };
    let soon = at + TimeDelta::days(1);
    assert_eq!((kept(at - TimeDelta::days(1)).await, kept(soon).await), (vec![], vec![sealed.len()]));
    let path = format!("{visit}/messages/{}/recording", first["id"].as_str().unwrap());
    for phone in [&mut buyer, &mut vendor] {
        let played = phone.get(&path).await;
        assert_eq!((played.status, &played.bytes[..]), (StatusCode::OK, OFFER));
        assert_eq!(played.headers["content-type"], "audio/flac");
        assert_eq!(played.headers["vyapar-made-by"], "original");
    }
    market.later(TimeDelta::days(6));
    purge(market).await;
    assert_eq!(market.blobs.list("recordings").await.unwrap().len(), 1);
    assert!(buyer.last_message(&visit).await["recording"]["kept_until"].is_string());
    market.later(TimeDelta::days(1));
    purge(market).await;
    assert!(market.blobs.list("recordings").await.unwrap().is_empty());
    let hashes: i64 = sqlx::query_scalar("select count(*) from recordings where length(sha256) = 32")
        .fetch_one(market.test.db.pool())
        .await
        .unwrap();
    assert_eq!(hashes, 2, "the hashes stay");
    assert_eq!(kept(market.test.clock.now()).await, Vec::<usize>::new(), "what is gone is not counted");
    assert_eq!(kept(soon).await, [sealed.len()], "but for the days that it was there");
}

#[tokio::test]
async fn a_recording_that_nobody_keeps_cannot_be_played() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    abroad.teach(&mut buyer, &visit, OFFER, "five kilos for one fifty").await;
    let message = record(&mut buyer, &visit, OFFER, "").await.is(StatusCode::ACCEPTED);
    market.work().await;
    let path = format!("{visit}/messages/{}/recording", message["id"].as_str().unwrap());
    buyer.get(&path).await.refused("not-found");
}

#[tokio::test]
async fn so_many_recordings_wait_and_no_more() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    for _ in 0..6 {
        record(&mut buyer, &visit, YES, "").await.is(StatusCode::ACCEPTED);
    }
    let problem = record(&mut buyer, &visit, YES, "").await.refused("too-busy");
    assert!(problem["retry_after_s"].as_u64().unwrap() > 0);
    assert_eq!(market.blobs.list("recordings").await.unwrap().len(), 6, "what is refused is not stored");
}

#[tokio::test]
async fn talk_is_translated_and_what_loses_its_numbers_is_not_shown() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    abroad
        .bhashini
        .bhashini()
        .script([
            Line::translated("en", "are they fresh from the farm", "ta", "அவை பண்ணையிலிருந்து புதியவையா"),
            Line::translated(
                "en",
                "my house is number 42 near the temple",
                "ta",
                "என் வீடு கோவிலுக்கு அருகில் உள்ளது",
            ),
        ])
        .unwrap();
    buyer.say(&visit, "are they fresh from the farm").await;
    assert_eq!(vendor.last_message(&visit).await["made_by"], "pending");
    market.work().await;
    let read = vendor.last_message(&visit).await;
    assert_eq!(
        (&read["made_by"], &read["text"]),
        (&json!("provider:bhashini"), &json!("அவை பண்ணையிலிருந்து புதியவையா"))
    );
    assert_eq!(read["original"]["text"], "are they fresh from the farm");

    buyer.say(&visit, "my house is number 42 near the temple").await;
    market.work().await;
    let read = vendor.last_message(&visit).await;
    assert_eq!((&read["made_by"], &read["warning"]), (&json!("not-translated"), &json!("numbers-differ")));
    assert_eq!(read["text"], "my house is number 42 near the temple");

    // What nobody can translate is said to be so, in the end.
    buyer.say(&visit, "the bus to madurai was late again").await;
    market.work().await;
    market.later(TimeDelta::minutes(3));
    market.work().await;
    let read = vendor.last_message(&visit).await;
    assert_eq!(
        (&read["made_by"], &read["text"]),
        (&json!("not-translated"), &json!("the bus to madurai was late again"))
    );
    let told = market.log_of(&visit, "vendor").await;
    let last = told.iter().rfind(|(kind, _)| kind == "message").unwrap();
    assert_eq!(last.1["made_by"], "not-translated", "the vendor's screen is told");
}

#[tokio::test]
async fn messages_and_questions_are_spoken_in_the_listeners_language() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "five kilos for one fifty").await;
    let path = format!("{visit}/messages/{}/speech", said["message"]["id"].as_str().unwrap());
    let spoken = vendor.get(&path).await;
    assert_eq!(spoken.status, StatusCode::OK);
    assert_eq!(&spoken.bytes[..4], b"OggS");
    assert_eq!(spoken.headers["vyapar-made-by"], "provider:bhashini");
    assert!(spoken.headers["content-type"].to_str().unwrap().starts_with("audio/ogg"));
    let asked = abroad.bhashini.bhashini().heard();
    let text = asked.iter().rfind(|h| h.task == Task::Tts).unwrap().inputs[0].clone();
    assert!(!text.contains('₹') && !text.chars().any(|c| c.is_ascii_digit()), "words for the ear: {text}");
    assert!(!text.chars().any(|c| c.is_ascii_alphabetic()), "Tamil for the vendor: {text}");
    let path = format!("{visit}/read-backs/{}/speech", said["read_back"]["id"].as_str().unwrap());
    assert_eq!(buyer.get(&path).await.status, StatusCode::OK);
    vendor.get(&path).await.refused("not-found");
}

#[tokio::test]
async fn credit_that_ends_between_two_sentences_ends_the_speech_there_and_nothing_is_paid_twice() {
    const SAID: [&str; 2] = ["இன்று காலை பறித்தவை.", "மதியம் வரை இருக்கும்."];
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let mut operator = market.operator().await;
    let (_buyer, visit) = market.buyer_at(&mut vendor).await;
    let price = json!({
        "client_id": operator.fresh(), "provider": "bhashini", "measure": "speech_characters", "per": 1,
        "price_micros": 10_000, "reason": "a paisa a character",
    });
    operator.post("/operator/prices", &price).await.is(StatusCode::CREATED);
    let me = vendor.get("/me").await.is(StatusCode::OK);
    let grants = format!("/operator/credits/{}/grants", me["person"]["tenant_id"].as_str().unwrap());
    let [first, second] = SAID.map(|said| said.chars().count());
    let said = vendor.say(&visit, &SAID.join(" ")).await;
    let path = format!("{visit}/messages/{}/speech", said["message"]["id"].as_str().unwrap());
    let spoken = || {
        let heard = abroad.bhashini.bhashini().heard().into_iter().filter(|heard| heard.task == Task::Tts);
        heard.map(|heard| heard.inputs[0].clone()).collect::<Vec<_>>()
    };
    let of_nobody = vendor.get(&path).await;
    of_nobody.refused("no-credit");
    assert_eq!(spoken(), [""; 0]);
    for (grant, answer, sentences) in [(first + 2, None, 1), (second, Some(StatusCode::OK), 2)] {
        let grant = json!({
            "client_id": operator.fresh(), "amount": {"minor": grant, "currency": "INR"}, "reason": "to try it",
        });
        operator.post(&grants, &grant).await.is(StatusCode::CREATED);
        let heard = vendor.get(&path).await;
        match answer {
            Some(status) => assert_eq!(heard.status, status),
            None => drop(heard.refused("no-credit")),
        }
        assert_eq!(spoken(), SAID[..sentences], "each once");
        let usage = vendor.get("/credit/usage").await.is(StatusCode::OK);
        let charge = &usage["items"][0];
        let used = SAID[sentences - 1].chars().count();
        assert_eq!((&charge["quantity"], &charge["charged"]["minor"]), (&json!(used), &json!(used)));
        let credit = vendor.get("/credit").await.is(StatusCode::OK);
        assert_eq!((&credit["available"]["minor"], &credit["reserved"]["minor"]), (&json!(2), &json!(0)));
    }
}

#[tokio::test]
async fn without_a_voice_the_text_has_to_do() {
    let market = Market::open().await;
    let mut vendor = market.vendor().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let said = buyer.say(&visit, "five kilos for one fifty").await;
    let path = format!("{visit}/messages/{}/speech", said["message"]["id"].as_str().unwrap());
    vendor.get(&path).await.refused("no-voice");
    let path = format!("{visit}/read-backs/{}/speech", said["read_back"]["id"].as_str().unwrap());
    buyer.get(&path).await.refused("no-voice");
    assert_eq!(buyer.visit(&visit).await["voice"]["speech"]["how"], json!("off"));
    let hearing: Value = record(&mut buyer, &visit, YES, "").await.is(StatusCode::ACCEPTED);
    let path = format!("{visit}/messages/{}/speech", hearing["id"].as_str().unwrap());
    buyer.get(&path).await.refused("no-voice");
}

#[tokio::test]
async fn talk_waits_for_the_stalls_credit_and_is_translated_once_it_is_there() {
    let abroad = Abroad::open().await;
    let market = &abroad.market;
    let mut vendor = market.vendor().await;
    let mut operator = market.operator().await;
    let (mut buyer, visit) = market.buyer_at(&mut vendor).await;
    let line = Line::translated("en", "are they fresh from the farm", "ta", "அவை பண்ணையிலிருந்து புதியவையா");
    abroad.bhashini.bhashini().script([line]).unwrap();
    let price = json!({
        "client_id": operator.fresh(), "provider": "bhashini", "measure": "translation_characters", "per": 1,
        "price_micros": 10_000, "reason": "a paisa a character",
    });
    operator.post("/operator/prices", &price).await.is(StatusCode::CREATED);
    let asked = abroad.bhashini.bhashini().heard().len();

    buyer.say(&visit, "are they fresh from the farm").await;
    market.work().await;
    let read = vendor.last_message(&visit).await;
    assert_eq!((&read["made_by"], &read["warning"]), (&json!("not-translated"), &json!("no-credit")));
    assert_eq!(read["text"], "are they fresh from the farm", "the speaker's own words meanwhile");
    assert_eq!(abroad.bhashini.bhashini().heard().len(), asked, "the provider was not asked");
    let told = market.log_of(&visit, "vendor").await;
    assert!(told.iter().any(|(kind, data)| kind == "message" && data["warning"] == "no-credit"));
    market.later(TimeDelta::seconds(2));
    market.work().await;
    let told = market.log_of(&visit, "vendor").await;
    let credit = &told.iter().rfind(|(kind, _)| kind == "credit").unwrap().1;
    assert_eq!((&credit["paused_jobs"], &credit["available"]["minor"]), (&json!(1), &json!(0)));

    let tenant =
        vendor.get("/me").await.is(StatusCode::OK)["person"]["tenant_id"].as_str().unwrap().to_owned();
    let grant = json!({
        "client_id": operator.fresh(), "amount": {"minor": 40, "currency": "INR"}, "reason": "to try it",
    });
    operator.post(&format!("/operator/credits/{tenant}/grants"), &grant).await.is(StatusCode::CREATED);
    market.work().await;
    let read = vendor.last_message(&visit).await;
    assert_eq!(
        (&read["made_by"], &read["text"]),
        (&json!("provider:bhashini"), &json!("அவை பண்ணையிலிருந்து புதியவையா"))
    );
    assert!(read.get("warning").is_none());
    let usage = vendor.get("/credit/usage").await.is(StatusCode::OK);
    let charge = &usage["items"][0];
    assert_eq!((&charge["quantity"], &charge["charged"]["minor"]), (&json!(28), &json!(28)));
    assert_eq!(charge["cause"]["visit_id"], visit.trim_start_matches("/visits/"));
    assert_eq!(vendor.get("/credit").await.is(StatusCode::OK)["available"]["minor"], 12);

    vendor.say(&visit, "இன்று காலை பறித்தவை").await;
    market.work().await;
    let own = vendor.last_message(&visit).await;
    assert_eq!((&own["made_by"], &own["warning"]), (&json!("original"), &json!("no-credit")), "it waits");
    assert!(buyer.last_message(&visit).await.get("warning").is_none(), "the stall's own business");
}
