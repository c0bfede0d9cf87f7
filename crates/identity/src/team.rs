//! Who belongs to a business: seen, changed, removed.
//!
//! **Invariants.** Every change locks the business first and looks at the actor's role again under that lock: what somebody may
//! do is what they may do now. A business always has an owner. Whoever is removed loses every session for this business in
//! the same transaction. What was done is kept, with who and when.

use chrono::{DateTime, Utc};
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use platform::{tenancy, text};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{CrewId, PersonId, TeamActId, TenantId};
use utoipa::ToSchema;

use crate::business::BusinessName;
use crate::crew::Crew;
use crate::invitation::Invitation;
use crate::person::NAME_CHARS_MAX;
use crate::role::{Permission, Role};
use crate::{Caller, EmailAddress, Error, Identity, Person, PhoneNumber, SetCookie, VendorCaller, db};

/// So many people belong to a business at most, those who are invited counted.
pub const TEAM_MAX: i64 = 50;

/// Somebody who belongs to a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Member {
    /// The person.
    pub person_id: PersonId,
    /// What the person is called.
    pub name: String,
    /// The person's number; for those who manage the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phone: Option<PhoneNumber>,
    /// The person's e-mail address; for those who manage the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<EmailAddress>,
    /// What the person's picture is called, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub picture: Option<String>,
    /// What the person is.
    pub role: Role,
    /// Since when.
    pub joined_at: DateTime<Utc>,
}

/// A business and who belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Team {
    /// What its members call the business.
    pub name: String,
    /// Whether it lets in only those who give a code when they sign in.
    pub second_factor_required: bool,
    /// The members, first joined first; at most 50.
    pub members: Vec<Member>,
    /// Its teams, first formed first; at most 20.
    pub crews: Vec<Crew>,
    /// Invitations that nobody has accepted yet, newest first; for those who manage the team.
    pub invitations: Vec<Invitation>,
}

/// What to make of a member.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct RoleChange {
    /// What the person is from now on.
    pub role: Role,
}

/// What was done about a business's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = TeamDeed)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Act {
    /// The business was opened.
    Opened,
    /// Somebody was invited.
    Invited,
    /// An invitation was taken back.
    Revoked,
    /// Somebody accepted an invitation.
    Joined,
    /// Somebody became something else.
    RoleChanged,
    /// Somebody was removed.
    Removed,
    /// Somebody left.
    Left,
    /// The business got another name.
    Named,
    /// The business lets in only those who give a code when they sign in.
    FactorRequired,
    /// It lets in those who give none again.
    FactorFreed,
    /// A team was formed.
    CrewFormed,
    /// A team got another name.
    CrewNamed,
    /// A team was dissolved.
    CrewDissolved,
    /// Somebody was put into a team.
    CrewJoined,
    /// Somebody was taken out of a team.
    CrewLeft,
    /// Whoever arrives is given to a team.
    CrewGreets,
    /// Whoever arrives is everybody's again.
    CrewRests,
}

/// Something that was done about a business's members, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamAct {
    /// The record.
    pub id: TeamActId,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: DateTime<Utc>,
    /// The name of who did it.
    pub by: String,
    /// The name of whom it was done to, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub person: Option<String>,
    /// The role that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// What the team is called that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub crew: Option<String>,
}

/// Something that is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewAct {
    pub tenant: TenantId,
    pub act: Act,
    pub by: PersonId,
    pub person: Option<PersonId>,
    pub role: Option<Role>,
    pub crew: Option<CrewId>,
}

impl Identity {
    /// The caller's business and who belongs to it.
    ///
    /// # Errors
    /// As [`Caller::member`].
    pub async fn team(&self, caller: &Caller) -> Result<Team, Error> {
        let vendor = caller.member(Permission::ReadTeam)?;
        let manages = caller.roles().role.is_some_and(|role| role.may(Permission::ManageTeam));
        let mut connection = self.db.acquire().await?;
        let name = db::members::name(&mut connection, &self.fields, vendor.tenant).await?.unwrap_or_default();
        let second_factor_required = db::members::requires_factor(&mut connection, vendor.tenant).await?;
        let mut members = db::members::of(&mut connection, &self.fields, vendor.tenant, TEAM_MAX).await?;
        let crews = db::crews::of(&mut connection, vendor.tenant).await?;
        let mut invitations = Vec::new();
        if manages {
            let now = self.clock.now();
            invitations =
                db::invitations::open(&mut connection, &self.fields, vendor.tenant, now, TEAM_MAX).await?;
        } else {
            for member in &mut members {
                (member.phone, member.email) = (None, None);
            }
        }
        Ok(Team { name, second_factor_required, members, crews, invitations })
    }

    /// A page of what was done about the members of the caller's business, newest first.
    ///
    /// # Errors
    /// As [`Caller::member`].
    pub async fn team_acts(&self, caller: &Caller, query: PageQuery) -> Result<Page<TeamAct>, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let acts =
            db::members::acts(&mut *self.db.acquire().await?, &self.fields, vendor.tenant, query).await?;
        Ok(query.page(acts, |act| act.id.uuid()))
    }

    /// Gives the caller's business another name.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::Name`].
    pub async fn name_business(&self, caller: &Caller, named: &BusinessName) -> Result<Team, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let name = text::line(&named.name, NAME_CHARS_MAX)?;
        let mut transaction = self.db.begin().await?;
        self.manager(&mut transaction, vendor).await?;
        db::members::rename(&mut transaction, &self.fields, vendor.tenant, &name).await?;
        self.note(&mut transaction, &NewAct::by(vendor, Act::Named)).await?;
        transaction.commit().await?;
        self.team(caller).await
    }

    /// Makes something else of a member. Owners are made and unmade by owners.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::NoSuchPerson`]; [`Error::LastOwner`].
    pub async fn change_member(
        &self,
        caller: &Caller,
        person: PersonId,
        change: RoleChange,
    ) -> Result<Team, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let actor = self.manager(&mut transaction, vendor).await?;
            let before = db::members::role(&mut transaction, vendor.tenant, person).await?;
            let before = before.ok_or(Error::NoSuchPerson)?;
            if !actor.may_give(before) || !actor.may_give(change.role) {
                return Err(Error::Forbidden);
            }
            if before == change.role {
                return Ok(());
            }
            self.keep_an_owner(&mut transaction, vendor.tenant, before).await?;
            db::members::set_role(&mut transaction, vendor.tenant, person, change.role).await?;
            let role = Some(change.role);
            let done = NewAct { person: Some(person), role, ..NewAct::by(vendor, Act::RoleChanged) };
            self.note(&mut transaction, &done).await?;
            Ok(transaction.commit().await?)
        })
        .await?;
        tracing::info!(tenant = %vendor.tenant, by = %vendor.person, %person, role = ?change.role, "a member's role changed");
        self.team(caller).await
    }

    /// Removes a member; their sessions for this business end at once.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::NoSuchPerson`]; [`Error::LastOwner`].
    pub async fn remove_member(&self, caller: &Caller, person: PersonId) -> Result<(), Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        // Whoever is removed works for another of their businesses from then on, which is looked for.
        let removed = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let actor = self.manager(&mut transaction, vendor).await?;
            let role = db::members::role(&mut transaction, vendor.tenant, person).await?;
            if !actor.may_give(role.ok_or(Error::NoSuchPerson)?) {
                return Err(Error::Forbidden);
            }
            self.part(&mut transaction, vendor.tenant, person).await?;
            let done = NewAct { person: Some(person), role, ..NewAct::by(vendor, Act::Removed) };
            self.note(&mut transaction, &done).await?;
            Ok::<(), Error>(transaction.commit().await?)
        });
        tenancy::beyond(removed).await?;
        tracing::info!(tenant = %vendor.tenant, by = %vendor.person, %person, "a member was removed");
        Ok(())
    }

    /// Leaves the business that the caller acts for, and goes over to another of theirs, where there is one.
    ///
    /// # Errors
    /// As [`Caller::vendor`]; [`Error::LastOwner`].
    pub async fn leave_team(&self, caller: &Caller) -> Result<(Person, SetCookie), Error> {
        let vendor = caller.vendor()?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            db::members::lock(&mut transaction, vendor.tenant).await?;
            let next = self.part(&mut transaction, vendor.tenant, vendor.person).await?;
            let moved = self.go_over(&mut transaction, caller, next).await?;
            self.note(&mut transaction, &NewAct::by(vendor, Act::Left)).await?;
            transaction.commit().await?;
            Ok(moved)
        })
        .await
    }

    /// Whether somebody belongs to a business now. For what outlives a request.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn is_member(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        person: PersonId,
    ) -> Result<bool, sqlx::Error> {
        Ok(db::members::role(connection, tenant, person).await?.is_some())
    }

    /// What somebody is in a business now; nothing where they do not belong to it.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn role_in(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        person: PersonId,
    ) -> Result<Option<Role>, sqlx::Error> {
        db::members::role(connection, tenant, person).await
    }

    /// Locks the business; gives what the caller is in it now, who must still manage it.
    pub(crate) async fn manager(
        &self,
        connection: &mut PgConnection,
        vendor: VendorCaller,
    ) -> Result<Role, Error> {
        db::members::lock(connection, vendor.tenant).await?;
        let role = db::members::role(connection, vendor.tenant, vendor.person).await?;
        role.filter(|role| role.may(Permission::ManageTeam)).ok_or(Error::Forbidden)
    }

    /// Refuses what would leave a business without an owner. The business is locked.
    async fn keep_an_owner(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        going: Role,
    ) -> Result<(), Error> {
        if going == Role::Owner && db::members::owners(connection, tenant).await? < 2 {
            return Err(Error::LastOwner);
        }
        Ok(())
    }

    /// Parts a person from a locked business; gives the one that the person works for from now on.
    async fn part(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        person: PersonId,
    ) -> Result<Option<TenantId>, Error> {
        let role = db::members::role(connection, tenant, person).await?.ok_or(Error::NoSuchPerson)?;
        self.keep_an_owner(connection, tenant, role).await?;
        db::members::remove(connection, tenant, person).await?;
        db::sessions::close_in(connection, person, tenant).await?;
        let next =
            db::members::businesses(connection, &self.fields, person, 1).await?.first().map(|b| b.tenant_id);
        db::people::set_business(connection, person, next, self.clock.now()).await?;
        Ok(next)
    }

    pub(crate) async fn note(&self, connection: &mut PgConnection, done: &NewAct) -> Result<(), Error> {
        let now = self.clock.now();
        db::members::note(connection, self.entropy.id(now), done, now).await?;
        Ok(self.keep_team_act(connection, done).await?)
    }
}

impl NewAct {
    /// Something that the caller does about nobody in particular.
    pub(crate) fn by(vendor: VendorCaller, act: Act) -> Self {
        Self { tenant: vendor.tenant, act, by: vendor.person, person: None, role: None, crew: None }
    }
}
