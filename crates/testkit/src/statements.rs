//! Counts SQL statements: a list that asks once for every row is noticed here and not by its users.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::Subscriber;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// Where the driver reports each statement when it is done.
const TARGET: &str = "sqlx::query";

#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == TARGET {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Does `work` and counts the statements it ran, `begin` and `commit` aside. What it spawns is not counted.
pub async fn statements<F: Future>(work: F) -> (F::Output, usize) {
    let counter = Counter::default();
    let subscriber = tracing_subscriber::registry().with(counter.clone());
    let output = work.with_subscriber(subscriber).await;
    (output, counter.0.load(Ordering::SeqCst))
}
