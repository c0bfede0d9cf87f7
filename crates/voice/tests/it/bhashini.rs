//! BHASHINI, against its emulator.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use emulator::bhashini::{Line as Scripted, Task, User};
use emulator::{ApiFault, Emulator, FaultKind};
use platform::meter;
use types::Language;
use voice::audio::wav;
use voice::stt::{self, Heard, Hints};
use voice::translate::{self, Line};
use voice::{Config, Prepared, Reach, tts};

use crate::setting::{Setting, asked, emulator, errand, has_espeak, known, recording};

fn status(status: u16, retry_after_s: Option<u32>) -> ApiFault {
    ApiFault::next_call(FaultKind::Status { status, retry_after_s })
}

async fn prepared(setting: &Setting) -> Prepared {
    setting.voice.prepare(recording()).await.unwrap()
}

async fn recognise(setting: &Setting, speech: &Prepared) -> Result<Heard, stt::Error> {
    setting.voice.recognise(errand(), speech, Language::Tamil, &Hints::default()).await
}

async fn translate(setting: &Setting) -> Result<voice::Translated, translate::Error> {
    let line = Line { text: "keep it for me", from: Language::English, to: Language::Hindi, names: &[] };
    setting.voice.translate(errand(), &line).await
}

fn script(emulator: &Emulator) {
    emulator.bhashini().script([Scripted::translated("en", "keep it for me", "hi", "मेरे लिए रखना")]).unwrap();
}

#[tokio::test]
async fn both_ways_in_recognise_translate_and_speak() {
    let emulator = emulator().await;
    script(&emulator);
    for config in [asked(&emulator), known(&emulator)] {
        let setting = Setting::new(config);
        let capability = setting.voice.capability(Language::Tamil, Reach::Anywhere);
        for part in [capability.recognition, capability.speech, capability.translation] {
            assert_eq!((part.how.as_str(), part.why), ("provider:bhashini", None));
        }
        let speech = prepared(&setting).await;
        emulator.bhashini().script([Scripted::heard(&wav(&speech.samples), "நூறு ரூபாய்")]).unwrap();
        let heard = recognise(&setting, &speech).await.unwrap();
        assert_eq!((heard.text.as_str(), heard.made_by.as_str()), ("நூறு ரூபாய்", "provider:bhashini"));
        let translated = translate(&setting).await.unwrap();
        assert_eq!((translated.text.as_str(), translated.warning), ("मेरे लिए रखना", None));
        assert_eq!(translated.made_by, "provider:bhashini");
        let spoken = setting.voice.speak(errand(), "₹40", Language::Odia).await.unwrap();
        assert_eq!(spoken.made_by, "provider:bhashini");
        assert!(spoken.duration_ms > 200 && spoken.ogg.windows(11).any(|w| w == b"SYNTHETIC=1"));
        let said = emulator.bhashini().heard().into_iter().rfind(|h| h.task == Task::Tts).unwrap();
        assert!(!said.inputs[0].contains('₹'), "{:?}", said.inputs);

        let captured = setting.book.captured();
        let letters = said.inputs[0].chars().count() as u64;
        assert_eq!(captured, [u64::from(speech.duration_ms), "keep it for me".len() as u64, letters]);
    }
}

#[tokio::test]
async fn the_configuration_call_is_made_once_for_many() {
    let emulator = emulator().await;
    script(&emulator);
    let setting = Setting::new(asked(&emulator));
    let calls = (0..5).map(|_| {
        let voice = setting.voice.clone();
        tokio::spawn(async move {
            let line =
                Line { text: "keep it for me", from: Language::English, to: Language::Hindi, names: &[] };
            voice.translate(errand(), &line).await.map(|t| t.text)
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.unwrap().is_ok());
    }
    let configured =
        || emulator.bhashini().calls().iter().filter(|c| c.path.ends_with("getModelsPipeline")).count();
    assert_eq!(configured(), 1);
    setting.clock.advance(TimeDelta::hours(7));
    assert!(translate(&setting).await.is_ok());
    assert_eq!(configured(), 2, "what was learnt is asked again after hours");
}

#[tokio::test]
async fn a_wrong_key_is_told_and_left_alone_for_a_while() {
    let emulator = emulator().await;
    script(&emulator);
    let wrong_user = Config {
        bhashini: voice::bhashini::Config {
            api_key: Some("wrong".to_owned().into()),
            ..asked(&emulator).bhashini
        },
        ..asked(&emulator)
    };
    let wrong_key = Config {
        bhashini: voice::bhashini::Config {
            inference_key: Some("wrong".to_owned().into()),
            ..known(&emulator).bhashini
        },
        ..known(&emulator)
    };
    for config in [wrong_user, wrong_key] {
        let setting = Setting::new(config);
        let before = emulator.bhashini().calls().len();
        for _ in 0..4 {
            assert!(matches!(translate(&setting).await, Err(translate::Error::Unavailable(_))));
        }
        assert_eq!(
            emulator.bhashini().calls().len() - before,
            1,
            "a refused key is not tried again and again"
        );
        let capability = setting.voice.capability(Language::Hindi, Reach::Anywhere);
        assert_eq!(capability.translation.how, "off");
        assert_eq!(capability.recognition.how, "browser");
        assert!(capability.translation.why.unwrap().contains("refused the key"));
        assert!(capability.translation.fix.unwrap().contains("voice.bhashini"));
        assert!(setting.book.captured().is_empty(), "what failed is not paid");
        setting.clock.advance(TimeDelta::minutes(16));
        assert_eq!(
            setting.voice.capability(Language::Hindi, Reach::Anywhere).translation.how,
            "provider:bhashini"
        );
    }
}

#[tokio::test]
async fn a_key_that_was_handed_out_and_is_refused_is_asked_for_again_once() {
    let emulator = emulator().await;
    script(&emulator);
    let setting = Setting::new(asked(&emulator));
    assert!(translate(&setting).await.is_ok());
    emulator.bhashini().add_fault(status(401, None).on("POST", "/services/inference/pipeline")).unwrap();
    assert!(translate(&setting).await.is_ok(), "a fresh key is taken");
    emulator
        .bhashini()
        .add_fault(status(403, None).on("POST", "/services/inference/pipeline").times(2))
        .unwrap();
    assert!(translate(&setting).await.is_err());
    assert_eq!(setting.voice.capability(Language::Hindi, Reach::Anywhere).translation.how, "off");
}

#[tokio::test]
async fn too_many_rests_until_the_time_named() {
    let emulator = emulator().await;
    script(&emulator);
    let setting = Setting::new(known(&emulator));
    emulator.bhashini().add_fault(status(429, Some(20))).unwrap();
    for expected_s in [20, 20] {
        let Err(translate::Error::Busy { retry_after }) = translate(&setting).await else {
            panic!("it rests")
        };
        assert_eq!(retry_after.as_secs(), expected_s);
    }
    assert_eq!(emulator.bhashini().calls().len(), 1);
    setting.clock.advance(TimeDelta::seconds(20));
    assert!(translate(&setting).await.is_ok());
}

#[tokio::test]
async fn silence_hangs_and_torn_answers_are_errors_and_pass() {
    let emulator = emulator().await;
    script(&emulator);
    let mut config = known(&emulator);
    config.bhashini.timeout_ms = 300;
    let setting = Setting::new(config);
    for kind in [
        FaultKind::Hang,
        FaultKind::Malformed,
        FaultKind::Truncated,
        FaultKind::Status { status: 500, retry_after_s: None },
        FaultKind::Status { status: 503, retry_after_s: None },
        FaultKind::Status { status: 404, retry_after_s: None },
    ] {
        emulator.bhashini().add_fault(ApiFault::next_call(kind.clone())).unwrap();
        let failed = translate(&setting).await;
        assert!(matches!(failed, Err(translate::Error::Unavailable(_))), "{kind:?}: {failed:?}");
        assert!(translate(&setting).await.is_ok(), "{kind:?}");
    }
    assert_eq!(setting.book.captured().len(), 6, "six answers were paid, six failures were not");
}

#[tokio::test]
async fn a_vendor_that_is_away_is_not_waited_for_again_and_again() {
    let emulator = emulator().await;
    script(&emulator);
    let setting = Setting::new(known(&emulator));
    emulator.bhashini().add_fault(status(503, None).times(3)).unwrap();
    for _ in 0..6 {
        assert!(translate(&setting).await.is_err());
    }
    assert_eq!(emulator.bhashini().calls().len(), 3);
    setting.clock.advance(TimeDelta::seconds(31));
    assert!(translate(&setting).await.is_ok());
}

#[tokio::test]
async fn a_recording_in_which_the_vendor_hears_nothing_is_heard_as_nothing() {
    let emulator = emulator().await;
    let setting = Setting::new(known(&emulator));
    let speech = prepared(&setting).await;
    assert!(matches!(recognise(&setting, &speech).await, Err(stt::Error::NothingHeard)));
    assert_eq!(setting.book.captured(), [u64::from(speech.duration_ms)], "the vendor listened all the same");
}

#[tokio::test]
async fn where_the_vendor_fails_the_voice_of_this_machine_speaks() {
    if !has_espeak() {
        return;
    }
    let emulator = emulator().await;
    let setting = Setting::new(Config { espeak: None, ..known(&emulator) });
    emulator.bhashini().add_fault(status(503, None).times(3)).unwrap();
    let speak = async || setting.voice.speak(errand(), "வணக்கம்", Language::Tamil).await.unwrap();
    assert_eq!(speak().await.made_by, "local");
    assert_eq!(speak().await.made_by, "local", "from what is kept, after asking the vendor again");
    speak().await;
    assert_eq!(
        setting.voice.capability(Language::Tamil, Reach::Anywhere).speech.how,
        "local",
        "the vendor is left alone"
    );
    setting.clock.advance(TimeDelta::seconds(31));
    assert_eq!(speak().await.made_by, "provider:bhashini");
}

#[tokio::test]
async fn without_credit_the_vendor_is_not_asked() {
    let emulator = emulator().await;
    script(&emulator);
    let setting = Setting::new(known(&emulator));
    *setting.book.is_empty.lock().unwrap() = true;
    assert!(matches!(translate(&setting).await, Err(translate::Error::Meter(meter::Error::NoCredit))));
    assert!(emulator.bhashini().calls().is_empty());
    if has_espeak() {
        let setting = Setting::new(Config { espeak: None, ..known(&emulator) });
        *setting.book.is_empty.lock().unwrap() = true;
        let spoken = setting.voice.speak(errand(), "hello", Language::English).await.unwrap();
        assert_eq!(spoken.made_by, "local", "what costs nothing goes on");
    }
}

/// Waits until something is so; generously.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to be so");
}

#[tokio::test]
async fn a_text_is_spoken_sentence_by_sentence_and_each_is_set_aside_before_it_is_asked_for() {
    const SAID: [&str; 2] = ["The tomatoes are from this morning.", "Come before noon, they go fast."];
    let emulator = emulator().await;
    let mut config = known(&emulator);
    config.bhashini.timeout_ms = 60_000;
    let setting = Setting::new(config);
    let [first, second] = SAID.map(|said| said.len() as u64);
    // The second sentence is never answered, and whoever listens goes away.
    for fault in [FaultKind::Delay { delay_ms: 0 }, FaultKind::Hang] {
        emulator.bhashini().add_fault(ApiFault::next_call(fault)).unwrap();
    }
    let voice = setting.voice.clone();
    let speak = move |voice: voice::Voice| async move {
        voice.speak(errand(), &SAID.join(" "), Language::English).await
    };
    let listening = tokio::spawn(speak(voice.clone()));
    until(|| setting.book.set_aside() == [first + second]).await;
    until(|| emulator.bhashini().heard().len() == 1).await;
    listening.abort();
    until(|| setting.book.captured() == [first]).await;
    // Asked for again, only what is missing is spoken and paid for.
    let whole = speak(voice.clone()).await.unwrap();
    assert_eq!(setting.book.captured(), [first, second]);
    let inputs: Vec<String> = emulator.bhashini().heard().into_iter().map(|h| h.inputs[0].clone()).collect();
    assert_eq!(inputs, SAID);
    assert_eq!(speak(voice.clone()).await.unwrap(), whole);
    // A sentence that another text shares was paid for already.
    let other = format!("{} {}", SAID[1], "We have onions, too.");
    let spoken = voice.speak(errand(), &other, Language::English).await.unwrap();
    assert!(spoken.duration_ms > 500, "{spoken:?}");
    assert_eq!(setting.book.captured(), [first, second, "We have onions, too.".len() as u64]);
}

#[tokio::test]
async fn services_named_in_the_settings_come_before_the_usual_ones() {
    let emulator = emulator().await;
    let mut config = known(&emulator);
    let named = "ai4bharat/indic-tts-coqui-misc-gpu--t4".to_owned();
    config.bhashini.service_ids.tts.insert("*".to_owned(), named.clone());
    let setting = Setting::new(config);
    setting.voice.speak(errand(), "நன்றி", Language::Tamil).await.unwrap();
    assert_eq!(emulator.bhashini().heard()[0].service_id, named);
    let mut config = known(&emulator);
    config.bhashini.service_ids.tts.insert("ta".to_owned(), "nobody/nothing".to_owned());
    let setting = Setting::new(config);
    let spoken = setting.voice.speak(errand(), "நன்றி", Language::Tamil).await;
    assert!(matches!(spoken, Err(tts::Error::Unavailable(_))), "{spoken:?}");
}

#[tokio::test]
async fn nothing_that_is_told_holds_a_key() {
    let emulator = emulator().await;
    let setting = Setting::new(asked(&emulator));
    emulator.bhashini().add_fault(status(403, None).times(9)).unwrap();
    let failed = translate(&setting).await.unwrap_err();
    let told = format!("{failed} {failed:?} {:?} {:?}", setting.voice, setting.voice.report());
    let user = User::demo();
    for secret in [user.ulca_api_key, user.inference_api_key] {
        assert!(!told.contains(&secret));
    }
    drop(Arc::clone(&setting.book));
}
