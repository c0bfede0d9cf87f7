//! What people do by links that come by e-mail: open an account, show that an address is theirs, replace a forgotten password.
//!
//! **Invariants.** Only somebody who followed a link has an address: no account is opened, and no address kept, on somebody's word. Who
//! asks for a letter gets the same answer after the same work, whether the address has an account or not. A replaced password ends
//! every session and leaves the second factor as it was.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use types::Language;
use utoipa::ToSchema;

use crate::account_log::Deed;
use crate::db::people::Keeper;
use crate::invitation::Invited;
use crate::letter::{Letter, NewLetter, Purpose};
use crate::session::hash_token;
use crate::{Caller, EmailAddress, Error, Handle, Identity, Person, SetCookie, db};

/// Who wants a letter with a link to open an account.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OpeningRequest {
    /// The address to sign in with.
    email: EmailAddress,
    /// The language of the letter.
    language: Language,
    /// The secret of an invitation: whoever follows the link joins that business and opens none, wherever they follow it.
    #[schema(value_type = Option<String>, nullable = false)]
    invitation: Option<SecretString>,
}

/// An address, for a letter.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AddressGiven {
    /// The address.
    email: EmailAddress,
}

/// The secret of a link.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LinkToken {
    /// What stood behind `#` in the link.
    #[schema(value_type = String)]
    token: SecretString,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// Opens an account.
    Open,
    /// Adds the address to an account.
    Add,
    /// Sets another password.
    Reset,
}

/// What a link says to whoever follows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The address it went to.
    pub email: EmailAddress,
    /// The business that whoever opens the account joins, where they were invited and still are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub invitation: Option<Invited>,
}

/// An account that is opened by a link.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAccountByLink {
    /// What stood behind `#` in the link.
    #[schema(value_type = String)]
    token: SecretString,
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

/// A password in place of one that was forgotten.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPassword {
    /// What stood behind `#` in the link.
    #[schema(value_type = String)]
    token: SecretString,
    /// 8 to 128 characters, not one of the common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: SecretString,
}

impl Identity {
    /// Whether letters are sent.
    pub fn sends_mail(&self) -> bool {
        self.post.is_some()
    }

    /// Sends a link that opens an account; where the address has one, a letter that says so.
    ///
    /// # Errors
    /// [`Error::MailOff`], [`Error::TooMany`].
    pub async fn ask_to_open(&self, caller: &Caller, asked: &OpeningRequest) -> Result<(), Error> {
        self.post()?;
        self.admit_letter(caller, &asked.email).await?;
        let invitation = asked.invitation.as_ref().map(|token| hash_token(token.expose_secret()));
        let choose = |owner: Option<&Person>| match owner {
            Some(owner) => (Purpose::Known, owner.language),
            None => (Purpose::Open, asked.language),
        };
        self.write_about(&asked.email, invitation, choose).await
    }

    /// Sends a link that replaces a forgotten password; nothing where nobody has the address.
    ///
    /// # Errors
    /// [`Error::MailOff`], [`Error::TooMany`].
    pub async fn ask_to_reset(&self, caller: &Caller, asked: &AddressGiven) -> Result<(), Error> {
        self.post()?;
        self.admit_letter(caller, &asked.email).await?;
        let choose = |owner: Option<&Person>| match owner {
            Some(owner) => (Purpose::Reset, owner.language),
            None => (Purpose::Nobody, Language::English),
        };
        self.write_about(&asked.email, None, choose).await
    }

    /// Writes to an address, whatever `choose` makes of who has it: the same statements in each case.
    async fn write_about(
        &self,
        address: &EmailAddress,
        invitation: Option<[u8; 32]>,
        choose: impl FnOnce(Option<&Person>) -> (Purpose, Language),
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let found =
            db::people::by_handle(&mut transaction, &self.fields, &Handle::Email(address.clone())).await?;
        let owner = found.map(|keeper| keeper.person);
        let (purpose, language) = choose(owner.as_ref());
        let person = owner.map(|owner| owner.id);
        let letter = NewLetter { purpose, person, address, language, invitation };
        self.write_letter(&mut transaction, letter).await?;
        Ok(transaction.commit().await?)
    }

    /// What a link is for.
    ///
    /// # Errors
    /// [`Error::LinkOver`], [`Error::TooMany`].
    pub async fn look_at_link(&self, caller: &Caller, link: &LinkToken) -> Result<Link, Error> {
        let letter = self.followed(caller, &link.token, None).await?;
        let purpose = match letter.purpose {
            Purpose::Open => LinkPurpose::Open,
            Purpose::Add => LinkPurpose::Add,
            Purpose::Reset => LinkPurpose::Reset,
            _ => return Err(Error::LinkOver),
        };
        let invitation = match &letter.invitation {
            Some(hash) => self.invited_by_hash(&mut *self.db.acquire().await?, hash).await?,
            None => None,
        };
        Ok(Link { purpose, email: letter.address, invitation })
    }

    /// The letter whose link somebody follows.
    async fn followed(
        &self,
        caller: &Caller,
        token: &SecretString,
        purpose: Option<Purpose>,
    ) -> Result<Letter, Error> {
        self.throttle.admit_network(caller.connection())?;
        let hash = hash_token(token.expose_secret());
        let found =
            db::letters::by_token(&mut *self.db.acquire().await?, &self.fields, &hash, self.clock.now())
                .await?;
        let is_for = |letter: &Letter| purpose.is_none_or(|purpose| purpose == letter.purpose);
        found.filter(is_for).ok_or(Error::LinkOver)
    }

    /// Opens an account by a link, with a business of its own or in the one that invites, and signs in.
    ///
    /// # Errors
    /// [`Error::LinkOver`], [`Error::Name`], [`Error::Password`], [`Error::TooMany`], [`Error::Busy`], [`Error::InvitationOver`],
    /// [`Error::NotInvited`].
    pub async fn open_by_link(
        &self,
        caller: &Caller,
        account: NewAccountByLink,
    ) -> Result<(Person, SetCookie), Error> {
        self.throttle.admit_sign_up(caller.connection())?;
        let letter = self.followed(caller, &account.token, Some(Purpose::Open)).await?;
        let person = self.newcomer(&account.name, Handle::Email(letter.address.clone()), account.language)?;
        let password_hash = self.hasher.hash(account.password, person.known_to_others()).await??;
        let mut transaction = self.db.begin().await?;
        if !db::letters::spend(&mut transaction, letter.id).await? {
            return Err(Error::LinkOver);
        }
        db::letters::end_links(&mut transaction, &self.fields, None, Some(&letter.address)).await?;
        let invitation = match &account.invitation {
            Some(token) => Some(hash_token(token.expose_secret())),
            // Of one that whoever asked came with nobody need know here: where it is over, the person has a business of their own.
            None => self.still_open(&mut transaction, letter.invitation.as_deref(), &person).await?,
        };
        let keeper = Keeper { person, password_hash };
        let opened = self.enrol(&mut transaction, caller, keeper, invitation.as_ref()).await?;
        transaction.commit().await?;
        tracing::info!(person = %opened.0.id, address = ?caller.connection().address, "account opened by a link");
        Ok(opened)
    }

    /// Sends a link to an address that the caller wants to have, from now on or in place of another. Where it is somebody else's, these
    /// are told.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::MailOff`], [`Error::TooMany`].
    pub async fn ask_for_address(&self, caller: &Caller, asked: &AddressGiven) -> Result<(), Error> {
        let person = &caller.signed_in()?.person;
        self.post()?;
        self.admit_letter(caller, &asked.email).await?;
        let mut transaction = self.db.begin().await?;
        let handle = Handle::Email(asked.email.clone());
        let owner =
            db::people::by_handle(&mut transaction, &self.fields, &handle).await?.map(|keeper| keeper.person);
        let other = owner.filter(|owner| owner.id != person.id);
        let (whose, purpose) = other.as_ref().map_or((person, Purpose::Add), |other| (other, Purpose::Known));
        let letter = NewLetter::to(whose, purpose, &asked.email);
        self.write_letter(&mut transaction, letter).await?;
        Ok(transaction.commit().await?)
    }

    /// Keeps the address that a link shows to be the caller's; the address before is told.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::LinkOver`], also where the link is for another account.
    pub async fn keep_address(&self, caller: &Caller, link: &LinkToken) -> Result<Person, Error> {
        let person = &caller.signed_in()?.person;
        let letter = self.followed(caller, &link.token, Some(Purpose::Add)).await?;
        if letter.person != Some(person.id) {
            return Err(Error::LinkOver);
        }
        let mut transaction = self.db.begin().await?;
        if !db::letters::spend(&mut transaction, letter.id).await? {
            return Err(Error::LinkOver);
        }
        db::people::set_email(&mut transaction, &self.fields, person.id, &letter.address, self.clock.now())
            .await?;
        // A link that went to the address before must not replace the password any more.
        let (whose, to) = (Some(person.id), Some(&letter.address));
        db::letters::end_links(&mut transaction, &self.fields, whose, to).await?;
        self.keep_deed(&mut transaction, caller, person.id, Deed::EmailChanged).await?;
        self.keep_factor_act(&mut transaction, person.id, person.id.uuid(), true).await?;
        if let Some(before) = person.email.as_ref().filter(|before| **before != letter.address) {
            self.write_letter(&mut transaction, NewLetter::to(person, Purpose::Moved, before)).await?;
        }
        transaction.commit().await?;
        tracing::info!(person = %person.id, "an e-mail address was shown to be a person's");
        Ok(Person { email: Some(letter.address), ..person.clone() })
    }

    /// Replaces a forgotten password by a link and signs every device out. Who has a second factor is asked for it as before.
    ///
    /// # Errors
    /// [`Error::LinkOver`], [`Error::Password`], [`Error::TooMany`], [`Error::Busy`].
    pub async fn reset_password(&self, caller: &Caller, new: NewPassword) -> Result<(), Error> {
        let letter = self.followed(caller, &new.token, Some(Purpose::Reset)).await?;
        let owner = letter.person.ok_or(Error::LinkOver)?;
        let found = db::people::by_id(&mut *self.db.acquire().await?, &self.fields, owner).await?;
        let person = found.filter(|person| person.email.as_ref() == Some(&letter.address));
        let person = person.ok_or(Error::LinkOver)?;
        let hash = self.hasher.hash(new.password, person.known_to_others()).await??;
        let mut transaction = self.db.begin().await?;
        if !db::letters::spend(&mut transaction, letter.id).await? {
            return Err(Error::LinkOver);
        }
        self.replace_password(&mut transaction, caller, &person, &hash, Deed::PasswordReset).await?;
        let told = NewLetter::to(&person, Purpose::PasswordReplaced, &letter.address);
        self.write_letter(&mut transaction, told).await?;
        transaction.commit().await?;
        tracing::info!(person = %person.id, address = ?caller.connection().address, "a password was replaced by a link");
        Ok(())
    }
}
