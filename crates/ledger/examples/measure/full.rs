//! The books with millions of transfers in them, beside nearly empty ones on the same server.

use std::time::{Duration, Instant};

use platform::postgres::Postgres;
use sqlx::AssertSqlSafe;

use crate::clients::{Books, Entry, Load};
use crate::{history, rates, reads};

/// How long each measurement takes, and how often it is made in turns.
const DURING: Duration = Duration::from_secs(4);
const ROUNDS: usize = 3;
/// Callers that post at once.
const CLIENTS: usize = 64;

/// Measures books of so many million transfers, and prints what it found.
pub async fn measure(postgres: &Postgres, millions: u64) {
    let empty = rates::open(postgres.connect_options()).await;
    sqlx::query("create database full_books").execute(empty.db.pool()).await.unwrap();
    let books = rates::open(&postgres.connect_options().clone().database("full_books")).await;
    let full = history::load(&books, millions).await;
    println!("loaded {} million transfers, {}", millions, sizes(&full).await);
    check(&full).await;
    empty.warm_up().await;
    full.warm_up().await;
    let mut rates = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for (kind, (name, books)) in [("empty", &empty), ("full", &full)].into_iter().enumerate() {
            let (bytes, pages) = wal(books).await;
            let (per_s, count) = books.per_s(CLIENTS, Entry::Batcher, Load::Random, DURING).await;
            let (bytes_after, pages_after) = wal(books).await;
            let each = |total: i64| total / i64::try_from(count.max(1)).unwrap();
            eprintln!(
                "round {round}: {name} books: {per_s}/s, {} bytes of log each, {} whole pages among a hundred",
                each(bytes_after - bytes),
                each((pages_after - pages) * 100),
            );
            rates[kind].push(per_s);
        }
    }
    let [(empty_rate, empty_spread), (full_rate, full_spread)] = rates.map(median);
    let hundredths = full_rate * 100 / empty_rate.max(1);
    println!(
        "{} {hundredths} % ≥ 80 %: posting in full books of the rate in empty ones: {full_rate}/s ({full_spread}) of \
         {empty_rate}/s ({empty_spread}), {CLIENTS} callers",
        mark(hundredths >= 80),
    );
    reads::measure(&full).await;
    check(&full).await;
}

/// How long a check of all takes.
async fn check(books: &Books) {
    let start = Instant::now();
    let report = books.check().await;
    let took = start.elapsed();
    assert!(report.is_sound(), "{report:?}");
    println!(
        "{} {:.1} s ≤ 60 s: `ledger check` of {} accounts and {} transfers, which are sound",
        mark(took <= Duration::from_mins(1)),
        took.as_secs_f64(),
        report.accounts,
        report.transfers,
    );
}

/// What the server wrote to its log so far: bytes, and whole pages that it kept there because they changed for the first time.
async fn wal(books: &Books) -> (i64, i64) {
    // Counted by processes that tell now and then.
    sqlx::query("select pg_stat_clear_snapshot()").execute(books.db.pool()).await.unwrap();
    let query = "select wal_bytes::bigint, wal_fpi from pg_stat_wal";
    sqlx::query_as(query).fetch_one(books.db.pool()).await.unwrap()
}

/// What the tables take.
async fn sizes(books: &Books) -> String {
    let size = |of: &str| {
        let query = format!("select pg_size_pretty({of}('ledger_transfers'))");
        async move {
            sqlx::query_scalar::<_, String>(AssertSqlSafe(query)).fetch_one(books.db.pool()).await.unwrap()
        }
    };
    format!("{} in rows and {} in indexes", size("pg_table_size").await, size("pg_indexes_size").await)
}

/// The median of some rounds, and from where to where they go.
fn median(mut rates: Vec<u64>) -> (u64, String) {
    rates.sort_unstable();
    (rates[rates.len() / 2], format!("{}–{}", rates[0], rates[rates.len() - 1]))
}

/// Whether what is asked was reached.
pub const fn mark(reached: bool) -> char {
    if reached { '✓' } else { '✗' }
}
