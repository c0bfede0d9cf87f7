//! `vyapar parley`: one reading, one rendering, or a folder of them scored.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::parley::eval::{Line, Score};
use ::parley::{Act, Context, Reading, Side, Standing, Style, read, say};
use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use types::Language;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Reads an utterance and prints what it does.
    Read {
        /// The speaker's language.
        #[arg(long)]
        lang: Language,
        /// The offer it is read against, as JSON.
        #[arg(long)]
        standing: Option<String>,
        /// Who speaks.
        #[arg(long, default_value = "buyer")]
        speaker: Speaker,
        /// What is said.
        text: String,
    },
    /// Says an act.
    Say {
        /// The listener's language.
        #[arg(long)]
        lang: Language,
        /// For the ear instead of the screen: numbers as words.
        #[arg(long)]
        speech: bool,
        /// The act, as JSON.
        act: String,
    },
    /// Scores a folder of hand-written lines.
    Eval {
        /// The folder.
        dir: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Who speaks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Speaker {
    /// Who buys.
    Buyer,
    /// Who sells.
    Vendor,
}

pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Read { lang, standing, speaker, text } => {
            read_one(lang, standing.as_deref(), speaker, &text)
        }
        Command::Say { lang, speech, act } => say_one(lang, speech, &act),
        Command::Eval { dir, json } => eval(&dir, json),
    }
}

fn read_one(
    language: Language,
    standing: Option<&str>,
    speaker: Speaker,
    text: &str,
) -> anyhow::Result<ExitCode> {
    let side = match speaker {
        Speaker::Buyer => Side::Buyer,
        Speaker::Vendor => Side::Vendor,
    };
    let mut context = Context::new(side);
    if let Some(json) = standing {
        let standing: Standing = serde_json::from_str(json).context("--standing is no standing offer")?;
        context = context.standing(standing);
    }
    let answer = match read(text, language, &context) {
        Reading::Understood(acts) => serde_json::json!({ "understood": acts }),
        Reading::Unsure(candidates) => serde_json::json!({ "unsure": candidates }),
        Reading::Talk => serde_json::json!({ "talk": text }),
    };
    println!("{answer:#}");
    Ok(ExitCode::SUCCESS)
}

fn say_one(language: Language, speech: bool, act: &str) -> anyhow::Result<ExitCode> {
    let act: Act = serde_json::from_str(act).context("that is no act")?;
    println!("{}", say(&act, language, if speech { Style::Speech } else { Style::Screen }));
    Ok(ExitCode::SUCCESS)
}

fn eval(dir: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let report = ::parley::eval::eval(gold(dir)?);
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{:<10}{:>7}{:>9}{:>20}{:>9}{:>14}",
        "language", "lines", "exact", "money slots wrong", "unsure", "talk moved"
    );
    for (language, score) in &report.languages {
        row(language, score);
    }
    row("all", &report.all);
    Ok(ExitCode::SUCCESS)
}

fn row(name: &str, score: &Score) {
    let wrong =
        format!("{} of {} ({:.1} %)", score.money_wrong, score.money_slots, score.money_wrong_percent());
    let moved = format!("{} of {}", score.talk_moved, score.talk);
    println!(
        "{name:<10}{:>7}{:>7.1} %{wrong:>20}{:>9}{moved:>14}",
        score.lines,
        score.exact_percent(),
        score.unsure
    );
}

/// The lines of every `.jsonl` file of a folder.
fn gold(dir: &Path) -> anyhow::Result<Vec<Line>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    anyhow::ensure!(!files.is_empty(), "there is no .jsonl file in {}", dir.display());
    let mut lines = Vec::new();
    for file in files {
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        for (at, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            lines.push(serde_json::from_str(line).with_context(|| format!("{}:{}", file.display(), at + 1))?);
        }
    }
    Ok(lines)
}
