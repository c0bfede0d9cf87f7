//! Accounts that are locked or end, and phones that forget.
//!
//! **Invariants.** Whoever is locked out signs in nowhere, whichever way they come: it is looked at where a session opens and at every
//! request. Only somebody who has shown everything there is to show is told why.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{PersonId, TenantId};

use crate::business::BUSINESSES_MAX;
use crate::cookies::Kind;
use crate::{Caller, Error, Identity, SetCookie, db};

/// A business that a person owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedBusiness {
    /// The business.
    pub tenant: TenantId,
    /// What its members call it.
    pub name: String,
    /// Whether others belong to it.
    pub has_others: bool,
    /// Whether one of them owns it too.
    pub has_owners: bool,
}

impl Identity {
    /// The businesses that a person owns.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn owned_businesses(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
    ) -> Result<Vec<OwnedBusiness>, Error> {
        Ok(db::personal::owned(connection, &self.fields, person, BUSINESSES_MAX).await?)
    }

    /// Closes an account for good: nobody signs in to it any more, and every session ends. Its rows are for the erasure.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn close_account(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        db::accounts::close(connection, person, now).await?;
        db::accounts::end_sessions(connection, person).await?;
        tracing::info!(%person, "an account is erased from now on");
        Ok(())
    }

    /// Makes the caller's phone forget its passes.
    pub fn forget_phone(&self, caller: &Caller) -> SetCookie {
        SetCookie::forget(Kind::Guest, caller.connection().transport)
    }
}
