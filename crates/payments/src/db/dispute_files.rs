//! The files that answer disputes.

use chrono::{DateTime, Utc};
use platform::kept::Kept;
use sqlx::PgConnection;
use types::TenantId;

use crate::dispute::{Dispute, EvidenceFile, FileKind};
use crate::gateway::EvidenceUpload;
use crate::ids::DisputeId;

/// Files of one answer, at most.
const FILES_MAX: i64 = 10;

/// A file as it is kept.
pub(crate) struct KeptFile {
    pub place: i16,
    pub kind: FileKind,
    pub name: String,
    pub media_type: String,
    pub content: Vec<u8>,
    pub at_gateway: Option<String>,
}

impl KeptFile {
    pub(crate) fn as_upload(&self) -> EvidenceUpload<'_> {
        EvidenceUpload { name: &self.name, media_type: &self.media_type, content: &self.content }
    }
}

/// Keeps the files of an answer, instead of those of one before.
pub(crate) async fn replace(
    connection: &mut PgConnection,
    tenant: TenantId,
    dispute: DisputeId,
    files: &[EvidenceFile],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from dispute_files where tenant_id = $1 and dispute_id = $2",
        tenant.uuid(),
        dispute.uuid(),
    )
    .execute(&mut *connection)
    .await?;
    for (place, file) in (1_i16..).zip(files) {
        sqlx::query!(
            "insert into dispute_files
                 (tenant_id, dispute_id, place, kind, name, media_type, content, sha256, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            tenant.uuid(),
            dispute.uuid(),
            place,
            file.kind as FileKind,
            file.name,
            file.media_type,
            file.content,
            file.sha256(),
            now,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The files of an answer.
pub(crate) async fn of(
    connection: &mut PgConnection,
    tenant: TenantId,
    dispute: DisputeId,
) -> Result<Vec<KeptFile>, sqlx::Error> {
    sqlx::query_as!(
        KeptFile,
        r#"select place, kind as "kind: FileKind", name, media_type, content, gateway_document_id as at_gateway
         from dispute_files
         where tenant_id = $1 and dispute_id = $2
         order by place
         limit $3"#,
        tenant.uuid(),
        dispute.uuid(),
        FILES_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Notes what the gateway calls a file that it has taken.
pub(crate) async fn set_given(
    connection: &mut PgConnection,
    dispute: &Dispute,
    place: i16,
    document: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update dispute_files set gateway_document_id = $4 where tenant_id = $1 and dispute_id = $2 and place = $3",
        dispute.tenant.uuid(),
        dispute.id.uuid(),
        place,
        document,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many bytes of files each stall had at a moment, of stalls after this one.
pub(crate) async fn kept_at(
    connection: &mut PgConnection,
    moment: DateTime<Utc>,
    after: Option<TenantId>,
    limit: i64,
) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query_as!(
        Kept,
        r#"select tenant_id as "tenant: TenantId", sum(octet_length(content))::bigint as "bytes!"
         from dispute_files
         where created_at < $1 and ($2::uuid is null or tenant_id > $2)
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
