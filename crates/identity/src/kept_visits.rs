//! Visits that somebody made without an account and keeps in the one that they have now: found again on each of their devices, with
//! their orders and papers, also when the days of the phone's pass are over.
//!
//! **Invariants.** Who keeps a visit holds its pass, on the phone that made it, and is signed in. A visit is kept by one person, the first
//! who asks. What a stall knows of the guest does not change: not that there is an account, nor that two visits are one person's.

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::Serialize;
use sqlx::PgConnection;
use types::{GuestId, PersonId, TenantId, VisitId};
use utoipa::ToSchema;

use crate::session::hash_token;
use crate::{Caller, Error, Identity, db};

/// So many visits of a person are told and opened; the newest.
pub const KEPT_MAX: i64 = 200;

/// A visit that a person keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptVisit {
    /// The visit.
    pub visit_id: VisitId,
    /// Whose stall it was.
    pub tenant_id: TenantId,
    /// What the stall was called when the visit began.
    pub stall_name: String,
    /// Since when it is kept.
    pub kept_at: DateTime<Utc>,
}

/// The visits that a person keeps, and those that they could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptVisits {
    /// The newest first; at most 200.
    pub items: Vec<KeptVisit>,
    /// How many visits of this phone nobody keeps.
    pub open: i64,
}

impl Identity {
    /// The visits that the caller keeps.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn kept_visits(&self, caller: &Caller) -> Result<KeptVisits, Error> {
        let person = caller.signed_in()?.person.id;
        let mut connection = self.db.acquire().await?;
        let items = db::kept_visits::list(&mut connection, person, KEPT_MAX).await?;
        let open = match caller.guest_token() {
            Some(token) => {
                let hash = hash_token(token.expose_secret());
                db::kept_visits::open(&mut connection, &hash, self.clock.now()).await?
            }
            None => 0,
        };
        Ok(KeptVisits { items, open })
    }

    /// Keeps the visits of this phone that nobody keeps yet.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::NoPass`] where the phone has none.
    pub async fn keep_visits(&self, caller: &Caller) -> Result<KeptVisits, Error> {
        let person = caller.signed_in()?.person.id;
        let token = caller.guest_token().ok_or(Error::NoPass)?;
        let hash = hash_token(token.expose_secret());
        let now = self.clock.now();
        db::kept_visits::keep(&mut *self.db.acquire().await?, person, &hash, now).await?;
        self.kept_visits(caller).await
    }

    /// What belongs to the visits that a person keeps.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn visits_kept_by(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
    ) -> Result<Vec<(TenantId, VisitId, GuestId)>, Error> {
        let passes = db::kept_visits::passes(connection, person, KEPT_MAX).await?;
        Ok(passes.into_iter().map(|pass| (pass.tenant, pass.visit, pass.guest)).collect())
    }
}
