//! `vyapar serve` in a process of its own, that a test may kill at any moment.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::phone::Phone;
use tempfile::TempDir;
use testkit::TestDb;

/// How long a start may take on a busy machine.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// A server that a test starts, kills and starts again, on one port, one database and one data directory.
pub struct Program {
    pub url: String,
    pub db: TestDb,
    port: u16,
    data: TempDir,
    settings: Vec<(String, String)>,
    logged: bool,
    child: Option<Child>,
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The program's own command, with nothing of this process's settings.
pub fn vyapar(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vyapar"));
    let ours = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_string_lossy().starts_with("VYAPAR_"));
    ours.for_each(|name| {
        command.env_remove(name);
    });
    command.env_remove("DATABASE_URL").env("VYAPAR_DATA_DIR", data).current_dir(data).stdin(Stdio::null());
    command
}

impl Program {
    /// Starts it with these settings (`VYAPAR_…`).
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_so(settings, false).await
    }

    /// The same, with its log in a file.
    pub async fn start_logged(settings: &[(&str, &str)]) -> Self {
        Self::start_so(settings, true).await
    }

    async fn start_so(settings: &[(&str, &str)], logged: bool) -> Self {
        let port = free_port();
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let data = tempfile::tempdir().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let mut program = Self { url, db: TestDb::create().await, port, data, settings, logged, child: None };
        program.again().await;
        program
    }

    /// Starts it again where it stopped.
    pub async fn again(&mut self) {
        let mut command = vyapar(self.data.path());
        if self.logged {
            let log = std::fs::File::create(self.log()).unwrap();
            command.stdout(log.try_clone().unwrap()).stderr(log);
        }
        let child = command
            .arg("serve")
            .env("DATABASE_URL", self.db.url())
            .env("VYAPAR_HTTP__ADDRESS", format!("127.0.0.1:{}", self.port))
            .env("VYAPAR_LOG__FILTER", "error")
            .envs(self.settings.iter().map(|(k, v)| (k, v)))
            .spawn()
            .unwrap();
        self.child = Some(child);
        let started = Instant::now();
        while !self.is_ready().await {
            assert!(started.elapsed() < READY_WITHIN, "the server is not ready");
            if let Some(status) = self.child.as_mut().and_then(|c| c.try_wait().unwrap()) {
                panic!("the server ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Where the server keeps what must outlive a restart.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The log of a server that was started with one.
    pub fn log(&self) -> std::path::PathBuf {
        self.data.path().join("log")
    }

    async fn is_ready(&self) -> bool {
        let http = platform::http::client(Duration::from_secs(2));
        let answer = http.get(format!("{}/readyz", self.url)).send().await;
        answer.is_ok_and(|a| a.status().is_success())
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Another command of the program on the same database.
    pub fn command(&self) -> Command {
        let mut command = vyapar(self.data.path());
        command.env("DATABASE_URL", self.db.url());
        command
    }

    /// A phone that has not been here before.
    pub fn phone(&self) -> Phone {
        Phone::new(&self.url)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
