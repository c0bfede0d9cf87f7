//! What people do in this context, as it is kept.

use platform::db::repeat;
use sqlx::PgConnection;
use types::{CrewId, PersonId};
use uuid::Uuid;

use super::{Act, Area, Deed, keep};
use crate::account_log;
use crate::team::{self, NewAct};
use crate::{Caller, Error, Handle, Identity, db};

impl Identity {
    /// Something about a business's members.
    pub(crate) async fn keep_team_act(
        &self,
        connection: &mut PgConnection,
        done: &NewAct,
    ) -> Result<(), sqlx::Error> {
        let act = Act::by(done.by, Area::Team, deed(done.act), self.clock.now()).in_business(done.tenant);
        let about = done.person.map(PersonId::uuid).or_else(|| done.crew.map(CrewId::uuid));
        keep(connection, act.about(about.unwrap_or_else(|| done.by.uuid()))).await
    }

    /// Somebody signed in. It is kept in the business that they work for, where there is one.
    pub(crate) async fn keep_sign_in(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
    ) -> Result<(), sqlx::Error> {
        let act = Act::by(person, Area::SignIns, Deed::SignedIn, self.clock.now());
        keep_where_they_work(connection, person, act).await
    }

    /// Somebody gave a wrong password. Whose account was tried is kept where there is one; it takes as long where there is none.
    pub(crate) async fn keep_refused_sign_in(&self, handle: &Handle) -> Result<(), Error> {
        let act = Act::by_nobody(Area::SignIns, Deed::Refused, self.clock.now());
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let tried = db::people::by_handle(&mut transaction, &self.fields, handle)
                .await?
                .map(|keeper| keeper.person);
            let act = tried.as_ref().map_or(act, |person| act.about(person.id.uuid()));
            let business = tried.and_then(|person| person.tenant);
            keep(&mut transaction, business.map_or(act, |tenant| act.in_business(tenant))).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// Somebody gave a wrong code: of this person's second factor, or of a message to a telephone, which may be nobody's; it takes as long
    /// then. The person sees it in their account; the trail has it in the business that they work for, where there is one.
    pub(crate) async fn keep_refused_code(
        &self,
        caller: &Caller,
        person: Option<PersonId>,
    ) -> Result<(), Error> {
        tracing::warn!(?person, address = ?caller.connection().address, "a code was refused");
        let now = self.clock.now();
        let by = caller.signed_in().ok().map(|known| known.person.id).filter(|by| person == Some(*by));
        let act = match by {
            Some(by) => Act::by(by, Area::SignIns, Deed::CodeRefused, now),
            None => Act::by_nobody(Area::SignIns, Deed::CodeRefused, now),
        };
        let act = person.map_or(act, |person| act.about(person.uuid()));
        let whose = person.unwrap_or(PersonId::from_uuid(Uuid::nil()));
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            self.keep_deed_of(&mut transaction, caller, person, account_log::Deed::CodeRefused).await?;
            keep_where_they_work(&mut transaction, whose, act).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// Whoever is signed in gave a wrong password where they are asked once more who they are. It is kept in the business that they work for,
    /// where there is one.
    pub(crate) async fn keep_refused_password(&self, person: PersonId) -> Result<(), Error> {
        let act = Act::by(person, Area::SignIns, Deed::Refused, self.clock.now()).about(person.uuid());
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            keep_where_they_work(&mut transaction, person, act).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// A program was signed out because one of its tokens came twice. It is kept in the business that the person works for.
    pub(crate) async fn keep_token_reused(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
    ) -> Result<(), Error> {
        let act = Act::by_nobody(Area::SignIns, Deed::Stopped, self.clock.now()).about(person.uuid());
        Ok(keep_where_they_work(connection, person, act).await?)
    }

    /// Somebody can sign in by one thing more, or one less. It is kept in the business that they work for, where there is one.
    pub(crate) async fn keep_factor_act(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
        about: Uuid,
        added: bool,
    ) -> Result<(), sqlx::Error> {
        let deed = if added { Deed::Added } else { Deed::Ended };
        let act = Act::by(person, Area::Account, deed, self.clock.now()).about(about);
        keep_where_they_work(connection, person, act).await
    }

    /// Somebody was given a role among those who run the installation, or lost it.
    pub(crate) async fn keep_operator_act(
        &self,
        connection: &mut PgConnection,
        by: Option<PersonId>,
        person: PersonId,
        why: &str,
    ) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let act = match by {
            Some(by) => Act::by(by, Area::People, Deed::RoleChanged, now),
            None => Act::by_nobody(Area::People, Deed::RoleChanged, now),
        };
        keep(connection, act.about(person.uuid()).because(why)).await
    }
}

/// Keeps an act in the business that somebody works for; in the installation's chain where there is none.
async fn keep_where_they_work(
    connection: &mut PgConnection,
    person: PersonId,
    act: Act<'_>,
) -> Result<(), sqlx::Error> {
    let business = db::audit::business_of(connection, person).await?;
    keep(connection, business.map_or(act, |tenant| act.in_business(tenant))).await
}

const fn deed(act: team::Act) -> Deed {
    match act {
        team::Act::Opened => Deed::Opened,
        team::Act::Invited => Deed::Invited,
        team::Act::Revoked => Deed::Revoked,
        team::Act::Joined => Deed::Joined,
        team::Act::RoleChanged => Deed::RoleChanged,
        team::Act::Removed => Deed::Removed,
        team::Act::Left => Deed::Left,
        team::Act::Named | team::Act::CrewNamed => Deed::Named,
        team::Act::FactorRequired => Deed::FactorRequired,
        team::Act::FactorFreed => Deed::FactorFreed,
        team::Act::CrewFormed => Deed::Added,
        team::Act::CrewDissolved => Deed::Ended,
        team::Act::CrewJoined | team::Act::CrewLeft => Deed::Changed,
        team::Act::CrewGreets => Deed::Started,
        team::Act::CrewRests => Deed::Stopped,
    }
}
