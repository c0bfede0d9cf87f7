//! What can be in the way of a database, a sentence each.

use std::io;

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Asked for a URL that is not set.
    #[error(
        "DATABASE_URL is not set: set it to postgres://user:password@host/database, or choose another database mode"
    )]
    NoUrl,
    /// The URL does not parse.
    #[error("DATABASE_URL is no PostgreSQL address")]
    Url(#[source] sqlx::Error),
    /// No programs.
    #[error(
        "no PostgreSQL of version 15 or newer was found: install it (apt-get install postgresql), run scripts/setup to fetch the bundle, or set DATABASE_URL"
    )]
    NoPrograms,
    /// Programs of other versions only.
    #[error(
        "the data in {data_dir} was made by PostgreSQL {wanted}, and only {found} is here: install PostgreSQL {wanted}, or move the data over with pg_upgrade"
    )]
    WrongVersion {
        /// Where the data is.
        data_dir: String,
        /// The major version that made it.
        wanted: u32,
        /// The versions found.
        found: String,
    },
    /// Another vyapar runs on this data directory.
    #[error(
        "another vyapar (process {holder}) is using {data_dir}: stop it, or choose another data directory"
    )]
    InUse {
        /// Where the data is.
        data_dir: String,
        /// Its process id.
        holder: String,
    },
    /// The data directory cannot be made or written.
    #[error("{path} cannot be used")]
    DataDir {
        /// The file or directory.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The unprivileged account cannot reach the data directory.
    #[error(
        "PostgreSQL runs as {account} and cannot reach {data_dir} through {blocked}: choose a data directory that it can reach, such as /var/lib/vyapar"
    )]
    Unreachable {
        /// The account.
        account: String,
        /// Where the data is.
        data_dir: String,
        /// The directory that is closed to it.
        blocked: String,
    },
    /// No account to run under.
    #[error(
        "PostgreSQL does not run as root, and this machine has neither an account postgres nor nobody: add one"
    )]
    NoAccount,
    /// The disk is full.
    #[error(
        "there is no space left for the database in {data_dir}: free some and start again, nothing was lost"
    )]
    DiskFull {
        /// Where the data is.
        data_dir: String,
    },
    /// Something else uses the socket.
    #[error(
        "the database socket in {data_dir} is used by another process: stop it, or choose another data directory"
    )]
    SocketInUse {
        /// Where the data is.
        data_dir: String,
    },
    /// A program failed in a way we have no sentence for.
    #[error("{program} failed: {message} (see {log})")]
    Program {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// The last thing it said.
        message: String,
        /// Where the rest stands.
        log: String,
    },
    /// Not ready in time.
    #[error("PostgreSQL was not ready within {seconds} s (see {log})")]
    NotReady {
        /// How long we waited.
        seconds: u64,
        /// Where it says why.
        log: String,
    },
}

impl Error {
    /// Finds the sentence for what a program wrote before it failed.
    pub(super) fn of_program(program: &'static str, output: &str, data_dir: &str, log: &str) -> Self {
        let data_dir = data_dir.to_owned();
        if output.contains("No space left on device") || output.contains("Disk quota exceeded") {
            return Self::DiskFull { data_dir };
        }
        if output.contains("could not bind Unix address") || output.contains("Is another postmaster") {
            return Self::SocketInUse { data_dir };
        }
        let fault = output.lines().rev().find(|l| l.contains("FATAL") || l.contains("error:"));
        let message = fault.or_else(|| output.lines().last()).unwrap_or("it said nothing").trim().to_owned();
        Self::Program { program, message, log: log.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_taken_socket_get_sentences_of_their_own() {
        let of =
            |output| Error::of_program("postgres", output, "/srv/data", "/srv/data/postgres.log").to_string();
        assert!(of("PANIC:  could not write to file: No space left on device").contains("no space left"));
        assert!(
            of("LOG:  could not bind Unix address \"/x/.s.PGSQL.5432\": Address already in use")
                .contains("socket")
        );
        assert_eq!(of("x\nFATAL:  bad\ny"), "postgres failed: FATAL:  bad (see /srv/data/postgres.log)");
    }
}
