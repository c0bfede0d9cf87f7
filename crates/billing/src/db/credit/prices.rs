//! The price book.

use chrono::{DateTime, Utc};
use platform::meter::{Measure, Work};
use sqlx::PgConnection;
use types::{PersonId, PriceId};
use uuid::Uuid;

use crate::credit::WorkPrice;

/// So many prices a list shows at most.
const ROWS_MAX: i64 = 500;

/// `select` of [`WorkPrice`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            WorkPrice,
            r#"select id as "id: PriceId", provider, model, measure as "measure: Measure", per, price_micros, effective_from, reason,
                 created_at
             from credit_prices "# + $tail,
            $($argument),*
        )
    };
}

/// What work costs at a moment: the latest price that has begun by then, of its model before that of its provider.
pub(crate) async fn in_force(
    connection: &mut PgConnection,
    work: &Work,
    at: DateTime<Utc>,
) -> Result<Option<WorkPrice>, sqlx::Error> {
    let price = select!(
        "where provider = $1 and measure = $2 and (model is null or model = $3) and effective_from <= $4
         order by model is null, effective_from desc, id desc
         limit 1",
        work.provider,
        work.measure as Measure,
        work.model,
        at,
    );
    price.fetch_optional(connection).await
}

/// Whether the book has any price for this at a moment.
pub(crate) async fn is_priced(
    connection: &mut PgConnection,
    provider: &str,
    measure: Measure,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
             select 1 from credit_prices
             where provider = $1 and measure = $2 and model is null and effective_from <= $3
         ) as "priced!""#,
        provider,
        measure as Measure,
        at,
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    id: PriceId,
) -> Result<Option<WorkPrice>, sqlx::Error> {
    select!("where id = $1", id.uuid()).fetch_optional(connection).await
}

/// All prices, those that begin last first.
pub(crate) async fn list(connection: &mut PgConnection) -> Result<Vec<WorkPrice>, sqlx::Error> {
    select!("order by effective_from desc, id desc limit $1", ROWS_MAX).fetch_all(connection).await
}

/// The price that was sent under this client id, with the hash of what was sent.
pub(crate) async fn sent_before(
    connection: &mut PgConnection,
    client_id: Uuid,
) -> Result<Option<(PriceId, Vec<u8>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: PriceId", content_hash from credit_prices where client_id = $1"#,
        client_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, row.content_hash)))
}

/// Under which id an operator sent a price, and the hash of what was sent.
pub(crate) struct Sent {
    pub client_id: Uuid,
    pub content_hash: Vec<u8>,
    pub person: PersonId,
}

/// Writes a price; false where it was sent before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    price: &WorkPrice,
    sent: &Sent,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into credit_prices
             (id, client_id, content_hash, provider, model, measure, per, price_micros, effective_from, reason, created_by,
              created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict on constraint credit_prices_client_id_once do nothing",
        price.id.uuid(),
        sent.client_id,
        sent.content_hash,
        price.provider,
        price.model,
        price.measure as Measure,
        price.per,
        price.price_micros,
        price.effective_from,
        price.reason,
        sent.person.uuid(),
        price.created_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}
