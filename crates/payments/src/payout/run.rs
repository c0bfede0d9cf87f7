//! Runs: who has money to come is asked for a payout.

use chrono::{DateTime, NaiveDate, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use platform::db::repeat;
use platform::jobs::Draft;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, TenantId};
use utoipa::{IntoParams, ToSchema};

use super::account::Account;
use super::provider::Provider;
use super::{Payout, PayoutId, PayoutRunId, PayoutState};
use crate::books::PAYABLE;
use crate::db::paying_out::{accounts, holds, payouts, runs, terms};
use crate::jobs::make_payout::MakePayout;
use crate::jobs::run_payouts::RunPayouts;
use crate::{Error, Payments, india};

/// Vendors that are looked at together.
const VENDORS_A_PAGE: i64 = 100;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum PayoutRunState {
    /// Vendors are being looked at.
    Asked,
    /// Every vendor was looked at.
    Done,
}

/// A run of payouts, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayoutRun {
    /// The run.
    pub id: PayoutRunId,
    /// The day in India of a run that came by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    /// Why an operator asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it stands.
    pub state: PayoutRunState,
    /// How many payouts it asked for.
    pub payouts: i32,
    /// How much they are together.
    pub amount: Money,
    /// Who took its list for the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// Why a vendor would not be paid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// A payout of theirs is under way.
    UnderWay,
    /// They owe money, or all that is theirs is held.
    Nothing,
    /// It is less than is paid out at once.
    TooLittle,
    /// They never said where to.
    NoAccount,
    /// Their account has just been changed.
    AccountChanged,
}

/// What a run would do about one vendor now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayoutDue {
    /// The vendor.
    #[serde(rename = "tenant_id")]
    pub tenant: TenantId,
    /// The name of their stall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_name: Option<String>,
    /// What the platform owes them; below zero where they owe.
    pub owed: Money,
    /// What of it is held back.
    pub on_hold: Money,
    /// What could be paid out.
    pub available: Money,
    /// How many days their sales are held back.
    pub hold_days: i16,
    /// Why nothing is paid; absent where a run would pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<WhyNot>,
}

/// Where the list of vendors goes on.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DueQuery {
    /// The last vendor of the part before.
    pub after: Option<TenantId>,
}

/// What a run would do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayoutsDue {
    /// Who makes payouts; absent where an operator makes them at the platform's bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<&'static str>,
    /// Up to 100 vendors, by their ids.
    pub vendors: Vec<PayoutDue>,
}

impl Payments {
    /// A page of runs, newest first, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn payout_runs(&self, caller: &Caller, query: PageQuery) -> Result<Page<PayoutRun>, Error> {
        caller.operator()?;
        let rows = runs::list(&mut *self.db.acquire().await?, query).await?;
        Ok(query.page(rows, |run| run.id.uuid()))
    }

    /// Has every vendor paid who has money to come; who and why is kept with the run.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`].
    pub async fn start_payout_run(&self, caller: &Caller, why: &OperatorReason) -> Result<PayoutRun, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let mut transaction = self.db.begin().await?;
        let run = self.open_run(&mut transaction, None, Some((person, &reason))).await?;
        let run = run.ok_or(Error::NotFound)?;
        let shown = runs::find(&mut transaction, run).await?.ok_or(Error::NotFound)?;
        let act = Act::by(person, Area::Payouts, Deed::Started, self.clock.now());
        audit::keep(&mut transaction, act.about(run.uuid()).because(&reason)).await?;
        transaction.commit().await?;
        tracing::info!(%run, %person, reason, "a run of payouts was asked for");
        Ok(shown)
    }

    /// Opens today's run where a provider makes payouts: once a day in India.
    pub(crate) async fn open_daily_run(&self) -> Result<(), Error> {
        if self.provider.is_none() || !self.payouts.daily {
            return Ok(());
        }
        let today = india::date(self.clock.now());
        let mut transaction = self.db.begin().await?;
        self.open_run(&mut transaction, Some(today), None).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn open_run(
        &self,
        connection: &mut PgConnection,
        day: Option<NaiveDate>,
        asked: Option<(types::PersonId, &str)>,
    ) -> Result<Option<PayoutRunId>, Error> {
        let now = self.clock.now();
        let id: PayoutRunId = self.entropy.id(now);
        if !runs::insert(connection, &runs::New { id, day, asked, now }).await? {
            return Ok(None);
        }
        self.jobs.enqueue(connection, Draft::of_nobody(&RunPayouts { run: id, after: None })).await?;
        Ok(Some(id))
    }

    /// What a run would do about the next vendors after one now, for the operator: by the vendors' ids.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn payouts_due(&self, caller: &Caller, after: Option<TenantId>) -> Result<PayoutsDue, Error> {
        let person = caller.operator()?;
        let mut connection = self.db.acquire().await?;
        let tenants = runs::vendors_after(&mut connection, after, VENDORS_A_PAGE).await?;
        let businesses = tenants.iter().copied();
        audit::looked(&mut connection, person, Area::Payouts, businesses, self.clock.now()).await?;
        let vendors = self.due_of(&mut connection, &tenants).await?;
        Ok(PayoutsDue { provider: self.provider.as_deref().map(Provider::name), vendors })
    }

    async fn due_of(
        &self,
        connection: &mut PgConnection,
        tenants: &[TenantId],
    ) -> Result<Vec<PayoutDue>, Error> {
        let now = self.clock.now();
        let held = holds::of_tenants(connection, tenants, now).await?;
        let own_terms = terms::of_tenants(connection, tenants).await?;
        let accounts = accounts::of_tenants(connection, &self.fields, tenants).await?;
        let under_way = payouts::under_way(connection, tenants).await?;
        let names = runs::stall_names(connection, tenants).await?;
        let owed = self.ledger.accounts_named(connection, tenants, PAYABLE).await?;
        let due = tenants.iter().map(|tenant| {
            let mine = |pairs: &[(TenantId, i64)]| {
                pairs.iter().find(|(other, _)| other == tenant).map_or(0, |(_, minor)| *minor)
            };
            let owed = owed.iter().find(|account| account.tenant == *tenant);
            let owed = owed.map_or(0, |account| account.balance().minor());
            let held = mine(&held);
            let available = owed.saturating_sub(held);
            let account = accounts.iter().find(|account| account.tenant == *tenant);
            let days = own_terms.iter().find(|(other, _)| other == tenant).map(|(_, days)| *days);
            PayoutDue {
                tenant: *tenant,
                stall_name: names.iter().find(|(other, _)| other == tenant).map(|(_, name)| name.clone()),
                owed: Money::inr(owed),
                on_hold: Money::inr(held),
                available: Money::inr(available.max(0)),
                hold_days: days.unwrap_or(self.payouts.hold_days),
                why_not: self.why_not(available, account, under_way.contains(tenant)),
            }
        });
        Ok(due.collect())
    }

    fn why_not(&self, available_minor: i64, account: Option<&Account>, under_way: bool) -> Option<WhyNot> {
        match account {
            _ if under_way => Some(WhyNot::UnderWay),
            _ if available_minor <= 0 => Some(WhyNot::Nothing),
            _ if available_minor < self.payouts.minimum_minor() => Some(WhyNot::TooLittle),
            None => Some(WhyNot::NoAccount),
            Some(account) if account.payable_from > self.clock.now() => Some(WhyNot::AccountChanged),
            Some(_) => None,
        }
    }

    /// Looks at a page of vendors and asks for their payouts; gives the vendor to go on after.
    pub(crate) async fn run_page(
        &self,
        run: PayoutRunId,
        after: Option<TenantId>,
    ) -> Result<Option<TenantId>, Error> {
        let mut connection = self.db.acquire().await?;
        let tenants = runs::vendors_after(&mut connection, after, VENDORS_A_PAGE).await?;
        let due = self.due_of(&mut connection, &tenants).await?;
        drop(connection);
        for vendor in due.iter().filter(|vendor| vendor.why_not.is_none()) {
            repeat(|| self.ask_for_payout(run, vendor.tenant, None)).await?;
        }
        if let Some(last) = tenants.last() {
            return Ok(Some(*last));
        }
        runs::finish(&mut *self.db.acquire().await?, run, self.clock.now()).await?;
        Ok(None)
    }

    /// Asks for a payout of all that a vendor has to come; none where there is nothing to pay, or one is under way. Where it makes good one
    /// that did not reach the vendor, what the operator did is noted with that one.
    pub(super) async fn ask_for_payout(
        &self,
        run: PayoutRunId,
        tenant: TenantId,
        retries: Option<(PayoutId, &str, Act<'_>)>,
    ) -> Result<Option<PayoutId>, Error> {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        let available = self.available_minor(&mut transaction, tenant).await?;
        let account = accounts::of_tenant(&mut transaction, &self.fields, tenant).await?;
        let Some(account) = account.filter(|account| self.why_not(available, Some(account), false).is_none())
        else {
            return Ok(None);
        };
        let payout = Payout {
            fee_minor: 0,
            fee_tax_minor: 0,
            tenant,
            id: self.entropy.id(now),
            run,
            account: account.id,
            amount_minor: available.min(account.payout_minor_max()),
            state: PayoutState::Asked,
            provider: self.provider.as_deref().map(|provider| provider.name().to_owned()),
            sent_at: None,
            at_provider: None,
            utr: None,
        };
        if !payouts::insert(&mut transaction, &payout, retries.map(|(failed, ..)| failed), now).await? {
            return Ok(None);
        }
        if let Some((failed, line, _)) = retries {
            payouts::note_act(&mut transaction, tenant, failed, line).await?;
        }
        self.book_payout_asked(&mut transaction, &payout).await?;
        // The books are locked now: whatever was taken from the vendor since the look is seen.
        if self.available_minor(&mut transaction, tenant).await? < 0 {
            return Ok(None);
        }
        if payout.provider.is_some() {
            let make = MakePayout { tenant, payout: payout.id };
            self.jobs.enqueue(&mut transaction, Draft::new(tenant, &make)).await?;
        }
        self.announce_payout(&mut transaction, tenant, Some(PayoutState::Asked)).await?;
        if let Some((.., act)) = retries {
            audit::keep(&mut transaction, act).await?;
        }
        transaction.commit().await?;
        Ok(Some(payout.id))
    }
}
