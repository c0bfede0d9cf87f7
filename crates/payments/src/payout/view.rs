//! Payouts as the vendor sees them.

use chrono::{DateTime, Utc};
use identity::Caller;
use platform::page::{Page, PageQuery};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::{Money, TenantId};
use utoipa::ToSchema;

use super::{PayoutId, PayoutState};
use crate::db::paying_out::payouts;
use crate::{Error, Payments};

/// A payout as its vendor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VendorPayout {
    /// The payout.
    pub id: PayoutId,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: PayoutState,
    /// The end of the number of the bank account it goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_last4: Option<String>,
    /// The UPI id it goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upi_id: Option<String>,
    /// What the bank calls it, once it is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utr: Option<String>,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// When it came to stand where it does.
    pub changed_at: DateTime<Utc>,
}

impl Payments {
    /// A page of the caller's payouts, newest first.
    ///
    /// # Errors
    /// The caller is no vendor; whatever the database says.
    pub async fn payouts_of(&self, caller: &Caller, query: PageQuery) -> Result<Page<VendorPayout>, Error> {
        let tenant = caller.vendor()?.tenant;
        let rows = payouts::of_vendor(&mut *self.db.acquire().await?, &self.fields, tenant, query).await?;
        Ok(query.page(rows, |payout| payout.id.uuid()))
    }

    /// Tells the vendor that a payout stands elsewhere, or that their account changed, as the last thing of a transaction.
    pub(super) async fn announce_payout(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        state: Option<PayoutState>,
    ) -> Result<(), Error> {
        let data = state.map_or_else(|| json!({}), |state| json!({ "state": state }));
        let event = Event { kind: "payout", visit_id: None, data };
        self.sync.publish_all(connection, vec![(Subscriber::vendor(tenant), event)]).await?;
        Ok(())
    }
}
