//! How a vendor is paid.

use identity::Caller;
use identity::audit::{self, Act, Area, Deed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::upi::UpiId;
use crate::{CommissionPart, Error, Payments, db};

/// How a vendor is paid, and what the platform keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaymentProfile {
    /// Where UPI reaches the vendor without the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upi_id: Option<UpiId>,
    /// Whether buyers are offered to pay in cash.
    pub cash: bool,
    /// What the platform keeps of a sale.
    pub commission: Vec<CommissionPart>,
}

/// How a vendor wants to be paid.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PaymentProfileChange {
    /// Where UPI reaches the vendor; empty or absent for none.
    #[serde(default)]
    pub upi_id: Option<String>,
    /// Whether buyers are offered to pay in cash.
    pub cash: bool,
}

impl Payments {
    /// How the caller is paid: in cash where they never said.
    ///
    /// # Errors
    /// The caller is no vendor; whatever the database says.
    pub async fn profile(&self, caller: &Caller) -> Result<PaymentProfile, Error> {
        let tenant = caller.vendor()?.tenant;
        let mut connection = self.db.acquire().await?;
        let (upi_id, cash) =
            db::profiles::find(&mut connection, &self.fields, tenant).await?.unwrap_or((None, true));
        let commission = self.commission_parts(&mut connection, tenant).await?;
        Ok(PaymentProfile { upi_id, cash, commission })
    }

    /// Says how the caller is paid from now on.
    ///
    /// # Errors
    /// [`Error::UpiId`]; [`Error::NoWayToPay`] where nothing would be left.
    pub async fn change_profile(
        &self,
        caller: &Caller,
        change: &PaymentProfileChange,
    ) -> Result<PaymentProfile, Error> {
        let vendor = caller.vendor()?;
        let tenant = vendor.tenant;
        let given = change.upi_id.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let upi_id: Option<UpiId> = given.map(str::parse).transpose()?;
        if upi_id.is_none() && !change.cash && self.gateways.all().next().is_none() {
            return Err(Error::NoWayToPay);
        }
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        db::profiles::put(&mut transaction, &self.fields, tenant, upi_id.as_ref(), change.cash, now).await?;
        let commission = self.commission_parts(&mut transaction, tenant).await?;
        let act = Act::by(vendor.person, Area::PaymentProfile, Deed::Changed, now).in_business(tenant);
        audit::keep(&mut transaction, act).await?;
        transaction.commit().await?;
        Ok(PaymentProfile { upi_id, cash: change.cash, commission })
    }
}
