//! Under which account the server runs.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use super::Error;

/// The unprivileged account that root hands the server to; the user's own otherwise.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// Set where we are root and must step down.
    step_down_to: Option<(u32, u32)>,
    name: String,
}

impl Account {
    pub fn for_server() -> Result<Self, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { step_down_to: None, name: "you".to_owned() });
        }
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let found = ["postgres", "nobody"].into_iter().find_map(|name| Some((name, ids(&accounts, name)?)));
        let (name, ids) = found.ok_or(Error::NoAccount)?;
        Ok(Self { step_down_to: Some(ids), name: name.to_owned() })
    }

    /// Makes a command run under this account, away from directories it cannot read.
    pub fn apply(&self, command: &mut tokio::process::Command) {
        command.current_dir("/");
        if let Some((uid, gid)) = self.step_down_to {
            command.uid(uid).gid(gid);
        }
    }

    /// Makes a file or directory this account's own.
    pub fn own(&self, path: &Path) -> io::Result<()> {
        match self.step_down_to {
            Some((uid, gid)) => chown(path, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }

    /// Whether the account can pass through every directory above `path`.
    pub fn reaches(&self, path: &Path) -> Result<(), Error> {
        let Some((uid, gid)) = self.step_down_to else { return Ok(()) };
        for above in path.ancestors().skip(1) {
            let Ok(meta) = fs::metadata(above) else { continue };
            let may_pass = (meta.uid() == uid && meta.mode() & 0o100 != 0)
                || (meta.gid() == gid && meta.mode() & 0o010 != 0)
                || meta.mode() & 0o001 != 0;
            if !may_pass {
                return Err(Error::Unreachable {
                    account: self.name.clone(),
                    data_dir: path.display().to_string(),
                    blocked: above.display().to_string(),
                });
            }
        }
        Ok(())
    }
}

/// The user and group id of an account in the form of `/etc/passwd`.
fn ids(accounts: &str, name: &str) -> Option<(u32, u32)> {
    let line = accounts.lines().find(|l| l.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_the_account_of_exactly_that_name() {
        let accounts =
            "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:105:110::/:/bin/sh\n";
        assert_eq!(ids(accounts, "postgres"), Some((105, 110)));
        assert_eq!(ids(accounts, "nobody"), None);
    }
}
