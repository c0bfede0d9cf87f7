//! The ledger of consents: to what somebody agreed, for which purpose, on which wording, and when they took it back.
//!
//! **Invariants.** What was never said is not given. Nothing is agreed to for another purpose by the way. Taking back is one call like
//! giving, and counts from the next piece of work on. Lines are added and never changed; the newest of a purpose stands.
//!
//! Whoever is under 18 does not agree by themselves: a parent or guardian says so beside them, and the line says that it was they.
//!
//! **Deliberately absent**: the wording, which is on the screen and numbered here; a proof of who the guardian is.

use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{GuestId, Language, PersonId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Caller, Error, Identity, db};

/// What something of somebody is used for, beyond what the service itself needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// What one says and writes goes to providers elsewhere, who recognise, translate and speak it.
    OutsideProviders,
    /// The sound of what one said is kept for some days, for both sides to hear.
    KeptRecordings,
    /// News come to one's phone while the app is closed. People with an account alone.
    News,
}

/// Whoever agrees: a person, or a guest of one visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consenter {
    /// A person with an account.
    Person(PersonId),
    /// A buyer.
    Guest(GuestId),
}

/// Something that is agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub struct Agreement {
    /// What for.
    purpose: Purpose,
    /// The number of the wording that was shown.
    notice: i16,
    /// Whether a parent or guardian agrees, for a child under 18.
    #[serde(default)]
    by_guardian: bool,
}

/// What somebody decides about a purpose.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct Decision {
    /// Whether they agree.
    pub(crate) given: bool,
    /// The number of the wording that was shown.
    notice: i16,
    /// In which language it was shown.
    pub(crate) language: Language,
    /// Whether a parent or guardian decides, for a child under 18.
    #[serde(default)]
    pub(crate) by_guardian: bool,
}

/// A purpose, and how somebody decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Consent {
    /// What for.
    pub purpose: Purpose,
    /// The number of the wording that counts now.
    pub notice: i16,
    /// Who outside this installation gets something; empty where nobody does.
    pub recipients: Vec<String>,
    /// The countries in which they work, as codes of two letters; without those that nobody named.
    pub regions: Vec<String>,
    /// Whether they agree; absent where they were not asked yet, or on another wording.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub given: Option<bool>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub at: Option<DateTime<Utc>>,
    /// Whether a parent or guardian decided, for a child under 18.
    pub by_guardian: bool,
}

/// Who elsewhere recognises, translates or speaks what people say, and in which countries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outside {
    /// What they are called.
    pub names: Vec<String>,
    /// Codes of two letters, such as `in`.
    pub regions: Vec<String>,
}

/// All purposes that concern somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Consents {
    /// One for each.
    pub items: Vec<Consent>,
}

/// What stands for a purpose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    pub purpose: Purpose,
    pub given: bool,
    pub notice: i16,
    pub at: DateTime<Utc>,
    pub by_guardian: bool,
}

impl Purpose {
    /// What guests are asked.
    const OF_GUESTS: &[Self] = &[Self::OutsideProviders, Self::KeptRecordings];
    /// What people with an account are asked.
    const OF_PEOPLE: &[Self] = &[Self::OutsideProviders, Self::KeptRecordings, Self::News];

    /// The number of the wording that counts now; a change of what it says takes the next. What was agreed to under an older one is
    /// asked again.
    pub const fn notice(self) -> i16 {
        match self {
            // The second says who agrees for a child.
            Self::OutsideProviders | Self::KeptRecordings => 2,
            Self::News => 1,
        }
    }
}

impl Consenter {
    pub(crate) const fn person(self) -> Option<Uuid> {
        match self {
            Self::Person(id) => Some(id.uuid()),
            Self::Guest(_) => None,
        }
    }

    pub(crate) const fn guest(self) -> Option<Uuid> {
        match self {
            Self::Person(_) => None,
            Self::Guest(id) => Some(id.uuid()),
        }
    }
}

/// Who decides: a person, or a phone for all of its visits.
enum Deciding {
    Person(PersonId),
    Phone(Vec<GuestId>),
}

impl Deciding {
    fn person(caller: &Caller) -> Result<Self, Error> {
        Ok(Self::Person(caller.signed_in()?.person.id))
    }

    /// A phone that holds a pass.
    fn phone(caller: &Caller) -> Result<Self, Error> {
        let guests: Vec<_> = caller.passes().iter().map(|pass| pass.guest).collect();
        if guests.is_empty() { Err(Error::NoPass) } else { Ok(Self::Phone(guests)) }
    }

    const fn purposes(&self) -> &'static [Purpose] {
        match self {
            Self::Person(_) => Purpose::OF_PEOPLE,
            Self::Phone(_) => Purpose::OF_GUESTS,
        }
    }

    fn all(&self) -> Vec<Consenter> {
        match self {
            Self::Person(id) => vec![Consenter::Person(*id)],
            Self::Phone(guests) => guests.iter().copied().map(Consenter::Guest).collect(),
        }
    }
}

impl Identity {
    /// How the person who calls decided.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub(crate) async fn my_consents(&self, caller: &Caller) -> Result<Consents, Error> {
        self.consents_of(&Deciding::person(caller)?).await
    }

    /// How the phone that calls decided last, for any of its visits.
    ///
    /// # Errors
    /// [`Error::NoPass`].
    pub(crate) async fn phone_consents(&self, caller: &Caller) -> Result<Consents, Error> {
        self.consents_of(&Deciding::phone(caller)?).await
    }

    /// What a guest is asked before a visit, and how this phone decided at others.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn asked_of_guest(&self, caller: &Caller) -> Result<Vec<Consent>, Error> {
        let guests = caller.passes().iter().map(|pass| pass.guest).collect();
        Ok(self.consents_of(&Deciding::Phone(guests)).await?.items)
    }

    /// The person who calls decides about a purpose.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::NoticeChanged`].
    pub(crate) async fn decide(
        &self,
        caller: &Caller,
        purpose: Purpose,
        decision: Decision,
    ) -> Result<Consents, Error> {
        self.decide_as(Deciding::person(caller)?, purpose, decision).await
    }

    /// The phone that calls decides about a purpose, for all of its visits.
    ///
    /// # Errors
    /// [`Error::NoPass`], [`Error::NoticeChanged`]; [`Error::NotAsked`] where guests are not asked that.
    pub(crate) async fn decide_for_phone(
        &self,
        caller: &Caller,
        purpose: Purpose,
        decision: Decision,
    ) -> Result<Consents, Error> {
        self.decide_as(Deciding::phone(caller)?, purpose, decision).await
    }

    /// Writes what a guest agreed to, in the transaction of what it is needed for.
    ///
    /// # Errors
    /// [`Error::AgreedUnasked`] for anything but the purposes that guests are asked, each once; [`Error::NoticeChanged`].
    pub async fn agree(
        &self,
        connection: &mut PgConnection,
        guest: GuestId,
        agreed: &[Agreement],
        language: Language,
    ) -> Result<(), Error> {
        let asked = |agreement: &Agreement| Purpose::OF_GUESTS.contains(&agreement.purpose);
        if agreed.len() > Purpose::OF_GUESTS.len() || !agreed.iter().all(asked) {
            return Err(Error::AgreedUnasked);
        }
        for Agreement { purpose, notice, by_guardian } in agreed.iter().copied() {
            let decision = Decision { given: true, notice, language, by_guardian };
            self.say(&mut *connection, &[Consenter::Guest(guest)], purpose, decision).await?;
        }
        Ok(())
    }

    /// Writes that a person has news sent to a phone, or no more.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn keep_news_choice(
        &self,
        connection: &mut PgConnection,
        caller: &Caller,
        given: bool,
    ) -> Result<(), Error> {
        let person = &caller.signed_in()?.person;
        let (notice, language) = (Purpose::News.notice(), person.language);
        let decision = Decision { given, notice, language, by_guardian: false };
        self.say(connection, &[Consenter::Person(person.id)], Purpose::News, decision).await
    }

    /// Whether somebody agrees to this now.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn agrees(
        &self,
        connection: &mut PgConnection,
        whose: Consenter,
        purpose: Purpose,
    ) -> Result<bool, sqlx::Error> {
        db::consents::agrees(connection, whose, purpose).await
    }

    /// Says who elsewhere gets what people say from now on: people are asked and told by it.
    pub fn tell_outside(&self, outside: Outside) {
        *self.outside.write().unwrap_or_else(PoisonError::into_inner) = outside;
    }

    fn outside(&self) -> Outside {
        self.outside.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn consents_of(&self, deciding: &Deciding) -> Result<Consents, Error> {
        let (person, guests) = match deciding {
            Deciding::Person(id) => (Some(id.uuid()), Vec::new()),
            Deciding::Phone(guests) => (None, guests.iter().map(|guest| guest.uuid()).collect()),
        };
        let standing = db::consents::standing(&mut *self.db.acquire().await?, person, &guests).await?;
        let items = deciding.purposes().iter().map(|purpose| self.consent(*purpose, &standing)).collect();
        Ok(Consents { items })
    }

    fn consent(&self, purpose: Purpose, standing: &[Stand]) -> Consent {
        let stands = standing.iter().find(|stand| stand.purpose == purpose);
        // Whoever refused is not asked again because of other words.
        let stands = stands.filter(|stand| !stand.given || stand.notice == purpose.notice());
        let outside = match purpose {
            Purpose::OutsideProviders => self.outside(),
            Purpose::KeptRecordings | Purpose::News => Outside::default(),
        };
        Consent {
            purpose,
            notice: purpose.notice(),
            recipients: outside.names,
            regions: outside.regions,
            given: stands.map(|stand| stand.given),
            at: stands.map(|stand| stand.at),
            by_guardian: stands.is_some_and(|stand| stand.by_guardian),
        }
    }

    async fn decide_as(
        &self,
        deciding: Deciding,
        purpose: Purpose,
        decision: Decision,
    ) -> Result<Consents, Error> {
        if !deciding.purposes().contains(&purpose) {
            return Err(Error::NotAsked);
        }
        self.say(&mut *self.db.acquire().await?, &deciding.all(), purpose, decision).await?;
        self.consents_of(&deciding).await
    }

    /// Adds a line for each of them, unless the newest says the same.
    async fn say(
        &self,
        connection: &mut PgConnection,
        whose: &[Consenter],
        purpose: Purpose,
        decision: Decision,
    ) -> Result<(), Error> {
        if decision.given && decision.notice != purpose.notice() {
            return Err(Error::NoticeChanged);
        }
        let at = self.clock.now();
        let lines: Vec<(Uuid, Consenter)> = whose.iter().map(|whose| (self.entropy.id(at), *whose)).collect();
        Ok(db::consents::say(connection, &lines, purpose, &decision, at).await?)
    }
}
