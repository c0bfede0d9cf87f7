//! Brings the schema up to date at start: forward only, one node at a time.

use std::sync::LazyLock;
use std::time::Duration;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migrator};
use uuid::Uuid;

use crate::{Clock, Db, Entropy, lease, tenancy};

/// The migrations of this build, embedded.
static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!("../../migrations");
    // The migrator's own lock is an advisory one; ours is the lease row.
    migrator.set_locking(false);
    migrator
});

const LEASE: &str = "migrations";
/// So long the next start waits for one that was killed at it.
const LEASE_LENGTH: TimeDelta = TimeDelta::seconds(15);
/// How often whoever is at it says so.
const RENEW_EVERY: Duration = Duration::from_secs(4);

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database was migrated by a newer build.
    #[error(
        "the database has migration {0}, which this build does not know: start the newer build again, or restore a backup"
    )]
    FromTheFuture(i64),
    /// A migration that was applied has since been edited.
    #[error(
        "migration {0} differs from the one that was applied: put the file back as it was and add a new migration"
    )]
    Edited(i64),
    /// A migration failed; earlier ones stay applied.
    #[error("a migration failed")]
    Failed(#[source] MigrateError),
    /// Another node took over while a migration ran here.
    #[error("another node took the migrations over: this one was held up for more than {} seconds", LEASE_LENGTH.num_seconds())]
    TakenOver,
    /// The database did not answer.
    #[error("the database did not answer while migrating")]
    Database(#[from] sqlx::Error),
}

/// Applies what is missing, waiting while another node does so.
///
/// # Errors
/// See [`Error`]; nothing newer than the failed migration was applied.
pub async fn migrate(db: &Db, clock: &Clock, entropy: &Entropy) -> Result<(), Error> {
    let holder: Uuid = entropy.id(clock.now());
    let mut connection = db.acquire().await?;
    ensure_leases(&mut connection).await?;
    let mut told = false;
    while !lease::take(&mut connection, LEASE, holder, clock.now(), LEASE_LENGTH).await? {
        if !std::mem::replace(&mut told, true) {
            let seconds = LEASE_LENGTH.num_seconds();
            tracing::warn!(
                seconds,
                "another node migrates, or was killed at it: waiting, in the second case so long"
            );
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    sqlx::query("set statement_timeout = 0").execute(&mut *connection).await?;
    let result = tokio::select! {
        result = apply(&mut connection) => result,
        () = lost_lease(db, clock, holder) => {
            // What is under way here must not be committed any more: it ends with its connection.
            drop(connection.detach());
            return Err(Error::TakenOver);
        }
    };
    sqlx::query("set statement_timeout = '15s'").execute(&mut *connection).await?;
    lease::release(&mut connection, LEASE, holder).await?;
    result
}

/// Applies what is missing, and lets the role of businesses use what is new.
async fn apply(connection: &mut PgConnection) -> Result<(), Error> {
    MIGRATOR.run(&mut *connection).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => Error::FromTheFuture(version),
        MigrateError::VersionMismatch(version) => Error::Edited(version),
        other => Error::Failed(other),
    })?;
    Ok(tenancy::prepare(connection).await?)
}

/// Makes the table of leases. Of nodes that do so at the same moment PostgreSQL lets one, and tells the others that it is there.
async fn ensure_leases(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let made = sqlx::query(
        "create table if not exists leases (name text primary key, holder uuid not null, expires_at timestamptz not null)",
    )
    .execute(connection)
    .await;
    let is_there = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(DatabaseError::code);
        // The row of the table, the table, or the type of its rows, by how far the other was.
        code.is_some_and(|code| matches!(&*code, "23505" | "42P07" | "42710"))
    };
    match made {
        Err(error) if is_there(&error) => Ok(()),
        other => other.map(drop),
    }
}

/// Keeps the lease while a migration runs; returns where somebody else has it. A renewal that fails for another reason is tried
/// again: whoever migrates without the database hears of it there.
async fn lost_lease(db: &Db, clock: &Clock, holder: Uuid) {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let renewed = async {
            let mut connection = db.acquire().await?;
            lease::take(&mut connection, LEASE, holder, clock.now(), LEASE_LENGTH).await
        };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "the lease of the migrations could not be renewed"),
        }
    }
}

/// A name for exactly this set of migrations.
pub fn fingerprint() -> String {
    let mut hash = Sha256::new();
    for migration in MIGRATOR.iter() {
        hash.update(&migration.checksum);
    }
    hex::encode(&hash.finalize()[..8])
}
