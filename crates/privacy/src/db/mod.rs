//! Every SQL statement of this context.
//!
//! Lock order: an erasure before everything that identity locks. Copies are written by themselves.

pub(crate) mod erasures;
pub(crate) mod exports;
pub(crate) mod grievances;
pub(crate) mod personal;

use chrono::{DateTime, TimeDelta, Utc};
use platform::lease;
use sqlx::PgConnection;
use types::{GuestId, PersonId};
use uuid::Uuid;

use crate::export::Whose;

/// Has whoever else asks for the same of this person or phone wait until this transaction ends, so that what is counted stays so: for the
/// row of a lease, which is never there for others to see.
pub(crate) async fn one_at_a_time(
    connection: &mut PgConnection,
    what: &str,
    whose: &Whose,
    (holder, now): (Uuid, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    let guests = whose.guests().into_iter().map(GuestId::uuid);
    let first = whose.person_id().map(PersonId::uuid).or_else(|| guests.min());
    let name = format!("{what}/{}", first.unwrap_or_default());
    lease::take(connection, &name, holder, now, TimeDelta::zero()).await?;
    lease::release(connection, &name, holder).await
}
