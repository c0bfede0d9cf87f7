//! A person who signs in.

use platform::page::{Page, PageQuery};
use platform::text;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Language, PersonId, TenantId};
use utoipa::ToSchema;

use crate::account_log::Deed;
use crate::db::people::Keeper;
use crate::role::{OperatorRole, Permission, Role};
use crate::session::Shown;
use crate::{Caller, Error, Identity, Pass, PhoneNumber, SetCookie, db};

/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 80;

/// A person who signs in, as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// The person.
    pub id: PersonId,
    /// What the person is called.
    pub name: String,
    /// The number the person signs in with.
    pub phone: PhoneNumber,
    /// The language the person reads and hears.
    pub language: Language,
    /// The business that the person acts for, where there is one.
    #[serde(rename = "tenant_id", skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// Whether the person runs this installation.
    pub operator: bool,
}

/// A business, as the operator sees it: by its owner of longest standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    /// The business.
    pub tenant: TenantId,
    /// What the person is called.
    pub name: String,
    /// The number the person signs in with.
    pub phone: PhoneNumber,
}

/// Who the caller is: a person, the holder of visits' passes, both or neither.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    /// The person who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// What the person is in the business that the session acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// What the person is among those who run the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub operator_role: Option<OperatorRole>,
    /// What the person may do, in the business and in the installation.
    pub permissions: Vec<Permission>,
    /// Whether the business lets the person in only after a second factor was turned on.
    pub must_enrol: bool,
    /// The visits of this phone, newest first.
    pub passes: Vec<Pass>,
}

/// Who wants an account.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAccount {
    /// The number to sign in with.
    phone: PhoneNumber,
    /// What the person is called, at most 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// 8 to 128 characters, not one of the common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: SecretString,
    /// The language the person reads.
    language: Language,
    /// The secret of an invitation: the person joins that business and opens none.
    #[schema(value_type = Option<String>, nullable = false)]
    invitation: Option<SecretString>,
}

/// What to change of oneself; absent members stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct PersonChange {
    /// What the person is called, at most 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    /// The language the person reads.
    language: Option<Language>,
}

/// What somebody who guesses would try first: the name, its words, the number with and without its country.
pub(crate) fn known_to_others(name: &str, phone: &PhoneNumber) -> Vec<String> {
    let phone = phone.as_str();
    let mut known = vec![name.to_owned(), name.replace(' ', ""), phone.to_owned()];
    known.extend(name.split(' ').map(str::to_owned));
    known.extend(phone.strip_prefix("+91").map(str::to_owned));
    known
}

impl Identity {
    /// Opens an account, with a business of its own or in the one that invites, and signs in.
    ///
    /// # Errors
    /// [`Error::Name`], [`Error::Password`], [`Error::PhoneTaken`], [`Error::TooMany`], [`Error::Busy`],
    /// [`Error::InvitationOver`], [`Error::NotInvited`].
    pub async fn create_account(
        &self,
        caller: &Caller,
        account: NewAccount,
    ) -> Result<(Person, SetCookie), Error> {
        self.throttle.admit_sign_up(caller.connection())?;
        let name = text::line(&account.name, NAME_CHARS_MAX)?;
        let about = known_to_others(&name, &account.phone);
        let password_hash = self.hasher.hash(account.password, about).await??;
        let now = self.clock.now();
        let person = Person {
            id: self.entropy.id(now),
            name,
            phone: account.phone,
            language: account.language,
            tenant: None,
            operator: false,
        };
        let mut keeper = Keeper { person, password_hash };
        let mut transaction = self.db.begin().await?;
        db::people::insert(&mut transaction, &keeper, now).await?;
        let tenant = match &account.invitation {
            Some(token) => self.join(&mut transaction, &keeper.person, token).await?,
            None => self.found(&mut transaction, keeper.person.id, &keeper.person.name).await?,
        };
        keeper.person.tenant = Some(tenant);
        let cookie = self.open_session(&mut transaction, caller, keeper.person.id, Shown::Now).await?;
        self.keep_deed(&mut transaction, caller, keeper.person.id, Deed::Opened).await?;
        transaction.commit().await?;
        tracing::info!(person = %keeper.person.id, address = ?caller.connection().address, "account opened");
        Ok((keeper.person, cookie))
    }

    /// Changes the caller's own name or language.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Name`].
    pub async fn change_person(&self, caller: &Caller, change: &PersonChange) -> Result<Person, Error> {
        let before = &caller.signed_in()?.person;
        let name = change.name.as_deref().map(|name| text::line(name, NAME_CHARS_MAX)).transpose()?;
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        let changed =
            db::people::change(&mut transaction, before.id, name.as_deref(), change.language, now).await?;
        self.keep_deed(&mut transaction, caller, before.id, Deed::ProfileChanged).await?;
        transaction.commit().await?;
        Ok(Person { tenant: before.tenant, ..changed })
    }

    /// What these people are called, in no order.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn names(
        &self,
        connection: &mut PgConnection,
        people: &[PersonId],
    ) -> Result<Vec<(PersonId, String)>, Error> {
        Ok(db::people::names(connection, people).await?)
    }

    /// A page of the businesses, each with its owner of longest standing: the newest first. `before` names a business.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn vendors(
        &self,
        connection: &mut PgConnection,
        query: PageQuery,
    ) -> Result<Page<Vendor>, Error> {
        let vendors = db::people::vendors(connection, query).await?;
        Ok(query.page(vendors, |vendor| vendor.tenant.uuid()))
    }

    /// The owners of longest standing of these businesses, in no order.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn vendors_of(
        &self,
        connection: &mut PgConnection,
        tenants: &[TenantId],
    ) -> Result<Vec<Vendor>, Error> {
        Ok(db::people::vendors_of(connection, tenants).await?)
    }
}
