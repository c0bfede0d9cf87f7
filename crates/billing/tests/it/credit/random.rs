//! Random histories with work that is dropped midway, against a simple model.

use std::time::Duration;

use chrono::TimeDelta;
use platform::meter::{Error, Measure, Meter, Reservation};
use tokio::time::timeout;

use crate::credit::purse::Purse;

/// So many operations, or what `VYAPAR_RANDOM_OPERATIONS` says.
const OPERATIONS: usize = 600;

/// What must be so: what was given, what was charged, what may be reserved.
#[derive(Debug, Default)]
struct Model {
    given: i64,
    exact_micros: i64,
    open: Vec<(Reservation, u64)>,
}

#[tokio::test]
async fn random_work_with_faults_leaves_no_hold_and_charges_exactly_what_was_used() {
    let purse = Purse::open().await;
    let wanted = std::env::var("VYAPAR_RANDOM_OPERATIONS").ok().and_then(|text| text.parse().ok());
    let operations: usize = wanted.unwrap_or(OPERATIONS);
    let mut model = Model::default();
    for _ in 0..operations {
        step(&purse, &mut model).await;
    }
    for (reservation, most) in std::mem::take(&mut model.open) {
        purse.credits.capture(reservation, most).await.unwrap();
        model.exact_micros += exact(most);
    }
    // What was dropped midway comes back by itself.
    purse.test.clock.advance(TimeDelta::hours(2));
    purse.run_jobs().await;
    let (available, reserved) = purse.standing().await;
    assert_eq!(reserved, 0, "no hold is stuck");
    assert_eq!(available, model.given - model.exact_micros / 10_000, "{model:?}");
    purse.check_books().await;
}

async fn step(purse: &Purse, model: &mut Model) {
    let draw = |below| purse.test.entropy.below(below);
    match draw(10) {
        0 => {
            let paise = i64::try_from(draw(40)).unwrap() + 1;
            purse.grant(paise, None).await;
            model.given += paise;
        }
        1..=4 => {
            let most = draw(5_000) + 1;
            match purse.reserve(Measure::AudioMs, most).await {
                Ok(reservation) => model.open.push((reservation, most)),
                Err(error) => assert!(matches!(error, Error::NoCredit), "{error:?}"),
            }
        }
        // The one who asked is gone before the answer: nobody knows whether it was reserved.
        5 => {
            let wait = Duration::from_micros(draw(4_000));
            let _ = timeout(wait, purse.reserve(Measure::AudioMs, draw(500) + 1)).await;
        }
        6..=8 => {
            let Some((reservation, most)) = model.open.pop() else { return };
            let used = draw(most + 1);
            if draw(3) == 0 {
                let wait = Duration::from_micros(draw(6_000));
                let _ = timeout(wait, purse.credits.capture(reservation, used)).await;
            }
            purse.credits.capture(reservation, used).await.unwrap();
            model.exact_micros += exact(used);
        }
        _ => {
            let Some((reservation, _)) = model.open.pop() else { return };
            purse.credits.release(reservation).await.unwrap();
        }
    }
}

/// What it costs at 30 paise a minute, in millionths of a rupee: five for each millisecond.
fn exact(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds).unwrap() * 5
}
