//! The command line. Every command is a file.

mod audit;
mod demo;
mod doctor;
mod emulate;
mod keys;
mod ledger;
mod migrate;
mod openapi;
mod operator;
mod parley;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::Config;

/// Bargain in your own language; the agreed price becomes an order, a payment and a document.
#[derive(Debug, Parser)]
#[command(name = "vyapar", version)]
struct Arguments {
    /// The configuration file; `vyapar.toml` in this folder where absent.
    #[arg(long, global = true, env = "VYAPAR_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the product.
    Serve,
    /// Runs the product with emulated vendors and a seeded stall, and plays a deal.
    Demo(demo::Demo),
    /// Says what is missing outside, and how to get it.
    Doctor,
    /// Brings the database's schema up to date.
    Migrate,
    /// The books: checks or explains them.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// The audit trail: recomputes it, or prints the ends of its chains.
    #[command(subcommand)]
    Audit(audit::Command),
    /// The master keys: lists them, adds one, seals account numbers and recordings again with the newest.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Lets an account see the operator's pages, or no longer.
    Operator(operator::Operator),
    /// The bargaining language on its own.
    #[command(subcommand)]
    Parley(parley::Command),
    /// Runs the emulated vendors alone.
    Emulator(emulate::Emulator),
    /// Prints the API's OpenAPI document.
    Openapi,
    /// The speech recogniser's own process; started by the server.
    #[command(hide = true)]
    Recogniser,
}

/// Runs the command of this process.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    // The recogniser's process holds nothing else: no runtime, no configuration.
    if matches!(arguments.command, Command::Recogniser) {
        return recogniser();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("vyapar: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(arguments)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("vyapar: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = || Config::load(arguments.config.as_deref());
    match arguments.command {
        Command::Serve => Box::pin(serve::run(config()?)).await,
        Command::Demo(demo) => Box::pin(demo::run(config()?, demo)).await,
        Command::Doctor => Ok(doctor::run(&config()?).await),
        Command::Migrate => migrate::run(&config()?).await,
        Command::Ledger(command) => ledger::run(&config()?, command).await,
        Command::Audit(command) => audit::run(&config()?, command).await,
        Command::Keys(command) => Box::pin(keys::run(config()?, command)).await,
        Command::Operator(operator) => operator::run(&config()?, operator).await,
        Command::Parley(command) => parley::run(command),
        Command::Emulator(emulator) => emulate::run(emulator).await,
        Command::Openapi => openapi::run(config()?),
        Command::Recogniser => unreachable!("it was answered before the runtime"),
    }
}

fn recogniser() -> ExitCode {
    match voice::stt::local::child::run(std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vyapar recogniser: {error}");
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes as one sentence, each cause once.
fn sentence(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !said.contains(&cause) {
            if !said.is_empty() {
                said.push_str(": ");
            }
            said.push_str(&cause);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow::anyhow!("the disk is full").context("writing failed: the disk is full");
        assert_eq!(sentence(&error), "writing failed: the disk is full");
    }
}
