//! Writing to the logs.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::db::log::{self, Batch};
use crate::{Event, Subscriber, Sync};

impl Sync {
    /// Tells a subscriber something when the caller's transaction commits. See [`Sync::publish_all`].
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn publish(
        &self,
        connection: &mut PgConnection,
        subscriber: Subscriber,
        event: Event,
    ) -> Result<(), sqlx::Error> {
        self.publish_all(connection, vec![(subscriber, event)]).await
    }

    /// Numbers events and writes them to their logs when the caller's transaction commits; each log in the order given.
    ///
    /// The heads are locked until then, in one order for all callers. Call it last in the transaction, and once: two calls
    /// may take the heads in an order that deadlocks with another's (which [`platform::db::repeat`] survives).
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn publish_all(
        &self,
        connection: &mut PgConnection,
        events: Vec<(Subscriber, Event)>,
    ) -> Result<(), sqlx::Error> {
        if events.is_empty() {
            return Ok(());
        }
        let mut by_subscriber: BTreeMap<Subscriber, Vec<serde_json::Value>> = BTreeMap::new();
        for (subscriber, event) in events {
            let payload = serde_json::to_value(event).map_err(|error| sqlx::Error::Encode(error.into()))?;
            by_subscriber.entry(subscriber).or_default().push(payload);
        }
        let now = self.clock.now();
        let batches: Vec<Batch> = by_subscriber
            .into_iter()
            .map(|(subscriber, payloads)| Batch { subscriber, payloads, epoch: self.entropy.id(now) })
            .collect();
        let heads = log::append(connection, &batches, now).await?;
        self.hub.expect(&heads);
        Ok(())
    }
}
