//! Whoever keeps order: reports, what they are about, and what comes of them; stalls that are closed for now.
//!
//! **Invariants.** What was said at a stall is shown to nobody who does not say why, and that is kept in the business's own chain. A
//! report is decided once. A closed stall is closed to new visits, and to a new day of bargaining in those that there are; what was begun
//! there can be brought to its end.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use identity::audit::{Act, Area, Deed, keep, looked};
use identity::{Caller, OperatorReason, Permission};
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use types::{Language, ReportId, TenantId, VisitId};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Negotiation;
use crate::db::reports;
use crate::error::Error;
use crate::message::Author;
use crate::report::{ReportReason, ReportState, Reporter, WORDS};

/// How far back other reports of the same stall or guest are counted.
const COUNTED: TimeDelta = TimeDelta::days(90);

/// Which reports.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportsWanted {
    /// Only those of this state.
    state: Option<ReportState>,
    /// The `next` of the page before; nothing for the first page.
    before: Option<Uuid>,
    /// Items a page, 1–100; 50 where nothing is said.
    limit: Option<i64>,
}

/// A report in the queue, without anything that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorReport {
    /// The report.
    pub id: ReportId,
    /// At whose stall.
    pub tenant_id: TenantId,
    /// What the stall is called.
    pub stall_name: String,
    /// The visit.
    pub visit_id: VisitId,
    /// Who reports the other side.
    pub by: Reporter,
    /// Why.
    pub reason: ReportReason,
    /// What came of it.
    pub state: ReportState,
    /// When it was made.
    pub reported_at: DateTime<Utc>,
    /// Whether the stall is closed now.
    pub stall_closed: bool,
}

/// Something that was said at the stall, for both to hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportedWords {
    /// Who said it.
    pub author: Author,
    /// In the speaker's own words.
    pub text: String,
    /// In which language.
    pub language: Language,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportDetail {
    /// The report.
    pub report: OperatorReport,
    /// What the reporter says; empty where nothing.
    pub words: String,
    /// What both could hear, oldest first, of the last hundred; empty once the visit is forgotten.
    pub said: Vec<ReportedWords>,
    /// How many other reports of the same side there were within 90 days.
    pub others: i64,
}

/// What is to come of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportVerdict)]
pub enum Decision {
    /// Nothing.
    Dismiss,
    /// The reported side is warned.
    Warn,
    /// The stall is closed for now; of a report by a buyer.
    Close,
}

/// A decision, and why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ReportDecision {
    /// What is to come of it.
    decision: Decision,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

/// Whether a stall is closed from now on, and why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StallClosing {
    /// Whether it is.
    closed: bool,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

impl Decision {
    const fn state(self) -> ReportState {
        match self {
            Self::Dismiss => ReportState::Dismissed,
            Self::Warn => ReportState::Warned,
            Self::Close => ReportState::Closed,
        }
    }

    const fn deed(self) -> Deed {
        match self {
            Self::Dismiss => Deed::LeftAsItIs,
            Self::Warn => Deed::Warned,
            Self::Close => Deed::Stopped,
        }
    }
}

impl Negotiation {
    /// A page of reports, the newest first.
    ///
    /// # Errors
    /// As [`Caller::operate`].
    pub(crate) async fn reports(
        &self,
        caller: &Caller,
        wanted: ReportsWanted,
    ) -> Result<Page<OperatorReport>, Error> {
        let by = caller.operate(Permission::Moderate)?;
        let query = PageQuery { before: wanted.before, limit: wanted.limit };
        let mut connection = self.db.acquire().await?;
        let mut page =
            query.page(reports::page(&mut connection, wanted.state, query).await?, |report| report.id.uuid());
        let mut tenants: Vec<TenantId> = page.items.iter().map(|report| report.tenant_id).collect();
        tenants.sort_unstable();
        tenants.dedup();
        looked(&mut connection, by, Area::Moderation, tenants.iter().copied(), self.clock.now()).await?;
        let stalls = self.catalog.stalls(&mut connection, &tenants).await?;
        let names: HashMap<TenantId, String> = stalls.into_iter().map(|s| (s.tenant_id, s.name)).collect();
        for report in &mut page.items {
            report.stall_name = names.get(&report.tenant_id).cloned().unwrap_or_default();
        }
        Ok(page)
    }

    /// What a report is about. That somebody looked, and why, is kept in the business's chain.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NotFound`]; a reason that is empty or too long.
    pub(crate) async fn look_at_report(
        &self,
        caller: &Caller,
        (tenant, id): (TenantId, ReportId),
        why: &OperatorReason,
    ) -> Result<ReportDetail, Error> {
        let by = caller.operate(Permission::Moderate)?;
        let reason = why.line().map_err(identity::Error::Reason)?;
        repeat(|| async {
            let now = self.clock.now();
            let mut transaction = self.db.begin().await?;
            let found = reports::find(&mut transaction, tenant, id).await?.ok_or(Error::NotFound)?;
            let (mut report, sealed, guest) = found;
            let words =
                self.fields.read::<String>(WORDS, format_args!("{tenant}/{id}"), sealed.as_deref())?;
            let stall = self.catalog.stall(&mut transaction, tenant).await?;
            report.stall_name = stall.map(|stall| stall.name).unwrap_or_default();
            let said = reports::said(&mut transaction, tenant, report.visit_id).await?;
            let about = (tenant, guest, report.by);
            let others = reports::others(&mut transaction, about, id, now - COUNTED).await?;
            let act = Act::by(by, Area::Moderation, Deed::Looked, now).in_business(tenant);
            keep(&mut transaction, act.about(id.uuid()).because(&reason)).await?;
            transaction.commit().await?;
            Ok(ReportDetail { report, words: words.unwrap_or_default(), said, others })
        })
        .await
    }

    /// Decides what comes of a report. Both sides are told on their screens.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NotFound`], [`Error::ReportDecided`]; [`Error::Field`] where a buyer's stall is to be closed; a
    /// reason that is empty or too long.
    pub(crate) async fn decide_report(
        &self,
        caller: &Caller,
        (tenant, id): (TenantId, ReportId),
        asked: &ReportDecision,
    ) -> Result<OperatorReport, Error> {
        let by = caller.operate(Permission::Moderate)?;
        let reason = asked.why.line().map_err(identity::Error::Reason)?;
        let decided = repeat(|| async {
            let now = self.clock.now();
            let mut transaction = self.db.begin().await?;
            let (state, reporter) =
                reports::lock(&mut transaction, tenant, id).await?.ok_or(Error::NotFound)?;
            if state != ReportState::Open {
                return Err(Error::ReportDecided);
            }
            if asked.decision == Decision::Close {
                if reporter == Reporter::Vendor {
                    return Err(Error::Field { field: "decision", detail: "only a stall can be closed" });
                }
                reports::close_stall(&mut transaction, tenant, by, now).await?;
            }
            reports::decide(&mut transaction, (tenant, id), asked.decision.state(), by, now).await?;
            let (mut report, ..) =
                reports::find(&mut transaction, tenant, id).await?.ok_or(Error::NotFound)?;
            let stall = self.catalog.stall(&mut transaction, tenant).await?;
            report.stall_name = stall.map(|stall| stall.name).unwrap_or_default();
            let act = Act::by(by, Area::Moderation, asked.decision.deed(), now).in_business(tenant);
            keep(&mut transaction, act.about(id.uuid()).because(&reason)).await?;
            transaction.commit().await?;
            Ok(report)
        })
        .await?;
        tracing::info!(report = %id, %tenant, %by, decision = ?asked.decision, "a report was decided");
        Ok(decided)
    }

    /// Closes a stall to new visits, or opens it again.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NotFound`] for a stall that is not there; a reason that is empty or too long.
    pub(crate) async fn set_stall_closed(
        &self,
        caller: &Caller,
        tenant: TenantId,
        asked: &StallClosing,
    ) -> Result<(), Error> {
        let by = caller.operate(Permission::Moderate)?;
        let reason = asked.why.line().map_err(identity::Error::Reason)?;
        repeat(|| async {
            let now = self.clock.now();
            let mut transaction = self.db.begin().await?;
            self.catalog.stall(&mut transaction, tenant).await?.ok_or(Error::NotFound)?;
            let changed = if asked.closed {
                reports::close_stall(&mut transaction, tenant, by, now).await?
            } else {
                reports::open_stall(&mut transaction, tenant).await?
            };
            // What changed nothing is no act.
            if !changed {
                return Ok::<_, Error>(());
            }
            let deed = if asked.closed { Deed::Stopped } else { Deed::Allowed };
            let act = Act::by(by, Area::Moderation, deed, now).in_business(tenant);
            keep(&mut transaction, act.because(&reason)).await?;
            transaction.commit().await?;
            tracing::info!(%tenant, %by, closed = asked.closed, "a stall was closed or opened again");
            Ok(())
        })
        .await
    }
}
