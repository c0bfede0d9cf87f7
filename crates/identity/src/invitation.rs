//! Invitations: a link that makes whoever holds it a member, once.
//!
//! **Invariants.** The secret has 256 random bits and is kept as its SHA-256. It opens the business once, within a week, as long as
//! it is not taken back and whoever sent it may still make somebody what it makes. One with a number is accepted by
//! the account with that number alone.
//!
//! **Deliberately absent**: sending it. Whoever invites passes the link on.

use chrono::{DateTime, TimeDelta, Utc};
use platform::db::repeat;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{CrewId, InvitationId, PersonId, TenantId};
use utoipa::ToSchema;

use crate::crew::crew_of;
use crate::role::{Permission, Role};
use crate::session::hash_token;
use crate::team::{Act, NewAct, TEAM_MAX};
use crate::{Caller, Error, Identity, Person, PhoneNumber, SetCookie, db};

/// How long an invitation can be accepted.
pub const INVITATION_LASTS: TimeDelta = TimeDelta::days(7);

/// Whom to invite.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewInvitation {
    /// What the person will be.
    role: Role,
    /// Only the account with this number may accept; absent: whoever holds the link.
    phone: Option<PhoneNumber>,
    /// The team that the person will be in.
    crew_id: Option<CrewId>,
}

/// An invitation that nobody has accepted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invitation {
    /// The invitation.
    pub id: InvitationId,
    /// What the person will be.
    pub role: Role,
    /// Only the account with this number may accept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phone: Option<PhoneNumber>,
    /// The team that the person will be in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub crew_id: Option<CrewId>,
    /// The name of who sent it.
    pub invited_by: String,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

/// A new invitation, with its secret: told once, to whoever made it.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationLink {
    /// The invitation.
    pub id: InvitationId,
    /// The secret, for the part of the link behind `#`, which no server sees.
    pub token: String,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

/// The secret of an invitation.
#[derive(Debug, Deserialize, ToSchema)]
pub struct InvitationToken {
    /// What stood behind `#` in the link.
    #[schema(value_type = String)]
    token: SecretString,
}

/// What an invitation says to whoever holds its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invited {
    /// What the business is called.
    pub business: String,
    /// The name of who sent it.
    pub invited_by: String,
    /// What the person will be.
    pub role: Role,
    /// Whether only the account with one number may accept.
    pub for_one_number: bool,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

/// An invitation as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub tenant: TenantId,
    pub id: InvitationId,
    pub role: Role,
    pub phone: Option<PhoneNumber>,
    pub crew: Option<CrewId>,
    pub by: PersonId,
    pub expires_at: DateTime<Utc>,
}

impl Identity {
    /// Invites somebody into the caller's business.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::Forbidden`] where the caller may not make somebody that; [`Error::TeamFull`].
    pub async fn invite(&self, caller: &Caller, new: &NewInvitation) -> Result<InvitationLink, Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let mut transaction = self.db.begin().await?;
        let actor = self.manager(&mut transaction, vendor).await?;
        if !actor.may_give(new.role) {
            return Err(Error::Forbidden);
        }
        if let Some(crew) = new.crew_id {
            crew_of(&mut transaction, vendor.tenant, crew).await?;
        }
        let (now, token) = (self.clock.now(), self.entropy.token());
        if db::members::size(&mut transaction, vendor.tenant, now).await? >= TEAM_MAX {
            return Err(Error::TeamFull);
        }
        let sent = Sent {
            tenant: vendor.tenant,
            id: self.entropy.id(now),
            role: new.role,
            phone: new.phone.clone(),
            crew: new.crew_id,
            by: vendor.person,
            expires_at: now + INVITATION_LASTS,
        };
        db::invitations::insert(&mut transaction, &self.fields, &sent, &hash_token(&token), now).await?;
        let done = NewAct { role: Some(new.role), ..NewAct::by(vendor, Act::Invited) };
        self.note(&mut transaction, &done).await?;
        transaction.commit().await?;
        tracing::info!(tenant = %vendor.tenant, by = %vendor.person, role = ?new.role, "somebody was invited");
        Ok(InvitationLink { id: sent.id, token, expires_at: sent.expires_at })
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// As [`Caller::member`]; [`Error::InvitationOver`] where it was accepted, taken back or never there.
    pub async fn revoke_invitation(&self, caller: &Caller, id: InvitationId) -> Result<(), Error> {
        let vendor = caller.member(Permission::ManageTeam)?;
        let mut transaction = self.db.begin().await?;
        let actor = self.manager(&mut transaction, vendor).await?;
        let role = db::invitations::role(&mut transaction, vendor.tenant, id).await?;
        let role = role.ok_or(Error::NoSuchPerson)?;
        if !actor.may_give(role) {
            return Err(Error::Forbidden);
        }
        let now = self.clock.now();
        db::invitations::revoke(&mut transaction, vendor.tenant, id, vendor.person, now).await?;
        let done = NewAct { role: Some(role), ..NewAct::by(vendor, Act::Revoked) };
        self.note(&mut transaction, &done).await?;
        Ok(transaction.commit().await?)
    }

    /// What an invitation says to whoever holds its link.
    ///
    /// # Errors
    /// [`Error::InvitationOver`].
    pub async fn look_at_invitation(&self, token: &InvitationToken) -> Result<Invited, Error> {
        let mut connection = self.db.acquire().await?;
        let hash = hash_token(token.token.expose_secret());
        self.invited_by_hash(&mut connection, &hash).await?.ok_or(Error::InvitationOver)
    }

    /// What an invitation says whose secret has this hash; nothing where it is over.
    pub(crate) async fn invited_by_hash(
        &self,
        connection: &mut PgConnection,
        hash: &[u8],
    ) -> Result<Option<Invited>, Error> {
        let found = db::invitations::by_token(connection, &self.fields, hash, self.clock.now()).await?;
        let Some(sent) = found else { return Ok(None) };
        let business = db::members::name(connection, &self.fields, sent.tenant).await?.unwrap_or_default();
        let names = db::people::names(connection, &self.fields, &[sent.by]).await?;
        Ok(Some(Invited {
            business,
            invited_by: names.into_iter().map(|(_, name)| name).next().unwrap_or_default(),
            role: sent.role,
            for_one_number: sent.phone.is_some(),
            expires_at: sent.expires_at,
        }))
    }

    /// Makes the caller a member, and goes over to the business.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::InvitationOver`], [`Error::NotInvited`], [`Error::AlreadyMember`],
    /// [`Error::TooManyBusinesses`].
    pub async fn accept_invitation(
        &self,
        caller: &Caller,
        token: &InvitationToken,
    ) -> Result<(Person, SetCookie), Error> {
        let person = &caller.signed_in()?.person;
        let hash = hash_token(token.token.expose_secret());
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let tenant = self.join(&mut transaction, person, &hash).await?;
            let moved = self.go_over(&mut transaction, caller, Some(tenant)).await?;
            transaction.commit().await?;
            Ok(moved)
        })
        .await
    }

    /// The hash of an invitation that somebody came with a while ago, where it would still make this person a member.
    pub(crate) async fn still_open(
        &self,
        connection: &mut PgConnection,
        hash: Option<&[u8]>,
        person: &Person,
    ) -> Result<Option<[u8; 32]>, Error> {
        let Some(hash) = hash.and_then(|hash| hash.try_into().ok()) else { return Ok(None) };
        match self.open_invitation(connection, &hash, person).await {
            Ok(_) => Ok(Some(hash)),
            Err(Error::InvitationOver | Error::NotInvited) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Makes a person a member by the hash of an invitation's secret; gives the business.
    pub(crate) async fn join(
        &self,
        connection: &mut PgConnection,
        person: &Person,
        hash: &[u8; 32],
    ) -> Result<TenantId, Error> {
        let sent = self.open_invitation(connection, hash, person).await?;
        self.check_room(connection, person.id).await?;
        let now = self.clock.now();
        if !db::invitations::accept(connection, &sent, person.id, now).await? {
            return Err(Error::InvitationOver);
        }
        if !db::members::add(connection, sent.tenant, person.id, sent.role, now).await? {
            return Err(Error::AlreadyMember);
        }
        db::people::set_business(connection, person.id, Some(sent.tenant), now).await?;
        // It may have been dissolved meanwhile.
        let crew = match sent.crew {
            Some(crew) => db::crews::find(connection, sent.tenant, crew).await?.map(|crew| crew.id),
            None => None,
        };
        if let Some(crew) = crew {
            db::crews::add(connection, sent.tenant, crew, person.id, now).await?;
        }
        let (role, by) = (Some(sent.role), person.id);
        let done = NewAct { tenant: sent.tenant, act: Act::Joined, by, person: Some(sent.by), role, crew };
        self.note(connection, &done).await?;
        tracing::info!(tenant = %sent.tenant, person = %person.id, role = ?sent.role, "a member joined");
        Ok(sent.tenant)
    }

    /// An invitation that this person may accept; its business is locked.
    async fn open_invitation(
        &self,
        connection: &mut PgConnection,
        hash: &[u8; 32],
        person: &Person,
    ) -> Result<Sent, Error> {
        let found = db::invitations::by_token(connection, &self.fields, hash, self.clock.now()).await?;
        let sent = found.ok_or(Error::InvitationOver)?;
        db::members::lock(connection, sent.tenant).await?;
        let sender = db::members::role(connection, sent.tenant, sent.by).await?;
        if !sender.is_some_and(|role| role.may_give(sent.role)) {
            return Err(Error::InvitationOver);
        }
        if sent.phone.is_some() && sent.phone != person.phone {
            return Err(Error::NotInvited);
        }
        Ok(sent)
    }
}
