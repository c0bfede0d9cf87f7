//! The erasure of an account: asked for, two days to think better of it, then done by a job.

use chrono::{DateTime, TimeDelta, Utc};
use identity::audit::{Act, Area, Deed, keep, looked};
use identity::{Caller, OperatorReason, Permission};
use platform::db::repeat;
use platform::jobs::Draft;
use platform::personal::{Obstacle, Subject, erase};
use serde::Serialize;
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::erasures::{self, Erasure, State};
use crate::jobs::erase_account::EraseAccount;
use crate::visits::note_visits;
use crate::{Error, Privacy};

/// How long an account can be kept after its erasure was asked for.
pub const REGRET: TimeDelta = TimeDelta::hours(48);
/// When it is looked at again, where something stands in the way.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// What an erasure would do, and how far one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErasurePlan {
    /// The erasure that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub asked: Option<AskedErasure>,
    /// What must be settled first.
    pub obstacles: Vec<Obstacle>,
    /// The businesses that end with the account: nobody else belongs to them.
    pub businesses: Vec<EndingBusiness>,
}

/// An erasure that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AskedErasure {
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Until when the account can be kept.
    pub due_at: DateTime<Utc>,
}

/// A business that ends with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndingBusiness {
    /// The business.
    pub tenant_id: TenantId,
    /// What its members call it.
    pub name: String,
}

impl Privacy {
    /// What an erasure of the caller's account would do, and how far one is.
    pub(crate) async fn erasure_plan(&self, caller: &Caller) -> Result<ErasurePlan, Error> {
        let person = caller.signed_in()?.person.id;
        let mut connection = self.db.acquire().await?;
        let asked = erasures::open_of(&mut connection, person).await?;
        self.plan(&mut connection, person, asked.as_ref()).await
    }

    /// The same of somebody else's account, for an operator; that it was looked at is kept.
    ///
    /// # Errors
    /// As [`Caller::operate`].
    pub(crate) async fn erasure_plan_of(
        &self,
        caller: &Caller,
        person: PersonId,
    ) -> Result<ErasurePlan, Error> {
        let by = caller.operate(Permission::FindPeople)?;
        let mut connection = self.db.acquire().await?;
        let asked = erasures::open_of(&mut connection, person).await?;
        let plan = self.plan(&mut connection, person, asked.as_ref()).await?;
        looked(&mut connection, by, Area::PersonalData, None, self.clock.now()).await?;
        Ok(plan)
    }

    async fn plan(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
        asked: Option<&Erasure>,
    ) -> Result<ErasurePlan, Error> {
        let (subject, businesses) = self.ending(connection, person).await?;
        let obstacles = self.obstacles(connection, &subject).await?;
        let asked = asked.map(|asked| AskedErasure { asked_at: asked.asked_at, due_at: asked.due_at });
        Ok(ErasurePlan { asked, obstacles, businesses })
    }

    /// The person with the businesses that nobody else belongs to, and the visits that they keep.
    async fn ending(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
    ) -> Result<(Subject, Vec<EndingBusiness>), Error> {
        let owned = self.identity.owned_businesses(connection, person).await?;
        let ending = owned.into_iter().filter(|business| !business.has_others);
        let businesses: Vec<EndingBusiness> = ending
            .map(|business| EndingBusiness { tenant_id: business.tenant, name: business.name })
            .collect();
        let tenants = businesses.iter().map(|business| business.tenant_id).collect();
        let visits = self.identity.visits_kept_by(connection, person).await?;
        Ok((Subject { person: Some(person), businesses: tenants, visits }, businesses))
    }

    /// What stands in the way, each once.
    pub(crate) async fn obstacles(
        &self,
        connection: &mut PgConnection,
        subject: &Subject,
    ) -> Result<Vec<Obstacle>, Error> {
        let mut found = Vec::new();
        for holder in self.holders() {
            found.extend(holder.obstacles(connection, subject).await?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Has the caller's account erased in two days. Asked for again, it is the same one.
    ///
    /// # Errors
    /// [`Error::Obstructed`] where something must be settled first.
    pub(crate) async fn ask_for_erasure(&self, caller: &Caller) -> Result<ErasurePlan, Error> {
        let person = caller.signed_in()?.person.id;
        let now = self.clock.now();
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if let Some(before) = erasures::open_of(&mut transaction, person).await? {
                return self.plan(&mut transaction, person, Some(&before)).await;
            }
            let plan = self.plan(&mut transaction, person, None).await?;
            if !plan.obstacles.is_empty() {
                return Err(Error::Obstructed(plan.obstacles));
            }
            let (id, due_at): (Uuid, _) = (self.entropy.id(now), now + REGRET);
            erasures::insert(&mut transaction, id, person, (now, due_at)).await?;
            let job = Draft::of_nobody(&EraseAccount { erasure: id }).at(due_at);
            self.jobs.enqueue(&mut transaction, job).await?;
            let act = Act::by(person, Area::PersonalData, Deed::Added, now).about(person.uuid());
            keep(&mut transaction, act).await?;
            transaction.commit().await?;
            Ok(ErasurePlan { asked: Some(AskedErasure { asked_at: now, due_at }), ..plan })
        })
        .await
    }

    /// Keeps the caller's account after all.
    ///
    /// # Errors
    /// [`Error::Over`] where none was asked for or it has begun.
    pub(crate) async fn keep_account(&self, caller: &Caller) -> Result<(), Error> {
        let person = caller.signed_in()?.person.id;
        self.call_off(person, Act::by(person, Area::PersonalData, Deed::CalledOff, self.clock.now())).await
    }

    /// Keeps somebody's account after all, on an operator's word that the person wants it.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::Over`], a reason that cannot be kept.
    pub(crate) async fn keep_account_of(
        &self,
        caller: &Caller,
        person: PersonId,
        why: &OperatorReason,
    ) -> Result<(), Error> {
        let by = caller.operate(Permission::LockPeople)?;
        let reason = why.line().map_err(identity::Error::Reason)?;
        let act = Act::by(by, Area::PersonalData, Deed::CalledOff, self.clock.now()).because(&reason);
        self.call_off(person, act).await
    }

    async fn call_off(&self, person: PersonId, act: Act<'_>) -> Result<(), Error> {
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if !erasures::keep(&mut transaction, person, self.clock.now()).await? {
                return Err(Error::Over);
            }
            keep(&mut transaction, act.about(person.uuid())).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// Begins an erasure that is due, or goes on with one that began: nobody signs in any more, then everything goes that may. Where
    /// something stands in the way it waits an hour.
    pub(crate) async fn erase_account(&self, id: Uuid) -> anyhow::Result<()> {
        let Some(subject) = self.begin_erasure(id).await? else { return Ok(()) };
        self.sweep(&subject).await?;
        let now = self.clock.now();
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if erasures::finish(&mut transaction, id, now).await? {
                let act = Act::by_nobody(Area::PersonalData, Deed::Ended, now);
                let about = subject.person.map_or(id, PersonId::uuid);
                keep(&mut transaction, act.about(about)).await?;
                note_visits(&mut transaction, &subject, now).await?;
            }
            Ok::<_, Error>(transaction.commit().await?)
        })
        .await?;
        tracing::info!(erasure = %id, businesses = subject.businesses.len(), "an account was erased");
        Ok(())
    }

    async fn begin_erasure(&self, id: Uuid) -> Result<Option<Subject>, Error> {
        repeat(|| async {
            let now = self.clock.now();
            let mut transaction = self.db.begin().await?;
            let Some(erasure) = erasures::lock(&mut transaction, id).await? else { return Ok(None) };
            match erasure.state {
                State::Kept | State::Done => return Ok(None),
                State::Running => {
                    let visits = self.identity.visits_kept_by(&mut transaction, erasure.person).await?;
                    let person = Some(erasure.person);
                    return Ok(Some(Subject { person, businesses: erasure.businesses, visits }));
                }
                State::Asked => {}
            }
            let (subject, _) = self.ending(&mut transaction, erasure.person).await?;
            let obstacles = self.obstacles(&mut transaction, &subject).await?;
            if obstacles.is_empty() {
                erasures::begin(&mut transaction, id, &subject.businesses).await?;
                self.identity.close_account(&mut transaction, erasure.person, now).await?;
            } else {
                erasures::wait(&mut transaction, id, &obstacles).await?;
                let again = Draft::of_nobody(&EraseAccount { erasure: id }).at(now + AGAIN);
                self.jobs.enqueue(&mut transaction, again).await?;
            }
            transaction.commit().await?;
            Ok(obstacles.is_empty().then_some(subject))
        })
        .await
    }

    /// Deletes and overwrites what the register says, context by context.
    pub(crate) async fn sweep(&self, subject: &Subject) -> anyhow::Result<()> {
        for holder in self.holders() {
            holder.delete_files(subject).await?;
        }
        for holder in self.holders() {
            for table in holder.tables() {
                erase(&mut *self.db.acquire().await?, table, subject).await?;
            }
        }
        Ok(())
    }
}
