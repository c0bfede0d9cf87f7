//! How long a balance takes to be read.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;

use crate::clients::{Books, Draw};
use crate::full::mark;

/// How many readers at once, and how often each reads.
const READERS: u64 = 8;
const READS: usize = 500;

/// Reads the balances of random accounts, as they are now and as they were at random times.
pub async fn measure(books: &Books) {
    let range = "select min(posted_at), max(posted_at) from ledger_transfers where tenant_id = $1 and debit_account_id = $2";
    let wallet = books.wallets[0].uuid();
    let (first, last): (DateTime<Utc>, DateTime<Utc>) = sqlx::query_as(range)
        .bind(books.tenant.uuid())
        .bind(wallet)
        .fetch_one(books.db.pool())
        .await
        .unwrap();
    let seconds = usize::try_from((last - first).num_seconds()).unwrap().max(1);
    for (past, what) in [(false, "of now"), (true, "of a past time")] {
        let reader = |reader: u64| async move {
            let mut connection = books.db.acquire().await.unwrap();
            let mut draw = Draw(reader * 7919 + 1);
            let mut times = Vec::new();
            for _ in 0..READS {
                let account = books.wallets[draw.below(books.wallets.len())];
                let at = first + TimeDelta::seconds(i64::try_from(draw.below(seconds)).unwrap());
                let start = Instant::now();
                if past {
                    books.ledger.balance_at(&mut connection, books.tenant, account, at).await.unwrap();
                } else {
                    books.ledger.balance(&mut connection, books.tenant, account).await.unwrap();
                }
                times.push(start.elapsed());
            }
            times
        };
        let mut times: Vec<Duration> = join_all((0..READERS).map(reader)).await.concat();
        times.sort_unstable();
        let ms = |hundredths: usize| times[times.len() * hundredths / 100].as_secs_f64() * 1000.0;
        println!(
            "{} p95 {:.2} ms ≤ 2 ms, p50 {:.2} ms, p99 {:.2} ms: a balance {what}, {READERS} readers at once",
            mark(ms(95) <= 2.0),
            ms(95),
            ms(50),
            ms(99),
        );
    }
}
