//! Connections at hand for what every call begins with: who calls.
//!
//! The driver (sqlx 0.9) asks a connection whether it still answers, before it is handed out, and in a task of its own when it is given
//! back. For one short statement in each call that is dearer than the statement. So a few connections are not given back: the next call
//! has them as they are.
//!
//! **Invariants.** What is at hand finished its last statement: whoever was cut off or failed gives the connection back, where it is asked.
//! What lay about for a second is asked before it is used. No more than a quarter of the pool is at hand, none of it for longer than ten
//! minutes, and nothing when the pool closes.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Connection, PgConnection, PgPool, Postgres};

/// For how long a connection that answered is taken to be alive.
const UNASKED_MAX: Duration = Duration::from_secs(1);
/// How long a connection stays at hand before the pool looks at it: its age, above all.
const AT_HAND_MAX: Duration = Duration::from_mins(10);

/// A connection that is at hand.
#[derive(Debug)]
struct Kept {
    connection: PoolConnection<Postgres>,
    taken: Instant,
    used: Instant,
}

/// The connections at hand.
#[derive(Debug)]
pub(super) struct Shelf {
    /// None when the pool closes.
    kept: Mutex<Option<Vec<Kept>>>,
    kept_max: usize,
}

impl Shelf {
    /// Beside a pool of so many.
    pub(super) fn beside(connections_max: u32) -> Self {
        let kept_max = usize::try_from(connections_max / 4).unwrap_or_default();
        Self { kept: Mutex::new(Some(Vec::new())), kept_max }
    }

    /// A connection at hand, or one of the pool.
    pub(super) async fn take<'s>(&'s self, pool: &PgPool) -> Result<Ready<'s>, sqlx::Error> {
        while let Some(Kept { mut connection, taken, used }) = self.last() {
            if used.elapsed() < UNASKED_MAX || connection.ping().await.is_ok() {
                return Ok(Ready { connection, taken, shelf: self });
            }
        }
        Ok(Ready { connection: pool.acquire().await?, taken: Instant::now(), shelf: self })
    }

    /// Gives all back, and keeps none from now on.
    pub(super) fn close(&self) {
        drop(self.kept.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn last(&self) -> Option<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.pop()
    }

    /// Keeps a connection; gives it back where there is no room.
    fn put(&self, kept: Kept) {
        if let Some(all) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
            && all.len() < self.kept_max
        {
            all.push(kept);
        }
    }
}

impl Drop for Shelf {
    /// Nobody may be left who could take them back: they end.
    fn drop(&mut self) {
        for kept in self.kept.get_mut().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default() {
            drop(kept.connection.leak());
        }
    }
}

/// A connection of the installation's own login for one statement. Dropped, it goes back to the pool; [`Ready::done`] leaves it at hand.
#[derive(Debug)]
pub struct Ready<'s> {
    connection: PoolConnection<Postgres>,
    taken: Instant,
    shelf: &'s Shelf,
}

impl Ready<'_> {
    /// The statement is done, and so is every transaction: the next may have the connection as it is.
    pub fn done(self) {
        let Self { connection, taken, shelf } = self;
        if taken.elapsed() < AT_HAND_MAX {
            shelf.put(Kept { connection, taken, used: Instant::now() });
        }
    }
}

impl Deref for Ready<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Ready<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
