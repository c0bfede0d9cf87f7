//! Guests: buyers without an account.
//!
//! A phone holds one secret, in a cookie. Each visit it makes gets a pass under that secret and a guest id of its own, so
//! that two visits of one phone cannot be told to be the same buyer's by the stalls. A pass opens its visit and nothing
//! else.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sqlx::PgConnection;
use types::{GuestId, TenantId, VisitId};
use utoipa::ToSchema;

use crate::cookies::Kind;
use crate::session::hash_token;
use crate::{Caller, Error, Identity, SetCookie, db};

/// Visits a phone holds passes for; beyond them the newest count.
pub const PASSES_MAX: i64 = 50;

/// A guest's right to one visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pass {
    /// The visit.
    #[serde(rename = "visit_id")]
    pub visit: VisitId,
    /// Whose stall it is.
    #[serde(rename = "tenant_id")]
    pub tenant: TenantId,
    /// The guest, known to the server alone.
    #[serde(skip)]
    pub guest: GuestId,
    /// What the stall was called when the visit began.
    pub stall_name: String,
    /// When the pass ends.
    pub expires_at: DateTime<Utc>,
}

/// A visit that begins.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Whose stall it is.
    pub tenant: TenantId,
    /// The visit.
    pub visit: VisitId,
    /// What the stall is called, to list visits without asking every stall.
    pub stall_name: String,
    /// When the pass ends.
    pub until: DateTime<Utc>,
}

impl Identity {
    /// Lets a phone into a visit, in the transaction that opens it. The cookie goes into the answer.
    ///
    /// A secret that opens nothing is not taken over but replaced: somebody else may have planted it.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn admit_guest(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        admission: Admission,
    ) -> Result<(Pass, SetCookie), Error> {
        let now = self.clock.now();
        let token = caller.guest_token().cloned().unwrap_or_else(|| SecretString::from(self.entropy.token()));
        let pass = Pass {
            visit: admission.visit,
            tenant: admission.tenant,
            guest: self.entropy.id(now),
            stall_name: admission.stall_name,
            expires_at: admission.until,
        };
        db::guests::admit(connection, &pass, &hash_token(token.expose_secret()), now).await?;
        let cookie = self.pass_cookie(caller, &token, pass.expires_at);
        Ok((pass, cookie))
    }

    /// Lets a phone once more into a visit whose first cookie never reached it: the pass is under the secret of this answer from now on.
    /// Whoever calls has made sure that it is the same phone. None where the pass is over.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn admit_guest_again(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        tenant: TenantId,
        visit: VisitId,
    ) -> Result<Option<SetCookie>, Error> {
        let now = self.clock.now();
        let token = caller.guest_token().cloned().unwrap_or_else(|| SecretString::from(self.entropy.token()));
        let hash = hash_token(token.expose_secret());
        let ends = db::guests::admit_again(connection, (tenant, visit), &hash, now).await?;
        Ok(ends.map(|ends| self.pass_cookie(caller, &token, ends)))
    }

    /// The secret lives as long as the pass that ends last.
    fn pass_cookie(&self, caller: &Caller, token: &SecretString, ends: DateTime<Utc>) -> SetCookie {
        let last = caller.passes().iter().map(|pass| pass.expires_at).fold(ends, DateTime::max);
        let lives = last - self.clock.now();
        SetCookie::keep(Kind::Guest, caller.connection().transport, token.expose_secret(), lives)
    }

    /// Which of these guests still have a living pass. For connections that outlive a request.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn living_guests(
        &self,
        connection: &mut PgConnection,
        guests: &[(TenantId, GuestId)],
    ) -> Result<Vec<GuestId>, sqlx::Error> {
        db::guests::living(connection, guests, self.clock.now()).await
    }
}
