//! Messages and their translations.

use chrono::{DateTime, Utc};
use parley::Side;
use platform::page::PageQuery;
use serde_json::Value;
use sqlx::PgConnection;
use types::{Language, MessageId, OfferId, PersonId, RecordingId, TenantId, VisitId};
use uuid::Uuid;

use super::{side_code, unreadable};
use crate::message::{Audience, Author, MadeBy, Message, MessageState, Via, Warning};

struct Row {
    id: MessageId,
    visit_id: VisitId,
    seq: i32,
    client_id: Uuid,
    content_hash: Vec<u8>,
    author: Author,
    by_person_id: Option<PersonId>,
    audience: Audience,
    via: Via,
    state: MessageState,
    refused_because: Option<String>,
    text: String,
    language: Language,
    acts: Value,
    notice: Option<Value>,
    offer_id: Option<OfferId>,
    recording_id: Option<RecordingId>,
    created_at: DateTime<Utc>,
}

/// A translation of talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// Of which message.
    pub message: MessageId,
    /// Into which language.
    pub language: Language,
    /// The text.
    pub text: String,
    /// By whom.
    pub made_by: MadeBy,
    /// What is doubtful about it.
    pub warning: Option<Warning>,
}

impl Translation {
    /// One that somebody is at work on.
    pub const fn pending(message: MessageId, language: Language) -> Self {
        Self { message, language, text: String::new(), made_by: MadeBy::Pending, warning: None }
    }

    /// None: the reader gets the speaker's own words, where one was made with why it is not shown.
    pub const fn none(message: MessageId, language: Language, warning: Option<Warning>) -> Self {
        Self { message, language, text: String::new(), made_by: MadeBy::NotTranslated, warning }
    }

    /// Whether nobody is at work on it and nothing is waited for.
    pub fn is_final(&self) -> bool {
        self.made_by != MadeBy::Pending && !self.warning.is_some_and(Warning::waits)
    }
}

impl TryFrom<Row> for Message {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        Ok(Self {
            id: row.id,
            visit: row.visit_id,
            seq: row.seq,
            client_id: row.client_id,
            content_hash: row.content_hash,
            author: row.author,
            by: row.by_person_id,
            audience: row.audience,
            via: row.via,
            state: row.state,
            refused_because: row.refused_because,
            text: row.text,
            language: row.language,
            acts: serde_json::from_value(row.acts).map_err(unreadable)?,
            notice: row.notice.map(serde_json::from_value).transpose().map_err(unreadable)?,
            offer: row.offer_id,
            recording: row.recording_id,
            created_at: row.created_at,
        })
    }
}

/// `select` with the columns of [`Row`], where asked only the first row for each value of a column; what follows the table's name is
/// the caller's.
macro_rules! select {
    ($(distinct on $key:literal;)? $tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select " + $("distinct on (" + $key + ") " +)? r#"
                 id as "id: MessageId", visit_id as "visit_id: VisitId", seq, client_id, content_hash,
                 author as "author: Author", by_person_id as "by_person_id: PersonId", audience as "audience: Audience", via as "via: Via", state as "state: MessageState",
                 refused_because, text, language as "language: Language", acts, notice,
                 offer_id as "offer_id: OfferId", recording_id as "recording_id: RecordingId", created_at
             from messages "# + $tail,
            $($argument),*
        )
    };
}

fn all(rows: Vec<Row>) -> Result<Vec<Message>, sqlx::Error> {
    rows.into_iter().map(Message::try_from).collect()
}

pub async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    message: &Message,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messages
             (tenant_id, id, visit_id, seq, client_id, content_hash, author, audience, via, state, refused_because,
              text, language, acts, notice, offer_id, recording_id, created_at, by_person_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        tenant.uuid(),
        message.id.uuid(),
        message.visit.uuid(),
        message.seq,
        message.client_id,
        message.content_hash,
        message.author as Author,
        message.audience as Audience,
        message.via as Via,
        message.state as MessageState,
        message.refused_because,
        message.text,
        message.language.code(),
        serde_json::to_value(&message.acts).map_err(unreadable)?,
        message.notice.as_ref().map(serde_json::to_value).transpose().map_err(unreadable)?,
        message.offer.map(OfferId::uuid),
        message.recording.map(RecordingId::uuid),
        message.created_at,
        message.by.map(PersonId::uuid),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what understanding may change of a message, its place among the others too.
pub async fn update(
    connection: &mut PgConnection,
    tenant: TenantId,
    message: &Message,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messages
         set audience = $3, state = $4, refused_because = $5, text = $6, acts = $7, offer_id = $8, seq = $9
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        message.id.uuid(),
        message.audience as Audience,
        message.state as MessageState,
        message.refused_because,
        message.text,
        serde_json::to_value(&message.acts).map_err(unreadable)?,
        message.offer.map(OfferId::uuid),
        message.seq,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    message: MessageId,
) -> Result<Option<Message>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and id = $2", tenant.uuid(), message.uuid());
    row.fetch_optional(connection).await?.map(Message::try_from).transpose()
}

/// What this author sent under this id before.
pub async fn sent_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    author: Author,
    client_id: Uuid,
) -> Result<Option<Message>, sqlx::Error> {
    let row = select!(
        "where tenant_id = $1 and visit_id = $2 and author = $3 and client_id = $4",
        tenant.uuid(),
        visit.uuid(),
        author as Author,
        client_id,
    );
    row.fetch_optional(connection).await?.map(Message::try_from).transpose()
}

/// A page of what a side may read, newest first.
pub async fn page(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    audience: Audience,
    page: PageQuery,
) -> Result<Vec<Message>, sqlx::Error> {
    let rows = select!(
        "where tenant_id = $1 and visit_id = $2 and audience in ('both', $3)
             and seq < coalesce((select seq from messages where tenant_id = $1 and id = $4), 2147483647)
         order by seq desc
         limit $5",
        tenant.uuid(),
        visit.uuid(),
        audience as Audience,
        page.before(),
        page.rows(),
    );
    all(rows.fetch_all(connection).await?)
}

/// The newest words of each of these visits that a side may read.
pub async fn newest_of_visits(
    connection: &mut PgConnection,
    tenant: TenantId,
    visits: &[VisitId],
    audience: Audience,
) -> Result<Vec<Message>, sqlx::Error> {
    let visits: Vec<Uuid> = visits.iter().map(|v| v.uuid()).collect();
    let rows = select!(
        distinct on "visit_id";
        "where tenant_id = $1 and visit_id = any($2) and audience in ('both', $3) and state = 'heard'
         order by visit_id, seq desc
         limit 100",
        tenant.uuid(),
        &visits,
        audience as Audience,
    );
    all(rows.fetch_all(connection).await?)
}

/// How many messages of each of these visits a side has not seen, of those it may read and did not say itself.
pub async fn unseen(
    connection: &mut PgConnection,
    tenant: TenantId,
    visits: &[VisitId],
    side: Side,
) -> Result<Vec<(VisitId, i32)>, sqlx::Error> {
    let visits: Vec<Uuid> = visits.iter().map(|v| v.uuid()).collect();
    let rows = sqlx::query!(
        r#"select m.visit_id as "visit_id: VisitId", count(*)::integer as "unseen!"
         from messages m
         join visits v on v.tenant_id = m.tenant_id and v.id = m.visit_id
         where m.tenant_id = $1 and m.visit_id = any($2) and m.author <> $3 and m.audience in ('both', $3)
             and m.seq > case when $3 = 'buyer' then v.buyer_seen_seq else v.vendor_seen_seq end
         group by m.visit_id
         limit 101"#,
        tenant.uuid(),
        &visits,
        side_code(side),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|r| (r.visit_id, r.unseen)).collect())
}

/// The newest talk of a visit that was said in another language than this and that nobody has translated into it: which message,
/// and its language.
pub async fn untranslated(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    language: Language,
    limit: i64,
) -> Result<Vec<(MessageId, Language)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: MessageId", language as "language: Language"
         from messages m
         where tenant_id = $1 and visit_id = $2 and audience = 'both' and state = 'heard' and language <> $3
             and acts = '[]'::jsonb and notice is null
             and not exists (
                 select 1 from message_translations t
                 where t.tenant_id = m.tenant_id and t.message_id = m.id and t.language = $3
             )
         order by seq desc
         limit $4"#,
        tenant.uuid(),
        visit.uuid(),
        language.code(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, r.language)).collect())
}

/// Everything both sides could read, oldest first, at most `limit`: what an agreement keeps.
pub async fn transcript(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let rows = select!(
        "where tenant_id = $1 and visit_id = $2 and audience = 'both'
         order by seq desc
         limit $3",
        tenant.uuid(),
        visit.uuid(),
        limit,
    );
    let mut messages = all(rows.fetch_all(connection).await?)?;
    messages.reverse();
    Ok(messages)
}

/// What these messages were translated to, into any language.
pub async fn translations(
    connection: &mut PgConnection,
    tenant: TenantId,
    messages: &[MessageId],
) -> Result<Vec<Translation>, sqlx::Error> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let messages: Vec<Uuid> = messages.iter().map(|m| m.uuid()).collect();
    let rows = sqlx::query!(
        r#"select message_id as "message_id: MessageId", language as "language: Language", text, made_by, warning as "warning: Warning"
         from message_translations
         where tenant_id = $1 and message_id = any($2)
         limit 1500"#,
        tenant.uuid(),
        &messages,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let made_by = serde_json::from_value(Value::String(row.made_by)).map_err(unreadable)?;
            let (message, language) = (row.message_id, row.language);
            Ok(Translation { message, language, text: row.text, made_by, warning: row.warning })
        })
        .collect()
}

/// Keeps a translation; another of the same message and language takes its place.
pub async fn keep_translation(
    connection: &mut PgConnection,
    tenant: TenantId,
    translation: &Translation,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let made_by = match serde_json::to_value(&translation.made_by).map_err(unreadable)? {
        Value::String(code) => code,
        other => other.to_string(),
    };
    sqlx::query!(
        "insert into message_translations (tenant_id, message_id, language, text, made_by, warning, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant_id, message_id, language) do update
         set text = excluded.text, made_by = excluded.made_by, warning = excluded.warning",
        tenant.uuid(),
        translation.message.uuid(),
        translation.language.code(),
        translation.text,
        made_by,
        translation.warning as Option<Warning>,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
