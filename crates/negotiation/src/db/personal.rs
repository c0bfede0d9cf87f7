//! Whose rows are in this context's tables.

use platform::personal::{Fate, SealedColumn, Subject, Table, VISIT};
use sqlx::PgConnection;
use types::{RecordingId, TenantId};
use uuid::Uuid;

/// So many recordings one look takes.
pub const BATCH: i64 = 200;

const OF_MESSAGE: &str = "(tenant_id, message_id) in (
     select tenant_id, id from messages
     where (tenant_id, visit_id) in (select * from unnest($3::uuid[], $4::uuid[]))
 )";

/// Every table, in the order in which rows can go: without its visit nothing more is said.
pub const TABLES: &[Table] = &[
    Table::new("visits", "Visits to a stall.")
        .business(Fate::Goes)
        .guest("(tenant_id, id) in (select * from unnest($3::uuid[], $4::uuid[]))", Fate::Goes),
    Table::new("message_translations", "What was said, in the other side's language.")
        .business(Fate::Goes)
        .shown_to_business(
            "exists (select 1 from messages
             where messages.tenant_id = kept.tenant_id and messages.id = kept.message_id and audience <> 'buyer')",
        )
        .guest(OF_MESSAGE, Fate::Goes)
        .shown_to_guest(
            "exists (select 1 from messages
             where messages.tenant_id = kept.tenant_id and messages.id = kept.message_id and audience <> 'vendor')",
        ),
    Table::new("recordings", "What was measured of speech; the sound itself is a file, where its speaker kept it.")
        .business(Fate::Goes)
        .shown_to_business(
            "exists (select 1 from messages
             where messages.tenant_id = kept.tenant_id and messages.id = kept.message_id and author = 'vendor')",
        )
        .guest(VISIT, Fate::Goes)
        .shown_to_guest(
            "exists (select 1 from messages
             where messages.tenant_id = kept.tenant_id and messages.id = kept.message_id and author = 'buyer')",
        )
        .without(&["speech_blob", "original_blob"], "names of sealed files; the files themselves are beside"),
    Table::new("messages", "What was said in a visit.")
        .business(Fate::Goes)
        .shown_to_business("audience <> 'buyer'")
        .person("by_person_id = $1", Fate::Set("by_person_id = null"))
        .guest(VISIT, Fate::Goes)
        .shown_to_guest("audience <> 'vendor'")
        .without(&["content_hash"], "tells a retry from another message and nothing else"),
    Table::new("reports", "What was reported of a visit to whoever keeps order, and what came of it.")
        .person("by_person_id = $1", Fate::Stays("an id alone says who reported; once the person is erased it leads to nobody"))
        .business(Fate::Goes)
        .shown_to_business("by_side = 'vendor'")
        .guest("guest_id = any($5)", Fate::Set("words = null, words_sealed = null"))
        .shown_to_guest("by_side = 'buyer'")
        .sealed(&[("tenant_id", "uuid"), ("id", "uuid")], &[SealedColumn::new("words")])
        .without(&["decided_by"], "it names somebody who runs the installation"),
    Table::new("closed_stalls", "That your stall is closed for now.")
        .says_who()
        .business(Fate::Goes)
        .without(&["closed_by"], "it names somebody who runs the installation"),
    Table::new("read_backs", "What was read back to be confirmed.")
        .business(Fate::Goes)
        .shown_to_business("side = 'vendor'")
        .guest(VISIT, Fate::Goes)
        .shown_to_guest("side = 'buyer'"),
    Table::new("offers", "Offers made and what became of them.")
        .business(Fate::Goes)
        .shown_to_business("made_by = 'vendor' or confirmed")
        .guest(VISIT, Fate::Goes)
        .shown_to_guest("made_by = 'buyer' or confirmed"),
    Table::new("visit_counters", "How many buyers a stall has had.").business(Fate::Goes),
];

/// A recording that was kept, with its file.
pub struct Kept {
    pub tenant: TenantId,
    pub id: RecordingId,
    pub content_type: String,
    pub blob: String,
}

fn ids(subject: &Subject) -> (Vec<Uuid>, Vec<Uuid>, Vec<Uuid>) {
    let businesses = subject.businesses.iter().map(|tenant| tenant.uuid()).collect();
    let (stalls, visits) =
        subject.visits.iter().map(|(tenant, visit, _)| (tenant.uuid(), visit.uuid())).unzip();
    (businesses, stalls, visits)
}

/// The recordings that the subject spoke and kept, after this one.
pub async fn kept(
    connection: &mut PgConnection,
    subject: &Subject,
    after: Option<RecordingId>,
) -> Result<Vec<Kept>, sqlx::Error> {
    let (businesses, stalls, visits) = ids(subject);
    sqlx::query_as!(
        Kept,
        r#"select recordings.tenant_id as "tenant: TenantId", recordings.id as "id: RecordingId", content_type,
             original_blob as "blob!"
         from recordings
         join messages on messages.tenant_id = recordings.tenant_id and messages.id = recordings.message_id
         where original_blob is not null and ($4::uuid is null or recordings.id > $4)
             and (
                 recordings.tenant_id = any($1) and author = 'vendor'
                 or (recordings.tenant_id, recordings.visit_id) in (select * from unnest($2::uuid[], $3::uuid[]))
                     and author = 'buyer'
             )
         order by recordings.id
         limit $5"#,
        &businesses,
        &stalls,
        &visits,
        after.map(RecordingId::uuid),
        BATCH,
    )
    .fetch_all(connection)
    .await
}

/// The files of every recording of the subject's businesses and visits, after this recording.
pub async fn blobs(
    connection: &mut PgConnection,
    subject: &Subject,
    after: Option<RecordingId>,
) -> Result<Vec<(RecordingId, Vec<String>)>, sqlx::Error> {
    let (businesses, stalls, visits) = ids(subject);
    let rows = sqlx::query!(
        r#"select id as "id: RecordingId", speech_blob, original_blob
         from recordings
         where (speech_blob is not null or original_blob is not null) and ($4::uuid is null or id > $4)
             and (
                 tenant_id = any($1)
                 or (tenant_id, visit_id) in (select * from unnest($2::uuid[], $3::uuid[]))
             )
         order by id
         limit $5"#,
        &businesses,
        &stalls,
        &visits,
        after.map(RecordingId::uuid),
        BATCH,
    )
    .fetch_all(connection)
    .await?;
    let blobs = rows.into_iter().map(|row| {
        let mut blobs: Vec<String> = [row.speech_blob, row.original_blob].into_iter().flatten().collect();
        blobs.dedup();
        (row.id, blobs)
    });
    Ok(blobs.collect())
}
