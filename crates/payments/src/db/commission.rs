//! The commission book.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use types::TenantId;
use uuid::Uuid;

use super::Sent;
use crate::commission::CommissionPart;
use crate::commission::book::CommissionRule;
use crate::ids::CommissionRuleId;

/// So many rules a list shows at most.
const ROWS_MAX: i64 = 500;

struct Row {
    id: CommissionRuleId,
    tenant: Option<TenantId>,
    stall_name: Option<String>,
    parts: Option<Json<Vec<CommissionPart>>>,
    effective_from: DateTime<Utc>,
    reason: String,
    created_at: DateTime<Utc>,
}

impl From<Row> for CommissionRule {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant,
            stall_name: row.stall_name,
            parts: row.parts.map(|Json(parts)| parts).unwrap_or_default(),
            effective_from: row.effective_from,
            reason: row.reason,
            created_at: row.created_at,
        }
    }
}

/// `select` of [`Row`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select r.id as "id: CommissionRuleId", r.tenant_id as "tenant: TenantId",
                 (select i.stall_name from payment_intents i
                  where i.tenant_id = r.tenant_id and i.stall_name is not null
                  order by i.id desc limit 1) as stall_name,
                 r.parts as "parts: Json<Vec<CommissionPart>>", r.effective_from, r.reason, r.created_at
             from commission_rules r "# + $tail,
            $($argument),*
        )
    };
}

/// The rule for a stall's sales at a moment: its own that began last, else everybody's; none where neither has begun.
pub(crate) async fn in_force(
    connection: &mut PgConnection,
    tenant: TenantId,
    at: DateTime<Utc>,
) -> Result<Option<(CommissionRuleId, Vec<CommissionPart>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id!: CommissionRuleId", parts as "parts!: Json<Vec<CommissionPart>>"
         from (
             select * from (
                 select id, parts, 0 as rank from commission_rules
                 where tenant_id = $1 and effective_from <= $2
                 order by effective_from desc, id desc
                 limit 1
             ) as own
             union all
             select * from (
                 select id, parts, 1 as rank from commission_rules
                 where tenant_id is null and effective_from <= $2
                 order by effective_from desc, id desc
                 limit 1
             ) as everybodys
         ) as begun
         where parts is not null
         order by rank
         limit 1"#,
        tenant.uuid(),
        at,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, row.parts.0)))
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    id: CommissionRuleId,
) -> Result<Option<CommissionRule>, sqlx::Error> {
    let row = select!("where r.id = $1", id.uuid()).fetch_optional(connection).await?;
    Ok(row.map(CommissionRule::from))
}

/// All rules, those that begin last first.
pub(crate) async fn list(connection: &mut PgConnection) -> Result<Vec<CommissionRule>, sqlx::Error> {
    let rows = select!("order by r.effective_from desc, r.id desc limit $1", ROWS_MAX);
    Ok(rows.fetch_all(connection).await?.into_iter().map(CommissionRule::from).collect())
}

/// The rule that was sent under this client id, with the hash of what was sent.
pub(crate) async fn sent_before(
    connection: &mut PgConnection,
    client_id: Uuid,
) -> Result<Option<(CommissionRuleId, Vec<u8>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: CommissionRuleId", content_hash from commission_rules where client_id = $1"#,
        client_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, row.content_hash)))
}

/// Writes a rule; false where it was sent before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    rule: &CommissionRule,
    sent: &Sent,
) -> Result<bool, sqlx::Error> {
    let parts = (!rule.parts.is_empty()).then_some(Json(&rule.parts));
    let inserted = sqlx::query!(
        "insert into commission_rules
             (id, client_id, content_hash, tenant_id, parts, effective_from, reason, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict on constraint commission_rules_client_id_once do nothing",
        rule.id.uuid(),
        sent.client_id,
        sent.content_hash,
        rule.tenant.map(TenantId::uuid),
        parts as _,
        rule.effective_from,
        rule.reason,
        sent.person.uuid(),
        rule.created_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}
