//! The server process: taken over or started, watched until it is ready, stopped.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::process::{Child, Command};

use super::cluster::{Cluster, unusable};
use super::{Error, Programs};

/// How long a start may take, crash recovery included.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// How long a stop may take before it is forced.
const STOP_WITHIN: Duration = Duration::from_secs(15);
/// What an embedded server is told; what the operator says comes after and wins.
const SETTINGS: [&str; 7] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=64MB",
    "wal_compression=on",
    "timezone=UTC",
    "log_timezone=UTC",
];
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A running server that is ours to stop.
#[derive(Debug)]
pub(super) struct Server {
    pid: Pid,
    /// Absent where the server was started by a `vyapar` that is gone.
    child: Option<Child>,
}

impl Server {
    /// Takes over the server that a killed `vyapar` left behind, or starts one.
    pub async fn adopt_or_start(
        cluster: &Cluster,
        programs: &Programs,
        settings: &[String],
    ) -> Result<Self, Error> {
        match left_behind(cluster) {
            Some(pid) => {
                let mut server = Self { pid, child: None };
                server.wait_until_ready(cluster).await?;
                Ok(server)
            }
            None => Self::start(cluster, programs, settings).await,
        }
    }

    async fn start(cluster: &Cluster, programs: &Programs, settings: &[String]) -> Result<Self, Error> {
        cluster.ensure_socket_dir()?;
        let log = File::create(cluster.log()).map_err(|e| unusable(&cluster.log(), e))?;
        let log_again = log.try_clone().map_err(|e| unusable(&cluster.log(), e))?;
        let socket_dir = format!("unix_socket_directories={}", cluster.socket_dir().display());
        let mut command = Command::new(programs.path("postgres"));
        command.arg("-D").arg(cluster.data());
        for setting in
            SETTINGS.into_iter().chain([socket_dir.as_str()]).chain(settings.iter().map(String::as_str))
        {
            command.arg("-c").arg(setting);
        }
        // A process group of its own: Ctrl-C in the terminal is for vyapar, which stops the server last.
        command.stdin(Stdio::null()).stdout(log).stderr(log_again).process_group(0);
        cluster.account.apply(&mut command);
        let child = command.spawn().map_err(|e| unusable(&programs.path("postgres"), e))?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).ok_or_else(|| failed(cluster))?;
        let mut server = Self { pid, child: Some(child) };
        server.wait_until_ready(cluster).await?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self, cluster: &Cluster) -> Result<(), Error> {
        let looks = READY_WITHIN.as_millis() / LOOK_EVERY.as_millis();
        for _ in 0..looks {
            if self.has_exited() {
                return Err(failed(cluster));
            }
            let pid_file = PidFile::read(&cluster.data());
            if pid_file.is_some_and(|f| f.pid == self.pid && f.ready) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(Error::NotReady { seconds: READY_WITHIN.as_secs(), log: cluster.log().display().to_string() })
    }

    fn has_exited(&mut self) -> bool {
        match &mut self.child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => test_kill_process(self.pid).is_err(),
        }
    }

    /// Stops it: connections are cut, what was committed is on disk.
    pub async fn stop(mut self) {
        for (signal, patience) in [(Signal::INT, STOP_WITHIN), (Signal::QUIT, Duration::from_secs(5))] {
            if self.has_exited() || kill_process(self.pid, signal).is_err() {
                return;
            }
            for _ in 0..patience.as_millis() / LOOK_EVERY.as_millis() {
                if self.has_exited() {
                    return;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        tracing::warn!(pid = self.pid.as_raw_nonzero(), "PostgreSQL did not stop");
    }
}

impl Drop for Server {
    /// A start that failed half-way or a panic must not leave the server running.
    fn drop(&mut self) {
        if !self.has_exited() {
            let _ = kill_process(self.pid, Signal::INT);
        }
    }
}

/// What `postmaster.pid` says.
struct PidFile {
    pid: Pid,
    ready: bool,
}

impl PidFile {
    fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
        // Line 8 is the state: starting, ready, standby, stopping.
        let ready = lines.nth(6).is_some_and(|state| state.trim() == "ready");
        Some(Self { pid, ready })
    }
}

/// The process of a server that is still running on this data directory. Clears a lock whose process is gone, or is
/// somebody else by now: PostgreSQL itself would refuse to start over a recycled process id.
fn left_behind(cluster: &Cluster) -> Option<Pid> {
    let data = cluster.data();
    let pid_file = PidFile::read(&data);
    // A server's working directory is its data directory: that tells it from a stranger with a recycled id.
    let running = pid_file.filter(|f| {
        let works_in = fs::read_link(format!("/proc/{}/cwd", f.pid.as_raw_nonzero()));
        works_in.is_ok_and(|dir| fs::canonicalize(&data).is_ok_and(|data| dir == data))
    });
    if let Some(found) = running {
        return Some(found.pid);
    }
    for stale in [data.join("postmaster.pid"), cluster.socket_dir().join(".s.PGSQL.5432.lock")] {
        if fs::remove_file(&stale).is_ok() {
            tracing::info!(file = %stale.display(), "removed a stale lock");
        }
    }
    None
}

fn failed(cluster: &Cluster) -> Error {
    let log = fs::read_to_string(cluster.log()).unwrap_or_default();
    cluster.failed("postgres", &log)
}
