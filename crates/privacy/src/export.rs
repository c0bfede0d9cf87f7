//! A copy of one's data: asked for, made by a job, fetched by whoever asked.

use chrono::{DateTime, TimeDelta, Utc};
use identity::audit::{Act, Area, Deed, keep};
use identity::{Caller, Pass};
use platform::db::repeat;
use platform::jobs::Draft;
use platform::personal::Subject;
use serde::Serialize;
use types::{GuestId, PersonId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::jobs::make_export::MakeExport;
use crate::{Error, Privacy, db};

/// For how long a copy can be fetched.
pub const LINK_FOR: TimeDelta = TimeDelta::hours(24);
/// So many copies a day.
const A_DAY_MAX: i64 = 3;
/// So many copies are listed.
pub(crate) const LISTED: i64 = 10;
/// Where the sealed copies lie in the blob store.
pub(crate) const BLOBS: &str = "exports";

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ExportState {
    /// It is being made.
    Asked,
    /// It can be fetched.
    Ready,
    /// Its day is over.
    Over,
}

/// A copy of somebody's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DataExport)]
pub struct Export {
    /// The end of its link.
    pub key: String,
    /// How far it is.
    pub state: ExportState,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Until when it can be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
    /// How large it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bytes: Option<i64>,
    /// Whether everything fitted; what did not is named in its contents.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub whole: Option<bool>,
}

/// The copies that somebody asked for lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DataExports)]
pub struct Exports {
    /// Newest first, at most ten.
    pub items: Vec<Export>,
}

/// Whose copy it is.
#[derive(Debug, Clone)]
pub(crate) enum Whose {
    /// A person's.
    Person(PersonId),
    /// A phone's.
    Phone(Vec<Pass>),
}

impl Whose {
    pub(crate) fn person(caller: &Caller) -> Result<Self, Error> {
        Ok(Self::Person(caller.signed_in()?.person.id))
    }

    pub(crate) fn phone(caller: &Caller) -> Result<Self, Error> {
        match caller.passes() {
            [] => Err(identity::Error::NoPass.into()),
            passes => Ok(Self::Phone(passes.to_vec())),
        }
    }

    pub(crate) const fn person_id(&self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(*person),
            Self::Phone(_) => None,
        }
    }

    pub(crate) fn guests(&self) -> Vec<GuestId> {
        match self {
            Self::Person(_) => Vec::new(),
            Self::Phone(passes) => passes.iter().map(|pass| pass.guest).collect(),
        }
    }

    /// The subject of a phone.
    pub(crate) fn visits(&self) -> Option<Subject> {
        match self {
            Self::Person(_) => None,
            Self::Phone(passes) => Some(Subject {
                visits: passes.iter().map(|pass| (pass.tenant, pass.visit, pass.guest)).collect(),
                ..Subject::default()
            }),
        }
    }
}

/// What a sealed copy belongs to.
pub(crate) fn place(key: &str) -> String {
    format!("exports/{key}")
}

impl Privacy {
    /// Has a copy made. While one is being made it is that one.
    ///
    /// # Errors
    /// [`Error::Enough`] after three a day.
    pub(crate) async fn ask_for_export(&self, whose: &Whose) -> Result<Export, Error> {
        let now = self.clock.now();
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let (id, key): (Uuid, String) = (self.entropy.id(now), self.entropy.token());
            db::one_at_a_time(&mut transaction, "exports", whose, (id, now)).await?;
            let lately = db::exports::of(&mut transaction, whose, LISTED).await?;
            if let Some(asked) = lately.iter().find(|export| export.state == ExportState::Asked) {
                return Ok(asked.clone());
            }
            let today = lately.iter().filter(|export| export.asked_at > now - TimeDelta::days(1)).count();
            if i64::try_from(today).unwrap_or(i64::MAX) >= A_DAY_MAX {
                return Err(Error::Enough);
            }
            db::exports::insert(&mut transaction, id, &key, whose, now).await?;
            self.jobs.enqueue(&mut transaction, Draft::of_nobody(&MakeExport { export: id })).await?;
            if let Some(person) = whose.person_id() {
                let act = Act::by(person, Area::PersonalData, Deed::Started, now).about(person.uuid());
                keep(&mut transaction, act).await?;
            }
            transaction.commit().await?;
            let state = ExportState::Asked;
            Ok(Export { key, state, asked_at: now, expires_at: None, bytes: None, whole: None })
        })
        .await
    }

    /// The copies that somebody asked for lately, newest first.
    pub(crate) async fn exports(&self, whose: &Whose) -> Result<Exports, Error> {
        let mut items = db::exports::of(&mut *self.db.acquire().await?, whose, LISTED).await?;
        let now = self.clock.now();
        for export in &mut items {
            if export.expires_at.is_some_and(|until| until <= now) {
                export.state = ExportState::Over;
            }
        }
        Ok(Exports { items })
    }

    /// The archive, for whoever asked for it; that it was taken along is kept.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is somebody else's, not ready or over.
    pub(crate) async fn fetch_export(&self, whose: &Whose, key: &str) -> Result<Vec<u8>, Error> {
        let now = self.clock.now();
        let found = self.exports(whose).await?.items;
        let ready = |export: &&Export| export.key == key && export.state == ExportState::Ready;
        let export = found.iter().find(ready).ok_or(Error::NotFound)?;
        let sealed = self.blobs.get(BLOBS, &export.key).await?;
        let archive = self.sealer.open(&place(&export.key), &sealed)?;
        if let Some(person) = whose.person_id() {
            let act = Act::by(person, Area::PersonalData, Deed::FileTaken, now).about(person.uuid());
            repeat(|| async {
                let mut transaction = self.db.begin().await?;
                keep(&mut transaction, act).await?;
                Ok::<_, Error>(transaction.commit().await?)
            })
            .await?;
        }
        Ok(archive)
    }

    /// Whose data a copy is of: a person's with the businesses they own and the visits they keep, or what a phone had when it asked.
    pub(crate) async fn subject_of(
        &self,
        person: Option<PersonId>,
        visits: Option<serde_json::Value>,
    ) -> Result<Subject, Error> {
        let Some(person) = person else {
            return Ok(visits.map(serde_json::from_value).transpose()?.unwrap_or_default());
        };
        let mut connection = self.db.acquire().await?;
        let owned = self.identity.owned_businesses(&mut connection, person).await?;
        let businesses = owned.into_iter().map(|business| business.tenant).collect();
        let visits = self.identity.visits_kept_by(&mut connection, person).await?;
        Ok(Subject { person: Some(person), businesses, visits })
    }
}
