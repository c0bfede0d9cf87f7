//! Complaints about what is done with somebody's data: written by people and by phones, answered by operators within a time that the
//! installation promises.
//!
//! **Invariants.** What was said and what was answered is sealed. An answer is given once. Whoever runs the installation and reads a
//! complaint leaves a trace; so does the answer.

use chrono::{DateTime, TimeDelta, Utc};
use identity::audit::{Act, Area, Deed, keep, looked};
use identity::{Caller, Permission};
use platform::db::repeat;
use platform::fields::Column;
use platform::page::{Page, PageQuery};
use platform::text;
use serde::{Deserialize, Serialize};
use types::{Language, PersonId};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::config::Officer;
use crate::db::grievances::{self, Row};
use crate::db::one_at_a_time;
use crate::export::Whose;
use crate::{Error, Privacy};

/// The most characters of a complaint, and of an answer.
const CHARS_MAX: usize = 2_000;
const WORDS: Column = Column::of("grievances", "words");
const ANSWER: Column = Column::of("grievances", "answer");
/// So many complaints of one person or phone wait for an answer at most.
const WAITING_MAX: i64 = 5;
/// So many are listed to whoever wrote them.
const LISTED: i64 = 50;

/// What a complaint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = GrievanceAbout)]
pub enum About {
    /// They want to know what is kept.
    Access,
    /// Something that is kept is wrong.
    Correction,
    /// Something is to be deleted.
    Deletion,
    /// To what they agreed, or did not.
    Consent,
    /// Somebody saw what they should not have seen.
    Security,
    /// Anything else.
    Other,
}

/// Where a complaint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GrievanceState)]
pub enum State {
    /// It waits for an answer.
    Received,
    /// It is answered.
    Answered,
}

/// What is wrong.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewGrievance {
    /// The sender's own id: sent again it is the same complaint.
    pub client_id: Uuid,
    /// What it is about.
    pub about: About,
    /// What happened: 1 to 2,000 characters.
    #[schema(max_length = 2_000)]
    pub words: String,
    /// The language it is written in.
    pub language: Language,
}

/// A complaint, for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grievance {
    /// The complaint.
    pub id: Uuid,
    /// What people call it.
    #[schema(example = "G-3F9A21")]
    pub number: String,
    /// What it is about.
    pub about: About,
    /// What was written.
    pub words: String,
    /// The language it is written in.
    pub language: Language,
    /// Where it stands.
    pub state: State,
    /// When it was written.
    pub asked_at: DateTime<Utc>,
    /// By when it is to be answered.
    pub due_at: DateTime<Utc>,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub answer: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub answered_at: Option<DateTime<Utc>>,
}

/// Somebody's complaints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grievances {
    /// Newest first, at most fifty.
    pub items: Vec<Grievance>,
    /// Who answers; absent where the installation names nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub officer: Option<Officer>,
    /// Within how many days.
    pub answer_days: u16,
}

/// A complaint, for those who answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorGrievance {
    /// The complaint.
    #[serde(flatten)]
    pub grievance: Grievance,
    /// Whose account it came from; absent where it came from a buyer's phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub person_id: Option<PersonId>,
    /// Whether its time is over and nobody answered.
    pub is_overdue: bool,
}

/// Which complaints are asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GrievanceQuery {
    /// Only those that stand so.
    #[serde(default)]
    pub state: Option<State>,
    /// The id of the last item of the page before.
    #[serde(default)]
    pub before: Option<Uuid>,
    /// The most items.
    #[serde(default)]
    pub limit: Option<i64>,
}

/// An answer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Answer {
    /// What was found and done, in the language of the complaint: 1 to 2,000 characters.
    #[schema(max_length = 2_000)]
    pub answer: String,
}

/// `G-` and the last six digits of the id: short enough to be read out.
fn number(id: Uuid) -> String {
    let digits = id.simple().to_string().to_uppercase();
    format!("G-{}", &digits[digits.len() - 6..])
}

impl Privacy {
    /// Takes a complaint in. The same again is the one that is there.
    ///
    /// # Errors
    /// [`Error::Text`]; [`Error::Waiting`] while five wait for an answer.
    pub(crate) async fn complain(&self, whose: &Whose, new: &NewGrievance) -> Result<Grievance, Error> {
        let words = text::paragraphs(&new.words, CHARS_MAX).map_err(|error| Error::Text("words", error))?;
        let now = self.clock.now();
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let id: Uuid = self.entropy.id(now);
            one_at_a_time(&mut transaction, "grievances", whose, (id, now)).await?;
            if let Some(known) = grievances::sent_before(&mut transaction, whose, new.client_id).await? {
                return self.opened(&known);
            }
            if grievances::waiting_of(&mut transaction, whose).await? >= WAITING_MAX {
                return Err(Error::Waiting);
            }
            let row = Row {
                id,
                person: whose.person_id(),
                about: new.about,
                language: new.language,
                words: self.fields.seal(WORDS, id, &words),
                asked_at: now,
                due_at: now + TimeDelta::days(self.config.answer_days.into()),
                answer: None,
                answered_at: None,
            };
            if !grievances::insert(&mut transaction, &row, whose, new.client_id).await? {
                return Err(Error::NotFound);
            }
            let act = match row.person {
                Some(person) => Act::by(person, Area::Grievances, Deed::Added, now),
                None => Act::by_nobody(Area::Grievances, Deed::Added, now),
            };
            keep(&mut transaction, act.about(id)).await?;
            transaction.commit().await?;
            tracing::info!(grievance = %id, about = ?new.about, "somebody complains about what is done with their data");
            self.opened(&row)
        })
        .await
    }

    /// Somebody's complaints, and who answers them.
    pub(crate) async fn grievances_of(&self, whose: &Whose) -> Result<Grievances, Error> {
        let rows = grievances::of(&mut *self.db.acquire().await?, whose, LISTED).await?;
        let items = rows.iter().map(|row| self.opened(row)).collect::<Result<_, _>>()?;
        let (officer, answer_days) = (self.config.officer.clone(), self.config.answer_days);
        Ok(Grievances { items, officer, answer_days })
    }

    /// A page of all complaints, the newest first.
    ///
    /// # Errors
    /// The caller may not read them; whatever the database says.
    pub(crate) async fn all_grievances(
        &self,
        caller: &Caller,
        query: GrievanceQuery,
    ) -> Result<Page<OperatorGrievance>, Error> {
        let operator = caller.operate(Permission::AnswerPeople)?;
        let now = self.clock.now();
        let page = PageQuery { before: query.before, limit: query.limit };
        let mut connection = self.db.acquire().await?;
        looked(&mut connection, operator, Area::Grievances, None, now).await?;
        let answered = query.state.map(|state| state == State::Answered);
        let rows = page.page(grievances::page(&mut connection, answered, page).await?, |row| row.id);
        let items = rows.items.iter().map(|row| self.for_operator(row, now));
        Ok(Page { items: items.collect::<Result<_, _>>()?, next: rows.next })
    }

    /// Answers a complaint, and tells whoever has an address where they can be told. The same again changes nothing.
    ///
    /// # Errors
    /// The caller may not; [`Error::Text`], [`Error::NotFound`]; [`Error::Answered`] where another answer was given.
    pub(crate) async fn answer(
        &self,
        caller: &Caller,
        id: Uuid,
        given: &Answer,
    ) -> Result<OperatorGrievance, Error> {
        let operator = caller.operate(Permission::AnswerPeople)?;
        let answer =
            text::paragraphs(&given.answer, CHARS_MAX).map_err(|error| Error::Text("answer", error))?;
        let now = self.clock.now();
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let row = grievances::lock(&mut transaction, id).await?.ok_or(Error::NotFound)?;
            let person = row.person;
            let mut shown = self.for_operator(&row, now)?;
            if let Some(before) = &shown.grievance.answer {
                return if *before == answer { Ok(shown) } else { Err(Error::Answered) };
            }
            let sealed = self.fields.seal(ANSWER, id, &answer);
            grievances::set_answer(&mut transaction, id, &sealed, (operator, now)).await?;
            if let Some(person) = person {
                self.identity.tell_of_answer(&mut transaction, person).await?;
            }
            keep(&mut transaction, Act::by(operator, Area::Grievances, Deed::Answered, now).about(id))
                .await?;
            transaction.commit().await?;
            shown.grievance.answer = Some(answer.clone());
            shown.grievance.answered_at = Some(now);
            shown.grievance.state = State::Answered;
            shown.is_overdue = false;
            Ok(shown)
        })
        .await
    }

    fn for_operator(&self, row: &Row, now: DateTime<Utc>) -> Result<OperatorGrievance, Error> {
        let (person_id, is_overdue) = (row.person, row.answered_at.is_none() && row.due_at <= now);
        Ok(OperatorGrievance { grievance: self.opened(row)?, person_id, is_overdue })
    }

    /// A complaint with its seals broken.
    fn opened(&self, row: &Row) -> Result<Grievance, Error> {
        let open = |column: Column, sealed: &[u8]| self.fields.open(column, row.id, sealed);
        Ok(Grievance {
            id: row.id,
            number: number(row.id),
            about: row.about,
            words: open(WORDS, &row.words)?,
            language: row.language,
            state: if row.answered_at.is_some() { State::Answered } else { State::Received },
            asked_at: row.asked_at,
            due_at: row.due_at,
            answer: row.answer.as_deref().map(|sealed| open(ANSWER, sealed)).transpose()?,
            answered_at: row.answered_at,
        })
    }
}
