//! Recordings: the hash stays, the sound goes.

use chrono::{DateTime, Utc};
use platform::kept::Kept;
use serde_json::Value;
use sqlx::PgConnection;
use types::{MessageId, RecordingId, TenantId, VisitId};
use voice::stt::Expecting;

use super::unreadable;

/// Speech that was sent.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The recording.
    pub id: RecordingId,
    /// Where it was said.
    pub visit: VisitId,
    /// The message it becomes.
    pub message: MessageId,
    /// SHA-256 of the bytes as they came.
    pub sha256: Vec<u8>,
    /// The format they came in.
    pub content_type: String,
    /// How long it is.
    pub duration_ms: i32,
    /// What was measured of it.
    pub quality: Value,
    /// What kind of answer the speaker was asked for.
    pub expecting: Expecting,
    /// By which recogniser, once it is heard.
    pub heard_by: Option<String>,
    /// The sealed speech, until it is recognised.
    pub speech_blob: Option<String>,
    /// The sealed original, where the speaker keeps it.
    pub original_blob: Option<String>,
    /// Until when the original is kept.
    pub keep_until: Option<DateTime<Utc>>,
    /// How large the kept original is, as it is stored.
    pub original_bytes: Option<i64>,
}

struct Row {
    id: RecordingId,
    visit: VisitId,
    message: MessageId,
    sha256: Vec<u8>,
    content_type: String,
    duration_ms: i32,
    quality: Value,
    expecting: String,
    heard_by: Option<String>,
    speech_blob: Option<String>,
    original_blob: Option<String>,
    keep_until: Option<DateTime<Utc>>,
    original_bytes: Option<i64>,
}

impl TryFrom<Row> for Recording {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        Ok(Self {
            id: row.id,
            visit: row.visit,
            message: row.message,
            sha256: row.sha256,
            content_type: row.content_type,
            duration_ms: row.duration_ms,
            quality: row.quality,
            expecting: serde_json::from_value(Value::String(row.expecting)).map_err(unreadable)?,
            heard_by: row.heard_by,
            speech_blob: row.speech_blob,
            original_blob: row.original_blob,
            keep_until: row.keep_until,
            original_bytes: row.original_bytes,
        })
    }
}

/// Writes a recording that waits to be heard.
pub async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    recording: &Recording,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let expecting = serde_json::to_value(recording.expecting).map_err(unreadable)?;
    sqlx::query!(
        "insert into recordings
             (tenant_id, id, visit_id, message_id, sha256, content_type, duration_ms, quality, expecting,
              speech_blob, original_blob, keep_until, original_bytes, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        tenant.uuid(),
        recording.id.uuid(),
        recording.visit.uuid(),
        recording.message.uuid(),
        recording.sha256,
        recording.content_type,
        recording.duration_ms,
        recording.quality,
        expecting.as_str(),
        recording.speech_blob,
        recording.original_blob,
        recording.keep_until,
        recording.original_bytes,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    recording: RecordingId,
) -> Result<Option<Recording>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: RecordingId", visit_id as "visit: VisitId", message_id as "message: MessageId", sha256, content_type,
             duration_ms, quality, expecting, heard_by, speech_blob, original_blob, keep_until, original_bytes
         from recordings
         where tenant_id = $1 and id = $2"#,
        tenant.uuid(),
        recording.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Recording::try_from).transpose()
}

/// These recordings.
pub async fn find_all(
    connection: &mut PgConnection,
    tenant: TenantId,
    recordings: &[RecordingId],
) -> Result<Vec<Recording>, sqlx::Error> {
    if recordings.is_empty() {
        return Ok(Vec::new());
    }
    let recordings: Vec<uuid::Uuid> = recordings.iter().map(|r| r.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: RecordingId", visit_id as "visit: VisitId", message_id as "message: MessageId", sha256, content_type,
             duration_ms, quality, expecting, heard_by, speech_blob, original_blob, keep_until, original_bytes
         from recordings
         where tenant_id = $1 and id = any($2)
         limit 200"#,
        tenant.uuid(),
        &recordings,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Recording::try_from).collect()
}

/// Notes that the speech was recognised, by whom, and that its sound is gone.
pub async fn drop_speech(
    connection: &mut PgConnection,
    tenant: TenantId,
    recording: RecordingId,
    heard_by: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update recordings set speech_blob = null, heard_by = $3 where tenant_id = $1 and id = $2",
        tenant.uuid(),
        recording.uuid(),
        heard_by,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many recordings of a stall wait to be recognised, and how many of them in this visit.
pub async fn waiting(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "of_stall!", count(*) filter (where visit_id = $2) as "of_visit!"
         from recordings
         where tenant_id = $1 and speech_blob is not null"#,
        tenant.uuid(),
        visit.uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok((row.of_stall, row.of_visit))
}

/// Which of these blobs a recording still refers to.
pub async fn referred_to(
    connection: &mut PgConnection,
    blobs: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select blob as "blob!"
         from unnest($1::text[]) as asked (blob)
         where exists (select 1 from recordings where speech_blob = blob or original_blob = blob)"#,
        blobs,
    )
    .fetch_all(connection)
    .await
}

/// Kept originals whose time is over, at most `limit`: `(tenant, recording, blob)`.
pub async fn kept_too_long(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(TenantId, RecordingId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant_id: TenantId", id as "id: RecordingId", original_blob as "original_blob!"
         from recordings
         where original_blob is not null and keep_until <= $1
         order by keep_until
         limit $2"#,
        now,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|r| (r.tenant_id, r.id, r.original_blob)).collect())
}

/// Speech that has waited since before `since` and that nobody will hear any more, at most `limit`: whose, and its recording.
pub async fn never_heard(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(TenantId, RecordingId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant_id: TenantId", id as "id: RecordingId"
         from recordings
         where speech_blob is not null and created_at <= $1
         order by created_at
         limit $2"#,
        since,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|r| (r.tenant_id, r.id)).collect())
}

/// Notes that the original is gone; where its time was over before, since then.
pub async fn drop_original(
    connection: &mut PgConnection,
    tenant: TenantId,
    recording: RecordingId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update recordings
         set original_blob = null, keep_until = null, original_gone_at = least(keep_until, $3)
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        recording.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Recordings whose sound is still there, after this one.
pub async fn with_sound(
    connection: &mut PgConnection,
    after: Option<(TenantId, RecordingId)>,
    limit: i64,
) -> Result<Vec<(TenantId, RecordingId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant: TenantId", id as "id: RecordingId"
         from recordings
         where (speech_blob is not null or original_blob is not null)
             and ($1::uuid is null or (tenant_id, id) > ($1, $2))
         order by tenant_id, id
         limit $3"#,
        after.map(|(tenant, _)| tenant.uuid()),
        after.map(|(_, id)| id.uuid()),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.id)).collect())
}

/// Locks a recording; gives the blobs of its sound, each once.
pub async fn lock_sound(
    connection: &mut PgConnection,
    tenant: TenantId,
    recording: RecordingId,
) -> Result<Vec<String>, sqlx::Error> {
    let row = sqlx::query!(
        "select speech_blob, original_blob from recordings where tenant_id = $1 and id = $2 for no key update",
        tenant.uuid(),
        recording.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let mut blobs: Vec<String> =
        row.into_iter().flat_map(|row| [row.speech_blob, row.original_blob]).flatten().collect();
    blobs.dedup();
    Ok(blobs)
}

/// How many bytes of kept originals each stall had at a moment, of stalls after this one.
pub async fn kept_at(
    connection: &mut PgConnection,
    moment: DateTime<Utc>,
    after: Option<TenantId>,
    limit: i64,
) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query_as!(
        Kept,
        r#"select tenant_id as "tenant: TenantId", sum(original_bytes)::bigint as "bytes!"
         from recordings
         where original_bytes > 0
             and created_at < $1
             and (original_gone_at > $1 or (original_gone_at is null and keep_until > $1))
             and ($2::uuid is null or tenant_id > $2)
         group by tenant_id
         order by tenant_id
         limit $3"#,
        moment,
        after.map(TenantId::uuid),
        limit,
    )
    .fetch_all(connection)
    .await
}
