//! Readings a CPU-second: `cargo run --release -p parley --example throughput -- FILE…` over gold files.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use parley::eval::Line;
use parley::{Context, read};
use rustix::time::{ClockId, clock_gettime};

/// Every line is read so many times.
const ROUNDS: u32 = 300;

fn main() -> ExitCode {
    let mut lines: Vec<Line> = Vec::new();
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("{path} cannot be read");
            return ExitCode::FAILURE;
        };
        lines.extend(text.lines().filter_map(|line| serde_json::from_str(line).ok()));
    }
    let read_all = || {
        for line in &lines {
            let context = Context::new(line.role).standing(line.standing);
            black_box(read(black_box(&line.text), line.lang, &context));
        }
    };
    let start = cpu_time();
    read_all();
    let compiled = cpu_time();
    println!(
        "tables compiled and {} lines read once: {:?} of CPU",
        lines.len(),
        compiled.saturating_sub(start)
    );
    for _ in 0..ROUNDS {
        read_all();
    }
    let seconds = cpu_time().saturating_sub(compiled).as_secs_f64();
    let readings = f64::from(ROUNDS) * f64::from(u32::try_from(lines.len()).unwrap_or(u32::MAX));
    println!("{readings} readings in {seconds:.2} CPU-s: {:.0} a CPU-second", readings / seconds);
    ExitCode::SUCCESS
}

/// What this thread has worked: others on the machine do not count.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
