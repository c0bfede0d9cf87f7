//! Read-backs.

use chrono::{DateTime, Utc};
use parley::Side;
use serde_json::Value;
use sqlx::PgConnection;
use types::{MessageId, OfferId, ReadBackId, TenantId, VisitId};
use uuid::Uuid;

use super::{side_code, side_of, unreadable};
use crate::read_back::{ReadBack, ReadBackState};

struct Row {
    id: ReadBackId,
    visit_id: VisitId,
    side: String,
    state: ReadBackState,
    question: Value,
    offer_id: Option<OfferId>,
    message_id: Option<MessageId>,
    expires_at: DateTime<Utc>,
}

impl TryFrom<Row> for ReadBack {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        Ok(Self {
            id: row.id,
            visit: row.visit_id,
            side: side_of(&row.side),
            state: row.state,
            question: serde_json::from_value(row.question).map_err(unreadable)?,
            offer: row.offer_id,
            message: row.message_id,
            expires_at: row.expires_at,
        })
    }
}

/// `select` with the columns of [`Row`]; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: ReadBackId", visit_id as "visit_id: VisitId", side, state as "state: ReadBackState", question,
                 offer_id as "offer_id: OfferId", message_id as "message_id: MessageId", expires_at
             from read_backs "# + $tail,
            $($argument),*
        )
    };
}

pub async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    read_back: &ReadBack,
    client_id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into read_backs
             (tenant_id, id, visit_id, side, state, question, offer_id, message_id, client_id, expires_at, created_at)
         values ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9, $10)",
        tenant.uuid(),
        read_back.id.uuid(),
        read_back.visit.uuid(),
        side_code(read_back.side),
        serde_json::to_value(&read_back.question).map_err(unreadable)?,
        read_back.offer.map(OfferId::uuid),
        read_back.message.map(MessageId::uuid),
        client_id,
        read_back.expires_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The question that waits for a side, whether or not its time is over.
pub async fn open_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    side: Side,
) -> Result<Option<ReadBack>, sqlx::Error> {
    let row = select!(
        "where tenant_id = $1 and visit_id = $2 and side = $3 and state = 'open'",
        tenant.uuid(),
        visit.uuid(),
        side_code(side),
    );
    row.fetch_optional(connection).await?.map(ReadBack::try_from).transpose()
}

/// The questions about an offer that wait, of either side.
pub async fn open_about(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    offer: OfferId,
) -> Result<Vec<ReadBack>, sqlx::Error> {
    let rows = select!(
        "where tenant_id = $1 and visit_id = $2 and state = 'open' and offer_id = $3
         limit 2",
        tenant.uuid(),
        visit.uuid(),
        offer.uuid(),
    );
    rows.fetch_all(connection).await?.into_iter().map(ReadBack::try_from).collect()
}

pub async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    read_back: ReadBackId,
) -> Result<Option<ReadBack>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and id = $2", tenant.uuid(), read_back.uuid());
    row.fetch_optional(connection).await?.map(ReadBack::try_from).transpose()
}

/// The question a side asked for under this id before.
pub async fn sent_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    side: Side,
    client_id: Uuid,
) -> Result<Option<ReadBack>, sqlx::Error> {
    let row = select!(
        "where tenant_id = $1 and visit_id = $2 and side = $3 and client_id = $4",
        tenant.uuid(),
        visit.uuid(),
        side_code(side),
        client_id,
    );
    row.fetch_optional(connection).await?.map(ReadBack::try_from).transpose()
}

/// The question that a side answered under this id.
pub async fn answered_by(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    side: Side,
    answer_client_id: Uuid,
) -> Result<Option<ReadBack>, sqlx::Error> {
    let row = select!(
        "where tenant_id = $1 and visit_id = $2 and side = $3 and answer_client_id = $4
         order by id desc
         limit 1",
        tenant.uuid(),
        visit.uuid(),
        side_code(side),
        answer_client_id,
    );
    row.fetch_optional(connection).await?.map(ReadBack::try_from).transpose()
}

/// The questions of a visit that were answered with yes, with when they were asked, oldest first; the newest where there are more.
pub async fn confirmed(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    limit: i64,
) -> Result<Vec<(ReadBack, DateTime<Utc>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: ReadBackId", visit_id as "visit_id: VisitId", side, state as "state: ReadBackState", question,
             offer_id as "offer_id: OfferId", message_id as "message_id: MessageId", expires_at, created_at
         from read_backs
         where tenant_id = $1 and visit_id = $2 and state = 'confirmed'
         order by id desc
         limit $3"#,
        tenant.uuid(),
        visit.uuid(),
        limit,
    );
    let mut confirmed = Vec::new();
    for row in rows.fetch_all(connection).await?.into_iter().rev() {
        let asked = Row {
            id: row.id,
            visit_id: row.visit_id,
            side: row.side,
            state: row.state,
            question: row.question,
            offer_id: row.offer_id,
            message_id: row.message_id,
            expires_at: row.expires_at,
        };
        confirmed.push((asked.try_into()?, row.created_at));
    }
    Ok(confirmed)
}

/// Ends a question, and notes the id of the answer that ended it.
pub async fn end(
    connection: &mut PgConnection,
    tenant: TenantId,
    read_back: ReadBackId,
    state: ReadBackState,
    answer_client_id: Option<Uuid>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update read_backs set state = $3, answer_client_id = $4 where tenant_id = $1 and id = $2 and state = 'open'",
        tenant.uuid(),
        read_back.uuid(),
        state as ReadBackState,
        answer_client_id,
    )
    .execute(connection)
    .await?;
    Ok(())
}
