//! How fast the books are beside single-row INSERTs of `pgbench` on the same PostgreSQL, with the same number of clients, every
//! commit durable. `bench/ledger/run` builds and runs it.

#![expect(clippy::unwrap_used, reason = "a measurement that fails has nothing to say")]

mod clients;
mod pgbench;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clients::{Books, Entry, Load};
use ledger::{Batcher, BatcherOptions, Ledger};
use pgbench::Pgbench;
use platform::postgres::{Mode, Options, Postgres};
use platform::{Clock, Db, Entropy, migrate};

/// Numbers of callers at once.
const CLIENTS: [usize; 3] = [8, 64, 512];
/// Connections of the pool that `post` goes through; callers beyond it wait.
const CONNECTIONS_MAX: u32 = 64;

/// One measurement: what and with how many clients. In the order in which they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Arm {
    Insert(usize),
    Books(usize, Entry, Load),
}

#[tokio::main]
async fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let seconds = arguments.first().map_or(4, |&seconds| seconds.clamp(1, 60));
    let rounds = arguments.get(1).map_or(3, |&rounds| rounds.clamp(1, 20));
    let dir = PathBuf::from(format!("/var/tmp/vyapar-bench-ledger-{}", std::process::id()));
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let postgres = Postgres::start(&options(&dir), &Entropy::system()).await.unwrap();
    println!("{}; every commit durable, {rounds} rounds of {seconds} s", postgres.origin());
    measure(&postgres, Duration::from_secs(seconds), rounds).await;
    postgres.stop().await;
    std::fs::remove_dir_all(&dir).unwrap();
}

/// A server as the product runs its own, which keeps PostgreSQL's durable defaults, with room for the clients.
fn options(dir: &std::path::Path) -> Options {
    Options {
        mode: Mode::System,
        url: None,
        data_dir: dir.to_owned(),
        system_dir: None,
        bundle_dir: None,
        settings: ["max_connections=600", "fsync=on", "synchronous_commit=on", "max_wal_size=4GB"]
            .map(str::to_owned)
            .to_vec(),
    }
}

async fn measure(postgres: &Postgres, during: Duration, rounds: u64) {
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let db = Db::connect(postgres.connect_options().clone(), CONNECTIONS_MAX).await.unwrap();
    migrate::migrate(&db, &clock, &entropy).await.unwrap();
    let ledger = Ledger::new(clock, entropy.clone());
    let (batcher, work) = Batcher::new(ledger.clone(), db.clone(), BatcherOptions::default());
    tokio::spawn(work);
    let books = Books::open(ledger, db, batcher, &entropy).await;
    let pgbench = Pgbench::prepare(postgres.connect_options(), &books.db).await;
    let mut arms: Vec<Arm> = CLIENTS.iter().flat_map(|&clients| arms_of(clients)).collect();
    arms.extend([
        Arm::Insert(1),
        Arm::Books(1, Entry::Batcher, Load::Random),
        Arm::Books(64, Entry::Batcher, Load::Pairs),
    ]);
    let mut rates: BTreeMap<Arm, Vec<u64>> = BTreeMap::new();
    for round in 0..rounds {
        for &arm in &arms {
            let rate = match arm {
                Arm::Insert(clients) => pgbench.inserts_per_s(clients, during).await,
                Arm::Books(clients, entry, load) => books.per_s(clients, entry, load, during).await,
            };
            eprintln!("round {round}: {arm:?}: {rate}/s");
            rates.entry(arm).or_default().push(rate);
        }
    }
    print(&mut rates);
    let report = books.check().await;
    assert!(report.is_sound(), "{report:?}");
    println!("{} transfers; every balance follows from them", report.transfers);
}

fn arms_of(clients: usize) -> Vec<Arm> {
    let books = |entry, load| Arm::Books(clients, entry, load);
    vec![
        Arm::Insert(clients),
        books(Entry::Batcher, Load::Random),
        books(Entry::Batcher, Load::Hot),
        books(Entry::Post, Load::Random),
        books(Entry::Post, Load::Hot),
    ]
}

/// One line a measurement: its ratio to the INSERTs of as many clients, its median and its spread.
fn print(rates: &mut BTreeMap<Arm, Vec<u64>>) {
    for rates in rates.values_mut() {
        rates.sort_unstable();
    }
    let median = |rates: &[u64]| rates[rates.len() / 2];
    for (arm, measured) in &*rates {
        let (Arm::Insert(clients) | Arm::Books(clients, ..)) = *arm;
        let insert = median(&rates[&Arm::Insert(clients)]).max(1);
        let (rate, least, most) = (median(measured), measured[0], measured[measured.len() - 1]);
        let name = match arm {
            Arm::Insert(_) => "pgbench INSERT".to_owned(),
            Arm::Books(_, entry, load) => format!("{entry:?} {load:?}"),
        };
        let hundredths = rate * 100 / insert;
        let alone_us =
            if clients == 1 { format!("  {} µs each", 1_000_000 / rate.max(1)) } else { String::new() };
        println!(
            "{:>3}.{:02}×  {clients:>3} clients  {name:<16} {rate:>6}/s  ({least}–{most}){alone_us}",
            hundredths / 100,
            hundredths % 100
        );
    }
}
