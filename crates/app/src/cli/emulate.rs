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
    /// Twilio; `GET /_control/sent` shows what was written.
    #[arg(long, default_value = "127.0.0.1:8093")]
    twilio: SocketAddr,
}

pub async fn run(emulator: Emulator) -> anyhow::Result<ExitCode> {
    telemetry::start(LogFormat::Auto, "info");
    let Emulator { razorpay, bhashini, stripe, twilio } = emulator;
    let mut stop = StopSignals::listen()?;
    let options = Options { razorpay, bhashini, stripe, twilio, ..Options::default() };
    ::emulator::serve(options, stop.told()).await?;
    Ok(ExitCode::SUCCESS)
}
