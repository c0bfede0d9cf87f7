//! Messages to the emulated vendor, whom its own SDKs have checked.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

use std::sync::Arc;
use std::time::Duration;

use emulator::twilio::Sender;
use emulator::{ApiFault, Emulator, FaultKind, Options};
use texts::{Carrier, Config, Content, NotSent, Text, WhatsApp};

const TO: &str = "+919876543210";

async fn vendor() -> Emulator {
    Emulator::start(Options::repeatable(1_764_000_000, 7)).await.unwrap()
}

fn config(emulator: &Emulator) -> Config {
    let demo = Sender::demo();
    Config {
        base_url: emulator.twilio_url().to_owned(),
        account_sid: Some(demo.account_sid),
        auth_token: Some(demo.auth_token.into()),
        from: Some(demo.from),
        whatsapp: WhatsApp { from: Some(demo.whatsapp_from), templates: demo.templates },
        ..Config::default()
    }
}

fn carrier(config: &Config) -> Arc<dyn Carrier> {
    texts::carrier(config).unwrap().unwrap()
}

fn words<'a>(to: &'a str, words: &'a str) -> Text<'a> {
    Text { to, content: Content::Words(words), within: Duration::from_mins(10) }
}

#[tokio::test]
async fn words_arrive_by_sms_in_any_script() {
    let emulator = vendor().await;
    let said = "482913 உங்கள் குறியீடு & 100% #1 +";
    carrier(&config(&emulator)).send(words(TO, said)).await.unwrap();
    let sent = emulator.twilio().sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].to.as_str(), sent[0].body.as_str(), sent[0].validity_s), (TO, said, 600));
}

#[tokio::test]
async fn a_code_goes_by_whatsapp_in_the_template_of_its_language_or_the_english_one() {
    let emulator = vendor().await;
    let carrier = carrier(&config(&emulator));
    for (language, body) in
        [("ta", "482913 உங்கள் சரிபார்ப்புக் குறியீடு."), ("ml", "482913 is your verification code.")]
    {
        let content = Content::WhatsAppCode { code: "482913", language };
        carrier.send(Text { to: TO, content, within: Duration::from_mins(10) }).await.unwrap();
        let sent = emulator.twilio().sent();
        let last = sent.last().unwrap();
        assert_eq!((last.to.as_str(), last.body.as_str()), ("whatsapp:+919876543210", body));
    }
}

#[tokio::test]
async fn what_is_refused_for_good_is_told_apart_from_what_may_be_taken_later() {
    let emulator = vendor().await;
    let carrier = carrier(&config(&emulator));
    // The vendor's magic numbers.
    for (number, code) in [("+15005550001", 21211), ("+15005550009", 21614), ("+15005550004", 21610)] {
        assert_eq!(carrier.send(words(number, "a")).await, Err(NotSent::Refused(code)), "{number}");
    }
    for (kind, told) in [
        (FaultKind::Status { status: 429, retry_after_s: None }, NotSent::Later(429)),
        (FaultKind::Status { status: 503, retry_after_s: None }, NotSent::Later(503)),
        (FaultKind::Malformed, NotSent::Unreachable("the answer is no message")),
        (FaultKind::Truncated, NotSent::Unreachable("no connection")),
    ] {
        emulator.twilio().add_fault(ApiFault::next_call(kind)).unwrap();
        assert_eq!(carrier.send(words(TO, "a")).await, Err(told));
    }
    assert_eq!(carrier.send(words(TO, "a")).await, Ok(()));
}

#[tokio::test]
async fn a_wrong_secret_sender_or_template_is_refused_for_good() {
    let emulator = vendor().await;
    let wrong = Config { auth_token: Some("not-the-token".into()), ..config(&emulator) };
    assert_eq!(carrier(&wrong).send(words(TO, "a")).await, Err(NotSent::Refused(20003)));
    let wrong = Config { from: Some("+14155559999".to_owned()), ..config(&emulator) };
    assert_eq!(carrier(&wrong).send(words(TO, "a")).await, Err(NotSent::Refused(21606)));
    let templates = [("en".to_owned(), format!("HX{}", "f".repeat(32)))].into();
    let whatsapp = WhatsApp { templates, ..config(&emulator).whatsapp };
    let content = Content::WhatsAppCode { code: "482913", language: "en" };
    let text = Text { to: TO, content, within: Duration::from_mins(10) };
    let wrong = Config { whatsapp, ..config(&emulator) };
    assert_eq!(carrier(&wrong).send(text).await, Err(NotSent::Refused(21655)));
    let without = Config { whatsapp: WhatsApp::default(), ..config(&emulator) };
    assert!(!carrier(&without).has_whatsapp());
    assert_eq!(carrier(&without).send(text).await, Err(NotSent::NotSetUp));
    assert!(emulator.twilio().sent().is_empty());
}

#[tokio::test]
async fn a_key_and_a_messaging_service_do_as_well() {
    let emulator = vendor().await;
    let demo = Sender::demo();
    let config = Config {
        key_sid: Some(demo.key_sid),
        auth_token: Some(demo.key_secret.into()),
        from: Some(demo.messaging_service_sid),
        ..config(&emulator)
    };
    carrier(&config).send(words(TO, "a")).await.unwrap();
    assert_eq!(emulator.twilio().sent().len(), 1);
}

#[tokio::test]
async fn numbers_of_other_countries_are_not_reached() {
    let emulator = vendor().await;
    let carrier = carrier(&config(&emulator));
    assert!(carrier.reaches(TO) && !carrier.reaches("+442079460958") && !carrier.reaches("+9"));
}
