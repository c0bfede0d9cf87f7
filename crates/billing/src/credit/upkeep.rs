//! What time does to credit: reservations come back, lots expire, and work goes on where there is credit again.

use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use platform::db::repeat;
use types::{Currency, Money, TenantId};

use crate::Error;
use crate::credit::{Credits, Lot};
use crate::db::credit::{lots, usage, wallets};

/// Rows that one step looks at.
const BATCH: u16 = 200;
/// What was lost when lots expired, in a vendor's books.
const EXPIRED: &str = "credit:expired";

impl Credits {
    /// Notes what time did. Safe to be cut off anywhere and to run twice at once.
    pub(crate) async fn keep_up(&self) -> Result<(), Error> {
        while self.expire_transfers().await? == usize::from(BATCH) {}
        while self.expire_reservations().await? == u64::from(BATCH) {}
        for tenant in self.tenants_of_expired_lots().await? {
            repeat(|| self.expire_lots_of(tenant)).await?;
        }
        self.recharge_those_due(i64::from(BATCH)).await?;
        self.resume_where_credit_is().await
    }

    async fn expire_transfers(&self) -> Result<usize, Error> {
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let expired = self.ledger.expire_due(&mut transaction, BATCH).await?;
            transaction.commit().await?;
            Ok(expired)
        })
        .await
    }

    async fn expire_reservations(&self) -> Result<u64, Error> {
        let mut connection = self.db.acquire().await?;
        Ok(usage::expire(&mut connection, self.clock.now(), i64::from(BATCH)).await?)
    }

    async fn tenants_of_expired_lots(&self) -> Result<Vec<TenantId>, Error> {
        let mut connection = self.db.acquire().await?;
        Ok(lots::tenants_of_expired(&mut connection, self.clock.now(), i64::from(BATCH)).await?)
    }

    /// Takes what is left of a tenant's expired lots. What is set aside for work under way stays until that is done.
    async fn expire_lots_of(&self, tenant: TenantId) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        wallets::lock(&mut transaction, tenant, now).await?;
        let over = |lot: &Lot| lot.expires_at.is_some_and(|end| end <= now);
        let expired = self.holdings(&mut transaction, tenant).await?.into_iter().filter(|h| over(&h.lot));
        let account =
            NewAccount { code: EXPIRED, side: Side::Credit, limit: Limit::None, currency: Currency::Inr };
        let lost = self.ledger.open_account(&mut transaction, tenant, &account).await?;
        let mut closed = Vec::new();
        for holding in expired {
            let (lot, left) = (&holding.lot, holding.available_minor());
            if left > 0 {
                let posting = Posting {
                    tenant,
                    // Once more where work under way gave something back after the first time.
                    key: format!("credit:expire:{}:{}", lot.id, holding.left_minor),
                    cause: Cause::new("credit-lot", lot.id.uuid()),
                    transfers: vec![Transfer::new(lot.account, lost, Money::inr(left), "credit-expired")],
                };
                self.ledger.post(&mut transaction, &posting).await?;
            }
            if holding.reserved_minor == 0 {
                closed.push(lot.id);
            }
        }
        lots::close(&mut transaction, tenant, &closed, now).await?;
        self.announce(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(())
    }
}
