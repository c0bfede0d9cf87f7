//! PostgreSQL: the operator's own, or one that the product starts and stops itself.
//!
//! In order: the database that `DATABASE_URL` names; the machine's PostgreSQL programs; the bundle that `scripts/setup`
//! fetched. An embedded server listens on a Unix socket only, in a directory that its own account alone can open, with a
//! password on top. As root it runs under an unprivileged account, for PostgreSQL refuses to run as root.
//!
//! **Invariants.** One `vyapar` at a time owns a data directory (`vyapar.lock`). A server that outlived a killed `vyapar` is
//! taken over, not doubled. Nothing is ever downloaded here, and no data directory is ever deleted.

mod account;
mod cluster;
mod error;
mod find;
mod process;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnectOptions;

use crate::Entropy;
pub use error::Error;
pub use find::{Programs, bundle_dir};

use account::Account;
use cluster::Cluster;
use process::Server;

/// Which PostgreSQL to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The first of the three that is there.
    #[default]
    Auto,
    /// The one that `DATABASE_URL` names, or none.
    Url,
    /// The machine's programs, or none.
    System,
    /// The fetched bundle, or none.
    Bundle,
}

/// Where to look and where to keep the data.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which PostgreSQL to use.
    pub mode: Mode,
    /// `DATABASE_URL`, where it is set.
    pub url: Option<SecretString>,
    /// The product's data directory; the cluster lives in `postgres/` below it.
    pub data_dir: PathBuf,
    /// Where the machine's programs are, instead of where they are usually found.
    pub system_dir: Option<PathBuf>,
    /// Where the bundle is, instead of where `scripts/setup` puts it.
    pub bundle_dir: Option<PathBuf>,
    /// Further settings of an embedded server, each `name=value`.
    pub settings: Vec<String>,
}

/// A database to work with, and the server behind it where that is ours.
#[derive(Debug)]
pub struct Postgres {
    connect: PgConnectOptions,
    origin: String,
    owned: Option<Owned>,
}

/// The server and the lock that says the data directory is ours. Dropped in this order.
#[derive(Debug)]
struct Owned {
    server: Server,
    _lock: File,
}

impl Postgres {
    /// Finds or starts a database.
    ///
    /// # Errors
    /// One sentence for each thing that can be in the way; see [`Error`].
    pub async fn start(options: &Options, entropy: &Entropy) -> Result<Self, Error> {
        if let Some(url) = options.url.as_ref().filter(|_| matches!(options.mode, Mode::Auto | Mode::Url)) {
            let connect = url.expose_secret().parse().map_err(Error::Url)?;
            return Ok(Self { connect, origin: "DATABASE_URL".to_owned(), owned: None });
        }
        if options.mode == Mode::Url {
            return Err(Error::NoUrl);
        }
        Self::start_embedded(options, entropy).await
    }

    async fn start_embedded(options: &Options, entropy: &Entropy) -> Result<Self, Error> {
        let account = Account::for_server()?;
        let cluster = Cluster::new(&options.data_dir, account)?;
        let programs = find::programs(options, cluster.version()?)?;
        let lock = lock_data_dir(&options.data_dir)?;
        cluster.create_if_missing(&programs, entropy).await?;
        let server = Server::adopt_or_start(&cluster, &programs, &options.settings).await?;
        Ok(Self {
            connect: cluster.connect_options()?,
            origin: programs.to_string(),
            owned: Some(Owned { server, _lock: lock }),
        })
    }

    /// Joins the database of a `vyapar` that is running on this data directory; where none is, starts one.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub async fn join_or_start(options: &Options, entropy: &Entropy) -> Result<Self, Error> {
        match Self::start(options, entropy).await {
            Err(Error::InUse { .. }) => {
                let cluster = Cluster::new(&options.data_dir, Account::for_server()?)?;
                let connect = cluster.connect_options()?;
                Ok(Self { connect, origin: "the running vyapar".to_owned(), owned: None })
            }
            other => other,
        }
    }

    /// How to reach a database that runs already: that of `DATABASE_URL`, or of a `vyapar` on this data directory. None is started.
    pub fn running(options: &Options) -> Option<PgConnectOptions> {
        if let Some(url) = options.url.as_ref().filter(|_| matches!(options.mode, Mode::Auto | Mode::Url)) {
            return url.expose_secret().parse().ok();
        }
        let is_held = options.data_dir.join("vyapar.lock").exists()
            && matches!(lock_data_dir(&options.data_dir), Err(Error::InUse { .. }));
        let cluster = || Cluster::new(&options.data_dir, Account::for_server().ok()?).ok();
        if is_held { cluster()?.connect_options().ok() } else { None }
    }

    /// How to connect.
    pub const fn connect_options(&self) -> &PgConnectOptions {
        &self.connect
    }

    /// Where the database comes from, for people: `DATABASE_URL`, or the programs and their version.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Stops the server, where it is ours, letting it finish what it writes.
    pub async fn stop(self) {
        if let Some(owned) = self.owned {
            owned.server.stop().await;
        }
    }
}

/// What [`Postgres::start`] would use, without starting it. For `vyapar doctor`.
///
/// # Errors
/// As [`Postgres::start`].
pub fn probe(options: &Options) -> Result<String, Error> {
    match (&options.url, options.mode) {
        (Some(_), Mode::Auto | Mode::Url) => return Ok("DATABASE_URL".to_owned()),
        (None, Mode::Url) => return Err(Error::NoUrl),
        _ => {}
    }
    let cluster = Cluster::new(&options.data_dir, Account::for_server()?)?;
    Ok(find::programs(options, cluster.version()?)?.to_string())
}

/// Takes the lock that the kernel gives back when its holder dies, however it dies.
fn lock_data_dir(data_dir: &Path) -> Result<File, Error> {
    let path = data_dir.join("vyapar.lock");
    let named = |source| Error::DataDir { path: path.display().to_string(), source };
    let mut file = File::options().create(true).truncate(false).write(true).open(&path).map_err(named)?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let holder = fs::read_to_string(&path).unwrap_or_default().trim().to_owned();
        return Err(Error::InUse { data_dir: data_dir.display().to_string(), holder });
    }
    file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(named)?;
    Ok(file)
}
