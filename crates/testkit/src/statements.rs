//! Counts SQL statements: a list that asks once for every row is noticed here and not by its users.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// Where the driver reports each statement when it is done.
const TARGET: &str = "sqlx::query";
/// How the driver's own question begins, once for each type on each new connection: which connection a statement gets is chance.
const OF_THE_DRIVER: &str = "SELECT pg_type.oid,";
/// How a connection is told whose rows it sees, in place of the question whether it still answers.
const OF_THE_FENCE: &str = "select set_config('vyapar.business'";

#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != TARGET {
            return;
        }
        let mut asked = Asked::default();
        event.record(&mut asked);
        if !asked.by_the_driver {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Who asked a statement.
#[derive(Default)]
struct Asked {
    by_the_driver: bool,
}

impl Visit for Asked {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.by_the_driver |= field.name() == "summary"
            && (value.starts_with(OF_THE_DRIVER) || value.starts_with(OF_THE_FENCE));
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Does `work` and counts the statements it ran, `begin`, `commit` and the driver's own aside. What it spawns is not counted.
pub async fn statements<F: Future>(work: F) -> (F::Output, usize) {
    let counter = Counter::default();
    let subscriber = tracing_subscriber::registry().with(counter.clone());
    let output = work.with_subscriber(subscriber).await;
    (output, counter.0.load(Ordering::SeqCst))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestDb;

    /// Its type is known to the driver by its name alone.
    #[derive(sqlx::Type)]
    #[sqlx(type_name = "text", rename_all = "snake_case")]
    enum Named {
        Once,
    }

    #[tokio::test]
    async fn what_the_driver_asks_a_new_connection_is_not_counted() {
        let test = TestDb::create().await;
        let ask = async || {
            let mut connection = test.db.acquire().await.expect("a connection");
            let question = sqlx::query_scalar::<_, String>("select $1").bind(Named::Once);
            (question.fetch_one(&mut *connection).await.expect("an answer"), connection)
        };
        let ((_, held), first) = statements(ask()).await;
        let ((_, other), second) = statements(ask()).await;
        drop(held);
        let ((_, again), known) = statements(ask()).await;
        drop((other, again));
        assert_eq!((first, second, known), (1, 1, 1));
    }
}
