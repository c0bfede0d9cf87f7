//! Teams inside a business: named groups of its members, to whom buyers are given.
//!
//! **Invariants.** A team's members belong to the business; whoever leaves it leaves its teams. At most one team of a business greets:
//! whoever arrives at the stall is given to it, and its members' phones are told. One that was dissolved has no members, is given
//! nothing and keeps its name for the record of what was done; what it was given is everybody's again.
//!
//! **Deliberately absent**: rights of a team. What somebody may do is their role's; a team says who looks after which buyers.

use platform::db::repeat;
use platform::text;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{CrewId, PersonId, TenantId};
use utoipa::ToSchema;

use crate::person::NAME_CHARS_MAX;
use crate::role::Permission;
use crate::team::{Act, NewAct, Team};
use crate::{Caller, Error, Identity, VendorCaller, db};

/// So many teams a business has at most.
pub const CREWS_MAX: i64 = 20;

/// A team inside a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Crew {
    /// The team.
    pub id: CrewId,
    /// What it is called.
    pub name: String,
    /// Whether whoever arrives at the stall is given to it.
    pub greets: bool,
    /// Who is in it, longest first; at most 50.
    pub members: Vec<PersonId>,
}

/// A team to form.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewCrew {
    /// What it is called: one line of 1 to 80 characters, once in the business.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
}

/// What changes of a team. What is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct CrewChange {
    /// What it is called from now on.
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    /// Whether whoever arrives is given to it from now on; the team that was is relieved.
    greets: Option<bool>,
}

impl Identity {
    /// Forms a team without members.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::Name`], [`Error::CrewNameTaken`], [`Error::CrewsFull`].
    pub async fn form_crew(&self, caller: &Caller, new: &NewCrew) -> Result<Team, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let name = text::line(&new.name, NAME_CHARS_MAX)?;
        let mut transaction = self.db.begin().await?;
        self.manager(&mut transaction, vendor).await?;
        if db::crews::count(&mut transaction, vendor.tenant).await? >= CREWS_MAX {
            return Err(Error::CrewsFull);
        }
        let now = self.clock.now();
        let id: CrewId = self.entropy.id(now);
        db::crews::insert(&mut transaction, vendor.tenant, id, &name, now).await?;
        self.note(&mut transaction, &about(vendor, Act::CrewFormed, id)).await?;
        transaction.commit().await?;
        self.team(caller).await
    }

    /// Gives a team another name, or has it greet or rest.
    ///
    /// # Errors
    /// As [`Identity::form_crew`]; [`Error::NoSuchCrew`].
    pub async fn change_crew(&self, caller: &Caller, id: CrewId, change: &CrewChange) -> Result<Team, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let name = change.name.as_deref().map(|name| text::line(name, NAME_CHARS_MAX)).transpose()?;
        let mut transaction = self.db.begin().await?;
        self.manager(&mut transaction, vendor).await?;
        let crew = crew_of(&mut transaction, vendor.tenant, id).await?;
        if let Some(name) = name.filter(|name| *name != crew.name) {
            db::crews::rename(&mut transaction, vendor.tenant, id, &name).await?;
            self.note(&mut transaction, &about(vendor, Act::CrewNamed, id)).await?;
        }
        if let Some(greets) = change.greets.filter(|greets| *greets != crew.greets) {
            db::crews::relieve(&mut transaction, vendor.tenant).await?;
            if greets {
                db::crews::greet(&mut transaction, vendor.tenant, id).await?;
            }
            let act = if greets { Act::CrewGreets } else { Act::CrewRests };
            self.note(&mut transaction, &about(vendor, act, id)).await?;
        }
        transaction.commit().await?;
        self.team(caller).await
    }

    /// Dissolves a team. What it was given is everybody's again.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::NoSuchCrew`].
    pub async fn dissolve_crew(&self, caller: &Caller, id: CrewId) -> Result<(), Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let mut transaction = self.db.begin().await?;
        self.manager(&mut transaction, vendor).await?;
        crew_of(&mut transaction, vendor.tenant, id).await?;
        db::crews::dissolve(&mut transaction, vendor.tenant, id, self.clock.now()).await?;
        self.note(&mut transaction, &about(vendor, Act::CrewDissolved, id)).await?;
        Ok(transaction.commit().await?)
    }

    /// Puts a member into a team, or takes them out of it. The same twice changes nothing.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::NoSuchCrew`]; [`Error::NoSuchPerson`] for somebody who does not belong to the business.
    pub async fn change_crew_member(
        &self,
        caller: &Caller,
        id: CrewId,
        person: PersonId,
        is_in: bool,
    ) -> Result<Team, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            self.manager(&mut transaction, vendor).await?;
            crew_of(&mut transaction, vendor.tenant, id).await?;
            let role = db::members::role(&mut transaction, vendor.tenant, person).await?;
            role.ok_or(Error::NoSuchPerson)?;
            let (changed, act) = if is_in {
                let now = self.clock.now();
                (db::crews::add(&mut transaction, vendor.tenant, id, person, now).await?, Act::CrewJoined)
            } else {
                (db::crews::remove(&mut transaction, vendor.tenant, id, person).await?, Act::CrewLeft)
            };
            if changed {
                let done = NewAct { person: Some(person), ..about(vendor, act, id) };
                self.note(&mut transaction, &done).await?;
            }
            Ok::<(), Error>(transaction.commit().await?)
        })
        .await?;
        self.team(caller).await
    }

    /// The team to which whoever arrives at a business's stall is given; none: everybody's.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn greeting_crew(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Option<CrewId>, sqlx::Error> {
        db::crews::greeting(connection, tenant).await
    }

    /// Who is in a team of a business; none where there is no such team.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn crew_members(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        crew: CrewId,
    ) -> Result<Option<Vec<PersonId>>, sqlx::Error> {
        Ok(db::crews::find(connection, tenant, crew).await?.map(|crew| crew.members))
    }

    /// The teams of a business that a member is in.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn crews_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        person: PersonId,
    ) -> Result<Vec<CrewId>, sqlx::Error> {
        db::crews::of_member(connection, tenant, person).await
    }
}

/// A team that is there.
pub(crate) async fn crew_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: CrewId,
) -> Result<Crew, Error> {
    db::crews::find(connection, tenant, id).await?.ok_or(Error::NoSuchCrew)
}

fn about(vendor: VendorCaller, act: Act, crew: CrewId) -> NewAct {
    NewAct { crew: Some(crew), ..NewAct::by(vendor, act) }
}
