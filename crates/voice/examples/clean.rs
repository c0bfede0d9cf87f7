//! Cleans recordings and says what it cost: the Rust side of `bench/audio`.
//!
//! `clean [--repeat N] [--out DIR] FILE…` prints one line of JSON a file; with `--out` the cleaned speech is written
//! there as 16-bit WAV.
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use voice::audio::{Limits, clean, decode, wav};

/// CPU time of this process so far, in milliseconds.
fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "seconds of a benchmark")]
    let ms = time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6;
    ms
}

fn measure(path: &Path, repeat: usize, out: Option<&Path>) -> Result<String, Box<dyn std::error::Error>> {
    let bytes = std::fs::read(path)?;
    let mut costs = Vec::with_capacity(repeat);
    let mut last = None;
    for _ in 0..repeat {
        let before = cpu_ms();
        let recording = decode(&bytes, &Limits::default())?;
        last = Some(clean(recording.samples)?);
        costs.push(tenths(cpu_ms() - before));
    }
    let cleaned = last.ok_or("nothing to repeat")?;
    if let Some(dir) = out {
        let name = path.file_stem().ok_or("a file without a name")?;
        std::fs::write(dir.join(name).with_extension("wav"), wav(&cleaned.samples))?;
    }
    let quality = cleaned.quality;
    let line = json!({
        "file": path.display().to_string(),
        "cpu_ms": costs,
        "denoised": cleaned.denoised,
        "snr_db": tenths(f64::from(quality.snr_db)),
        "duration_ms": quality.duration_ms,
        "speech_ratio": quality.speech_ratio,
    });
    Ok(line.to_string())
}

/// Rounded to one place.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut repeat, mut out, mut files) = (1, None, Vec::<PathBuf>::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--repeat" => repeat = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1),
            "--out" => out = arguments.next().map(PathBuf::from),
            _ => files.push(argument.into()),
        }
    }
    for file in files {
        match measure(&file, repeat, out.as_deref()) {
            Ok(line) => println!("{line}"),
            Err(error) => {
                eprintln!("{}: {error}", file.display());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
