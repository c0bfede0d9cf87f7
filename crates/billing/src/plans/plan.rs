//! What can be subscribed to: a catalogue that the operator writes.
//!
//! Prices include tax, as all prices here do. A plan's terms are never changed: a new version follows, and whoever has the old one
//! keeps it until they change. The newest version of the free plan is what every vendor without a subscription has.

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, VendorCaller, act_line};
use platform::sent::content_hash;
use platform::text;
use serde::{Deserialize, Serialize};
use types::{Money, PlanId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::{reason, within};
use crate::db::subscribing::{Sent, plans as rows};
use crate::plans::Plans;
use crate::plans::period::Term;

/// The plan that nobody pays for.
pub(crate) const FREE: &str = "free";
/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 40;
/// The highest price of a period: ten lakh rupees.
const PRICE_MINOR_MAX: i64 = 10_00_000_00;
/// The longest trial.
const TRIAL_DAYS_MAX: i64 = 90;
/// More products fit on no shelf.
const PRODUCTS_MAX: i64 = 500;
/// The most credit that comes with a month.
const INCLUDED_MINOR_MAX: i64 = 1_00_000_00;

/// A version of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Plan {
    /// The version.
    pub id: PlanId,
    /// What all versions share.
    #[schema(example = "pro")]
    pub code: String,
    /// Which version it is, counted from 1.
    pub version: i32,
    /// What people call it.
    pub name: String,
    /// What a month costs, tax included.
    pub month: Money,
    /// What a year costs, tax included.
    pub year: Money,
    /// For how many days it can be tried for nothing.
    pub trial_days: i16,
    /// How many products may be on the shelf.
    pub products_max: i32,
    /// Credit that comes with each month and is lost at the end of the period.
    pub included: Money,
    /// Whether it can be chosen, while it is the newest version.
    pub offered: bool,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A version of a plan to be written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewPlan {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// Which plan: small letters, digits and hyphens, at most 32.
    #[schema(example = "pro", max_length = 32)]
    pub code: String,
    /// What people call it.
    #[schema(max_length = 40)]
    pub name: String,
    /// What a month costs, tax included: nothing for the free plan and something for every other.
    pub month: Money,
    /// What a year costs, tax included: at least a month's price.
    pub year: Money,
    /// For how many days it can be tried for nothing.
    #[schema(minimum = 0, maximum = 90)]
    pub trial_days: i16,
    /// How many products may be on the shelf.
    #[schema(minimum = 0, maximum = 500)]
    pub products_max: i32,
    /// Credit that comes with each month.
    pub included: Money,
    /// Why: one line.
    #[schema(max_length = 200)]
    pub reason: String,
}

/// Whether a plan can be chosen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Offered {
    /// Whether it can be chosen.
    pub offered: bool,
    /// Why.
    #[serde(flatten)]
    pub why: OperatorReason,
}

impl Plan {
    /// Whether nobody pays for it.
    pub fn is_free(&self) -> bool {
        self.code == FREE
    }

    /// What a period costs.
    pub(crate) const fn price(&self, term: Term) -> Money {
        match term {
            Term::Month => self.month,
            Term::Year => self.year,
        }
    }

    /// The credit that comes with a period.
    pub(crate) fn included_in(&self, term: Term) -> Money {
        Money::inr(self.included.minor() * i64::from(term.months()))
    }
}

impl NewPlan {
    /// Refuses what no plan is; gives the name and the reason as they are kept.
    fn checked(&self) -> Result<(String, String), Error> {
        let letters =
            |code: &str| code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if self.code.is_empty() || self.code.len() > 32 || !letters(&self.code) || self.code.starts_with('-')
        {
            return Err(Error::BadCode);
        }
        let name = text::line(&self.name, NAME_CHARS_MAX);
        let name = name.map_err(|error| Error::Field { name: "name", error })?;
        let is_free = self.code == FREE;
        let (least, most) = if is_free { (0, 0) } else { (1, PRICE_MINOR_MAX) };
        let month = within("month", self.month.minor(), least, most)?;
        within("year", self.year.minor(), month, most)?;
        within("trial_days", self.trial_days.into(), 0, if is_free { 0 } else { TRIAL_DAYS_MAX })?;
        within("products_max", self.products_max.into(), 0, PRODUCTS_MAX)?;
        within("included", self.included.minor(), 0, if is_free { 0 } else { INCLUDED_MINOR_MAX })?;
        Ok((name, reason(&self.reason)?))
    }
}

impl Plans {
    /// The plans that a vendor can choose, the cheapest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn catalogue(&self, _vendor: VendorCaller) -> Result<Vec<Plan>, Error> {
        let mut connection = self.credits.db.acquire().await?;
        Ok(rows::offered(&mut connection).await?)
    }

    /// Every version of every plan, the newest first.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn plans(&self, caller: &Caller) -> Result<Vec<Plan>, Error> {
        caller.operator()?;
        let mut connection = self.credits.db.acquire().await?;
        Ok(rows::all(&mut connection).await?)
    }

    /// Writes a new version of a plan: once for each `client_id`.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::BadCode`], [`Error::OutOfRange`], [`Error::Field`], [`Error::ClientIdReused`].
    pub async fn add_plan(&self, caller: &Caller, new: &NewPlan) -> Result<Plan, Error> {
        let person = caller.operator()?;
        let (name, reason) = new.checked()?;
        let content_hash = content_hash(new).map_err(Error::Stored)?;
        let plan = platform::db::repeat(|| async {
            let mut transaction = self.credits.db.begin().await?;
            let now = self.credits.clock.now();
            let plan = Plan {
                id: self.credits.entropy.id(now),
                code: new.code.clone(),
                version: rows::last_version(&mut transaction, &new.code).await? + 1,
                name: name.clone(),
                month: new.month,
                year: new.year,
                trial_days: new.trial_days,
                products_max: new.products_max,
                included: new.included,
                offered: true,
                created_at: now,
            };
            let sent =
                Sent { client_id: new.client_id, content_hash: &content_hash, reason: &reason, person };
            if !rows::insert(&mut transaction, &plan, &sent).await? {
                let (before, hash) =
                    rows::sent_before(&mut transaction, new.client_id).await?.ok_or(Error::NotFound)?;
                return if hash == content_hash { Ok(before) } else { Err(Error::ClientIdReused) };
            }
            let act = Act::by(person, Area::Plans, Deed::Added, now).about(plan.id.uuid());
            audit::keep(&mut transaction, act.because(&reason)).await?;
            transaction.commit().await?;
            Ok(plan)
        });
        let plan = plan.await?;
        tracing::info!(code = plan.code, version = plan.version, %person, reason, "a plan was written");
        Ok(plan)
    }

    /// Takes a plan off the list, or puts it back. Who has it keeps it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::NotFound`]; [`Error::Field`]; the free plan is always there: [`Error::BadCode`].
    pub async fn offer_plan(&self, caller: &Caller, plan: PlanId, offered: &Offered) -> Result<Plan, Error> {
        let person = caller.operator()?;
        let reason = reason(&offered.why.reason)?;
        let mut transaction = self.credits.db.begin().await?;
        let found = rows::find(&mut transaction, plan).await?.ok_or(Error::NotFound)?;
        if found.is_free() {
            return Err(Error::BadCode);
        }
        let verb = if offered.offered { "offered" } else { "withdrawn" };
        let now = self.credits.clock.now();
        let line = act_line(verb, person, &reason, now);
        rows::set_offered(&mut transaction, plan, offered.offered, &line).await?;
        let deed = if offered.offered { Deed::Allowed } else { Deed::Ended };
        let act = Act::by(person, Area::Plans, deed, now).about(plan.uuid());
        audit::keep(&mut transaction, act.because(&reason)).await?;
        transaction.commit().await?;
        tracing::info!(%plan, %person, offered = offered.offered, reason, "a plan was put on or off the list");
        Ok(Plan { offered: offered.offered, ..found })
    }
}
