//! Random histories with faults, against a simple model: answers that nobody waits for any more, locks that are not had in time,
//! connections that are cut off.
//!
//! A history is told in chapters: at the end of each all that is open is charged, time passes, and everything is compared with the model.
//! So what was dropped midway does not pile up, and a long history takes as long as its parts. The long one, some minutes:
//! `VYAPAR_RANDOM_OPERATIONS=10000 cargo nextest run --workspace -E 'package(billing) & test(random_work)'`, with a server that
//! `VYAPAR_TEST_DATABASE_URL` names.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::TimeDelta;
use platform::meter::{Error, Measure, Meter, Reservation};
use serde_json::json;
use sqlx::AssertSqlSafe;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::credit::purse::Purse;

/// So many operations, or what `VYAPAR_RANDOM_OPERATIONS` says.
const OPERATIONS: usize = 1_000;
/// So many operations a chapter.
const CHAPTER: usize = 250;
/// What was disturbed is asked for again so often.
const TRIES: usize = 50;

/// What must be so: what was given, what was charged, what may be reserved.
#[derive(Debug, Default)]
struct Model {
    given: i64,
    exact_micros: i64,
    open: Vec<(Reservation, u64)>,
    faults: [u32; 3],
}

#[tokio::test]
async fn random_work_with_faults_leaves_no_hold_and_charges_exactly_what_was_used() {
    let purse = Purse::open().await;
    wait_for_locks_only_briefly(&purse).await;
    let wanted = std::env::var("VYAPAR_RANDOM_OPERATIONS").ok().and_then(|text| text.parse().ok());
    let operations: usize = wanted.unwrap_or(OPERATIONS);
    let mut model = Model::default();
    for done in 1..=operations {
        step(&purse, &mut model).await;
        if done % CHAPTER == 0 || done == operations {
            end_chapter(&purse, &mut model).await;
        }
    }
    assert!(operations < OPERATIONS || model.faults.iter().all(|faults| *faults > 0), "{model:?}");
    let charged: i64 = sqlx::query_scalar("select coalesce(sum(charged_minor), 0)::bigint from credit_usage")
        .fetch_one(purse.test.db.pool())
        .await
        .unwrap();
    assert_eq!(charged, model.exact_micros / 10_000, "the charges are what was used");
    purse.check_books().await;
}

/// Charges all that is open; what was dropped midway comes back by itself.
async fn end_chapter(purse: &Purse, model: &mut Model) {
    for (reservation, most) in std::mem::take(&mut model.open) {
        until_done(|| purse.credits.capture(reservation, most)).await;
        model.exact_micros += exact(most);
    }
    purse.test.clock.advance(TimeDelta::hours(2));
    purse.run_jobs().await;
    let (available, reserved) = purse.standing().await;
    assert_eq!(reserved, 0, "no hold is stuck");
    assert_eq!(available, model.given - model.exact_micros / 10_000, "{model:?}");
}

async fn step(purse: &Purse, model: &mut Model) {
    let draw = |below| purse.test.entropy.below(below);
    match draw(10) {
        0 => {
            let paise = i64::try_from(draw(40)).unwrap() + 1;
            give(purse, model, paise).await;
        }
        // Where it is disturbed nobody knows whether it was reserved.
        1..=4 => {
            let most = draw(5_000) + 1;
            match amid(purse, model, purse.reserve(Measure::AudioMs, most)).await {
                Some(Ok(reservation)) => model.open.push((reservation, most)),
                Some(Err(Error::NoCredit | Error::Failed(_))) | None => {}
                Some(Err(error)) => panic!("{error:?}"),
            }
        }
        5 => {
            let Some((reservation, most)) = model.open.pop() else { return };
            let more = draw(2_000);
            let extended = amid(purse, model, purse.credits.extend(reservation, more)).await;
            let most = if matches!(extended, Some(Ok(()))) { most + more } else { most };
            model.open.push((reservation, most));
        }
        6..=8 => {
            let Some((reservation, most)) = model.open.pop() else { return };
            let used = draw(most + 1);
            let captured = amid(purse, model, purse.credits.capture(reservation, used)).await;
            if !matches!(captured, Some(Ok(()))) {
                until_done(|| purse.credits.capture(reservation, used)).await;
            }
            model.exact_micros += exact(used);
        }
        _ => {
            let Some((reservation, _)) = model.open.pop() else { return };
            let released = amid(purse, model, purse.credits.release(reservation)).await;
            if !matches!(released, Some(Ok(()))) {
                until_done(|| purse.credits.release(reservation)).await;
            }
        }
    }
}

/// Gives credit, sent again under the same id until it is answered.
async fn give(purse: &Purse, model: &mut Model, paise: i64) {
    let id = Uuid::from_u128(u128::from_le_bytes(purse.test.entropy.bytes()));
    let grant =
        json!({"client_id": id, "amount": {"minor": paise, "currency": "INR"}, "reason": "to go on with"});
    let mut answered = amid(purse, model, purse.send_grant(&grant)).await;
    for _ in 0..TRIES {
        match answered {
            Some((StatusCode::CREATED, _)) => {
                model.given += paise;
                return;
            }
            Some((StatusCode::UNPROCESSABLE_ENTITY, body)) => return assert_eq!(body["field"], "amount"),
            _ => answered = Some(purse.send_grant(&grant).await),
        }
    }
    panic!("credit was not given: {answered:?}");
}

/// Does something while something may go wrong; none where nobody waited for the answer.
async fn amid<T>(purse: &Purse, model: &mut Model, work: impl Future<Output = T>) -> Option<T> {
    let draw = |below| purse.test.entropy.below(below);
    let moment = Duration::from_micros(draw(6_000));
    let fault = draw(24);
    if let Some(faults) = usize::try_from(fault).ok().and_then(|fault| model.faults.get_mut(fault)) {
        *faults += 1;
    }
    match fault {
        0 => timeout(moment, work).await.ok(),
        1 => {
            let mut other = purse.test.db.begin().await.unwrap();
            let held = sqlx::query("select 1 from credit_wallets for update");
            let _ = held.execute(&mut *other).await;
            Some(work.await)
        }
        2 => {
            let cut = async {
                sleep(moment).await;
                cut_off(purse, "state <> 'idle'").await;
            };
            Some(tokio::join!(work, cut).0)
        }
        _ => Some(work.await),
    }
}

async fn until_done<F>(work: impl Fn() -> F)
where
    F: Future<Output = Result<(), Error>>,
{
    let mut error = None;
    for _ in 0..TRIES {
        match work().await {
            Ok(()) => return,
            Err(failed) => error = Some(failed),
        }
    }
    panic!("it never succeeds: {error:?}");
}

/// Every connection from now on gives up a lock that it does not get at once.
async fn wait_for_locks_only_briefly(purse: &Purse) {
    let name: String =
        sqlx::query_scalar("select current_database()").fetch_one(purse.test.db.pool()).await.unwrap();
    let set = format!("alter database {name} set lock_timeout = '25ms'");
    sqlx::query(AssertSqlSafe(set)).execute(purse.test.db.pool()).await.unwrap();
    cut_off(purse, "true").await;
}

/// Ends connections to the database but the one that asks.
async fn cut_off(purse: &Purse, which: &str) {
    let end = format!(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and {which}",
    );
    let _ = sqlx::query(AssertSqlSafe(end)).execute(purse.test.db.pool()).await;
}

/// What it costs at 30 paise a minute, in millionths of a rupee: five for each millisecond.
fn exact(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds).unwrap() * 5
}
