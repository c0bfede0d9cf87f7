//! The database: pools, transactions that are retried, constraint names.
//!
//! What is done for a business ([`crate::tenancy`]) gets its connections from a pool of their own, where it sees that business's rows
//! alone. Whoever asks for a connection need not know. A few connections of the installation's own are at hand for what every call begins
//! with ([`Ready`]).

mod ready;

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool, Postgres, Transaction};
use tokio::task::JoinHandle;

pub use ready::Ready;

use self::ready::Shelf;
use crate::tenancy::{self, Fence, Fenced};

/// How often a transaction that lost against another is tried in all.
const ATTEMPTS_MAX: u32 = 6;

/// A pool of connections to the product's database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    at_hand: Arc<Shelf>,
    fenced: Arc<Fenced>,
}

/// Whether an error says "the same work may succeed if it is done again".
pub trait RetryHint {
    /// True for a serialization failure or a deadlock: the transaction did nothing and may be repeated.
    fn is_lost_race(&self) -> bool;
}

impl Db {
    /// Connects; fails where the database does not answer within 5 s.
    ///
    /// # Errors
    /// Whatever the driver says of the address, the password or the connection.
    pub async fn connect(options: PgConnectOptions, connections_max: u32) -> Result<Self, sqlx::Error> {
        let options = careful(options);
        let fenced = Arc::new(Fenced::beside(options.clone(), pool_options(connections_max)));
        let pool = pool_options(connections_max).connect_with(options).await?;
        Ok(Self { pool, at_hand: Arc::new(Shelf::beside(connections_max)), fenced })
    }

    /// Connects when the first connection is asked for: for what is made from a database without using it.
    pub fn lazy(options: PgConnectOptions, connections_max: u32) -> Self {
        let options = careful(options);
        let fenced = Fenced::beside(options.clone(), pool_options(connections_max));
        Self {
            pool: pool_options(connections_max).connect_lazy_with(options),
            at_hand: Arc::new(Shelf::beside(connections_max)),
            fenced: Arc::new(fenced),
        }
    }

    /// The pool of the installation's own login, for a statement of its own.
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes all connections, when whoever has one gave it back.
    pub async fn close(&self) {
        self.at_hand.close();
        self.fenced.close().await;
        self.pool.close().await;
    }

    /// Whether this database keeps the rows of businesses apart, too. Looked at once.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn fence(&self) -> Result<Fence, sqlx::Error> {
        self.fenced.state(&self.pool).await
    }

    /// What [`Db::fence`] found; nothing before it looked.
    pub fn fence_seen(&self) -> Option<Fence> {
        self.fenced.seen()
    }

    /// Where whoever asks now gets connections: for a business those that see its rows alone.
    async fn pool_here(&self) -> Result<&PgPool, sqlx::Error> {
        if tenancy::business().is_none() {
            return Ok(&self.pool);
        }
        let fence = match self.fence_seen() {
            Some(seen) => seen,
            None => Box::pin(self.fence()).await?,
        };
        Ok(if fence == Fence::Up { self.fenced.pool() } else { &self.pool })
    }

    /// A connection for several statements that need no transaction.
    ///
    /// # Errors
    /// Where no connection comes free within 5 s.
    pub async fn acquire(&self) -> Result<sqlx::pool::PoolConnection<Postgres>, sqlx::Error> {
        self.pool_here().await?.acquire().await
    }

    /// A connection of the installation's own login for one short statement that every call begins with.
    ///
    /// # Errors
    /// Where no connection comes free within 5 s.
    pub async fn ready(&self) -> Result<Ready<'_>, sqlx::Error> {
        self.at_hand.take(&self.pool).await
    }

    /// A connection outside of the pools, for work of the installation that keeps one for as long as it lives.
    ///
    /// # Errors
    /// Whatever the driver says of the address, the password or the connection.
    pub async fn connect_apart(&self) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.pool.connect_options()).await
    }

    /// Begins a transaction that the caller commits. Work that may lose a race goes through [`repeat`].
    ///
    /// It is begun apart from the caller: of a `begin` whose caller goes away before the database answered, the driver (sqlx 0.9) knows
    /// nothing, and whoever had the connection next would write into a transaction that nobody commits.
    ///
    /// # Errors
    /// Where no connection comes free within 5 s.
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        begin_apart(self.pool_here().await?.clone()).await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }
}

/// Begins a transaction in a task of its own, for whose sake this one works.
fn begin_apart(pool: PgPool) -> JoinHandle<Result<Transaction<'static, Postgres>, sqlx::Error>> {
    tokio::spawn(tenancy::as_here(async move { pool.begin().await }))
}

fn pool_options(connections_max: u32) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(connections_max).acquire_timeout(Duration::from_secs(5))
}

/// A statement that hangs or a transaction that is left open must not stop the stall.
fn careful(options: PgConnectOptions) -> PgConnectOptions {
    options
        .application_name("vyapar")
        .options([("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "15s")])
}

/// Does `work`, a whole transaction from begin to commit, again where it lost a race (serialization failure, deadlock);
/// at most six times in all. `work` must do nothing outside its transaction that a repetition would do twice.
///
/// # Errors
/// The last error of `work`.
pub async fn repeat<T, E, F>(mut work: impl FnMut() -> F) -> Result<T, E>
where
    E: RetryHint,
    F: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        match work().await {
            Err(error) if error.is_lost_race() && attempt < ATTEMPTS_MAX => {}
            result => return result,
        }
        tokio::time::sleep(Duration::from_millis(4 << attempt)).await;
        attempt += 1;
    }
}

impl RetryHint for sqlx::Error {
    fn is_lost_race(&self) -> bool {
        self.as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .is_some_and(|code| code == "40001" || code == "40P01")
    }
}

/// The name of the constraint that refused a row, where one did.
pub fn violated_constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}
