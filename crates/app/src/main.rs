//! `vyapar`: the whole product in one program. Every command is a file in `cli/`.

use std::process::ExitCode;

use app::cli;

fn main() -> ExitCode {
    cli::run()
}
