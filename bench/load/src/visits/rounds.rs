//! Our server and the peer's on one schedule, one machine and one PostgreSQL, one after another, in rounds that each begin with
//! another of them. Printed are the ratios first, then medians and the spread over the rounds.
//!
//! Every round has a new process. Its memory and CPU time are the server's alone; the database's CPU time stands beside them.

use std::fmt::{self, Display};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use platform::Entropy;
use platform::postgres::Postgres;
use sqlx::ConnectOptions;
use sqlx::postgres::PgSslMode;

use super::schedule::{Pair, Speaker, Window, play};
use super::{ours, peer};
use crate::cpu;
use crate::server::{Server, data_dir, database, serve};

/// Unmeasured, for connections, caches and compilers to settle.
const WARMING: Duration = Duration::from_secs(5);

/// Who takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    Ours,
    Stored,
    Relayed,
}

const CONTENDERS: [Contender; 3] = [Contender::Ours, Contender::Stored, Contender::Relayed];
/// What is measured of a round.
const MEASURES: [&str; 6] = ["p50 ms", "p95 ms", "answer p95 ms", "memory MB", "CPU-s", "PostgreSQL CPU-s"];

/// What a round found, in the order of [`MEASURES`].
struct Round {
    measured: [f64; MEASURES.len()],
    lost: usize,
    doubled: usize,
}

/// The database that all of them use, as `vyapar serve` would start it.
struct Database {
    postgres: Postgres,
    url: String,
    pid: u32,
}

impl Contender {
    const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Stored => "socket.io + PostgreSQL",
            Self::Relayed => "socket.io, nothing kept",
        }
    }
}

/// Runs it and prints what it measured.
pub async fn run(vyapar: &Path, peer: &Path, rounds: usize, length: Duration) -> anyhow::Result<()> {
    let data = data_dir()?;
    let database = Database::start(data.path()).await?;
    let mut found: [Vec<Round>; CONTENDERS.len()] = Default::default();
    for round in 0..rounds {
        for turn in 0..CONTENDERS.len() {
            let at = (round + turn) % CONTENDERS.len();
            let measured = match CONTENDERS[at] {
                Contender::Ours => {
                    let data = data_dir()?;
                    let server = Server::spawn(|port| {
                        let mut command = serve(vyapar, data.path(), port);
                        command.env("DATABASE_URL", &database.url);
                        command
                    });
                    let server = server.await?;
                    let (pairs, _) = ours::seat(&server.url, round).await?;
                    measure(server, pairs, &database, length).await?
                }
                contender => {
                    let kept_at = (contender == Contender::Stored).then_some(database.url.as_str());
                    let server = peer::start(peer, kept_at).await?;
                    let pairs = peer::seat(&server.url, &round.to_string()).await?;
                    measure(server, pairs, &database, length).await?
                }
            };
            eprintln!("  round {}, {}: {}", round + 1, CONTENDERS[at].name(), measured.in_short());
            found[at].push(measured);
        }
    }
    database.postgres.stop().await;
    print(&found, length);
    Ok(())
}

async fn measure<S: Speaker>(
    server: Server,
    pairs: Vec<Pair<S>>,
    database: &Database,
    length: Duration,
) -> anyhow::Result<Round> {
    let window = Window::new(WARMING, length);
    let used_before = async {
        tokio::time::sleep_until(window.from.into()).await;
        anyhow::Ok((server.cpu_s()?, cpu::of_family(database.pid)?))
    };
    let (found, used_before) = tokio::join!(play(pairs, window), used_before);
    let (found, (cpu_s, database_cpu_s)) = (found?, used_before?);
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let measured = [
        ms(found.frames.percentile(50)),
        ms(found.frames.percentile(95)),
        ms(found.answers.percentile(95)),
        f64::from(u32::try_from(server.rss_peak_mb()?)?),
        server.cpu_s()? - cpu_s,
        cpu::of_family(database.pid)? - database_cpu_s,
    ];
    server.stop().await?;
    Ok(Round { measured, lost: found.lost, doubled: found.doubled })
}

impl Round {
    /// For whoever waits.
    fn in_short(&self) -> String {
        let measured = MEASURES.iter().zip(self.measured).map(|(name, value)| format!("{name} {value:.1}"));
        measured.collect::<Vec<_>>().join(", ")
    }
}

impl Database {
    async fn start(data: &Path) -> anyhow::Result<Self> {
        let postgres = Postgres::start(&database(data), &Entropy::system()).await?;
        let pid_file = std::fs::read_to_string(data.join("postgres/data/postmaster.pid"))?;
        let pid = pid_file.lines().next().context("PostgreSQL says its process")?.trim().parse()?;
        // A Unix socket has no TLS, and Node's client does not fall back to none.
        let options = postgres.connect_options().clone().ssl_mode(PgSslMode::Disable);
        let url = options.to_url_lossy().to_string();
        Ok(Self { postgres, url, pid })
    }
}

fn print(found: &[Vec<Round>; CONTENDERS.len()], length: Duration) {
    let [ours, peers @ ..] = found;
    println!("\nbeside socket.io, {} rounds of {} s each:", ours.len(), length.as_secs());
    for (peer, contender) in peers.iter().zip(&CONTENDERS[1..]) {
        let ratios = MEASURES.iter().enumerate().map(|(of, name)| {
            let ratio = spread(peer, of).median / spread(ours, of).median;
            format!("{} {ratio:.3}", name.trim_end_matches(" ms").trim_end_matches(" MB"))
        });
        println!("{} / ours: {}", contender.name(), ratios.collect::<Vec<_>>().join("   "));
    }
    println!("{:<24}{}   lost, doubled", "", cells(MEASURES));
    for (rounds, contender) in found.iter().zip(CONTENDERS) {
        let measured = cells((0..MEASURES.len()).map(|of| spread(rounds, of)));
        let (lost, doubled) = rounds.iter().fold((0, 0), |(l, d), round| (l + round.lost, d + round.doubled));
        println!("{:<24}{measured}   {lost}, {doubled}", contender.name());
    }
    println!(
        "(median (least–most) of the rounds. Above 1 the peer needs more. The peers do less: they do not ask who speaks, read no offer, \
         put nothing into the other's language, and tell a phone that was away nothing; the last keeps no message either)"
    );
}

fn cells(row: impl IntoIterator<Item = impl Display>) -> String {
    row.into_iter().fold(String::new(), |row, cell| format!("{row}{:>25}", cell.to_string()))
}

/// The middle and the ends of what the rounds found.
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

fn spread(rounds: &[Round], of: usize) -> Spread {
    let mut values: Vec<f64> = rounds.iter().map(|round| round.measured[of]).collect();
    values.sort_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or_default();
    Spread { least: at(0), median: at(values.len() / 2), most: at(values.len().saturating_sub(1)) }
}

impl Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ({:.1}–{:.1})", self.median, self.least, self.most)
    }
}
