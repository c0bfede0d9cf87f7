//! News that travels up: an event is written in the transaction that made it true, and becomes jobs afterwards.
//!
//! A context publishes what happened (`OrderPaid`) without knowing who cares. `app::wiring` maps an event to jobs. An event
//! is delivered at least once, in the order of its id within a tenant, and stays in the table until its jobs are enqueued.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;
use types::TenantId;
use uuid::Uuid;

use crate::jobs::{Draft, Jobs};
use crate::{Clock, Db, Entropy, Nudge};

/// How many events one transaction turns into jobs.
const BATCH: i64 = 100;

/// Something that happened, as other contexts may learn of it.
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stable name (`order-paid`).
    const KIND: &'static str;
}

/// Writes events.
#[derive(Debug, Clone)]
pub struct Outbox {
    clock: Clock,
    entropy: Entropy,
    nudge: Nudge,
}

type Route = Arc<dyn Fn(TenantId, Value) -> Result<Vec<Draft>, serde_json::Error> + Send + Sync>;

/// Which event becomes which jobs.
#[derive(Clone, Default)]
pub struct Routes {
    by_kind: HashMap<&'static str, Route>,
}

/// Turns events into jobs.
#[derive(Clone)]
pub struct Relay {
    db: Db,
    jobs: Jobs,
    outbox: Outbox,
    routes: Routes,
}

impl Outbox {
    /// An outbox.
    pub fn new(clock: Clock, entropy: Entropy) -> Self {
        Self { clock, entropy, nudge: Nudge::default() }
    }

    /// Publishes an event when the caller's transaction commits.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn publish<E: Event>(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        event: &E,
    ) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let payload = serde_json::to_value(event).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
        sqlx::query!(
            "insert into outbox_events (id, tenant_id, kind, payload, created_at) values ($1, $2, $3, $4, $5)",
            self.entropy.id::<Uuid>(now),
            tenant.uuid(),
            E::KIND,
            payload,
            now,
        )
        .execute(connection)
        .await?;
        self.nudge.soon();
        Ok(())
    }
}

impl Routes {
    /// Says which jobs follow an event.
    #[must_use]
    pub fn on<E: Event>(mut self, route: impl Fn(TenantId, E) -> Vec<Draft> + Send + Sync + 'static) -> Self {
        let parse_and_route: Route =
            Arc::new(move |tenant, payload| Ok(route(tenant, serde_json::from_value(payload)?)));
        self.by_kind.insert(E::KIND, parse_and_route);
        self
    }
}

impl Relay {
    /// A relay between an outbox and the job queue.
    pub const fn new(db: Db, jobs: Jobs, outbox: Outbox, routes: Routes) -> Self {
        Self { db, jobs, outbox, routes }
    }

    /// Turns one batch of events into jobs; gives their number.
    ///
    /// # Errors
    /// Whatever the database says; nothing of the batch was then done.
    pub async fn relay_batch(&self) -> Result<usize, sqlx::Error> {
        let mut transaction = self.db.begin().await?;
        let events = sqlx::query!(
            "delete from outbox_events
             where id in (
                 select id from outbox_events
                 order by id
                 limit $1
                 for update skip locked
             )
             returning id, tenant_id, kind, payload",
            BATCH,
        )
        .fetch_all(&mut *transaction)
        .await?;
        let count = events.len();
        let mut sorted = events;
        sorted.sort_by_key(|e| e.id);
        for event in sorted {
            self.enqueue(&mut transaction, TenantId::from_uuid(event.tenant_id), &event.kind, event.payload)
                .await?;
        }
        transaction.commit().await?;
        Ok(count)
    }

    async fn enqueue(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        kind: &str,
        payload: Value,
    ) -> Result<(), sqlx::Error> {
        let Some(route) = self.routes.by_kind.get(kind) else {
            tracing::debug!(kind, "nobody listens to this event");
            return Ok(());
        };
        match route(tenant, payload) {
            Ok(drafts) => self.jobs.enqueue_drafts(connection, drafts).await,
            Err(error) => {
                tracing::error!(kind, %error, "an event does not read as its kind; it is dropped");
                Ok(())
            }
        }
    }

    /// Relays until `stop` is cancelled.
    pub async fn run(self, stop: tokio_util::sync::CancellationToken) {
        while !stop.is_cancelled() {
            match self.relay_batch().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "the outbox could not be read"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.outbox.nudge.wait(crate::jobs::IDLE) => {}
            }
        }
    }
}
