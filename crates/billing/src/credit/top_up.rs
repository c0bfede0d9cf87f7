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
    /// The gateway that takes it: without it the usual one.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TopUpState {
    /// Nobody has paid.
    Waiting,
    /// The money is there and is credit now.
    Paid,
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
    /// How it can be paid, while it can; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub payment: Option<PaymentView>,
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
}

impl Asked {
    fn shown(self, payment: Option<PaymentView>, now: DateTime<Utc>) -> TopUp {
        let over = payment.as_ref().map_or(now >= self.expires_at, |payment| {
            matches!(payment.state, IntentState::Expired | IntentState::Replaced | IntentState::Refunded)
        });
        let state = match self.paid_at {
            Some(_) => TopUpState::Paid,
            None if over || self.failed_at.is_some() => TopUpState::Expired,
            None => TopUpState::Waiting,
        };
        TopUp {
            id: self.id,
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
        let expires_at = now + self.waits(&mut transaction, tenant, new.method).await?;
        let asked = Asked {
            id,
            client_id: new.client_id,
            number: number(id),
            amount_minor: new.amount.minor(),
            lot: None,
            by_itself: false,
            invoice: None,
            charged: None,
            created_at: now,
            expires_at,
            paid_at: None,
            failed_at: None,
        };
        if !top_ups::insert(&mut transaction, tenant, &asked).await? {
            let before = top_ups::of_client(&mut transaction, tenant, new.client_id).await?;
            let before = before.filter(|before| before.amount_minor == new.amount.minor());
            return self.shown(&mut transaction, tenant, before.ok_or(Error::ClientIdReused)?).await;
        }
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

    async fn shown(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        asked: Asked,
    ) -> Result<TopUp, Error> {
        let payment = self.payments.payment_of_top_up(connection, tenant, asked.id).await?;
        Ok(asked.shown(Some(payment), self.clock.now()))
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
        let received = NewAccount {
            code: TOP_UPS,
            side: Side::Credit,
            limit: Limit::DebitsMustNotExceedCredits,
            currency: Currency::Inr,
        };
        let from = self.ledger.open_account(&mut transaction, tenant, &received).await?;
        let became =
            self.fill(&mut transaction, (tenant, id.uuid()), (from, asked.amount_minor), now).await?;
        top_ups::set_paid(&mut transaction, tenant, id, became, now).await?;
        if asked.by_itself && asked.invoice.is_none() {
            self.recharge_succeeded(&mut transaction, tenant).await?;
        }
        self.resume(&mut transaction, tenant).await?;
        // A plan may wait for this money.
        self.jobs.enqueue(&mut transaction, CollectPlan::draft(tenant)).await?;
        self.announce(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(())
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
