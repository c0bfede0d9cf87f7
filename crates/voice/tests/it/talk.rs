//! Translations that changed what matters.

use emulator::bhashini::Line as Scripted;
use types::Language;
use voice::NUMBERS_DIFFER;
use voice::translate::{self, Line, TEXT_CHARS_MAX};

use crate::setting::{Setting, emulator, errand, known};

#[tokio::test]
async fn a_translation_that_changed_an_amount_a_unit_or_a_name_comes_with_a_warning() {
    let emulator = emulator().await;
    let setting = Setting::new(known(&emulator));
    let names = ["Tomato".to_owned()];
    let cases = [
        ("keep 20 kilos of tomatoes", "बीस किलो टमाटर रखना", None),
        ("keep 20 kilos of tomatoes", "२० किलो टमाटर रखना", None),
        ("keep 20 kilos of tomatoes", "12 किलो टमाटर रखना", Some(NUMBERS_DIFFER)),
        ("keep 20 kilos of tomatoes", "20 लीटर टमाटर रखना", Some(NUMBERS_DIFFER)),
        ("keep 20 kilos of tomatoes", "20 किलो प्याज रखना", Some(NUMBERS_DIFFER)),
        ("my brother will come", "मेरा भाई 5 बजे आएगा", Some(NUMBERS_DIFFER)),
        ("my brother will come", "मेरा भाई आएगा", None),
    ];
    for (text, output, warning) in cases {
        emulator.bhashini().script([Scripted::translated("en", text, "hi", output)]).unwrap();
        let line = Line { text, from: Language::English, to: Language::Hindi, names: &names };
        let translated = setting.voice.translate(errand(), &line).await.unwrap();
        assert_eq!((translated.text.as_str(), translated.warning), (output, warning), "{text}");
    }
}

#[tokio::test]
async fn nothing_too_much_and_the_same_language_are_not_translated() {
    let emulator = emulator().await;
    let setting = Setting::new(known(&emulator));
    let translate = async |text: &str, to| {
        let line = Line { text, from: Language::English, to, names: &[] };
        setting.voice.translate(errand(), &line).await
    };
    let long = "x".repeat(TEXT_CHARS_MAX + 1);
    assert!(matches!(translate(&long, Language::Hindi).await, Err(translate::Error::TooLong)));
    assert!(matches!(translate(" ", Language::Hindi).await, Err(translate::Error::Unsupported { .. })));
    assert!(matches!(translate("hello", Language::English).await, Err(translate::Error::Unsupported { .. })));
    assert!(emulator.bhashini().calls().is_empty());
    assert!(setting.voice.can_translate(Language::Tamil, Language::Hindi));
    assert!(!setting.voice.can_translate(Language::Tamil, Language::Tamil));
}
