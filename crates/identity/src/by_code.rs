//! What people do by codes that come to their telephone: open an account, show that a number is theirs, replace a forgotten password.
//!
//! **Invariants.** Where the installation sends short messages, no account is opened and no number changed on somebody's word. Who asks
//! for a code gets the same answer after the same work, whether the number has an account or not, and so does who gives a wrong one. A
//! code replaces the password of an account alone whose number was shown to be its person's; that ends every session and leaves the
//! second factor as it was. Nobody signs in by a code.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sqlx::PgConnection;
use types::Language;
use utoipa::ToSchema;

use crate::account_log::Deed;
use crate::db::people::Keeper;
use crate::session::hash_token;
use crate::text::{Channel, CodeAsked, NewText, Purpose, Text};
use crate::throttle::count_ahead;
use crate::{Caller, CodeError, Error, Handle, Identity, Person, PhoneNumber, SetCookie, db, password};

/// Who wants a code to open an account.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OpeningByPhone {
    /// The number to sign in with.
    phone: PhoneNumber,
    /// The language of the message.
    language: Language,
    /// How the code comes.
    #[serde(default)]
    by: Channel,
    /// The secret of an invitation: the person joins that business and opens none.
    #[schema(value_type = Option<String>, nullable = false)]
    invitation: Option<SecretString>,
}

/// A number, for a code.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NumberGiven {
    /// The number.
    phone: PhoneNumber,
    /// How the code comes.
    #[serde(default)]
    by: Channel,
}

/// A code that came.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CodeGiven {
    /// What was answered when the code was asked for.
    #[schema(value_type = String)]
    ticket: SecretString,
    /// The six digits.
    #[schema(value_type = String)]
    code: SecretString,
}

/// An account that is opened by a code.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAccountByCode {
    /// What was answered when the code was asked for.
    #[schema(value_type = String)]
    ticket: SecretString,
    /// The six digits.
    #[schema(value_type = String)]
    code: SecretString,
    /// What the person is called, at most 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// 8 to 128 characters, not one of the common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: SecretString,
    /// The language the person reads.
    language: Language,
}

/// A password in place of one that was forgotten, by a code.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPasswordByCode {
    /// What was answered when the code was asked for.
    #[schema(value_type = String)]
    ticket: SecretString,
    /// The six digits.
    #[schema(value_type = String)]
    code: SecretString,
    /// 8 to 128 characters, not one of the common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: SecretString,
}

/// What somebody asks for.
struct Asked<'a> {
    phone: &'a PhoneNumber,
    channel: Channel,
    invitation: Option<[u8; 32]>,
}

impl Identity {
    /// Whether short messages are sent.
    pub fn sends_texts(&self) -> bool {
        self.wire.is_some()
    }

    /// Whether codes go by WhatsApp too.
    pub fn sends_whatsapp(&self) -> bool {
        self.wire.as_ref().is_some_and(|wire| wire.carrier.has_whatsapp())
    }

    /// Sends a code that opens an account; where the number has one, a message that says so.
    ///
    /// # Errors
    /// [`CodeError::TextsOff`], [`CodeError::NoWhatsApp`], [`CodeError::Elsewhere`], [`Error::TooMany`].
    pub async fn ask_to_open_by_phone(
        &self,
        caller: &Caller,
        asked: &OpeningByPhone,
    ) -> Result<CodeAsked, Error> {
        let invitation = asked.invitation.as_ref().map(|token| hash_token(token.expose_secret()));
        let language = asked.language;
        let asked = Asked { phone: &asked.phone, channel: asked.by, invitation };
        self.admit_asking(caller, &asked).await?;
        let mut transaction = self.db.begin().await?;
        let owner = self.owner_of(&mut transaction, asked.phone).await?;
        let (purpose, language) =
            owner.as_ref().map_or((Purpose::Open, language), |owner| (Purpose::Known, owner.language));
        let sent = self.send_code(&mut transaction, &asked, purpose, owner.as_ref(), language).await?;
        transaction.commit().await?;
        Ok(sent)
    }

    /// Sends a code to a number that the caller has or wants to have in place of another. Where it is somebody else's, these are told.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; as [`Identity::ask_to_open_by_phone`].
    pub async fn ask_for_number(&self, caller: &Caller, given: &NumberGiven) -> Result<CodeAsked, Error> {
        let person = &caller.signed_in()?.person;
        let asked = Asked { phone: &given.phone, channel: given.by, invitation: None };
        self.admit_asking(caller, &asked).await?;
        let mut transaction = self.db.begin().await?;
        let owner = self.owner_of(&mut transaction, asked.phone).await?;
        let other = owner.filter(|owner| owner.id != person.id);
        let (purpose, whose) =
            other.as_ref().map_or((Purpose::Verify, person), |other| (Purpose::Known, other));
        let sent = self.send_code(&mut transaction, &asked, purpose, Some(whose), whose.language).await?;
        transaction.commit().await?;
        Ok(sent)
    }

    /// Sends a code that replaces a forgotten password; nothing where nobody has shown that the number is theirs.
    ///
    /// # Errors
    /// As [`Identity::ask_to_open_by_phone`].
    pub async fn ask_to_reset_by_phone(
        &self,
        caller: &Caller,
        given: &NumberGiven,
    ) -> Result<CodeAsked, Error> {
        let asked = Asked { phone: &given.phone, channel: given.by, invitation: None };
        self.admit_asking(caller, &asked).await?;
        let mut transaction = self.db.begin().await?;
        let owner = self.owner_of(&mut transaction, asked.phone).await?;
        let is_verified =
            db::phones::is_verified(&mut transaction, owner.as_ref().map(|owner| owner.id)).await?;
        let owner = owner.filter(|_| is_verified);
        let (purpose, language) = owner
            .as_ref()
            .map_or((Purpose::Nobody, Language::English), |owner| (Purpose::Reset, owner.language));
        let sent = self.send_code(&mut transaction, &asked, purpose, owner.as_ref(), language).await?;
        transaction.commit().await?;
        Ok(sent)
    }

    /// Lets a code be asked for, or says why none goes there.
    async fn admit_asking(&self, caller: &Caller, asked: &Asked<'_>) -> Result<(), Error> {
        let carrier = &self.wire()?.carrier;
        if asked.channel == Channel::WhatsApp && !carrier.has_whatsapp() {
            return Err(CodeError::NoWhatsApp.into());
        }
        if !carrier.reaches(asked.phone.as_str()) {
            return Err(CodeError::Elsewhere.into());
        }
        self.admit_text(caller, asked.phone, carrier.hourly_max()).await
    }

    async fn owner_of(
        &self,
        connection: &mut PgConnection,
        phone: &PhoneNumber,
    ) -> Result<Option<Person>, Error> {
        let found = db::people::by_handle(connection, &self.fields, &Handle::Phone(phone.clone())).await?;
        Ok(found.map(|keeper| keeper.person))
    }

    async fn send_code(
        &self,
        connection: &mut PgConnection,
        asked: &Asked<'_>,
        purpose: Purpose,
        whose: Option<&Person>,
        language: Language,
    ) -> Result<CodeAsked, Error> {
        // What is no code is in no template.
        let channel = if purpose == Purpose::Known { Channel::Sms } else { asked.channel };
        let person = whose.map(|person| person.id);
        let (phone, invitation) = (asked.phone, asked.invitation);
        self.write_text(connection, NewText { purpose, person, phone, language, channel, invitation }).await
    }

    /// The message whose ticket somebody has, where it is for one of these.
    async fn ticketed(
        &self,
        caller: &Caller,
        ticket: &SecretString,
        purposes: [Purpose; 2],
    ) -> Result<Text, Error> {
        self.wire()?;
        self.throttle.admit_network(caller.connection())?;
        let hash = hash_token(ticket.expose_secret());
        let found =
            db::texts::by_ticket(&mut *self.db.acquire().await?, &self.fields, &hash, self.clock.now())
                .await?;
        found.filter(|text| purposes.contains(&text.purpose)).ok_or_else(|| CodeError::Over.into())
    }

    /// Tries a code: counted by message and by number before it is looked at, with the same work whether one can be right or not.
    async fn try_code(&self, caller: &Caller, text: &Text, typed: &SecretString) -> Result<(), Error> {
        let wire = self.wire()?;
        let subjects = self.throttle.admit_text_code(&text.phone, caller.connection());
        let guess = {
            let mut connection = self.db.acquire().await?;
            count_ahead(&mut connection, subjects, self.clock.now()).await??;
            db::texts::guess(&mut connection, text.id).await?.ok_or(CodeError::Over)?
        };
        let code: String = typed.expose_secret().chars().filter(|letter| !letter.is_whitespace()).collect();
        if !wire.is_right(text.id, &code, guess.code_hash.as_deref()) {
            self.keep_refused_code(caller, text.person).await?;
            return Err(CodeError::Wrong.into());
        }
        Ok(db::throttle::forgive(&mut *self.db.acquire().await?, subjects).await?)
    }

    /// Opens an account by a code, with a business of its own or in the one that invites, and signs in.
    ///
    /// # Errors
    /// [`CodeError::TextsOff`], [`CodeError::Over`], [`CodeError::Wrong`], [`Error::Name`], [`Error::Password`], [`Error::TooMany`],
    /// [`Error::Busy`].
    pub async fn open_by_code(
        &self,
        caller: &Caller,
        account: NewAccountByCode,
    ) -> Result<(Person, SetCookie), Error> {
        self.throttle.admit_sign_up(caller.connection())?;
        let text = self.ticketed(caller, &account.ticket, [Purpose::Open, Purpose::Known]).await?;
        let person = self.newcomer(&account.name, Handle::Phone(text.phone.clone()), account.language)?;
        // A code is not lost to a password that is not taken.
        password::check(&account.password, &person.known_to_others())?;
        self.try_code(caller, &text, &account.code).await?;
        let password_hash = self.hasher.hash(account.password, person.known_to_others()).await??;
        let mut transaction = self.db.begin().await?;
        if !db::texts::spend(&mut transaction, text.id).await? {
            return Err(CodeError::Over.into());
        }
        db::texts::end_codes(&mut transaction, &self.fields, None, Some(&text.phone)).await?;
        let invitation = self.still_open(&mut transaction, text.invitation.as_deref(), &person).await?;
        let keeper = Keeper { person, password_hash };
        let opened = self.enrol(&mut transaction, caller, keeper, invitation.as_ref()).await?;
        db::phones::set(&mut transaction, &self.fields, opened.0.id, &text.phone, self.clock.now()).await?;
        transaction.commit().await?;
        tracing::info!(person = %opened.0.id, address = ?caller.connection().address, "account opened by a code");
        Ok(opened)
    }

    /// Keeps that a number is the caller's; where it is another than before, that one is told.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`CodeError::TextsOff`], [`CodeError::Wrong`], [`Error::TooMany`]; [`CodeError::Over`], also where the code
    /// is for another account.
    pub async fn keep_number(&self, caller: &Caller, given: &CodeGiven) -> Result<Person, Error> {
        let person = &caller.signed_in()?.person;
        let text = self.ticketed(caller, &given.ticket, [Purpose::Verify, Purpose::Known]).await?;
        if text.purpose == Purpose::Verify && text.person != Some(person.id) {
            return Err(CodeError::Over.into());
        }
        self.try_code(caller, &text, &given.code).await?;
        let before = person.phone.as_ref().filter(|before| **before != text.phone);
        let mut transaction = self.db.begin().await?;
        if !db::texts::spend(&mut transaction, text.id).await? {
            return Err(CodeError::Over.into());
        }
        db::phones::set(&mut transaction, &self.fields, person.id, &text.phone, self.clock.now()).await?;
        // A code that went to the number before must not replace the password any more.
        db::texts::end_codes(&mut transaction, &self.fields, Some(person.id), Some(&text.phone)).await?;
        let is_another = person.phone.as_ref() != Some(&text.phone);
        let deed = if is_another { Deed::PhoneChanged } else { Deed::PhoneVerified };
        if let Some(before) = before {
            self.tell(&mut transaction, Purpose::Moved, person, before).await?;
        }
        self.keep_deed(&mut transaction, caller, person.id, deed).await?;
        self.keep_factor_act(&mut transaction, person.id, person.id.uuid(), true).await?;
        transaction.commit().await?;
        tracing::info!(person = %person.id, is_another, "a phone number was shown to be a person's");
        Ok(Person { phone: Some(text.phone), ..person.clone() })
    }

    /// Replaces a forgotten password by a code and signs every device out. Who has a second factor is asked for it as before.
    ///
    /// # Errors
    /// [`CodeError::TextsOff`], [`CodeError::Over`], [`CodeError::Wrong`], [`Error::Password`], [`Error::TooMany`], [`Error::Busy`].
    pub async fn reset_by_code(&self, caller: &Caller, new: NewPasswordByCode) -> Result<(), Error> {
        let text = self.ticketed(caller, &new.ticket, [Purpose::Reset, Purpose::Nobody]).await?;
        password::check(&new.password, &[text.phone.as_str().to_owned()])?;
        self.try_code(caller, &text, &new.code).await?;
        let owner = text.person.ok_or(CodeError::Over)?;
        let found = db::people::by_id(&mut *self.db.acquire().await?, &self.fields, owner).await?;
        let person = found.filter(|person| person.phone.as_ref() == Some(&text.phone));
        let person = person.ok_or(CodeError::Over)?;
        let hash = self.hasher.hash(new.password, person.known_to_others()).await??;
        let mut transaction = self.db.begin().await?;
        if !db::texts::spend(&mut transaction, text.id).await? {
            return Err(CodeError::Over.into());
        }
        self.replace_password(&mut transaction, caller, &person, &hash, Deed::PasswordResetByCode).await?;
        self.tell(&mut transaction, Purpose::PasswordReplaced, &person, &text.phone).await?;
        transaction.commit().await?;
        tracing::info!(person = %person.id, address = ?caller.connection().address, "a password was replaced by a code");
        Ok(())
    }

    /// Tells somebody what was done, at this number.
    async fn tell(
        &self,
        connection: &mut PgConnection,
        purpose: Purpose,
        person: &Person,
        phone: &PhoneNumber,
    ) -> Result<(), Error> {
        let (language, channel) = (person.language, Channel::Sms);
        let told = NewText { purpose, person: Some(person.id), phone, language, channel, invitation: None };
        self.write_text(connection, told).await.map(drop)
    }
}
