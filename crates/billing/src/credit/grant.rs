//! Credit that the operator gives.

use chrono::{DateTime, Utc};
use identity::Caller;
use identity::audit::{self, Act, Area, Deed};
use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use platform::db::repeat;
use platform::meter::Measure;
use platform::sent::content_hash;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{AccountId, Currency, LotId, Money, PersonId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::lot::{Lot, LotKind};
use crate::credit::{CreditLot, Credits, reason, within};
use crate::db::credit::{lots, wallets};

/// The most that is given at once: a lakh of rupees.
const GRANT_MINOR_MAX: i64 = 1_00_000_00;
/// So many lots of a vendor are open at most.
const LOTS_OPEN_MAX: usize = 100;
/// What was given away, in a vendor's books.
const GRANTED: &str = "credit:granted";

/// Credit to be given to a vendor.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewGrant {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// How much: up to a lakh of rupees.
    pub amount: Money,
    /// The one measure it pays for; every one where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub scope: Option<Measure>,
    /// Lower ones are spent first; 0 where nothing is said.
    #[serde(default)]
    #[schema(minimum = -100, maximum = 100)]
    pub priority: i16,
    /// When what is left is lost; never where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Why: one line.
    #[schema(max_length = 200)]
    pub reason: String,
}

/// Who gave a lot, why, and under which id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Giver {
    pub client_id: Uuid,
    pub content_hash: Vec<u8>,
    pub reason: String,
    pub person: PersonId,
}

impl NewGrant {
    /// Refuses what cannot be given.
    fn checked(&self, person: PersonId, now: DateTime<Utc>) -> Result<Giver, Error> {
        within("amount", self.amount.minor(), 1, GRANT_MINOR_MAX)?;
        within("priority", i64::from(self.priority), -100, 100)?;
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::ExpiredAlready);
        }
        let reason = reason(&self.reason)?;
        Ok(Giver {
            client_id: self.client_id,
            content_hash: content_hash(self).map_err(Error::Stored)?,
            reason,
            person,
        })
    }
}

impl Credits {
    /// Gives a vendor credit: once for each `client_id`. Work that waits for credit goes on.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::NotFound`] where there is no such vendor; [`Error::OutOfRange`],
    /// [`Error::ExpiredAlready`], [`Error::Field`], [`Error::ClientIdReused`], [`Error::TooManyLots`].
    pub async fn grant(&self, caller: &Caller, tenant: TenantId, new: &NewGrant) -> Result<CreditLot, Error> {
        let giver = new.checked(caller.operator()?, self.clock.now())?;
        let vendors = self.identity.vendors_of(&mut *self.db.acquire().await?, &[tenant]).await?;
        if vendors.is_empty() {
            return Err(Error::NotFound);
        }
        let lot = repeat(|| self.grant_once(tenant, new, &giver)).await?;
        tracing::info!(%tenant, person = %giver.person, reason = giver.reason, "credit was granted");
        Ok(lot)
    }

    async fn grant_once(&self, tenant: TenantId, new: &NewGrant, giver: &Giver) -> Result<CreditLot, Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        wallets::lock(&mut transaction, tenant, now).await?;
        if let Some((lot, hash)) = lots::sent_before(&mut transaction, tenant, giver.client_id).await? {
            if hash != giver.content_hash {
                return Err(Error::ClientIdReused);
            }
            let holding = self.holdings_of(&mut transaction, vec![lot]).await?.pop();
            return holding.map(CreditLot::from).ok_or(Error::NotFound);
        }
        let lot = Lot {
            tenant,
            id: self.entropy.id(now),
            account: Uuid::nil().into(),
            kind: LotKind::Granted,
            given_minor: new.amount.minor(),
            priority: new.priority,
            scope: new.scope,
            expires_at: new.expires_at,
            created_at: now,
        };
        let granted =
            NewAccount { code: GRANTED, side: Side::Debit, limit: Limit::None, currency: Currency::Inr };
        let from = self.ledger.open_account(&mut transaction, tenant, &granted).await?;
        let lot = self.open_lot(&mut transaction, lot, from, Some(giver)).await?;
        self.resume(&mut transaction, tenant).await?;
        let holding = self.holdings_of(&mut transaction, vec![lot]).await?.pop().ok_or(Error::NotFound)?;
        self.announce(&mut transaction, tenant).await?;
        let act = Act::by(giver.person, Area::Credits, Deed::Given, now).in_business(tenant);
        audit::keep(&mut transaction, act.because(&giver.reason)).await?;
        transaction.commit().await?;
        Ok(holding.into())
    }

    /// Opens a lot with an account of its own, filled from another one. The wallet is locked.
    pub(crate) async fn open_lot(
        &self,
        connection: &mut PgConnection,
        lot: Lot,
        from: AccountId,
        giver: Option<&Giver>,
    ) -> Result<Lot, Error> {
        if giver.is_some() && lots::open(connection, &[lot.tenant]).await?.len() >= LOTS_OPEN_MAX {
            return Err(Error::TooManyLots);
        }
        let code = account_code(lot.id);
        let limit = Limit::DebitsMustNotExceedCredits;
        let account = NewAccount { code: &code, side: Side::Credit, limit, currency: Currency::Inr };
        let account = self.ledger.open_account(connection, lot.tenant, &account).await?;
        let lot = Lot { account, ..lot };
        lots::insert(connection, &lot, giver).await?;
        let reason = match lot.kind {
            LotKind::Granted => "credit-granted",
            LotKind::Paid => "top-up",
            LotKind::Included => "credit-included",
        };
        let posting = Posting {
            tenant: lot.tenant,
            key: format!("credit:lot:{}", lot.id),
            cause: Cause::new("credit-lot", lot.id.uuid()),
            transfers: vec![Transfer::new(from, account, Money::inr(lot.given_minor), reason)],
        };
        self.ledger.post(connection, &posting).await?;
        Ok(lot)
    }
}

fn account_code(lot: LotId) -> String {
    format!("credit:lot:{lot}")
}
