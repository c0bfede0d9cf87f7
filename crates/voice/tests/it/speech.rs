//! The local voices.

use std::os::unix::fs::PermissionsExt;

use parley::Style;
use types::{Language, Money};
use voice::audio::{Limits, decode};
use voice::tts::{self, TEXT_CHARS_MAX};
use voice::{Config, Reach, SpeechCache};

use crate::setting::{Setting, errand, has_espeak, nothing_installed};

const SENTENCES: [(Language, &str); 13] = [
    (Language::English, "five kilos of tomato for ₹150"),
    (Language::Hindi, "पाँच किलो टमाटर ₹150 में"),
    (Language::Bengali, "পাঁচ কেজি টমেটো ₹150"),
    (Language::Tamil, "ஐந்து கிலோ தக்காளி ₹150"),
    (Language::Telugu, "ఐదు కిలోల టమాటా ₹150"),
    (Language::Marathi, "पाच किलो टोमॅटो ₹150"),
    (Language::Gujarati, "પાંચ કિલો ટામેટાં ₹150"),
    (Language::Kannada, "ಐದು ಕಿಲೋ ಟೊಮೆಟೊ ₹150"),
    (Language::Malayalam, "അഞ്ച് കിലോ തക്കാളി ₹150"),
    (Language::Punjabi, "ਪੰਜ ਕਿਲੋ ਟਮਾਟਰ ₹150"),
    (Language::Odia, "ପାଞ୍ଚ କିଲୋ ଟମାଟୋ ₹150"),
    (Language::Assamese, "পাঁচ কেজি বিলাহী ₹150"),
    (Language::Urdu, "پانچ کلو ٹماٹر ₹150"),
];

fn local() -> Config {
    Config { espeak: None, ..nothing_installed() }
}

#[tokio::test]
async fn every_language_is_spoken_as_labelled_opus_of_one_loudness() {
    if !has_espeak() {
        return;
    }
    let setting = Setting::new(local());
    for (language, text) in SENTENCES {
        assert_eq!(setting.voice.capability(language, Reach::Anywhere).speech.how, "local");
        let spoken = setting.voice.speak(errand(), text, language).await.unwrap();
        assert_eq!(spoken.made_by, "local");
        assert!((800..8_000).contains(&spoken.duration_ms), "{language}: {} ms", spoken.duration_ms);
        assert!(spoken.ogg.windows(11).any(|w| w == b"SYNTHETIC=1"), "{language} is not labelled");
        let sound = decode(&spoken.ogg, &Limits::default()).unwrap();
        let loudest = sound.samples.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!((0.2..=1.0).contains(&loudest), "{language}: {loudest}");
    }
    assert_eq!(setting.book.reserved(), 0, "local work is free");
}

#[tokio::test]
async fn an_amount_of_money_is_spoken_and_not_dropped() {
    if !has_espeak() {
        return;
    }
    let setting = Setting::new(local());
    // Longer or shorter than the bare figure as the engine reads it: what counts is that the words are said, rupees included.
    for language in Language::ALL {
        let words = parley::money(Money::inr(150_00), language, Style::Speech);
        let spoken = setting.voice.speak(errand(), "₹150", language).await.unwrap();
        let in_words = setting.voice.speak(errand(), &words, language).await.unwrap();
        assert_eq!(spoken.duration_ms, in_words.duration_ms, "{language}: {words}");
    }
}

#[tokio::test]
async fn the_same_words_are_made_once_and_many_listeners_share_them() {
    if !has_espeak() {
        return;
    }
    let setting = Setting::new(local());
    let files = || std::fs::read_dir(setting.dir.path().join("speech")).unwrap().count();
    let speak = |text: &'static str| {
        let voice = setting.voice.clone();
        tokio::spawn(async move { voice.speak(errand(), text, Language::Hindi).await.unwrap() })
    };
    let spoken: Vec<_> = (0..8).map(|_| speak("दो किलो")).collect();
    let first = speak("दो किलो").await.unwrap();
    for other in spoken {
        assert_eq!(other.await.unwrap(), first);
    }
    assert_eq!(files(), 1);
    speak("तीन किलो").await.unwrap();
    assert_eq!(files(), 2);
}

#[tokio::test]
async fn kept_speech_is_played_even_when_its_voice_is_gone() {
    if !has_espeak() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("espeak");
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|dir| dir.join("espeak-ng"))
        .find(|path| path.is_file());
    std::os::unix::fs::symlink(found.unwrap(), &program).unwrap();
    let setting = Setting::new(Config { espeak: Some(program.clone()), ..local() });
    let first = setting.voice.speak(errand(), "hello", Language::English).await.unwrap();
    std::fs::remove_file(program).unwrap();
    let again = setting.voice.speak(errand(), "hello", Language::English).await.unwrap();
    assert_eq!(first, again);
    let other = setting.voice.speak(errand(), "goodbye", Language::English).await;
    assert!(matches!(other, Err(tts::Error::Unavailable(_))), "{other:?}");
}

#[tokio::test]
async fn what_cannot_be_spoken_is_refused() {
    let setting = Setting::new(local());
    let speak = async |text: &str| setting.voice.speak(errand(), text, Language::Hindi).await;
    for nothing in ["", " \n", "₹", "🙂 …", "[[ ]]"] {
        assert!(matches!(speak(nothing).await, Err(tts::Error::Empty)), "{nothing:?}");
    }
    assert!(matches!(speak(&"क".repeat(TEXT_CHARS_MAX + 1)).await, Err(tts::Error::TooLong)));
}

#[tokio::test]
async fn the_longest_text_is_spoken_in_time_and_options_in_it_are_only_words() {
    if !has_espeak() {
        return;
    }
    let setting = Setting::new(Config { speech_cache: SpeechCache::default(), ..local() });
    let long = "पाँच किलो ".repeat(60).chars().take(TEXT_CHARS_MAX).collect::<String>();
    assert!(setting.voice.speak(errand(), &long, Language::Hindi).await.is_ok());
    let spoken = setting.voice.speak(errand(), "-w /tmp/x --path=/tmp", Language::English).await;
    assert!(spoken.is_ok(), "{spoken:?}");
}

/// Puts a script where the voice is looked for.
async fn speak_with(script: &str) -> Result<voice::Spoken, tts::Error> {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("espeak-ng");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let setting = Setting::new(Config { espeak: Some(program), ..nothing_installed() });
    setting.voice.speak(errand(), "hello", Language::English).await
}

#[tokio::test]
async fn a_voice_that_fails_says_nothing_or_too_much_is_an_error() {
    for script in
        ["exit 3", "cat > /dev/null", "echo no sound", "cat > /dev/null; cat /dev/zero", "kill -SEGV $$"]
    {
        let spoken = speak_with(script).await;
        assert!(matches!(spoken, Err(tts::Error::Unavailable(_))), "{script}: {spoken:?}");
    }
}
