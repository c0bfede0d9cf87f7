//! The data directory of an embedded server.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;

use super::account::Account;
use super::{Error, Programs};
use crate::Entropy;

/// The database's owner and only role.
const ROLE: &str = "vyapar";
/// A Unix socket's path may have 107 bytes; PostgreSQL appends `/.s.PGSQL.5432.lock`.
const SOCKET_DIR_BYTES_MAX: usize = 107 - 20;

/// A cluster: `postgres/data`, its socket directory, password and log, below the product's data directory.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    home: PathBuf,
    pub account: Account,
}

impl Cluster {
    /// The cluster below `data_dir`, which is made where it is missing.
    pub fn new(data_dir: &Path, account: Account) -> Result<Self, Error> {
        let data_dir = std::path::absolute(data_dir).map_err(|e| unusable(data_dir, e))?;
        fs::create_dir_all(&data_dir).map_err(|e| unusable(&data_dir, e))?;
        let home = data_dir.join("postgres");
        account.reaches(&home.join("data"))?;
        if !home.exists() {
            make_private(&home, &account)?;
        }
        Ok(Self { home, account })
    }

    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub fn log(&self) -> PathBuf {
        self.home.join("postgres.log")
    }

    fn password_file(&self) -> PathBuf {
        self.home.join("password")
    }

    /// Where the socket lives: in the cluster, or where that path is too long, in a private directory under `/tmp`.
    pub fn socket_dir(&self) -> PathBuf {
        let own = self.home.join("socket");
        if own.as_os_str().len() <= SOCKET_DIR_BYTES_MAX {
            return own;
        }
        let hash = crate::keys::hmac_sha256(b"socket", self.home.as_os_str().as_encoded_bytes());
        std::env::temp_dir().join(format!("vyapar-{}", hex::encode(&hash[..8])))
    }

    /// The major version that made the data, where there are any.
    pub fn version(&self) -> Result<Option<u32>, Error> {
        let path = self.data().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(unusable(&path, e)),
        }
    }

    /// Makes the socket directory again where it is gone (a cleaned `/tmp`).
    pub fn ensure_socket_dir(&self) -> Result<(), Error> {
        let dir = self.socket_dir();
        if dir.exists() { Ok(()) } else { make_private(&dir, &self.account) }
    }

    /// Runs `initdb` where there is no cluster yet. One that was cut short is set aside and made anew.
    pub async fn create_if_missing(&self, programs: &Programs, entropy: &Entropy) -> Result<(), Error> {
        if self.home.join("created").exists() {
            return Ok(());
        }
        if self.data().exists() {
            let aside = self.home.join(format!("cut-short-{}", &entropy.token()[..8]));
            fs::rename(self.data(), &aside).map_err(|e| unusable(&aside, e))?;
        }
        self.write_private(&self.password_file(), &entropy.token())?;
        self.init(programs).await?;
        self.write_private(&self.home.join("created"), "")
    }

    async fn init(&self, programs: &Programs) -> Result<(), Error> {
        let mut command = Command::new(programs.path("initdb"));
        command
            .arg("--pgdata")
            .arg(self.data())
            .arg("--pwfile")
            .arg(self.password_file())
            .args([
                "--username",
                ROLE,
                "--auth",
                "scram-sha-256",
                "--encoding",
                "UTF8",
                "--locale",
                "C.UTF-8",
            ])
            .args(["--data-checksums", "--no-instructions"])
            .stdin(Stdio::null());
        self.account.apply(&mut command);
        let output = command.output().await.map_err(|e| unusable(&programs.path("initdb"), e))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(self.failed("initdb", &String::from_utf8_lossy(&said)))
    }

    /// Creates a file that only the server's account (and root) can read.
    fn write_private(&self, path: &Path, text: &str) -> Result<(), Error> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .map_err(|e| unusable(path, e))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| unusable(path, e))?;
        self.account.own(path).map_err(|e| unusable(path, e))
    }

    /// How to connect to the database `postgres` of this cluster.
    pub fn connect_options(&self) -> Result<PgConnectOptions, Error> {
        let path = self.password_file();
        let password = fs::read_to_string(&path).map_err(|e| unusable(&path, e))?;
        Ok(PgConnectOptions::new_without_pgpass()
            .socket(self.socket_dir())
            .username(ROLE)
            .password(password.trim())
            .database("postgres"))
    }

    pub fn failed(&self, program: &'static str, said: &str) -> Error {
        Error::of_program(program, said, &self.home.display().to_string(), &self.log().display().to_string())
    }
}

/// A directory that only the account can enter.
fn make_private(dir: &Path, account: &Account) -> Result<(), Error> {
    DirBuilder::new().mode(0o700).create(dir).and_then(|()| account.own(dir)).map_err(|e| unusable(dir, e))
}

pub(super) fn unusable(path: &Path, source: io::Error) -> Error {
    if source.kind() == io::ErrorKind::StorageFull {
        return Error::DiskFull { data_dir: path.display().to_string() };
    }
    Error::DataDir { path: path.display().to_string(), source }
}
