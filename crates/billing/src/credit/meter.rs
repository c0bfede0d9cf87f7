//! The kill switch: work reserves its cost before it starts and is charged when it is done.
//!
//! Each step is one transaction that locks the wallet first, so that two works never count on the same paisa.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use platform::db::repeat;
use platform::meter::{self, Measure, Meter, Reservation};
use sqlx::PgConnection;
use types::{AccountId, Currency, LotId, Money, PersonId, PriceId, TenantId, TransferId, UsageId};

use crate::Error;
use crate::credit::lot::{LOTS_MAX, Part, allot, allot_some};
use crate::credit::price::{WorkPrice, whole_paise};
use crate::credit::{Credits, Holding};
use crate::db::credit::{charged as charged_lots, lots, prices, usage, wallets};

/// How long work may take: after that its reservation comes back by itself.
const WORK_LASTS: TimeDelta = TimeDelta::hours(1);
/// What was used, in a vendor's books.
const SPENT: &str = "credit:spent";
const REASON: &str = "usage";

/// Where a reservation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum UsageState {
    Reserved,
    Captured,
    Released,
    Expired,
}

/// Work that was begun, as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub tenant: TenantId,
    pub id: UsageId,
    pub provider: String,
    pub model: Option<String>,
    pub measure: Measure,
    pub state: UsageState,
    pub amount_max: i64,
    pub quantity: Option<i64>,
    pub price: Option<PriceId>,
    /// The member whose act it was.
    pub by: Option<PersonId>,
    pub expires_at: DateTime<Utc>,
}

/// What of a lot is set aside for work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hold {
    pub lot: LotId,
    pub transfer: TransferId,
    pub minor: i64,
}

/// What was charged of a lot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub lot: LotId,
    pub minor: i64,
}

#[async_trait]
impl Meter for Credits {
    async fn reserve(&self, work: &meter::Work) -> Result<Reservation, meter::Error> {
        let reserved = repeat(|| self.reserve_once(work)).await;
        if let Err(refused @ (Error::NoCredit | Error::Frozen | Error::MemberLimit)) = &reserved {
            self.note_refused(work, refused).await;
        }
        Ok(reserved?)
    }

    async fn extend(&self, reservation: Reservation, amount: u64) -> Result<(), meter::Error> {
        let extended = repeat(|| self.extend_once(reservation, amount)).await;
        if let Err(refused @ (Error::NoCredit | Error::Frozen | Error::MemberLimit)) = &extended {
            self.note_stopped(reservation.tenant, refused).await;
        }
        Ok(extended?)
    }

    async fn capture(&self, reservation: Reservation, amount: u64) -> Result<(), meter::Error> {
        Ok(repeat(|| self.capture_once(reservation, amount)).await?)
    }

    async fn release(&self, reservation: Reservation) -> Result<(), meter::Error> {
        Ok(repeat(|| self.release_once(reservation)).await?)
    }
}

impl From<Error> for meter::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NoCredit => Self::NoCredit,
            Error::Frozen => Self::Frozen,
            Error::MemberLimit => Self::MemberLimit,
            other => Self::Failed(other.into()),
        }
    }
}

impl Credits {
    async fn reserve_once(&self, work: &meter::Work) -> Result<Reservation, Error> {
        let mut transaction = self.db.begin().await?;
        let reservation = self.reserve_at(&mut transaction, work, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(reservation)
    }

    /// Sets aside what work costs by the price of a moment.
    pub(crate) async fn reserve_at(
        &self,
        connection: &mut PgConnection,
        work: &meter::Work,
        priced_at: DateTime<Utc>,
    ) -> Result<Reservation, Error> {
        let now = self.clock.now();
        let price = prices::in_force(connection, work, priced_at).await?;
        let begun = Work {
            tenant: work.tenant,
            id: self.entropy.id(now),
            provider: work.provider.to_owned(),
            model: work.model.clone(),
            measure: work.measure,
            state: UsageState::Reserved,
            amount_max: i64::try_from(work.amount_max).map_err(|_| Error::TooMuch)?,
            quantity: None,
            price: price.as_ref().map(|price| price.id),
            by: work.cause.by,
            expires_at: now + WORK_LASTS,
        };
        usage::insert(connection, &begun, &work.cause, now).await?;
        let minor = price.map(|price| price.paise_at_most(work.amount_max)).transpose()?.unwrap_or_default();
        self.set_aside(connection, &begun, (0, minor), now).await?;
        Ok(Reservation { tenant: begun.tenant, id: begun.id.uuid() })
    }

    async fn extend_once(&self, reservation: Reservation, amount: u64) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        let Reservation { tenant, id } = reservation;
        wallets::lock(&mut transaction, tenant, now).await?;
        let work = usage::lock(&mut transaction, tenant, id.into()).await?.ok_or(Error::NotFound)?;
        if work.state != UsageState::Reserved || work.expires_at <= now {
            return Err(Error::NotReserved);
        }
        let added = i64::try_from(amount).map_err(|_| Error::TooMuch)?;
        let amount_max = work.amount_max.checked_add(added).ok_or(Error::TooMuch)?;
        let price = self.price_of(&mut transaction, &work).await?;
        let wanted = price.map(|price| price.paise_at_most(amount_max.unsigned_abs())).transpose()?;
        let holds = usage::holds(&mut transaction, tenant, work.id).await?;
        let held: i64 = holds.iter().map(|hold| hold.minor).sum();
        let missing = wanted.unwrap_or_default() - held;
        self.set_aside(&mut transaction, &work, (holds.len(), missing), now).await?;
        usage::set_amount_max(&mut transaction, &work, amount_max).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Sets credit aside for work that holds from `before` lots already.
    async fn set_aside(
        &self,
        connection: &mut PgConnection,
        work: &Work,
        (before, minor): (usize, i64),
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        if minor <= 0 {
            return Ok(());
        }
        let wallet = wallets::lock(connection, work.tenant, now).await?;
        if wallet.frozen {
            return Err(Error::Frozen);
        }
        self.check_member(connection, work, minor, now).await?;
        let holdings = self.holdings(connection, work.tenant).await?;
        let parts = allot(&holdings, work.measure, minor, now).ok_or(Error::NoCredit)?;
        let available = holdings.iter().map(Holding::available_minor).sum::<i64>() - minor;
        self.recharge_if_low(connection, work.tenant, (wallet.recharge_below, available)).await?;
        if before + parts.len() > LOTS_MAX {
            return Err(Error::NoCredit);
        }
        let spent = self.spent(connection, work.tenant).await?;
        let timeout = Some(work.expires_at - now);
        let pending =
            |part: &Part| Transfer::pending(part.account, spent, Money::inr(part.minor), timeout, REASON);
        let key = format!("credit:reserve:{}:{before}", work.id);
        let posted =
            self.ledger.post(connection, &posting(work, key, parts.iter().map(pending).collect())).await?;
        let holds = parts.iter().zip(posted.transfers);
        let holds: Vec<Hold> =
            holds.map(|(part, transfer)| Hold { lot: part.lot, transfer, minor: part.minor }).collect();
        Ok(usage::insert_holds(connection, work, before, &holds).await?)
    }

    async fn capture_once(&self, reservation: Reservation, amount: u64) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        self.capture_in(&mut transaction, reservation, amount).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Charges what was used, in the caller's transaction.
    pub(crate) async fn capture_in(
        &self,
        connection: &mut PgConnection,
        reservation: Reservation,
        amount: u64,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Reservation { tenant, id } = reservation;
        let wallet = wallets::lock(connection, tenant, now).await?;
        let work = usage::lock(connection, tenant, id.into()).await?.ok_or(Error::NotFound)?;
        let quantity = i64::try_from(amount).map_err(|_| Error::TooMuch)?;
        match work.state {
            UsageState::Captured if work.quantity == Some(quantity) => return Ok(()),
            UsageState::Captured | UsageState::Released => return Err(Error::NotReserved),
            UsageState::Reserved | UsageState::Expired => {}
        }
        if quantity > work.amount_max {
            return Err(Error::MoreThanReserved);
        }
        let price = self.price_of(connection, &work).await?;
        let cost = price.map(|price| price.cost_micros(amount)).transpose()?.unwrap_or_default();
        let (minor, carry) = whole_paise(wallet.carry_micros, cost)?;
        let in_time = work.state == UsageState::Reserved && now < work.expires_at;
        let charged = if in_time {
            self.take_held(connection, &work, minor).await?
        } else {
            self.take_late(connection, &work, minor, now).await?
        };
        wallets::set_carry(connection, tenant, carry, now).await?;
        let charged_minor = charged.iter().map(|taken| taken.minor).sum();
        let captured = usage::Captured { quantity, exact_micros: cost, charged_minor };
        usage::set_captured(connection, &work, &captured, now).await?;
        charged_lots::insert(connection, (tenant, id), &charged).await?;
        let available = self.close_empty(connection, tenant, now).await?;
        self.recharge_if_low(connection, tenant, (wallet.recharge_below, available)).await?;
        self.tell_soon(connection, tenant).await
    }

    /// Charges out of what is held, in its order, and gives the rest back; gives what was taken.
    async fn take_held(
        &self,
        connection: &mut PgConnection,
        work: &Work,
        minor: i64,
    ) -> Result<Vec<Taken>, Error> {
        let mut missing = minor;
        let (mut transfers, mut charged) = (Vec::new(), Vec::new());
        for hold in usage::holds(connection, work.tenant, work.id).await? {
            let taken = hold.minor.min(missing);
            missing -= taken;
            if taken == 0 {
                transfers.push(Transfer::void(hold.transfer, REASON));
            } else {
                transfers.push(Transfer::post(hold.transfer, Some(Money::inr(taken)), REASON));
                charged.push(Taken { lot: hold.lot, minor: taken });
            }
        }
        if !transfers.is_empty() {
            let key = format!("credit:capture:{}", work.id);
            self.ledger.post(connection, &posting(work, key, transfers)).await?;
        }
        Ok(charged)
    }

    /// Charges work that took so long that its reservation came back: out of what there is now.
    async fn take_late(
        &self,
        connection: &mut PgConnection,
        work: &Work,
        minor: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Taken>, Error> {
        let holdings = self.holdings(connection, work.tenant).await?;
        let (parts, missing) = allot_some(&holdings, work.measure, minor, now);
        if missing > 0 {
            tracing::warn!(usage = %work.id, tenant = %work.tenant, missing, "work was charged late and less than it cost");
        }
        if !parts.is_empty() {
            let spent = self.spent(connection, work.tenant).await?;
            let taken = |part: &Part| Transfer::new(part.account, spent, Money::inr(part.minor), REASON);
            let key = format!("credit:late:{}", work.id);
            self.ledger.post(connection, &posting(work, key, parts.iter().map(taken).collect())).await?;
        }
        Ok(parts.iter().map(|part| Taken { lot: part.lot, minor: part.minor }).collect())
    }

    async fn release_once(&self, reservation: Reservation) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        let Reservation { tenant, id } = reservation;
        wallets::lock(&mut transaction, tenant, now).await?;
        let work = usage::lock(&mut transaction, tenant, id.into()).await?.ok_or(Error::NotFound)?;
        match work.state {
            UsageState::Released | UsageState::Expired => return Ok(()),
            UsageState::Captured => return Err(Error::NotReserved),
            UsageState::Reserved => {}
        }
        if now < work.expires_at {
            self.take_held(&mut transaction, &work, 0).await?;
        }
        usage::set_state(&mut transaction, &work, UsageState::Released, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The open lots of a tenant, in the order in which they are spent.
    pub(crate) async fn holdings(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Vec<Holding>, Error> {
        let open = lots::open(connection, &[tenant]).await?;
        self.holdings_of(connection, open).await
    }

    /// Notes which lots have nothing left; gives what is available in all of them.
    pub(crate) async fn close_empty(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        now: DateTime<Utc>,
    ) -> Result<i64, Error> {
        let holdings = self.holdings(connection, tenant).await?;
        let empty: Vec<LotId> =
            holdings.iter().filter(|holding| holding.left_minor == 0).map(|holding| holding.lot.id).collect();
        if !empty.is_empty() {
            lots::close(connection, tenant, &empty, now).await?;
        }
        Ok(holdings.iter().map(Holding::available_minor).sum())
    }

    async fn price_of(&self, connection: &mut PgConnection, work: &Work) -> Result<Option<WorkPrice>, Error> {
        let Some(price) = work.price else { return Ok(None) };
        Ok(Some(prices::find(connection, price).await?.ok_or(Error::NotFound)?))
    }

    async fn spent(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<AccountId, Error> {
        let account =
            NewAccount { code: SPENT, side: Side::Credit, limit: Limit::None, currency: Currency::Inr };
        Ok(self.ledger.open_account(connection, tenant, &account).await?)
    }
}

fn posting(work: &Work, key: String, transfers: Vec<Transfer>) -> Posting {
    Posting { tenant: work.tenant, key, cause: Cause::new("usage", work.id.uuid()), transfers }
}
