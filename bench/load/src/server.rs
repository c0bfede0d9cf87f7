//! The server under load: its own process, data directory and port.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use platform::postgres::{Mode, Options};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::cpu;

/// How long it may take to answer.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A server that is stopped when it is dropped.
pub struct Server {
    /// Its address.
    pub url: String,
    /// From its start to its first answer.
    pub ready_after: Duration,
    child: Child,
}

/// A data directory that an unprivileged PostgreSQL reaches.
pub fn data_dir() -> anyhow::Result<TempDir> {
    let dir = tempfile::Builder::new().prefix("vyapar-bench-").tempdir_in("/var/tmp")?;
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(dir)
}

/// The database of a server with this data directory.
pub fn database(data: &Path) -> Options {
    Options {
        mode: Mode::Auto,
        url: None,
        data_dir: data.to_owned(),
        system_dir: None,
        bundle_dir: None,
        settings: Vec::new(),
    }
}

/// `vyapar serve` on a port of this machine, with a database of its own.
pub fn serve(vyapar: &Path, data: &Path, port: u16) -> Command {
    let mut command = Command::new(vyapar);
    command
        .arg("serve")
        .env("VYAPAR_DATA_DIR", data)
        .env("VYAPAR_HTTP__ADDRESS", format!("127.0.0.1:{port}"))
        // Every phone has an address of its own, as behind a proxy.
        .env("VYAPAR_IDENTITY__TRUSTED_PROXIES", "[\"127.0.0.0/8\"]")
        .env("VYAPAR_LOG__FILTER", "error")
        .env_remove("DATABASE_URL");
    command
}

impl Server {
    /// Starts `vyapar serve` on a free port of this machine.
    pub async fn start(vyapar: &Path, data: &Path) -> anyhow::Result<Self> {
        let started = Self::spawn(|port| serve(vyapar, data, port)).await;
        started.with_context(|| format!("{} does not start: build it with `make build`", vyapar.display()))
    }

    /// Starts a program that answers on the port it is given.
    pub async fn spawn(command: impl FnOnce(u16) -> Command) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let started = Instant::now();
        let child = command(port).stdin(Stdio::null()).kill_on_drop(true).spawn()?;
        let mut server = Self { url: format!("http://127.0.0.1:{port}"), ready_after: Duration::ZERO, child };
        server.wait_until_ready(port, started).await?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self, port: u16, started: Instant) -> anyhow::Result<()> {
        let http = platform::http::client(Duration::from_secs(2));
        while started.elapsed() < READY_WITHIN {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}");
            }
            let answer = http.get(format!("http://127.0.0.1:{port}/readyz")).send().await;
            if answer.is_ok_and(|a| a.status().is_success()) {
                self.ready_after = started.elapsed();
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bail!("the server was not ready within {} s", READY_WITHIN.as_secs())
    }

    /// Memory that the process itself holds (resident), in MB.
    pub fn rss_mb(&self) -> anyhow::Result<u64> {
        let kb = self.status("VmRSS:")?;
        Ok(kb / 1024)
    }

    /// The most it ever held, in MB.
    pub fn rss_peak_mb(&self) -> anyhow::Result<u64> {
        Ok(self.status("VmHWM:")? / 1024)
    }

    /// CPU time so far, in seconds.
    pub fn cpu_s(&self) -> anyhow::Result<f64> {
        Ok(cpu::of_process(self.child.id().context("the server ended")?)?)
    }

    fn status(&self, name: &str) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(self.proc("status")?)?;
        let line = status.lines().find_map(|l| l.strip_prefix(name)).context("the process's status reads")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    fn proc(&self, file: &str) -> anyhow::Result<PathBuf> {
        let pid = self.child.id().context("the server ended")?;
        Ok(PathBuf::from(format!("/proc/{pid}/{file}")))
    }

    /// Stops it in order.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(pid) = self.child.id() {
            Command::new("kill").arg(pid.to_string()).status().await?;
        }
        self.child.wait().await?;
        Ok(())
    }
}
