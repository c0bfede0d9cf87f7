//! What an installation can set: `vyapar.toml`, or variables such as `VYAPAR_HTTP__ADDRESS`. Everything has a default.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use platform::postgres::{Mode, Options};
use platform::retention::Retention;
use platform::telemetry::LogFormat;
use secrecy::SecretString;
use serde::Deserialize;

/// Which lines are logged where nothing else is set.
pub const LOGGED: &str = "info,sqlx=warn,hyper=warn";

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Where everything is kept that must outlive a restart: database, keys, files.
    pub data_dir: PathBuf,
    /// The address that QR codes carry and payers come back to from a gateway's page, such as `https://stall.example`. Where absent,
    /// the listener's own.
    pub public_url: Option<String>,
    /// The plain listener: this machine's browser, or a proxy that ends TLS.
    pub http: Http,
    /// The TLS listener; off where it has no address.
    pub https: Https,
    /// Logs.
    pub log: Log,
    /// Where the master keys come from.
    pub keys: platform::keys::Source,
    /// The database.
    pub postgres: Postgres,
    /// Background jobs.
    pub worker: Worker,
    /// Who may call.
    pub identity: identity::Config,
    /// Letters by e-mail.
    pub mail: mail::Config,
    /// Live sync and notices to sleeping phones.
    pub sync: sync::Config,
    /// Recognition, translation, speech.
    pub voice: voice::Config,
    /// Gateway and commission.
    pub payments: payments::Config,
    /// How documents are set.
    pub billing: billing::Config,
    /// How long what is kept of people is kept.
    pub retention: Retention,
    /// What looks through files that people bring.
    pub scanner: platform::scan::Settings,
}

/// The plain listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Where it listens.
    pub address: SocketAddr,
}

/// The TLS listener.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Https {
    /// Where it listens.
    pub address: Option<SocketAddr>,
    /// The certificate chain (PEM). Where absent, one is made that browsers warn about.
    pub certificate: Option<PathBuf>,
    /// The certificate's private key (PEM).
    pub key: Option<PathBuf>,
    /// Where browsers that come without TLS are sent on to `public_url` from, such as `0.0.0.0:80`; off where absent.
    pub redirect: Option<SocketAddr>,
    /// The folder in which a client of ACME answers its authority (certbot's `--webroot`), for the listener of `redirect`.
    pub challenges: Option<PathBuf>,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// JSON or readable.
    pub format: LogFormat,
    /// Which lines, as in `RUST_LOG`.
    pub filter: String,
}

/// The database. `DATABASE_URL` is read too, and wins.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Postgres {
    /// Which PostgreSQL to use.
    pub mode: Mode,
    /// Where the machine's programs are, instead of where they are usually found.
    pub system_dir: Option<PathBuf>,
    /// Where the bundle is, instead of where `scripts/setup` puts it.
    pub bundle_dir: Option<PathBuf>,
    /// Further settings of an embedded server, each `name=value`.
    pub settings: Vec<String>,
    /// Connections this process may hold for the installation, and again so many for what members of businesses do.
    pub connections_max: u32,
}

/// Background jobs.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// Jobs at a time.
    pub concurrency: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: home().join("data"),
            public_url: None,
            http: Http::default(),
            https: Https::default(),
            log: Log::default(),
            keys: platform::keys::Source::default(),
            postgres: Postgres::default(),
            worker: Worker::default(),
            identity: identity::Config::default(),
            mail: mail::Config::default(),
            sync: sync::Config::default(),
            voice: voice::Config::default(),
            payments: payments::Config::default(),
            billing: billing::Config::default(),
            retention: Retention::default(),
            scanner: platform::scan::Settings::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)) }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Auto, filter: LOGGED.to_owned() }
    }
}

impl Default for Postgres {
    fn default() -> Self {
        Self {
            mode: Mode::Auto,
            system_dir: None,
            bundle_dir: None,
            settings: Vec::new(),
            connections_max: 16,
        }
    }
}

impl Default for Worker {
    fn default() -> Self {
        Self { concurrency: 8 }
    }
}

/// Where this account keeps what the product owns: a place that an unprivileged PostgreSQL can reach, also as root.
pub fn home() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/vyapar");
    }
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    home.join(".local/share/vyapar")
}

impl Config {
    /// Reads `file`, or `vyapar.toml` where there is one, and the environment.
    ///
    /// # Errors
    /// Says which setting is wrong and where it came from.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(missing) = file.filter(|f| !f.exists()) {
            anyhow::bail!("there is no configuration file {}", missing.display());
        }
        Ok(platform::config::load(file.unwrap_or(Path::new("vyapar.toml")))?)
    }

    /// How to find or start the database.
    pub fn postgres_options(&self) -> Options {
        Options {
            mode: self.postgres.mode,
            url: std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()).map(SecretString::from),
            data_dir: self.data_dir.clone(),
            system_dir: self.postgres.system_dir.clone(),
            bundle_dir: self.postgres.bundle_dir.clone(),
            settings: self.postgres.settings.clone(),
        }
    }

    /// The address that QR codes carry.
    pub fn public_url(&self) -> String {
        if let Some(url) = &self.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        match self.https.address {
            Some(address) => format!("https://{address}"),
            None => format!("http://{}", self.http.address),
        }
    }
}
