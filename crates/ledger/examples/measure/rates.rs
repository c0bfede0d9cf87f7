//! Transfers a second in nearly empty books, beside single INSERTs.

use std::collections::BTreeMap;
use std::time::Duration;

use ledger::{Batcher, BatcherOptions, Ledger};
use platform::postgres::Postgres;
use platform::{Clock, Db, Entropy, migrate};
use sqlx::postgres::PgConnectOptions;

use crate::CONNECTIONS_MAX;
use crate::clients::{Books, Entry, Load};
use crate::cpu::Busy;
use crate::plain::Plain;

/// Numbers of callers at once.
const CLIENTS: [usize; 3] = [8, 64, 512];

/// One measurement: what and with how many clients. In the order in which they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Arm {
    Insert(usize),
    Books(usize, Entry, Load),
}

/// What one round of a measurement found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Round {
    per_s: u64,
    /// CPU time of all processes for each.
    cpu_us: u64,
}

/// Each arm's rounds.
type Found = BTreeMap<Arm, Vec<Round>>;

/// What is asked: an arm's rate in hundredths of another's, at least.
fn asked() -> Vec<(&'static str, Arm, Arm, u64)> {
    let batched = |clients, load| Arm::Books(clients, Entry::Batcher, load);
    let mut asked: Vec<_> = CLIENTS
        .iter()
        .zip([80, 150, 250])
        .map(|(&n, least)| ("random accounts / INSERT", batched(n, Load::Random), Arm::Insert(n), least))
        .collect();
    asked.extend(
        CLIENTS.map(|n| {
            ("one hot account / random accounts", batched(n, Load::Hot), batched(n, Load::Random), 90)
        }),
    );
    asked.push(("reserve and capture / INSERT", batched(64, Load::Pairs), Arm::Insert(64), 60));
    asked
}

/// A migrated database and its books.
pub async fn open(options: &PgConnectOptions) -> Books {
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let db = Db::connect(options.clone(), CONNECTIONS_MAX).await.unwrap();
    migrate::migrate(&db, &clock, &entropy).await.unwrap();
    let ledger = Ledger::new(clock, entropy.clone());
    let (batcher, work) = Batcher::new(ledger.clone(), db.clone(), BatcherOptions::default());
    tokio::spawn(work);
    Books::open(ledger, db, batcher, &entropy).await
}

/// Measures, and prints a table.
pub async fn measure(postgres: &Postgres, during: Duration, rounds: u64) {
    println!("{rounds} rounds of {} s; medians, and from the least to the most", during.as_secs());
    let books = open(postgres.connect_options()).await;
    books.warm_up().await;
    let plain = Plain::prepare(postgres.connect_options(), &books.db).await;
    let busy = Busy::find(&books.db).await;
    let mut found = Found::new();
    for round in 0..rounds {
        for &arm in &arms() {
            let before = busy.ms();
            let (per_s, count) = match arm {
                Arm::Insert(clients) => {
                    // Those before it was measured use CPU as well, so it is not told.
                    (plain.inserts_per_s(clients, during).await, 0)
                }
                Arm::Books(clients, entry, load) => books.per_s(clients, entry, load, during).await,
            };
            let cpu_us = ((busy.ms() - before) * 1000).checked_div(count).unwrap_or_default();
            eprintln!("round {round}: {arm:?}: {per_s}/s, {cpu_us} µs of CPU each");
            found.entry(arm).or_default().push(Round { per_s, cpu_us });
        }
    }
    print(&mut found, plain.name());
    let report = books.check().await;
    assert!(report.is_sound(), "{report:?}");
    println!("{} transfers; every balance follows from them", report.transfers);
}

fn arms() -> Vec<Arm> {
    let books = |clients, entry, load| Arm::Books(clients, entry, load);
    let mut arms =
        vec![Arm::Insert(1), books(1, Entry::Batcher, Load::Random), books(1, Entry::Post, Load::Random)];
    for clients in CLIENTS {
        arms.push(Arm::Insert(clients));
        arms.extend([Load::Random, Load::Hot].map(|load| books(clients, Entry::Batcher, load)));
    }
    arms.push(books(64, Entry::Batcher, Load::Pairs));
    arms.extend([Load::Random, Load::Hot].map(|load| books(64, Entry::Post, load)));
    arms
}

/// What is asked first, then each measurement.
fn print(found: &mut Found, plain: &str) {
    for rounds in found.values_mut() {
        rounds.sort_unstable();
    }
    let median = |arm: &Arm| found[arm][found[arm].len() / 2];
    println!("\nratio   asked   of medians");
    for (what, arm, to, least) in asked() {
        let ratio = median(&arm).per_s * 100 / median(&to).per_s.max(1);
        let (Arm::Insert(clients) | Arm::Books(clients, ..)) = arm;
        let mark = if ratio >= least { "✓" } else { "✗" };
        println!("{}  ≥ {}  {mark} {what}, {clients} callers", hundredths(ratio), hundredths(least));
    }
    let alone_us = |arm| 1_000_000 / median(&arm).per_s.max(1);
    for entry in [Entry::Batcher, Entry::Post] {
        let added = alone_us(Arm::Books(1, entry, Load::Random)).saturating_sub(alone_us(Arm::Insert(1)));
        let mark = if added <= 3000 { "✓" } else { "✗" };
        println!("{added:>5} µs ≤ 3000 µs  {mark} added to an INSERT for one caller alone, {entry:?}");
    }
    println!("\ncallers  what               median        least–most   CPU each");
    for (arm, rounds) in &*found {
        let (Arm::Insert(clients) | Arm::Books(clients, ..)) = *arm;
        let name = match arm {
            Arm::Insert(_) => plain.to_owned(),
            Arm::Books(_, entry, load) => format!("{entry:?} {load:?}"),
        };
        let cpu =
            if let Arm::Books(..) = arm { format!("{:>5} µs", median(arm).cpu_us) } else { String::new() };
        let spread = format!("{}–{}", rounds[0].per_s, rounds[rounds.len() - 1].per_s);
        println!("{clients:>7}  {name:<17} {:>7}/s {spread:>17} {cpu}", median(arm).per_s);
    }
}

fn hundredths(ratio: u64) -> String {
    format!("{:>3}.{:02}×", ratio / 100, ratio % 100)
}
