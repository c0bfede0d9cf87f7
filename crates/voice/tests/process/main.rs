//! The recogniser's process: started on demand or ahead, lost, idle, crowded, missing. These tests count this process's children,
//! and so run one at a time, in a program of their own.

#[path = "../local/machine.rs"]
mod machine;

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process};
use tokio::sync::{Mutex, MutexGuard};
use types::Language;
use voice::Condition;
use voice::stt::local::{Config, Local};
use voice::stt::{Error, Expecting, Hints, Recogniser, Speech16k};

use machine::{config, fixture, hear, local};

/// Children of this test that run the recogniser.
fn children() -> Vec<Pid> {
    let own = getpid().as_raw_nonzero().to_string();
    let processes = std::fs::read_dir("/proc").expect("Linux has /proc").filter_map(Result::ok);
    let stats = processes.filter_map(|p| std::fs::read_to_string(p.path().join("stat")).ok());
    stats
        .filter_map(|stat| {
            // "123 (recogniser) S 45 …": number, name, state, parent.
            let (number, rest) = stat.split_once(" (recogniser) ")?;
            let mut rest = rest.split(' ');
            let alive = rest.next() != Some("Z");
            (alive && rest.next() == Some(&own)).then(|| Pid::from_raw(number.parse().ok()?))?
        })
        .collect()
}

static ALONE: Mutex<()> = Mutex::const_new(());

/// Waits until no other test counts and none of its processes is left.
async fn alone() -> MutexGuard<'static, ()> {
    let guard = ALONE.lock().await;
    none_is_left().await;
    guard
}

async fn none_is_left() {
    let gone = async {
        while !children().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the process ends");
}

async fn works(local: &Local) -> bool {
    hear(local, &fixture("offers/okay-done-slt.flac"), Expecting::Anything).await.is_ok()
}

#[tokio::test]
async fn nothing_runs_before_the_first_utterance_and_one_process_serves_all() {
    let _alone = alone().await;
    let local = local();
    assert_eq!(local.condition(), Condition::Ready);
    assert_eq!(children().len(), 0);
    assert!(works(&local).await);
    let first = children();
    assert!(works(&local).await);
    assert_eq!((first.len(), &first), (1, &children()));
}

/// What a stall sells.
fn goods() -> [String; 2] {
    ["Tomato", "Okra"].map(str::to_owned)
}

#[tokio::test]
async fn whoever_begins_to_speak_has_one_process_started_and_it_hears_them() {
    let _alone = alone().await;
    let local = local();
    local.warm_up(Language::English, &goods()).await.unwrap();
    let first = children();
    assert_eq!(first.len(), 1);
    local.warm_up(Language::English, &goods()).await.unwrap();
    assert!(works(&local).await);
    assert_eq!(children(), first);
}

#[tokio::test]
async fn a_crowd_that_begins_at_once_waits_for_one_process() {
    let _alone = alone().await;
    let local = local();
    let goods = goods();
    let begin = || local.warm_up(Language::English, &goods);
    let (first, second, third, heard) = tokio::join!(begin(), begin(), begin(), works(&local));
    assert!(first.is_ok() && second.is_ok() && third.is_ok() && heard);
    assert_eq!(children().len(), 1);
}

#[tokio::test]
async fn nothing_is_started_for_a_language_that_is_not_heard_or_where_something_is_missing() {
    let _alone = alone().await;
    let local = local();
    local.warm_up(Language::Tamil, &goods()).await.unwrap();
    let missing = Local::new(Config { model: Some("/nowhere".into()), ..config() });
    missing.warm_up(Language::English, &goods()).await.unwrap();
    assert_eq!(children().len(), 0);
    let broken = Local::new(Config { program: Some("/bin/false".into()), ..Config::default() });
    assert!(matches!(broken.warm_up(Language::English, &goods()).await, Err(Error::Unavailable(_))));
    assert!(matches!(broken.condition(), Condition::Off { .. }));
}

#[tokio::test]
async fn a_process_killed_between_utterances_costs_nothing_and_one_killed_at_work_costs_one() {
    let _alone = alone().await;
    let local = local();
    assert!(works(&local).await);
    let first = children()[0];
    kill_process(first, Signal::KILL).unwrap();
    while children().contains(&first) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(works(&local).await);

    let second = children()[0];
    let at_work = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        kill_process(second, Signal::KILL).unwrap();
    };
    let long = noise(30);
    let (lost, ()) = tokio::join!(recognise(&local, &long), at_work);
    assert!(matches!(lost, Err(Error::Unavailable(_))), "{lost:?}");
    assert!(works(&local).await);
}

/// Seconds of something that takes long to decode.
fn noise(seconds: usize) -> Vec<f32> {
    let file = fixture("browser-offer.wav");
    let pairs = file[44..].chunks_exact(2).map(|p| f32::from(i16::from_le_bytes([p[0], p[1]])) / 32_768.0);
    pairs.collect::<Vec<_>>().into_iter().cycle().take(seconds * 16_000).collect()
}

async fn recognise(local: &Local, samples: &[f32]) -> Result<voice::stt::Heard, Error> {
    let speech = Speech16k { samples, source_rate_hz: 16_000 };
    local.recognise(&speech, Language::English, &Hints::default()).await
}

#[tokio::test]
async fn an_idle_process_ends() {
    let _alone = alone().await;
    let local = Local::new(Config { idle: Some(Duration::from_millis(300)), ..config() });
    assert!(works(&local).await);
    until_none_is_left().await;
    assert!(works(&local).await, "and comes back");
}

#[tokio::test]
async fn a_process_started_for_somebody_who_then_says_nothing_ends_too() {
    let _alone = alone().await;
    let local = Local::new(Config { idle: Some(Duration::from_millis(300)), ..config() });
    local.warm_up(Language::English, &goods()).await.unwrap();
    until_none_is_left().await;
}

async fn until_none_is_left() {
    assert_eq!(children().len(), 1);
    none_is_left().await;
}

#[tokio::test]
async fn a_crowd_is_heard_in_turn_and_what_exceeds_the_queue_is_told_to_come_back() {
    let _alone = alone().await;
    let local = local();
    let samples = noise(2);
    let one = || recognise(&local, &samples);
    let answers = tokio::join!(one(), one(), one(), one(), one(), one(), one());
    let all = <[_; 7]>::from(answers);
    let busy = all.iter().filter(|heard| matches!(heard, Err(Error::Busy { .. }))).count();
    assert_eq!((all.iter().filter(|heard| heard.is_ok()).count(), busy), (5, 2), "{all:?}");
}

#[tokio::test]
async fn an_utterance_given_up_half_way_spoils_none_after_it() {
    let _alone = alone().await;
    let local = local();
    assert!(works(&local).await);
    let long = noise(20);
    let given_up = tokio::time::timeout(Duration::from_millis(50), recognise(&local, &long)).await;
    assert!(given_up.is_err());
    let heard = hear(&local, &fixture("browser-offer.wav"), Expecting::Anything).await.unwrap();
    assert!(heard.text.contains("tomato"), "{heard:?}");
}

#[tokio::test]
async fn what_is_missing_or_broken_is_a_reason_and_a_fix_and_no_panic() {
    let _alone = alone().await;
    let nowhere = || Some(PathBuf::from("/nowhere"));
    let off = |local: &Local| match local.condition() {
        Condition::Off { why, fix } => (why, fix),
        Condition::Ready => panic!("ready"),
    };
    for (config, expected) in [
        (Config { library: nowhere(), ..config() }, "There is no file /nowhere"),
        (Config { model: nowhere(), ..config() }, "English model is not in /nowhere"),
    ] {
        let local = Local::new(config);
        let (why, fix) = off(&local);
        assert!(why.contains(expected) && fix.contains("libpocketsphinx3"), "{why} {fix}");
        let heard = recognise(&local, &noise(1)).await;
        assert!(matches!(&heard, Err(Error::Unavailable(told)) if *told == why), "{heard:?}");
    }
    for program in ["/nowhere", "/bin/false", "/usr/bin/yes"] {
        let local = Local::new(Config { program: Some(program.into()), ..Config::default() });
        assert!(matches!(recognise(&local, &noise(1)).await, Err(Error::Unavailable(_))), "{program}");
        assert!(off(&local).0.contains("process ended"), "{program}");
    }
    let no_library = Config { library: Some(env!("CARGO_BIN_EXE_recogniser").into()), ..config() };
    let local = Local::new(no_library);
    assert!(recognise(&local, &noise(1)).await.is_err());
    assert!(off(&local).0.contains("library cannot be loaded"));
}

#[tokio::test]
async fn other_languages_are_refused() {
    let _alone = alone().await;
    let local = local();
    assert!(!local.serves(Language::Tamil));
    let samples = vec![0.0; 16_000];
    let speech = Speech16k { samples: &samples, source_rate_hz: 16_000 };
    let heard = local.recognise(&speech, Language::Tamil, &Hints::default()).await;
    assert!(matches!(heard, Err(Error::Unsupported(Language::Tamil))));
}
