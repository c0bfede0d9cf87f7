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
    /// Razorpay.
    #[arg(long, default_value = "127.0.0.1:8090")]
    razorpay: SocketAddr,
    /// BHASHINI.
    #[arg(long, default_value = "127.0.0.1:8091")]
    bhashini: SocketAddr,
    /// Stripe.
    #[arg(long, default_value = "127.0.0.1:8092")]
    stripe: SocketAddr,
}

pub async fn run(emulator: Emulator) -> anyhow::Result<ExitCode> {
    telemetry::start(LogFormat::Auto, "info");
    let Emulator { razorpay, bhashini, stripe } = emulator;
    let mut stop = StopSignals::listen()?;
    ::emulator::serve(Options { razorpay, bhashini, stripe, ..Options::default() }, stop.told()).await?;
    Ok(ExitCode::SUCCESS)
}
