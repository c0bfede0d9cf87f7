//! Busy work (decoding, cleaning, encoding) on a bounded number of threads, with a bounded queue before them.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Pieces of work that may wait for a thread; more are refused, since nobody would wait for them.
const WAITING_MAX: usize = 64;

/// When a refused piece of work may be tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// As many threads as there are processors.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    places: Arc<Semaphore>,
    threads: Arc<Semaphore>,
}

/// Why work was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// Too much work waits.
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The server is stopping, or the work panicked.
    BrokenOff,
}

impl Pool {
    /// A pool for this machine.
    pub fn new() -> Self {
        Self::of(available_parallelism().map_or(2, usize::from), WAITING_MAX)
    }

    fn of(threads: usize, waiting_max: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(threads + waiting_max)),
            threads: Arc::new(Semaphore::new(threads)),
        }
    }

    /// Does a piece of work on a thread of its own; the thread stays taken until it is done, even where nobody waits
    /// for it any more.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NotDone> {
        let busy = NotDone::Busy { retry_after: RETRY_AFTER };
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| busy)?;
        let thread = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| NotDone::BrokenOff)?;
        spawn_blocking(move || {
            let done = work();
            drop((thread, place));
            done
        })
        .await
        .map_err(|_| NotDone::BrokenOff)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_beyond_the_queue_is_refused_and_the_rest_is_done() {
        let pool = Pool::of(1, 1);
        let (release, released) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(move || released.recv().is_ok()).await }
        });
        let second = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|| 2).await }
        });
        while pool.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|| 3).await, Err(NotDone::Busy { retry_after: RETRY_AFTER }));
        release.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(true));
        assert_eq!(second.await.unwrap(), Ok(2));
        assert_eq!(pool.run(|| 4).await, Ok(4));
    }

    #[tokio::test]
    async fn work_that_panics_frees_its_thread() {
        let pool = Pool::of(1, 0);
        assert_eq!(pool.run(|| panic!("a broken invariant")).await, Err::<(), _>(NotDone::BrokenOff));
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }
}
