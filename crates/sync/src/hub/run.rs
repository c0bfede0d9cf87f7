//! The hub's loop: reads the logs once for all sockets here, and looks after lives that ended.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use types::{GuestId, SessionId};

use super::{Farewell, Holders};
use crate::db::log::{self, EVENTS_PER_LOOK};
use crate::{Signal, Subscriber, Sync};

/// How often every log with a socket is read, expected or not: how news of other nodes come.
const IDLE: Duration = Duration::from_secs(1);

impl Sync {
    /// Sends what commits to the sockets of this process, until `stop` is cancelled; then ends them.
    pub async fn run(self, stop: CancellationToken) {
        let mut tend = tokio::time::interval(self.config.sockets.tend_every);
        let mut read_all_at = Instant::now();
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = tend.tick() => self.end_the_dead().await,
                () = self.hub.nudge.wait(IDLE) => {}
            }
            let all = read_all_at.elapsed() >= IDLE;
            if all {
                read_all_at = Instant::now();
            }
            if let Err(error) = self.look(all).await {
                tracing::warn!(%error, "the sync log could not be read");
                tokio::time::sleep(IDLE).await;
            }
        }
        self.hub.end_where(|_| true, Farewell::Stopping);
    }

    /// Reads what is new and hands it out, until there is no more: one statement a round.
    async fn look(&self, all: bool) -> Result<(), sqlx::Error> {
        loop {
            let wanted = self.hub.wanted(all);
            if wanted.is_empty() {
                return Ok(());
            }
            let rows = log::events_after(&mut *self.db.acquire().await?, &wanted).await?;
            self.hub.deliver(&rows);
            let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= EVENTS_PER_LOOK);
            if !is_full {
                return Ok(());
            }
        }
    }

    /// Passes a signal to the subscriber's sockets on this node. It may be lost.
    pub fn send_signal(&self, to: Subscriber, signal: Signal) {
        self.hub.signal(to, &signal.frame());
    }

    /// Ends the sockets whose session or pass is over.
    async fn end_the_dead(&self) {
        if let Err(error) = self.try_end_the_dead().await {
            tracing::warn!(%error, "whose sockets still live could not be looked up");
        }
    }

    async fn try_end_the_dead(&self) -> Result<(), sqlx::Error> {
        let Holders { sessions, guests } = self.hub.holders();
        if sessions.is_empty() && guests.is_empty() {
            return Ok(());
        }
        let mut connection = self.db.acquire().await?;
        let living = self.identity.living_sessions(&mut connection, &sessions).await?;
        let living_guests = self.identity.living_guests(&mut connection, &guests).await?;
        drop(connection);
        let dead: HashSet<SessionId> = sessions.into_iter().filter(|s| !living.contains(s)).collect();
        let dead_guests: HashSet<GuestId> =
            guests.into_iter().map(|(_, guest)| guest).filter(|g| !living_guests.contains(g)).collect();
        self.hub.end_where(
            |holder| {
                let guest_is_dead = holder.subscriber.guest_id().is_some_and(|g| dead_guests.contains(&g));
                guest_is_dead || holder.session.is_some_and(|session| dead.contains(&session))
            },
            Farewell::Over,
        );
        Ok(())
    }
}
