//! The businesses of a person: opened, chosen, left.
//!
//! A session acts for one business for as long as it lives. Whoever goes over to another business gets a new session, as at
//! sign-in: what the old one held open (sockets, tickets) ends with it.

use platform::db::repeat;
use platform::text;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use utoipa::ToSchema;

use crate::person::NAME_CHARS_MAX;
use crate::role::Role;
use crate::session::Shown;
use crate::team::{Act, NewAct};
use crate::{Caller, Error, Identity, Person, SetCookie, db};

/// So many businesses a person belongs to at most.
pub const BUSINESSES_MAX: i64 = 20;

/// A business that a person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Business {
    /// The business.
    pub tenant_id: TenantId,
    /// What its members call it.
    pub name: String,
    /// What the person is in it.
    pub role: Role,
}

/// The businesses of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Businesses {
    /// Those that the caller belongs to, first joined first; at most 20.
    pub items: Vec<Business>,
    /// The one that this session acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub current: Option<TenantId>,
}

/// What a business is called.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct BusinessName {
    /// One line of 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
}

/// Which business to act for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct BusinessChoice {
    /// One of the caller's.
    pub tenant_id: TenantId,
}

impl Identity {
    /// The businesses that the caller belongs to.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn businesses(&self, caller: &Caller) -> Result<Businesses, Error> {
        let person = &caller.signed_in()?.person;
        let mut connection = self.db.acquire().await?;
        let items = db::members::businesses(&mut connection, &self.fields, person.id, BUSINESSES_MAX).await?;
        Ok(Businesses { items, current: person.tenant })
    }

    /// Opens a business that the caller owns, and goes over to it.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Name`], [`Error::TooManyBusinesses`].
    pub async fn open_business(
        &self,
        caller: &Caller,
        named: &BusinessName,
    ) -> Result<(Person, SetCookie), Error> {
        let person = caller.signed_in()?.person.id;
        let name = text::line(&named.name, NAME_CHARS_MAX)?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            self.check_room(&mut transaction, person).await?;
            let tenant = self.found(&mut transaction, person, &name).await?;
            let moved = self.go_over(&mut transaction, caller, Some(tenant)).await?;
            transaction.commit().await?;
            Ok(moved)
        })
        .await
    }

    /// Goes over to another business of the caller's.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::NoSuchPerson`] where the caller does not belong to it.
    pub async fn choose_business(
        &self,
        caller: &Caller,
        choice: BusinessChoice,
    ) -> Result<(Person, SetCookie), Error> {
        let person = caller.signed_in()?.person.id;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let role = db::members::role(&mut transaction, choice.tenant_id, person).await?;
            role.ok_or(Error::NoSuchPerson)?;
            let moved = self.go_over(&mut transaction, caller, Some(choice.tenant_id)).await?;
            transaction.commit().await?;
            Ok(moved)
        })
        .await
    }

    /// The caller can join one more business.
    pub(crate) async fn check_room(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
    ) -> Result<(), Error> {
        let held = db::members::businesses(connection, &self.fields, person, BUSINESSES_MAX).await?.len();
        if i64::try_from(held).unwrap_or(i64::MAX) < BUSINESSES_MAX {
            Ok(())
        } else {
            Err(Error::TooManyBusinesses)
        }
    }

    /// A business with its first owner, who works for it from now on.
    pub(crate) async fn found(
        &self,
        connection: &mut PgConnection,
        person: PersonId,
        name: &str,
    ) -> Result<TenantId, Error> {
        let now = self.clock.now();
        let tenant: TenantId = self.entropy.id(now);
        db::members::open(connection, &self.fields, tenant, name, now).await?;
        db::members::add(connection, tenant, person, Role::Owner, now).await?;
        db::people::set_business(connection, person, Some(tenant), now).await?;
        let done = NewAct { tenant, act: Act::Opened, by: person, person: None, role: None, crew: None };
        self.note(connection, &done).await?;
        Ok(tenant)
    }

    /// Ends the caller's session and opens one for `tenant`; with none, for no business.
    pub(crate) async fn go_over(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        tenant: Option<TenantId>,
    ) -> Result<(Person, SetCookie), Error> {
        let before = caller.signed_in()?;
        db::people::set_business(connection, before.person.id, tenant, self.clock.now()).await?;
        db::sessions::close(connection, before.session).await?;
        let cookie = self.open_session(connection, caller, before.person.id, Shown::Before).await?;
        Ok((Person { tenant, ..before.person.clone() }, cookie))
    }
}
