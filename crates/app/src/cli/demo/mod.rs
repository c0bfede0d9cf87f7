//! `vyapar demo`: the product with emulated vendors and a seeded stall, and a deal played through real calls.

mod play;
mod seed;
mod stage;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use platform::telemetry::{self, LogFormat};

use crate::signals::StopSignals;
use crate::{Config, config};

use crate::config::LOGGED;
use stage::Stage;

/// What a demo logs where nobody asked for more: its story is the news.
const QUIET: &str = "error,app=info,platform::migrate=warn";

/// What to do.
#[derive(Debug, Args)]
pub struct Demo {
    /// Plays the deal again on the demo that is running.
    #[arg(long)]
    play: bool,
    /// Plays the deal once and stops.
    #[arg(long, conflicts_with = "play")]
    once: bool,
    /// Sets the stage and waits, without playing.
    #[arg(long, conflicts_with_all = ["play", "once"])]
    no_play: bool,
    /// Where this machine's browser finds the demo.
    #[arg(long, default_value = "127.0.0.1:8080")]
    http: SocketAddr,
    /// Where phones on the same network find it.
    #[arg(long, default_value = "0.0.0.0:8443")]
    https: SocketAddr,
    /// Where the emulated gateway listens.
    #[arg(long, default_value = "0.0.0.0:8090")]
    gateway: SocketAddr,
    /// Where the emulated gateway for cards listens.
    #[arg(long, default_value = "0.0.0.0:8092")]
    cards: SocketAddr,
    /// Where the demo's data are kept.
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

impl Demo {
    fn data_dir(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| config::home().join("demo"))
    }

    /// Where the last play's files are.
    fn out_dir(&self) -> PathBuf {
        self.data_dir().join("played")
    }
}

pub async fn run(config: Config, demo: Demo) -> anyhow::Result<ExitCode> {
    if demo.play {
        let here = format!("http://{}", demo.http);
        play::play(&play::Scene {
            server: here,
            gateway: format!("http://{}", on_this_machine(demo.gateway)),
            out_dir: demo.out_dir(),
            books: stage::config(config, &demo, local_address()).postgres_options(),
        })
        .await?;
        return Ok(ExitCode::SUCCESS);
    }
    telemetry::start(
        LogFormat::Readable,
        if config.log.filter == LOGGED { QUIET } else { &config.log.filter },
    );
    let mut stop = StopSignals::listen()?;
    let stage = tokio::select! {
        stage = Box::pin(Stage::set(config, &demo, local_address())) => stage?,
        () = stop.told() => return Ok(ExitCode::SUCCESS),
    };
    let performed = tokio::select! {
        performed = perform(&stage, &demo) => performed,
        () = stop.told() => Ok(()),
    };
    println!("\nStopping …");
    Box::pin(stage.clear()).await;
    performed?;
    Ok(ExitCode::SUCCESS)
}

/// Seeds the stall, says where everything is and plays the deal; then, but for `--once`, waits to be stopped.
async fn perform(stage: &Stage, demo: &Demo) -> anyhow::Result<()> {
    let scene = stage.scene(demo.out_dir());
    let stall = seed::seed(&scene.server, &stage.server.app).await?;
    stage.announce(&stall);
    if !demo.no_play {
        play::play(&scene).await?;
    }
    if demo.once {
        return Ok(());
    }
    println!("\nThe demo is running. Ctrl-C stops all of it; `vyapar demo --play` plays the deal again.");
    std::future::pending().await
}

/// The address by which phones on the same network reach this machine; its loopback where it has no network.
fn local_address() -> IpAddr {
    let routed = || -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        // Sends nothing: it only asks which interface would.
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        Ok(socket.local_addr()?.ip())
    };
    routed().ok().filter(|ip| !ip.is_unspecified()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// The same port, asked for from here.
fn on_this_machine(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()))
    } else {
        address
    }
}
