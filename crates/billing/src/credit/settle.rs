//! What a vendor owes the platform, paid from their credit.
//!
//! Commission on sales that buyers paid to the vendor, and what went back to buyers after it was paid out, take the vendor's account below
//! nothing. The next sales fill it; who sells no more fills it here. Only paid credit does: what was granted pays for work alone.

use chrono::{DateTime, Utc};
use identity::VendorCaller;
use ledger::Cause;
use payments::PAYABLE;
use platform::db::repeat;
use serde::{Deserialize, Serialize};
use types::Money;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::{Credits, Share, Spend, within};
use crate::db::credit::{settlements, wallets};

/// What the wallet's entry is called; clients translate it.
const REASON: &str = "settled-from-credit";

/// What is owed, to be paid from credit.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct NewDebtSettlement {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// How much: up to what is owed.
    pub amount: Money,
}

/// What was owed and is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct DebtSettlement {
    /// The settlement; the books and the lots name it, never the sender's id.
    pub id: Uuid,
    /// How much.
    pub amount: Money,
    /// When.
    pub settled_at: DateTime<Utc>,
}

impl Credits {
    /// Pays what the caller's business owes the platform from its paid credit, the oldest first: once for each `client_id`.
    ///
    /// # Errors
    /// [`Error::TooMany`]; [`Error::OutOfRange`] where that much is not owed; [`Error::NoCredit`]; [`Error::Frozen`];
    /// [`Error::ClientIdReused`]; [`Error::Payments`].
    pub async fn settle(
        &self,
        vendor: VendorCaller,
        new: &NewDebtSettlement,
    ) -> Result<DebtSettlement, Error> {
        self.asks.check(&vendor.tenant)?;
        repeat(|| self.settle_once(&vendor, new)).await
    }

    async fn settle_once(
        &self,
        vendor: &VendorCaller,
        new: &NewDebtSettlement,
    ) -> Result<DebtSettlement, Error> {
        let tenant = vendor.tenant;
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        wallets::lock(&mut transaction, tenant, now).await?;
        match settlements::find(&mut transaction, tenant, new.client_id).await? {
            Some(done) if done.amount != new.amount => return Err(Error::ClientIdReused),
            Some(done) => return Ok(done),
            None => {}
        }
        let minor = new.amount.minor();
        let before = self.payments.owed_to(&mut transaction, tenant).await?.minor();
        within("amount", minor, 1, before.saturating_neg().max(0))?;
        let settlement = DebtSettlement { id: self.entropy.id(now), amount: new.amount, settled_at: now };
        let spend = Spend {
            tenant,
            key: format!("credit:settle:{}", settlement.id),
            cause: Cause::new("settlement", settlement.id),
            shares: vec![Share { account: PAYABLE, amount: new.amount, reason: REASON }],
        };
        self.spend(&mut transaction, &spend).await?.map_err(|_| Error::NoCredit)?;
        // Since the posting the account is locked. A sale that came before it has paid a part.
        let over = self.payments.owed_to(&mut transaction, tenant).await?.minor().max(0);
        within("amount", minor, 1, minor - over)?;
        settlements::insert(&mut transaction, (tenant, vendor.person), new.client_id, &settlement).await?;
        self.announce(&mut transaction, tenant).await?;
        transaction.commit().await?;
        tracing::info!(%tenant, person = %vendor.person, minor, "what was owed is paid from credit");
        Ok(settlement)
    }
}
