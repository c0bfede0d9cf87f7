//! A machine on which nothing is installed, and settings that are not complete.

use types::Language;
use voice::stt::{self, Hints};
use voice::translate::{self, Line};
use voice::{Config, PartState, Reach, tts};

use crate::setting::{Setting, errand, nothing_installed, recording};

#[tokio::test]
async fn what_is_missing_is_told_with_what_to_do_and_nothing_breaks() {
    let setting = Setting::new(nothing_installed());
    for language in Language::ALL {
        let capability = setting.voice.capability(language, Reach::Anywhere);
        assert_eq!(capability.recognition.how, "browser", "{language}");
        assert_eq!(capability.speech.how, "off", "{language}");
        assert_eq!(capability.translation.how, "off", "{language}");
        for part in [capability.recognition, capability.speech, capability.translation] {
            assert!(
                part.why.is_some_and(|why| why.ends_with('.'))
                    && part.fix.is_some_and(|fix| fix.ends_with('.'))
            );
        }
    }
    // Where words may go is known without any tool.
    for part in setting.voice.report().into_iter().filter(|part| part.name != "residency") {
        assert_eq!(part.state, PartState::Off, "{}", part.name);
        assert!(part.sentence.ends_with('.') && part.fix.is_some(), "{part:?}");
    }
    let voice = &setting.voice;
    let spoken = voice.speak(errand(), "hello", Language::English).await;
    assert!(matches!(spoken, Err(tts::Error::Unavailable(_))), "{spoken:?}");
    let prepared = voice.prepare(recording()).await.unwrap();
    let heard = voice.recognise(errand(), &prepared, Language::Tamil, &Hints::default()).await;
    assert!(matches!(heard, Err(stt::Error::Unsupported(Language::Tamil))), "{heard:?}");
    let line = Line { text: "hello", from: Language::English, to: Language::Tamil, names: &[] };
    let translated = voice.translate(errand(), &line).await;
    assert!(matches!(translated, Err(translate::Error::Unsupported { .. })), "{translated:?}");
    assert!(!voice.can_translate(Language::English, Language::Tamil));
}

#[test]
fn half_of_the_credentials_is_told_and_none_is_no_fault() {
    let mut config = nothing_installed();
    config.bhashini.user_id = Some("somebody".to_owned());
    let setting = Setting::new(config);
    let why = setting.voice.capability(Language::Hindi, Reach::Anywhere).translation.why.unwrap();
    assert!(why.contains("no key"), "{why}");

    let mut config = nothing_installed();
    config.bhashini.user_id = Some(String::new());
    config.bhashini.inference_key = Some(String::new().into());
    let setting = Setting::new(config);
    let why = setting.voice.capability(Language::Hindi, Reach::Anywhere).translation.why.unwrap();
    assert!(!why.contains("BHASHINI"), "{why}");
}

#[test]
fn settings_are_written_without_their_secrets_and_read_with_them() {
    let mut config = Config::default();
    config.bhashini.api_key = Some("hunter2".to_owned().into());
    let written = serde_json::to_string(&config).unwrap();
    assert!(!written.contains("hunter2"));
    let read: Config = serde_json::from_str(&written).unwrap();
    assert!(read.bhashini.api_key.is_none());
    let read: Config =
        serde_json::from_str(r#"{"bhashini":{"inference_key":"x","service_ids":{"asr":{"hi":"y"}}}}"#)
            .unwrap();
    assert!(read.bhashini.inference_key.is_some());
    assert!(serde_json::from_str::<Config>(r#"{"espeek":"/usr/bin/espeak-ng"}"#).is_err());
    assert!(!format!("{config:?}").contains("hunter2"));
}
