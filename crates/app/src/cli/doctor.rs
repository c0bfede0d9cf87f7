//! `vyapar doctor`: what is on, what is off, and how to switch it on.

use std::process::ExitCode;

use crate::{Config, report};

pub async fn run(config: &Config) -> ExitCode {
    let parts = report::before_start(config).await;
    for part in &parts {
        println!("{} {:<12} {}", if part.on { "✓" } else { "–" }, part.name, part.sentence);
        if !part.on && !part.fix.is_empty() {
            println!("  {:<12} → {}", "", part.fix);
        }
    }
    let vital = parts.iter().any(|part| part.vital && !part.on);
    if vital {
        println!("\nThe product cannot start until the lines about the database and the keys are mended.");
    }
    if vital { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
