//! The recogniser's process as a program of its own: for tests, and for `voice.recogniser_program` where the server's
//! own program should not be started again.
use std::process::ExitCode;

fn main() -> ExitCode {
    match voice::stt::local::child::run(std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recogniser: {error}");
            ExitCode::FAILURE
        }
    }
}
