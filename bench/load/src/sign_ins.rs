//! Sign-ins by password, many at once, beside people who go on with what they do; and what looking at a session costs.
//!
//! The guesses are all wrong and of numbers and networks that differ, so that nothing but the hashing slows them. The people who are signed
//! in read their own account at a pace within their limit.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use app::phone::Phone;
use clap::Args;
use futures::future::try_join_all;
use platform::http::client;
use reqwest::StatusCode;
use serde_json::json;

use crate::cpu;
use crate::server::{Server, data_dir};
use crate::stall;
use crate::tally::Tally;

/// What is asked.
const P95_MAX: Duration = Duration::from_millis(100);
const SESSION_CPU_US_MAX: f64 = 300.0;
/// People who are signed in, and how often each calls.
const PEOPLE: usize = 8;
const PACE: Duration = Duration::from_millis(100);
/// Calls of each to find what looking at a session costs, a turn, and how many turns.
const CALLS: u32 = 60;
const TURNS: usize = 7;

/// How many, and for how long.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Guesses under way at any time.
    #[arg(long, default_value_t = 64)]
    guesses: usize,
    /// For how long each is measured, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// What became of guesses.
#[derive(Debug, Default)]
struct Guesses {
    sent: AtomicU64,
    hashed: AtomicU64,
    turned_away: AtomicU64,
}

/// Runs it and prints what it measured.
pub async fn run(vyapar: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let data = data_dir()?;
    let server = Server::start(vyapar, data.path()).await?;
    let opened = try_join_all((0..PEOPLE).map(|number| stall::open(&server.url, number))).await?;
    let people: Vec<Phone> = opened.into_iter().map(|stall| stall.vendor).collect();
    let length = Duration::from_secs(arguments.seconds.clamp(1, 60));
    let guesses = Arc::new(Guesses::default());
    let mut beside = [Vec::new(), Vec::new()];
    for _ in 0..arguments.rounds.clamp(1, 20) {
        beside[0].push(calls(&people, length).await?);
        let guessing = (0..arguments.guesses.clamp(1, 512))
            .map(|_| tokio::spawn(guess(server.url.clone(), Arc::clone(&guesses), length)));
        let guessing: Vec<_> = guessing.collect();
        beside[1].push(calls(&people, length).await?);
        for one in guessing {
            one.await??;
        }
    }
    let [quiet, busy] = beside.map(median);
    println!(
        "{} p95 {:.1} ms ≤ {} ms with {} guesses at once; without any {:.1} ms",
        mark(busy.percentile(95) <= P95_MAX),
        ms(busy.percentile(95)),
        P95_MAX.as_millis(),
        arguments.guesses,
        ms(quiet.percentile(95)),
    );
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    println!(
        "{} guesses hashed and refused, {} turned away at once",
        count(&guesses.hashed),
        count(&guesses.turned_away)
    );
    ensure!(count(&guesses.hashed) > 0, "no guess was looked at");
    session_cost(&server, data.path(), &people).await?;
    server.stop().await
}

/// Everybody reads their account at their pace.
async fn calls(people: &[Phone], during: Duration) -> anyhow::Result<Tally> {
    let until = Instant::now() + during;
    let one = |mut phone: Phone| async move {
        let mut times = Tally::default();
        let mut pace = tokio::time::interval(PACE);
        while Instant::now() < until {
            pace.tick().await;
            let start = Instant::now();
            phone.get("/me").await?;
            times.note(start.elapsed());
        }
        anyhow::Ok(times)
    };
    let mut all = Tally::default();
    try_join_all(people.iter().cloned().map(one)).await?.into_iter().for_each(|times| all.extend(times));
    Ok(all)
}

/// Guesses at one number after the other, each from a network of its own.
async fn guess(server: String, guesses: Arc<Guesses>, during: Duration) -> anyhow::Result<()> {
    let http = client(Duration::from_mins(1));
    let until = Instant::now() + during;
    while Instant::now() < until {
        let number = guesses.sent.fetch_add(1, Ordering::Relaxed);
        let [_, _, _, _, _, a, b, c] = number.to_be_bytes();
        let request = http
            .post(format!("{server}/api/v1/sessions"))
            .header("x-forwarded-for", format!("11.{a}.{b}.{c}"))
            .json(&json!({ "phone": format!("97{number:08}"), "password": "not-the-one-it-is" }));
        let answer = request.send().await?;
        let outcome = match answer.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY => {
                &guesses.hashed
            }
            StatusCode::SERVICE_UNAVAILABLE => &guesses.turned_away,
            other => anyhow::bail!("a guess was answered {other}: {}", answer.text().await?),
        };
        outcome.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// The same calls with a session and without, one after the other, in CPU time of the server and PostgreSQL: for something that nobody here
/// may see, so that looking at who calls is all that differs.
async fn session_cost(server: &Server, data: &Path, people: &[Phone]) -> anyhow::Result<()> {
    // What was asked at a pace is long made up for.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let postmaster = std::fs::read_to_string(data.join("postgres/data/postmaster.pid"))?;
    let postmaster = postmaster.lines().next().unwrap_or_default().parse()?;
    let used = || anyhow::Ok(server.cpu_s()? + cpu::of_family(postmaster)?);
    let nobody = vec![(String::new(), StatusCode::UNAUTHORIZED); people.len()];
    let known: Vec<_> = people.iter().map(|one| (one.cookies(), StatusCode::FORBIDDEN)).collect();
    let mut turns = Vec::new();
    for _ in 0..TURNS {
        let mut each_us = [0.0; 2];
        for (who, each_us) in [&nobody, &known].into_iter().zip(&mut each_us) {
            let before = used()?;
            for (number, who) in (0..).zip(who) {
                refused(&server.url, number, who).await?;
            }
            *each_us = (used()? - before) * 1e6 / (f64::from(CALLS) * f64::from(u32::try_from(who.len())?));
        }
        turns.push(each_us);
    }
    turns.sort_by(|one, other| (one[1] - one[0]).total_cmp(&(other[1] - other[0])));
    let cost = |[without, with]: [f64; 2]| with - without;
    let median @ [without, with] = turns[TURNS / 2];
    println!(
        "{} {:.0} µs ({:.0} to {:.0}) ≤ {SESSION_CPU_US_MAX:.0} µs of CPU, PostgreSQL's included, for looking at a session: {with:.0} with, {without:.0} without",
        mark(cost(median) <= SESSION_CPU_US_MAX),
        cost(median),
        cost(turns[0]),
        cost(turns[TURNS - 1]),
    );
    Ok(())
}

/// Asks again and again for what the holder of these cookies may not see.
async fn refused(
    server: &str,
    number: u32,
    (cookies, expected): &(String, StatusCode),
) -> anyhow::Result<()> {
    let http = client(Duration::from_mins(1));
    for _ in 0..CALLS {
        let request = http.get(format!("{server}/api/v1/operator/switches")).header("cookie", cookies);
        let answer = request.header("x-forwarded-for", format!("203.0.114.{number}")).send().await?;
        ensure!(answer.status() == *expected, "the call was answered {}", answer.status());
        answer.bytes().await?;
    }
    Ok(())
}

/// The round in the middle by its 95th percentile.
fn median(mut rounds: Vec<Tally>) -> Tally {
    rounds.sort_by_key(|times| times.percentile(95));
    rounds.swap_remove(rounds.len() / 2)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

const fn mark(reached: bool) -> char {
    if reached { '✓' } else { '✗' }
}
