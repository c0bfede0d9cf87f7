//! What one side of a visit reports of the other, and what it hears of it; what a stall is told by whoever keeps order.
//!
//! **Invariants.** A side reports a visit once. Nobody reported is told by whom, nor in which words; these
//! lie sealed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use identity::{Caller, VendorCaller};
use parley::Side;
use platform::db::{repeat, violated_constraint};
use platform::fields::Column;
use platform::text;
use serde::{Deserialize, Serialize};
use types::{GuestId, PersonId, ReportId, TenantId, VisitId};
use utoipa::ToSchema;

use crate::Negotiation;
use crate::db::{reports, visits};
use crate::error::Error;
use crate::room::Party;

/// The longest words of a reporter, in characters.
const WORDS_CHARS_MAX: usize = 500;
/// They are sealed for the row of their stall and report.
pub(crate) const WORDS: Column = Column::of("reports", "words");
/// So many reports of a phone, and of a stall, within a day.
const OF_PHONE_MAX: i64 = 5;
const OF_STALL_MAX: i64 = 20;
const DAY: TimeDelta = TimeDelta::days(1);
/// How long a stall is shown what was decided.
const SHOWN_FOR: TimeDelta = TimeDelta::days(90);

/// Why somebody reports the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ReportReason {
    /// They cheat.
    Fraud,
    /// They insult or threaten.
    Abuse,
    /// They sell what must not be sold.
    ForbiddenGoods,
    /// They do not mean to deal at all.
    Spam,
    /// Something else, said in words.
    Other,
}

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ReportState {
    /// Nobody has decided yet.
    Open,
    /// Nothing.
    Dismissed,
    /// The reported side was warned.
    Warned,
    /// The stall was closed for now.
    Closed,
}

/// Who reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Reporter {
    /// The buyer, of the stall.
    Buyer,
    /// A member of the stall, of the buyer.
    Vendor,
}

/// What somebody reports of the other side of a visit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewReport {
    /// Why.
    reason: ReportReason,
    /// In at most 500 characters; needed where the reason is something else.
    #[serde(default)]
    words: String,
}

/// A report, as whoever made it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    /// The report.
    pub id: ReportId,
    /// The visit that it is about.
    pub visit_id: VisitId,
    /// Why.
    pub reason: ReportReason,
    /// What came of it.
    pub state: ReportState,
    /// When it was made.
    pub reported_at: DateTime<Utc>,
    /// When somebody decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decided_at: Option<DateTime<Utc>>,
}

/// A warning by whoever keeps order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ModeratorsWarning)]
pub struct Warned {
    /// The report that led to it.
    pub id: ReportId,
    /// Because of what.
    pub reason: ReportReason,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a side of a visit reported, and what it was warned of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitReports {
    /// What this side reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mine: Option<Report>,
    /// What this side was warned of because of this visit.
    pub warnings: Vec<Warned>,
}

/// What whoever keeps order tells a stall, of the last 90 days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StallNotices {
    /// Since when the stall is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closed_at: Option<DateTime<Utc>>,
    /// What it was warned of, the newest first.
    pub warnings: Vec<Warned>,
    /// What its members reported, the newest first.
    pub reports: Vec<Report>,
}

/// A report as it is kept.
#[derive(Debug)]
pub(crate) struct Row {
    pub tenant: TenantId,
    pub id: ReportId,
    pub visit: VisitId,
    pub guest: GuestId,
    pub by: Reporter,
    pub person: Option<PersonId>,
    pub reason: ReportReason,
    pub words_sealed: Option<Vec<u8>>,
}

impl From<Side> for Reporter {
    fn from(side: Side) -> Self {
        match side {
            Side::Buyer => Self::Buyer,
            Side::Vendor => Self::Vendor,
        }
    }
}

impl Reporter {
    /// The side that is reported.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Buyer => Self::Vendor,
            Self::Vendor => Self::Buyer,
        }
    }
}

impl Negotiation {
    /// Reports the other side of a visit.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Field`], [`Error::AlreadyReported`], [`Error::TooMany`].
    pub(crate) async fn report_visit(
        &self,
        caller: &Caller,
        visit: VisitId,
        new: &NewReport,
    ) -> Result<Report, Error> {
        self.limits.report(caller)?;
        let party = Party::of(caller, visit)?;
        let words = match new.words.trim() {
            "" if new.reason == ReportReason::Other => {
                return Err(Error::Field { field: "words", detail: "say what happened" });
            }
            "" => String::new(),
            words => text::paragraphs(words, WORDS_CHARS_MAX)?,
        };
        let report = repeat(|| self.report_once(caller, party, new.reason, &words)).await?;
        tracing::info!(report = %report.id, tenant = %party.tenant, "a visit was reported");
        Ok(report)
    }

    async fn report_once(
        &self,
        caller: &Caller,
        party: Party,
        reason: ReportReason,
        words: &str,
    ) -> Result<Report, Error> {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        let visit =
            visits::find(&mut transaction, party.tenant, party.visit, now).await?.ok_or(Error::NotFound)?;
        let (made, most) = match party.side {
            Side::Buyer => {
                let guests: Vec<_> = caller.passes().iter().map(|pass| pass.guest.uuid()).collect();
                (reports::of_guests_since(&mut transaction, &guests, now - DAY).await?, OF_PHONE_MAX)
            }
            Side::Vendor => {
                (reports::of_stall_since(&mut transaction, party.tenant, now - DAY).await?, OF_STALL_MAX)
            }
        };
        if made >= most {
            return Err(Error::wait(Duration::from_hours(24)));
        }
        let id: ReportId = self.entropy.id(now);
        let sealed = || self.fields.seal(WORDS, format_args!("{}/{id}", party.tenant), words);
        let row = Row {
            tenant: party.tenant,
            id,
            visit: party.visit,
            guest: visit.guest,
            by: party.side.into(),
            person: party.by,
            reason,
            words_sealed: (!words.is_empty()).then(sealed),
        };
        let added = reports::add(&mut transaction, &row, now).await;
        added.map_err(|error| match violated_constraint(&error) {
            Some("reports_once_a_visit") => Error::AlreadyReported,
            _ => error.into(),
        })?;
        transaction.commit().await?;
        Ok(Report {
            id,
            visit_id: party.visit,
            reason,
            state: ReportState::Open,
            reported_at: now,
            decided_at: None,
        })
    }

    /// What this side of a visit reported, and what it was warned of.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(crate) async fn reports_of_visit(&self, party: Party) -> Result<VisitReports, Error> {
        let mut connection = self.db.acquire().await?;
        let Party { tenant, visit, side, .. } = party;
        visits::find(&mut connection, tenant, visit, self.clock.now()).await?.ok_or(Error::NotFound)?;
        let by = Reporter::from(side);
        let mine = reports::of_visit(&mut connection, tenant, visit, by).await?;
        let of_me = reports::of_visit(&mut connection, tenant, visit, by.other()).await?;
        let warnings = of_me.iter().filter_map(warned).collect();
        Ok(VisitReports { mine, warnings })
    }

    /// What a stall is told by whoever keeps order.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) async fn notices_of_stall(&self, vendor: VendorCaller) -> Result<StallNotices, Error> {
        let since = self.clock.now() - SHOWN_FOR;
        let mut connection = self.db.acquire().await?;
        let closed_at = reports::closed_since(&mut connection, vendor.tenant).await?;
        let of_stall = reports::decided_of_stall(&mut connection, vendor.tenant, since).await?;
        let reports = reports::made_by_stall(&mut connection, vendor.tenant, since).await?;
        let warnings = of_stall.iter().filter_map(warned).collect();
        Ok(StallNotices { closed_at, warnings, reports })
    }
}

/// What the reported side is told: nothing where it was not warned.
fn warned(report: &Report) -> Option<Warned> {
    let at =
        report.decided_at.filter(|_| matches!(report.state, ReportState::Warned | ReportState::Closed))?;
    Some(Warned { id: report.id, reason: report.reason, at })
}
