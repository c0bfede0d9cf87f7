//! `vyapar emulator`

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use emulator::Options;
use platform::telemetry::{self, LogFormat};

use crate::signals::StopSignals;

/// Where the emulated vendors listen.
#[derive(Debug, Args)]
pub struct Emulator {
    /// The gateway.
    #[arg(long, default_value = "127.0.0.1:8090")]
    razorpay: SocketAddr,
    /// BHASHINI.
    #[arg(long, default_value = "127.0.0.1:8091")]
    bhashini: SocketAddr,
}

pub async fn run(emulator: Emulator) -> anyhow::Result<ExitCode> {
    telemetry::start(LogFormat::Auto, "info");
    let Emulator { razorpay, bhashini } = emulator;
    let mut stop = StopSignals::listen()?;
    ::emulator::serve(Options { razorpay, bhashini, ..Options::default() }, stop.told()).await?;
    Ok(ExitCode::SUCCESS)
}
