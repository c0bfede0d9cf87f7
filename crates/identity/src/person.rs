//! A person who signs in.

use platform::page::{Page, PageQuery};
use platform::text;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Language, PersonId, TenantId};
use utoipa::ToSchema;

use crate::account_log::Deed;
use crate::db::people::Keeper;
use crate::letter::{NewLetter, Purpose};
use crate::role::{OperatorRole, Permission, Role};
use crate::session::{Shown, hash_token};
use crate::{
    Caller, CodeError, EmailAddress, Error, Handle, Identity, Pass, PhoneNumber, SetCookie, TimeZone, db,
};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phone: Option<PhoneNumber>,
    /// The address the person signs in with, and has shown to be theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<EmailAddress>,
    /// The language the person reads and hears.
    pub language: Language,
    /// In which zone the person reads times.
    pub time_zone: TimeZone,
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
    pub phone: Option<PhoneNumber>,
    /// The address the person signs in with.
    pub email: Option<EmailAddress>,
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
    /// Whether the person has shown that the number is theirs.
    pub phone_verified: bool,
    /// What the person's picture is called, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub picture: Option<String>,
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
    /// In which zone the person reads times.
    time_zone: Option<TimeZone>,
}

/// What somebody who guesses would try first: the name, its words, the number with and without its country, the address and its parts.
pub(crate) fn known_to_others(
    name: &str,
    phone: Option<&PhoneNumber>,
    email: Option<&EmailAddress>,
) -> Vec<String> {
    let mut known = vec![name.to_owned(), name.replace(' ', "")];
    known.extend(name.split(' ').map(str::to_owned));
    if let Some(phone) = phone.map(PhoneNumber::as_str) {
        known.push(phone.to_owned());
        known.extend(phone.strip_prefix("+91").map(str::to_owned));
    }
    if let Some(email) = email.map(EmailAddress::as_str) {
        known.push(email.to_owned());
        known.extend(email.split('@').map(str::to_owned));
    }
    known
}

impl Person {
    /// What others know of the person: no password.
    pub(crate) fn known_to_others(&self) -> Vec<String> {
        known_to_others(&self.name, self.phone.as_ref(), self.email.as_ref())
    }
}

impl Identity {
    /// Opens an account on the caller's word, with a business of its own or in the one that invites, and signs in.
    ///
    /// # Errors
    /// [`CodeError::First`], [`Error::Name`], [`Error::Password`], [`Error::PhoneTaken`], [`Error::TooMany`], [`Error::Busy`],
    /// [`Error::InvitationOver`], [`Error::NotInvited`].
    pub async fn create_account(
        &self,
        caller: &Caller,
        account: NewAccount,
    ) -> Result<(Person, SetCookie), Error> {
        if self.sends_texts() {
            return Err(CodeError::First.into());
        }
        self.throttle.admit_sign_up(caller.connection())?;
        let person = self.newcomer(&account.name, Handle::Phone(account.phone), account.language)?;
        let password_hash = self.hasher.hash(account.password, person.known_to_others()).await??;
        let mut transaction = self.db.begin().await?;
        let keeper = Keeper { person, password_hash };
        let invitation = account.invitation.as_ref().map(|token| hash_token(token.expose_secret()));
        let opened = self.enrol(&mut transaction, caller, keeper, invitation.as_ref()).await?;
        transaction.commit().await?;
        tracing::info!(person = %opened.0.id, address = ?caller.connection().address, "account opened");
        Ok(opened)
    }

    /// Somebody who has no account yet.
    pub(crate) fn newcomer(&self, name: &str, handle: Handle, language: Language) -> Result<Person, Error> {
        let name = text::line(name, NAME_CHARS_MAX)?;
        let (phone, email) = match handle {
            Handle::Phone(phone) => (Some(phone), None),
            Handle::Email(email) => (None, Some(email)),
        };
        let id = self.entropy.id(self.clock.now());
        let time_zone = TimeZone::default();
        Ok(Person { id, name, phone, email, language, time_zone, tenant: None, operator: false })
    }

    /// Keeps a new person, with a business of their own or in the one that invites, and signs them in.
    pub(crate) async fn enrol(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        keeper: Keeper,
        invitation: Option<&[u8; 32]>,
    ) -> Result<(Person, SetCookie), Error> {
        db::people::insert(connection, &self.fields, &keeper, self.clock.now()).await?;
        let person = keeper.person;
        let tenant = match invitation {
            Some(hash) => self.join(connection, &person, hash).await?,
            None => self.found(connection, person.id, &person.name).await?,
        };
        let cookie = self.open_session(connection, caller, person.id, Shown::Now).await?;
        self.keep_deed(connection, caller, person.id, Deed::Opened).await?;
        Ok((Person { tenant: Some(tenant), ..person }, cookie))
    }

    /// Who the caller is; nobody is an answer too.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn me(&self, caller: &Caller) -> Result<Me, Error> {
        let person = caller.signed_in().ok().map(|signed_in| signed_in.person.clone());
        let own = match &person {
            Some(person) => db::people::own(&mut *self.db.acquire().await?, person.id).await?,
            None => db::people::Own::default(),
        };
        let roles = caller.roles();
        let works = roles.role.map(Role::permissions).unwrap_or_default();
        let run = roles.operator.map(OperatorRole::permissions).unwrap_or_default();
        Ok(Me {
            person,
            role: roles.role,
            operator_role: roles.operator,
            permissions: [works, run].concat(),
            must_enrol: caller.must_enrol(),
            phone_verified: own.phone_verified,
            picture: own.picture,
            passes: caller.passes().to_vec(),
        })
    }

    /// Changes the caller's own name, language or time zone.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Name`].
    pub async fn change_person(&self, caller: &Caller, change: &PersonChange) -> Result<Person, Error> {
        let before = &caller.signed_in()?.person;
        let name = change.name.as_deref().map(|name| text::line(name, NAME_CHARS_MAX)).transpose()?;
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        let changed = db::people::Change {
            name: name.as_deref(),
            language: change.language,
            time_zone: change.time_zone,
        };
        let changed = db::people::change(&mut transaction, &self.fields, before.id, changed, now).await?;
        self.keep_deed(&mut transaction, caller, before.id, Deed::ProfileChanged).await?;
        transaction.commit().await?;
        Ok(Person { tenant: before.tenant, ..changed })
    }

    /// Has whoever complained told by a letter that the answer is there, when the caller's transaction commits; nobody where letters are
    /// not sent or the person has no address.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn tell_of_answer(&self, connection: &mut PgConnection, person: PersonId) -> Result<(), Error> {
        let Some(person) = db::people::by_id(connection, &self.fields, person).await? else { return Ok(()) };
        let Some(address) = &person.email else { return Ok(()) };
        match self.write_letter(connection, NewLetter::to(&person, Purpose::Answered, address)).await {
            Err(Error::MailOff) => Ok(()),
            sent => sent,
        }
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
        Ok(db::people::names(connection, &self.fields, people).await?)
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
        let vendors = db::people::vendors(connection, &self.fields, query).await?;
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
        Ok(db::people::vendors_of(connection, &self.fields, tenants).await?)
    }
}
