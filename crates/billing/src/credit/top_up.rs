//! Credit that a vendor pays for.

use chrono::{DateTime, TimeDelta, Utc};
use identity::VendorCaller;
use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use payments::{IntentState, PaymentView, TOP_UPS};
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{AccountId, Currency, LotId, Money, PaymentMethodId, TenantId, TopUpId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::Credits;
use crate::credit::by_hand::{BY_HAND_WAITS, PaidByHand};
use crate::credit::lot::{Lot, LotKind};
use crate::db::credit::{top_ups, wallets};
use crate::jobs::collect_plan::CollectPlan;

/// The least that is topped up at once.
pub(crate) const TOP_UP_MIN: Money = Money::inr(1_00);
/// The most that is topped up at once.
pub(crate) const TOP_UP_MAX: Money = Money::inr(50_000_00);
/// How long a top-up can be paid.
pub(crate) const WAITS: TimeDelta = TimeDelta::minutes(30);
/// Whom the payer's bank shows.
pub(crate) const PAYEE: &str = "VyaparMitra";

/// Credit to be paid for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewTopUp {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// How much.
    pub amount: Money,
    /// The gateway that takes it, or `upi` for the platform's own UPI id: without it the usual one.
    #[serde(default)]
    #[schema(nullable = false)]
    pub gateway: Option<String>,
    /// A kept card that is charged at once, by its gateway.
    #[serde(default)]
    #[schema(nullable = false)]
    pub method: Option<PaymentMethodId>,
    /// Whether the gateway is to keep the card that pays it, where it keeps any.
    #[serde(default)]
    pub keep_card: bool,
}

/// Where a top-up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TopUpState {
    /// Nobody has paid.
    Waiting,
    /// The vendor says that it is paid; the operator looks whether the bank has it.
    Checking,
    /// The money is there and is credit now.
    Paid,
    /// The operator found no such money.
    Refused,
    /// It was not paid in time. Money that comes late is credit all the same.
    Expired,
}

/// Credit that a vendor pays for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TopUp {
    /// The top-up.
    pub id: TopUpId,
    /// What people call it.
    pub number: String,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: TopUpState,
    /// Whether nobody asked for it: it was charged to the kept card when little was left.
    pub by_itself: bool,
    /// How it can be paid through a gateway, while it can; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub payment: Option<PaymentView>,
    /// How it is paid at the platform's own UPI id, where no gateway takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub by_hand: Option<PaidByHand>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// A top-up as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub id: TopUpId,
    pub client_id: Uuid,
    pub number: String,
    pub amount_minor: i64,
    pub lot: Option<LotId>,
    /// Whether nobody asked for it.
    pub by_itself: bool,
    /// The plan's invoice that it is charged for.
    pub invoice: Option<Uuid>,
    /// What is charged, as its owner recognises it.
    pub charged: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Until when it is waited for.
    pub expires_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    /// When its card said no.
    pub failed_at: Option<DateTime<Utc>>,
    /// The platform's UPI id, where it is paid there.
    pub upi_id: Option<String>,
    /// What the payer's bank calls the payment, once the vendor said so.
    pub utr: Option<String>,
    /// Why the operator refused it.
    pub refusal: Option<String>,
}

impl Asked {
    /// One that is asked for now.
    pub fn new(id: TopUpId, client_id: Uuid, amount: Money, now: DateTime<Utc>) -> Self {
        Self {
            id,
            client_id,
            number: number(id),
            amount_minor: amount.minor(),
            lot: None,
            by_itself: false,
            invoice: None,
            charged: None,
            created_at: now,
            expires_at: now + WAITS,
            paid_at: None,
            failed_at: None,
            upi_id: None,
            utr: None,
            refusal: None,
        }
    }

    /// Where it stands, as far as it is not a gateway's.
    pub fn state(&self, now: DateTime<Utc>) -> TopUpState {
        match self {
            Self { paid_at: Some(_), .. } => TopUpState::Paid,
            Self { refusal: Some(_), .. } => TopUpState::Refused,
            Self { utr: Some(_), .. } => TopUpState::Checking,
            Self { failed_at: Some(_), .. } => TopUpState::Expired,
            Self { expires_at, .. } if now >= *expires_at => TopUpState::Expired,
            Self { .. } => TopUpState::Waiting,
        }
    }

    pub fn shown(self, payment: Option<PaymentView>, now: DateTime<Utc>) -> TopUp {
        let over = payment.as_ref().map(|payment| {
            matches!(payment.state, IntentState::Expired | IntentState::Replaced | IntentState::Refunded)
        });
        let state = match (self.state(now), over) {
            // The gateway knows better than the clock.
            (TopUpState::Waiting, Some(true)) => TopUpState::Expired,
            (TopUpState::Expired, Some(false)) if self.failed_at.is_none() => TopUpState::Waiting,
            (state, _) => state,
        };
        TopUp {
            id: self.id,
            by_hand: PaidByHand::of(&self),
            number: self.number,
            amount: Money::inr(self.amount_minor),
            state,
            by_itself: self.by_itself,
            payment,
            created_at: self.created_at,
        }
    }
}

impl Credits {
    /// Asks for the money of a top-up: once for each `client_id`.
    ///
    /// # Errors
    /// [`Error::TopUpOutOfRange`], [`Error::TooMany`], [`Error::ClientIdReused`]; [`Error::Payments`] where there is no gateway.
    pub async fn start_top_up(&self, vendor: VendorCaller, new: &NewTopUp) -> Result<TopUp, Error> {
        if !(TOP_UP_MIN.minor()..=TOP_UP_MAX.minor()).contains(&new.amount.minor()) {
            return Err(Error::TopUpOutOfRange);
        }
        self.asks.check(&vendor.tenant)?;
        repeat(|| self.start_top_up_once(vendor.tenant, new)).await
    }

    async fn start_top_up_once(&self, tenant: TenantId, new: &NewTopUp) -> Result<TopUp, Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        let id: TopUpId = self.entropy.id(now);
        let upi_id = self.till_of(new).map(ToString::to_string);
        let waits = match upi_id {
            Some(_) => BY_HAND_WAITS,
            None => self.waits(&mut transaction, tenant, new.method).await?,
        };
        let expires_at = now + waits;
        let asked = Asked { expires_at, upi_id, ..Asked::new(id, new.client_id, new.amount, now) };
        if !top_ups::insert(&mut transaction, tenant, &asked).await? {
            let before = top_ups::of_client(&mut transaction, tenant, new.client_id).await?;
            let before = before.filter(|before| before.amount_minor == new.amount.minor());
            return self.shown(&mut transaction, tenant, before.ok_or(Error::ClientIdReused)?).await;
        }
        if asked.upi_id.is_none() {
            let asks = payments::NewTopUp {
                tenant,
                id,
                number: asked.number.clone(),
                payee: PAYEE.to_owned(),
                amount: new.amount,
                expires_at,
                gateway: new.gateway.clone(),
                method: new.method,
                keep_method: new.keep_card,
            };
            self.payments.open_top_up(&mut transaction, &asks).await?;
        }
        let shown = self.shown(&mut transaction, tenant, asked).await?;
        transaction.commit().await?;
        Ok(shown)
    }

    /// How long a top-up is waited for: longer where it charges what its owner has notice of first.
    async fn waits(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        method: Option<PaymentMethodId>,
    ) -> Result<TimeDelta, Error> {
        let Some(method) = method else { return Ok(WAITS) };
        let kept = self.payments.payment_methods(connection, tenant).await?;
        let kept = kept.iter().find(|kept| kept.id == method);
        Ok(kept.and_then(|kept| self.payments.charge_waits(kept)).unwrap_or(WAITS))
    }

    /// One of the caller's top-ups.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn top_up(&self, vendor: VendorCaller, id: TopUpId) -> Result<TopUp, Error> {
        let mut connection = self.db.acquire().await?;
        let asked = top_ups::find(&mut connection, vendor.tenant, id).await?.ok_or(Error::NotFound)?;
        self.shown(&mut connection, vendor.tenant, asked).await
    }

    /// A page of the caller's top-ups, newest first, without the ways to pay them.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn top_ups(&self, vendor: VendorCaller, query: PageQuery) -> Result<Page<TopUp>, Error> {
        let mut connection = self.db.acquire().await?;
        let now = self.clock.now();
        let asked = top_ups::page(&mut connection, vendor.tenant, query).await?;
        let page = query.page(asked, |asked| asked.id.uuid());
        let items = page.items.into_iter().map(|asked| asked.shown(None, now)).collect();
        Ok(Page { items, next: page.next })
    }

    pub(crate) async fn shown(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        asked: Asked,
    ) -> Result<TopUp, Error> {
        let now = self.clock.now();
        if asked.upi_id.is_some() {
            return Ok(asked.shown(None, now).with_code());
        }
        let payment = self.payments.payment_of_top_up(connection, tenant, asked.id).await?;
        Ok(asked.shown(Some(payment), now))
    }

    /// The money of a top-up is there: it becomes credit, once. Work that waits for credit goes on.
    pub(crate) async fn credit_top_up(&self, tenant: TenantId, id: TopUpId) -> Result<(), Error> {
        repeat(|| self.credit_top_up_once(tenant, id)).await
    }

    async fn credit_top_up_once(&self, tenant: TenantId, id: TopUpId) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        wallets::lock(&mut transaction, tenant, now).await?;
        let asked = top_ups::lock(&mut transaction, tenant, id).await?.ok_or(Error::NotFound)?;
        if asked.paid_at.is_some() {
            return Ok(());
        }
        self.make_credit(&mut transaction, tenant, &asked, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes credit of a top-up whose money is in [`TOP_UPS`]. The wallet and the top-up are locked.
    pub(crate) async fn make_credit(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        asked: &Asked,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let from = self.received(connection, tenant).await?;
        let became =
            self.fill(connection, (tenant, asked.id.uuid()), (from, asked.amount_minor), now).await?;
        top_ups::set_paid(connection, tenant, asked.id, became, now).await?;
        if asked.by_itself && asked.invoice.is_none() {
            self.recharge_succeeded(connection, tenant).await?;
        }
        self.resume(connection, tenant).await?;
        // A plan may wait for this money.
        self.jobs.enqueue(connection, CollectPlan::draft(tenant)).await?;
        self.announce(connection, tenant).await
    }

    /// The account of top-ups that are paid and no credit yet.
    pub(crate) async fn received(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<AccountId, Error> {
        let received = NewAccount {
            code: TOP_UPS,
            side: Side::Credit,
            limit: Limit::DebitsMustNotExceedCredits,
            currency: Currency::Inr,
        };
        Ok(self.ledger.open_account(connection, tenant, &received).await?)
    }
}

impl Credits {
    /// Turns money that was paid into credit: first it fills what is owed, the rest is a lot. Gives the lot, where something was left
    /// for one, and what was owed. The wallet is locked.
    pub(crate) async fn fill(
        &self,
        connection: &mut PgConnection,
        (tenant, cause): (TenantId, Uuid),
        (from, minor): (AccountId, i64),
        now: DateTime<Utc>,
    ) -> Result<(Option<LotId>, i64), Error> {
        let owed = self.owed_minor(connection, tenant).await?.min(minor);
        if owed > 0 {
            let returned = self.returned(connection, tenant).await?;
            let posting = Posting {
                tenant,
                key: format!("credit:owed:{cause}"),
                cause: Cause::new("top-up", cause),
                transfers: vec![Transfer::new(from, returned, Money::inr(owed), "credit-owed")],
            };
            self.ledger.post(connection, &posting).await?;
        }
        if owed == minor {
            return Ok((None, owed));
        }
        let lot = Lot {
            tenant,
            id: self.entropy.id(now),
            account: Uuid::nil().into(),
            kind: LotKind::Paid,
            given_minor: minor - owed,
            priority: 0,
            scope: None,
            expires_at: None,
            created_at: now,
        };
        let lot = self.open_lot(connection, lot, from, None).await?;
        Ok((Some(lot.id), owed))
    }
}

/// `C-` and the last six digits of the id: short enough to be read out.
pub(crate) fn number(id: TopUpId) -> String {
    let digits = id.uuid().simple().to_string().to_uppercase();
    format!("C-{}", &digits[digits.len() - 6..])
}
