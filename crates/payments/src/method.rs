//! Cards that a gateway keeps for a vendor. Their numbers never come here: only enough to recognise each.

use chrono::{DateTime, Utc};
use identity::Caller;
use platform::db::repeat;
use platform::jobs::Draft;
use serde::Serialize;
use sqlx::PgConnection;
use types::{PaymentMethodId, TenantId};
use utoipa::ToSchema;

use crate::db::methods;
use crate::jobs::forget_method::ForgetMethod;
use crate::{Error, Payments};

/// The most cards of a vendor that are listed.
pub(crate) const METHODS_MAX: i64 = 20;

/// A card that a gateway keeps for a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaymentMethod {
    /// The card.
    pub id: PaymentMethodId,
    /// Who keeps it.
    pub gateway: String,
    /// `visa`, `mastercard`, `rupay` …
    pub brand: String,
    /// The last four digits of its number.
    pub last4: String,
    /// Until the end of which month of the year it is valid, 1 to 12.
    pub expires_month: i16,
    /// The year.
    pub expires_year: i16,
    /// Whether it is charged where none is named.
    pub is_default: bool,
    /// Since when it is kept.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    pub(crate) at_gateway: String,
}

impl Payments {
    /// The cards that are kept for a vendor, the one that is used first at the top.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn payment_methods(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Vec<PaymentMethod>, Error> {
        Ok(methods::list(connection, tenant).await?)
    }

    /// The caller's cards.
    ///
    /// # Errors
    /// The caller is no vendor; whatever the database says.
    pub async fn methods_for(&self, caller: &Caller) -> Result<Vec<PaymentMethod>, Error> {
        let tenant = caller.vendor()?.tenant;
        self.payment_methods(&mut *self.db.acquire().await?, tenant).await
    }

    /// Has one of the caller's cards used first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a card that is not the caller's.
    pub async fn use_method_first(
        &self,
        caller: &Caller,
        method: PaymentMethodId,
    ) -> Result<Vec<PaymentMethod>, Error> {
        let tenant = caller.vendor()?.tenant;
        repeat(|| self.make_default(tenant, method)).await
    }

    async fn make_default(
        &self,
        tenant: TenantId,
        method: PaymentMethodId,
    ) -> Result<Vec<PaymentMethod>, Error> {
        let mut transaction = self.db.begin().await?;
        if methods::find(&mut transaction, tenant, method).await?.is_none() {
            return Err(Error::NotFound);
        }
        methods::set_default(&mut transaction, tenant, method).await?;
        let listed = methods::list(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(listed)
    }

    /// Keeps one of the caller's cards no longer: it is charged no more from now on, and the gateway forgets it by a job.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a card that is not the caller's.
    pub async fn remove_method(
        &self,
        caller: &Caller,
        method: PaymentMethodId,
    ) -> Result<Vec<PaymentMethod>, Error> {
        let tenant = caller.vendor()?.tenant;
        repeat(|| self.remove(tenant, method)).await
    }

    async fn remove(&self, tenant: TenantId, method: PaymentMethodId) -> Result<Vec<PaymentMethod>, Error> {
        let mut transaction = self.db.begin().await?;
        if !methods::remove(&mut transaction, tenant, method, self.clock.now()).await? {
            return Err(Error::NotFound);
        }
        methods::choose_default(&mut transaction, tenant).await?;
        self.jobs.enqueue(&mut transaction, Draft::new(tenant, &ForgetMethod { tenant, method })).await?;
        let listed = methods::list(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(listed)
    }
}
