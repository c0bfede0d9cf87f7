//! `kill -9` of a process that has work done: what it had reserved comes back by itself, and nothing is charged twice or for nothing.

use std::io::{BufRead, BufReader, Read, Write, stdout};
use std::process::{Child, ChildStdout, Command, Stdio};

use billing::Credits;
use chrono::{DateTime, TimeDelta, Utc};
use platform::meter::{Cause, Measure, Meter, Work};
use platform::{Clock, Db, Entropy};
use types::TenantId;
use uuid::Uuid;

use crate::credit::purse::{Purse, ground};

/// The test that is the other process, and how it is told what to do.
const OTHER: &str = "credit::killed::the_process_that_is_killed";
const TOLD: &str = "VYAPAR_TEST_KILLED";
/// Its reservations: a minute of sound, 30 paise.
const MOST_MS: u64 = 60_000;
/// What it uses of each: 15 paise.
const USED_MS: u64 = 30_000;

/// Has work done for a vendor until it is killed, and says each step once it is made.
#[tokio::test]
#[ignore = "a process of its own, which the tests beside it start and kill"]
async fn the_process_that_is_killed() {
    let told = std::env::var(TOLD).expect("the tests beside it say what to do");
    let [url, tenant, now, stops] = <[&str; 4]>::try_from(told.split(' ').collect::<Vec<_>>()).unwrap();
    let now: DateTime<Utc> = now.parse().unwrap();
    let db = Db::connect(url.parse().unwrap(), 4).await.unwrap();
    let on = ground(db, Clock::manual(now), Entropy::system(), payments::Config::default());
    let (credits, tenant) = (Credits::new(on), tenant.parse::<Uuid>().unwrap().into());
    loop {
        let reservation = credits.reserve(&sound(tenant)).await.unwrap();
        say("reserved");
        if stops == "once-extended" {
            credits.extend(reservation, MOST_MS).await.unwrap();
            say("extended");
        }
        if stops != "never" {
            std::future::pending::<()>().await;
        }
        credits.capture(reservation, USED_MS).await.unwrap();
        say("captured");
    }
}

fn sound(tenant: TenantId) -> Work {
    let cause = Cause { kind: "message", id: Uuid::from_u128(7), visit: None, by: None };
    Work { tenant, provider: "bhashini", model: None, measure: Measure::AudioMs, amount_max: MOST_MS, cause }
}

fn say(step: &str) {
    // Not by `println!`, which a test's own output would take.
    stdout().write_all(format!("{step}\n").as_bytes()).unwrap();
}

/// The other process, at work for a vendor.
struct Other {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Other {
    fn start(purse: &Purse, stops: &str) -> Self {
        let now = purse.test.clock.now().to_rfc3339();
        let told = format!("{} {} {now} {stops}", purse.test.url(), purse.tenant);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", OTHER, "--ignored", "--nocapture"])
            .env(TOLD, told)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    /// Waits until it has said so many steps of this kind.
    fn wait_for(&mut self, step: &str, times: usize) {
        let lines = self.said.by_ref().lines().map(Result::unwrap);
        assert_eq!(lines.filter(|line| line.contains(step)).take(times).count(), times, "it ended before");
    }

    /// `kill -9`; gives how many steps of this kind it had said and nobody had read.
    fn kill(mut self, step: &str) -> usize {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.said.lines().map_while(Result::ok).filter(|line| line.contains(step)).count()
    }
}

/// How many works were charged, and what for in all.
async fn charged(purse: &Purse) -> (i64, i64) {
    let charged =
        "select count(*), coalesce(sum(charged_minor), 0)::bigint from credit_usage where state = 'captured'";
    sqlx::query_as(charged).fetch_one(purse.test.db.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_had_reserved_comes_back_when_its_time_is_over() {
    let purse = Purse::open().await;
    purse.grant(10_00, None).await;
    // The second is killed between two steps of its work.
    for (stops, said, held) in [("once-reserved", "reserved", 30), ("once-extended", "extended", 60)] {
        let mut other = Other::start(&purse, stops);
        other.wait_for(said, 1);
        other.kill("captured");
        assert_eq!(purse.standing().await, (10_00 - held, held), "it is held while it may still be charged");
        purse.test.clock.advance(TimeDelta::minutes(59));
        purse.run_jobs().await;
        assert_eq!(purse.standing().await, (10_00 - held, held));
        purse.test.clock.advance(TimeDelta::minutes(2));
        purse.run_jobs().await;
        assert_eq!(purse.standing().await, (10_00, 0));
    }
    assert_eq!(charged(&purse).await, (0, 0), "nothing is charged for nothing");
    // The product goes on: the whole credit can be used.
    let again = purse.reserve(Measure::AudioMs, MOST_MS).await.unwrap();
    purse.credits.capture(again, MOST_MS).await.unwrap();
    assert_eq!(purse.standing().await, (10_00 - 30, 0));
    purse.check_books().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_nothing_is_charged_twice_and_no_hold_stays() {
    let purse = Purse::open().await;
    purse.grant(1_000_00, None).await;
    let mut captured = 0;
    for kills in 1..=6 {
        let mut other = Other::start(&purse, "never");
        // It goes on while it is read: the kill meets it wherever it is.
        other.wait_for("captured", kills);
        captured += kills + other.kill("captured");
    }
    purse.test.clock.advance(TimeDelta::hours(2));
    purse.run_jobs().await;
    let (works, minor) = charged(&purse).await;
    let captured = i64::try_from(captured).unwrap();
    // Of each process the last charge may be made and not said.
    assert!((captured..=captured + 6).contains(&works), "{works} charged, {captured} said");
    assert_eq!(minor, works * 15, "each once, for what was used");
    assert_eq!(purse.standing().await, (1_000_00 - minor, 0), "no hold stays");
    purse.check_books().await;
}
