//! Scores gold files: `cargo run -p parley --example score -- FILE…`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut lines = Vec::new();
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("{path} cannot be read");
            return ExitCode::FAILURE;
        };
        for line in text.lines().filter(|l| !l.is_empty()) {
            match serde_json::from_str(line) {
                Ok(line) => lines.push(line),
                Err(fault) => {
                    eprintln!("{path}: {fault}: {line}");
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    let report = parley::eval::eval(lines);
    for miss in &report.misses {
        println!(
            "{} ({} wrong) {}\n  gold {}\n  read {}",
            miss.id,
            miss.money_wrong,
            miss.text,
            json(&miss.gold),
            json(&miss.read)
        );
    }
    for (language, score) in &report.languages {
        println!(
            "{language:8} lines {:4}  exact {:5.1} %  unsure {:3} ({} hold the gold)  money wrong {}/{} ({:.1} %)  talk moved {}/{}",
            score.lines,
            score.exact_percent(),
            score.unsure,
            score.unsure_holds_gold,
            score.money_wrong,
            score.money_slots,
            score.money_wrong_percent(),
            score.talk_moved,
            score.talk,
        );
    }
    ExitCode::SUCCESS
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
