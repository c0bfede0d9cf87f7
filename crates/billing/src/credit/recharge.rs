//! Credit that is topped up by itself, from the card or mandate that the vendor uses first, when little is left.
//!
//! Whatever takes from the credit looks at the rule under the wallet's lock and asks for a recharge in its own transaction; the job
//! looks again. One is under way at a time. A month's most is counted in India's months. Where the card says no it is tried again an
//! hour later; the third time in a row the rule is switched off.

use chrono::{DateTime, TimeDelta, Utc};
use identity::VendorCaller;
use payments::{PaymentMethod, india};
use platform::db::repeat;
use platform::jobs::Draft;
use platform::switches::Switch;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, TenantId, TopUpId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::lot::allot;
use crate::credit::top_up::{PAYEE, TOP_UP_MAX, TOP_UP_MIN, WAITS};
use crate::credit::waiting::WANTS_LAST;
use crate::credit::{Asked, Credits, Holding, within};
use crate::db::credit::recharges::{self, Rule};
use crate::db::credit::{top_ups, wallets, wants};
use crate::jobs::recharge_credit::RechargeCredit;

/// The most that is topped up by itself in a month: five lakh rupees.
const MONTH_MINOR_MAX: i64 = 5_00_000_00;
/// So often in a row the card may say no.
const FAILURES_MAX: i16 = 3;
/// How soon after that it is tried again.
const AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
/// How soon it is looked again whether buying credit is still switched off.
const OFF_LOOKED_AFTER: TimeDelta = TimeDelta::minutes(10);
/// A recharge that came to no end is given up a while after it could be paid.
const OVERDUE: TimeDelta = TimeDelta::minutes(5);

/// Why recharging was switched off by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum RechargeStopped {
    /// The card said no three times in a row.
    Refused,
    /// No card is kept any more.
    NoCard,
}

/// How the credit is to be topped up by itself.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct RechargeChange {
    /// Whether it is.
    pub on: bool,
    /// When less is available than this …
    pub below: Money,
    /// … so much is put in …
    pub amount: Money,
    /// … but in a month no more than this.
    pub month_most: Money,
}

/// How the credit is topped up by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recharge {
    /// Whether it is.
    pub on: bool,
    /// When less is available than this …
    pub below: Money,
    /// … so much is put in …
    pub amount: Money,
    /// … but in a month no more than this.
    pub month_most: Money,
    /// What was put in this month, what is under way included.
    pub this_month: Money,
    /// Until when it charges nothing: after the card said no, or once the month's most is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub paused_until: Option<DateTime<Utc>>,
    /// How often in a row the card said no.
    pub failures: i16,
    /// Why it was switched off by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stopped: Option<RechargeStopped>,
    /// Whether a card is kept that can be charged.
    pub has_card: bool,
}

/// What is offered to somebody who has said nothing yet.
const FIRST: Rule = Rule {
    is_on: false,
    below_minor: 20_00,
    amount_minor: 100_00,
    month_most_minor: 1_000_00,
    failures: 0,
    stopped: None,
    look_at: None,
};

impl Credits {
    /// How the caller's credit is topped up by itself.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn recharge(&self, vendor: VendorCaller) -> Result<Recharge, Error> {
        self.shown_recharge(&mut *self.db.acquire().await?, vendor.tenant).await
    }

    /// Has the caller's credit topped up by itself from the card that is used first, or no longer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]; [`Error::NoSavedCard`] where it is switched on without one.
    pub async fn change_recharge(
        &self,
        vendor: VendorCaller,
        change: &RechargeChange,
    ) -> Result<Recharge, Error> {
        let rule = change.checked()?;
        repeat(|| self.change_recharge_once(&vendor, &rule)).await
    }

    async fn change_recharge_once(&self, vendor: &VendorCaller, rule: &Rule) -> Result<Recharge, Error> {
        let tenant = vendor.tenant;
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        if rule.is_on && self.payments.payment_methods(&mut transaction, tenant).await?.is_empty() {
            return Err(Error::NoSavedCard);
        }
        wallets::lock(&mut transaction, tenant, now).await?;
        let Rule { is_on, below_minor, amount_minor, month_most_minor, .. } = *rule;
        let at = now.format("%Y-%m-%dT%H:%M:%SZ");
        let (person, state) = (vendor.person, if is_on { "on" } else { "off" });
        let act =
            format!("{state} {at} by {person}: below {below_minor}, {amount_minor} up to {month_most_minor}");
        recharges::write(&mut transaction, tenant, rule, &act, now).await?;
        if is_on {
            self.recharge_soon(&mut transaction, tenant).await?;
        }
        self.announce(&mut transaction, tenant).await?;
        let shown = self.shown_recharge(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(shown)
    }

    async fn shown_recharge(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Recharge, Error> {
        let rule = recharges::find(connection, tenant).await?.unwrap_or(FIRST);
        let now = self.clock.now();
        let month = india::month(now);
        let this_month = recharges::topped_up_minor(connection, tenant, month.start).await?;
        let waits = rule.look_at.filter(|at| *at > now).or(rule.is_spent(this_month).then_some(month.end));
        Ok(Recharge {
            on: rule.is_on,
            below: Money::inr(rule.below_minor),
            amount: Money::inr(rule.amount_minor),
            month_most: Money::inr(rule.month_most_minor),
            this_month: Money::inr(this_month),
            paused_until: waits.filter(|_| rule.is_on),
            failures: rule.failures,
            stopped: rule.stopped,
            has_card: !self.payments.payment_methods(connection, tenant).await?.is_empty(),
        })
    }

    /// Asks for a recharge where less is available than the rule says; part of whatever took from the credit.
    pub(crate) async fn recharge_if_low(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        (below_minor, available_minor): (Option<i64>, i64),
    ) -> Result<(), Error> {
        match below_minor {
            Some(below) if available_minor < below => self.recharge_soon(connection, tenant).await,
            _ => Ok(()),
        }
    }

    /// Asks for a recharge: once, however often it is asked for.
    pub(crate) async fn recharge_soon(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<(), Error> {
        let draft = Draft::new(tenant, &RechargeCredit { tenant }).once(tenant.to_string());
        Ok(self.jobs.enqueue(connection, draft).await?)
    }

    /// Asks for the recharges whose time has come: after a card said no, and when a month began.
    pub(crate) async fn recharge_those_due(&self, limit: i64) -> Result<(), Error> {
        let mut connection = self.db.acquire().await?;
        for tenant in recharges::to_look_at(&mut connection, self.clock.now(), limit).await? {
            self.recharge_soon(&mut connection, tenant).await?;
        }
        Ok(())
    }

    /// Tops a tenant's credit up, where the rule says so now.
    pub(crate) async fn recharge_now(&self, tenant: TenantId) -> Result<(), Error> {
        repeat(|| self.recharge_once(tenant)).await
    }

    async fn recharge_once(&self, tenant: TenantId) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        let card = self.payments.payment_methods(&mut transaction, tenant).await?.into_iter().next();
        let wallet = wallets::lock(&mut transaction, tenant, now).await?;
        let rule = recharges::lock(&mut transaction, tenant).await?;
        let may = |rule: &Rule| rule.is_on && !wallet.frozen && rule.look_at.is_none_or(|at| at <= now);
        let Some(rule) = rule.filter(may) else { return Ok(()) };
        let stale = now - OVERDUE;
        if recharges::is_under_way(&mut transaction, tenant, now, stale).await?
            || !self.is_low(&mut transaction, tenant, &rule, now).await?
        {
            recharges::set_failures(&mut transaction, tenant, rule.failures, None).await?;
            return Ok(transaction.commit().await?);
        }
        if self.switches.as_ref().is_some_and(|it| it.is_off(Switch::TopUps, Some(tenant))) {
            recharges::set_failures(&mut transaction, tenant, rule.failures, Some(now + OFF_LOOKED_AFTER))
                .await?;
            return Ok(transaction.commit().await?);
        }
        let month = india::month(now);
        let so_far = recharges::topped_up_minor(&mut transaction, tenant, month.start).await?;
        match card {
            None => self.stop_recharging(&mut transaction, tenant, &rule, RechargeStopped::NoCard).await?,
            Some(_) if rule.is_spent(so_far) => {
                recharges::set_failures(&mut transaction, tenant, rule.failures, Some(month.end)).await?;
            }
            Some(_) => self.charge_kept(&mut transaction, tenant, &rule, now).await?,
        }
        self.announce(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whether less is there than the rule says, or than the least that waiting work wants.
    async fn is_low(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        rule: &Rule,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let holdings = self.holdings(connection, tenant).await?;
        let available: i64 = holdings.iter().map(Holding::available_minor).sum();
        if available < rule.below_minor {
            return Ok(true);
        }
        let wanted = wants::of(connection, &[tenant], now - WANTS_LAST).await?;
        Ok(wanted.iter().any(|want| allot(&holdings, want.measure, want.wanted_minor, now).is_none()))
    }

    /// Charges what allows so much now; where nothing does, it is looked at again later.
    async fn charge_kept(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        rule: &Rule,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let amount = Money::inr(rule.amount_minor);
        let Some(method) = self.payments.method_for(connection, tenant, amount).await? else {
            let again = Some(now + AGAIN_AFTER);
            return Ok(recharges::set_failures(connection, tenant, rule.failures, again).await?);
        };
        recharges::set_failures(connection, tenant, rule.failures, None).await?;
        let charge = Charge { method, amount, invoice: None, waits: WAITS };
        let top_up = self.charge_method(connection, tenant, &charge, now).await?;
        tracing::info!(%tenant, %top_up, "credit is topped up by itself");
        Ok(())
    }

    /// Begins a top-up that nobody asked for, from what is kept for the vendor.
    pub(crate) async fn charge_method(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        charge: &Charge,
        now: DateTime<Utc>,
    ) -> Result<TopUpId, Error> {
        let waits = self.payments.charge_waits(&charge.method).unwrap_or(charge.waits);
        let id: TopUpId = self.entropy.id(now);
        let charged = Some(charge.method.label());
        let asked = Asked {
            by_itself: true,
            invoice: charge.invoice,
            charged,
            expires_at: now + waits,
            ..Asked::new(id, id.uuid(), charge.amount, now)
        };
        top_ups::insert(connection, tenant, &asked).await?;
        let asks = payments::NewTopUp {
            tenant,
            id,
            number: asked.number,
            payee: PAYEE.to_owned(),
            amount: charge.amount,
            expires_at: now + waits,
            gateway: None,
            method: Some(charge.method.id),
            keep_method: false,
        };
        self.payments.open_top_up(connection, &asks).await?;
        Ok(id)
    }

    /// A recharge's card said no, or wants its owner.
    pub(crate) async fn recharge_failed(&self, tenant: TenantId, top_up: TopUpId) -> Result<(), Error> {
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let now = self.clock.now();
            wallets::lock(&mut transaction, tenant, now).await?;
            if !recharges::set_failed(&mut transaction, tenant, top_up, now).await? {
                return Ok(());
            }
            let failed = top_ups::find(&mut transaction, tenant, top_up).await?;
            let of_rule = failed.is_some_and(|failed| failed.invoice.is_none());
            let rule = recharges::lock(&mut transaction, tenant).await?;
            if let Some(rule) = rule.filter(|_| of_rule) {
                let rule = Rule { failures: rule.failures + 1, ..rule };
                if rule.is_on && rule.failures >= FAILURES_MAX {
                    let refused = RechargeStopped::Refused;
                    self.stop_recharging(&mut transaction, tenant, &rule, refused).await?;
                } else {
                    let again = Some(now + AGAIN_AFTER);
                    recharges::set_failures(&mut transaction, tenant, rule.failures, again).await?;
                }
            }
            self.announce(&mut transaction, tenant).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// A recharge's money is there: the card says yes again. The wallet is locked.
    pub(crate) async fn recharge_succeeded(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<(), Error> {
        Ok(recharges::set_failures(connection, tenant, 0, None).await?)
    }

    async fn stop_recharging(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        rule: &Rule,
        why: RechargeStopped,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let off = Rule { is_on: false, stopped: Some(why), ..rule.clone() };
        let act = format!("off {} by itself: {why:?}", now.format("%Y-%m-%dT%H:%M:%SZ"));
        tracing::warn!(%tenant, ?why, "recharging by itself was switched off");
        Ok(recharges::write(connection, tenant, &off, &act, now).await?)
    }
}

/// A top-up that nobody asks for.
#[derive(Debug)]
pub(crate) struct Charge {
    /// What is charged.
    pub method: PaymentMethod,
    pub amount: Money,
    /// The plan's invoice that it is for.
    pub invoice: Option<Uuid>,
    /// How long it is waited for where its owner has no notice first.
    pub waits: TimeDelta,
}

impl RechargeChange {
    fn checked(&self) -> Result<Rule, Error> {
        let (least, most) = (TOP_UP_MIN.minor(), TOP_UP_MAX.minor());
        let amount_minor = within("amount", self.amount.minor(), least, most)?;
        Ok(Rule {
            is_on: self.on,
            below_minor: within("below", self.below.minor(), 1, most)?,
            amount_minor,
            month_most_minor: within("month_most", self.month_most.minor(), amount_minor, MONTH_MINOR_MAX)?,
            failures: 0,
            stopped: None,
            look_at: None,
        })
    }
}
