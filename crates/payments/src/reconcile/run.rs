//! Comparisons of days: asked for by an operator, or due by themselves.

use chrono::{DateTime, Days, NaiveDate, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use platform::jobs::Draft;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::collections::HashSet;
use types::PersonId;
use utoipa::ToSchema;

use super::bank::{BANK, compare_bank};
use super::compare::{Compared, compare};
use super::gather::SETTLED_WITHIN;
use crate::db::reconcile::{exceptions, runs};
use crate::gateway::Gateway;
use crate::ids::{ExceptionId, RunId};
use crate::jobs::reconcile_day::ReconcileDay;
use crate::{Error, Payments, india};

/// How far back days are compared by themselves that were not yet.
const DAYS_BACK: u64 = 14;

/// Where a comparison stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ReconciliationState {
    /// To be made.
    Asked,
    /// It was made.
    Done,
}

/// A comparison of one day's money, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reconciliation {
    /// The comparison.
    pub id: RunId,
    /// The gateway whose side is compared; `bank` where it is the platform's bank.
    pub gateway: String,
    /// The day in India.
    pub day: NaiveDate,
    /// Where it stands.
    pub state: ReconciliationState,
    /// How many payments, refunds and settlement lines were looked at.
    pub compared: i32,
    /// How many of them match on all sides.
    pub matched: i32,
    /// How many settlement lines were written into the books.
    pub booked: i32,
    /// How many exceptions it opened.
    pub opened: i32,
    /// How many exceptions of the day had become right by themselves.
    pub closed: i32,
    /// Why an operator wanted it; absent where it was due by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it did not succeed so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
}

/// A day to be compared, and why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewReconciliation {
    /// The day in India; not one that is yet to come.
    pub day: NaiveDate,
    /// The gateway whose side is compared, or `bank`: without it the first of those that are set up.
    #[serde(default)]
    #[schema(nullable = false)]
    pub gateway: Option<String>,
    /// Why.
    #[serde(flatten)]
    pub why: OperatorReason,
}

/// What a comparison counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub compared: i32,
    pub matched: i32,
    pub booked: i32,
    pub opened: i32,
    pub closed: i32,
}

impl Payments {
    /// A page of comparisons, newest first, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn reconciliations(
        &self,
        caller: &Caller,
        query: PageQuery,
    ) -> Result<Page<Reconciliation>, Error> {
        caller.operator()?;
        let found = runs::list(&mut *self.db.acquire().await?, query).await?;
        Ok(query.page(found, |run| run.id.uuid()))
    }

    /// Has a day compared, by a job. Who and why is kept with it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`], [`Error::NoGateway`], [`Error::DayAhead`].
    pub async fn ask_to_reconcile(
        &self,
        caller: &Caller,
        new: &NewReconciliation,
    ) -> Result<Reconciliation, Error> {
        let person = caller.operator()?;
        let reason = new.why.line().map_err(Error::Reason)?;
        if new.day > india::date(self.clock.now()) {
            return Err(Error::DayAhead);
        }
        let gateway = match new.gateway.as_deref() {
            Some(BANK) => BANK,
            chosen => self.gateways.chosen(chosen)?.name(),
        };
        let mut transaction = self.db.begin().await?;
        let run = self.plan_day(&mut transaction, gateway, new.day, Some((person, &reason))).await?;
        let asked = runs::find(&mut transaction, run).await?.ok_or(Error::NotFound)?;
        let act = Act::by(person, Area::Reconciliation, Deed::Started, self.clock.now());
        audit::keep(&mut transaction, act.about(run.uuid()).because(&reason)).await?;
        transaction.commit().await?;
        Ok(asked)
    }

    /// Has a day compared, in the caller's transaction.
    pub(super) async fn plan_day(
        &self,
        connection: &mut PgConnection,
        gateway: &str,
        day: NaiveDate,
        asked: Option<(PersonId, &str)>,
    ) -> Result<RunId, Error> {
        let now = self.clock.now();
        let id: RunId = self.entropy.id(now);
        runs::insert(connection, &runs::New { id, gateway, day, asked, now }).await?;
        self.jobs.enqueue(connection, Draft::of_nobody(&ReconcileDay { run: id })).await?;
        Ok(id)
    }

    /// Has each day compared that is due: those behind us that were not, once more when their settlements are due, and daily
    /// while something of theirs is open. Each gateway has its own.
    pub(crate) async fn plan_days(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let today = india::date(now);
        let days: Vec<NaiveDate> =
            (1..=DAYS_BACK).filter_map(|back| today.checked_sub_days(Days::new(back))).collect();
        let looked_at_since = |day: &NaiveDate| {
            let end = india::hours(*day).end;
            if now >= end + SETTLED_WITHIN { end + SETTLED_WITHIN } else { end }
        };
        let not_before: Vec<DateTime<Utc>> = days.iter().map(looked_at_since).collect();
        let mut transaction = self.db.begin().await?;
        for gateway in self.gateways.all().map(Gateway::name) {
            for day in runs::days_due(&mut transaction, gateway, &days, &not_before).await? {
                self.plan_day(&mut transaction, gateway, day, None).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Compares a day. The same again finds the same, books nothing twice, and closes what has become right.
    pub(crate) async fn reconcile(&self, run: RunId) -> Result<(), Error> {
        let found = runs::find(&mut *self.db.acquire().await?, run).await?.ok_or(Error::NotFound)?;
        if found.state == ReconciliationState::Done {
            return Ok(());
        }
        let compared = if found.gateway == BANK {
            compare_bank(&self.bank_day(found.day).await?)
        } else {
            compare(&self.gather(self.gateways.of(Some(&found.gateway))?, found.day).await?)
        };
        let mut tally = Tally::of(&compared);
        for (line, payment) in &compared.bookable {
            tally.booked += i32::from(self.book_line(line, payment).await?);
        }
        let now = self.clock.now();
        let place = exceptions::Found { gateway: &found.gateway, day: found.day, run, now };
        let mut transaction = self.db.begin().await?;
        for finding in &compared.findings {
            let id: ExceptionId = self.entropy.id(now);
            tally.opened += i32::from(exceptions::keep(&mut transaction, &place, id, finding).await?);
        }
        tally.closed = count(exceptions::close_the_rest(&mut transaction, &place).await?);
        runs::finish(&mut transaction, run, &tally, now).await?;
        transaction.commit().await?;
        if tally.opened > 0 {
            tracing::warn!(day = %found.day, opened = tally.opened, "a day's money does not match: the operator has to look");
        }
        Ok(())
    }
}

impl Tally {
    fn of(compared: &Compared) -> Self {
        let wrong: HashSet<&str> = compared.findings.iter().map(|finding| finding.subject.as_str()).collect();
        let matched = compared.count.saturating_sub(wrong.len());
        Self { compared: count(compared.count), matched: count(matched), ..Self::default() }
    }
}

fn count(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
