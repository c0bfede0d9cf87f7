//! Offers.

use chrono::{DateTime, Utc};
use parley::{Amount, Side};
use sqlx::PgConnection;
use types::{MessageId, Money, OfferId, Price, ProductId, Quantity, TenantId, Unit, VisitId};
use uuid::Uuid;

use super::{out_of_range, side_code, side_of};
use crate::offer::{Offer, OfferState};

/// An offer with where it belongs.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The offer.
    pub offer: Offer,
    /// In which visit.
    pub visit: VisitId,
    /// Whether its speaker ever said that it was heard right.
    pub confirmed: bool,
    /// The offer it answers.
    pub counters: Option<OfferId>,
    /// The message that made it.
    pub message: Option<MessageId>,
    /// The sender's own id for it.
    pub client_id: Uuid,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: OfferId,
    visit_id: VisitId,
    made_by: String,
    product_id: ProductId,
    price_minor: i64,
    per_milli: Quantity,
    unit: Unit,
    amount_milli: Quantity,
    amount_unit: Unit,
    amount_fixed: bool,
    total_minor: i64,
    state: OfferState,
    confirmed: bool,
    counters: Option<OfferId>,
    message_id: Option<MessageId>,
    client_id: Uuid,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Placed {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let price = Price::new(Money::inr(row.price_minor), row.per_milli, row.unit).map_err(out_of_range)?;
        let offer = Offer {
            id: row.id,
            by: side_of(&row.made_by),
            product: row.product_id,
            price,
            amount: Amount { quantity: row.amount_milli, unit: row.amount_unit },
            amount_fixed: row.amount_fixed,
            total: Money::inr(row.total_minor),
            state: row.state,
            expires_at: row.expires_at,
        };
        Ok(Self {
            offer,
            visit: row.visit_id,
            confirmed: row.confirmed,
            counters: row.counters,
            message: row.message_id,
            client_id: row.client_id,
            created_at: row.created_at,
        })
    }
}

/// `select` with the columns of [`Row`]; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: OfferId", visit_id as "visit_id: VisitId", made_by, product_id as "product_id: ProductId",
                 price_minor, per_milli as "per_milli: Quantity", unit as "unit: Unit",
                 amount_milli as "amount_milli: Quantity", amount_unit as "amount_unit: Unit", amount_fixed, total_minor,
                 state as "state: OfferState", confirmed, counters as "counters: OfferId",
                 message_id as "message_id: MessageId", client_id, expires_at, created_at
             from offers "# + $tail,
            $($argument),*
        )
    };
}

pub async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    placed: &Placed,
) -> Result<(), sqlx::Error> {
    let offer = &placed.offer;
    sqlx::query!(
        "insert into offers
             (tenant_id, id, visit_id, made_by, product_id, price_minor, per_milli, unit, amount_milli, amount_unit,
              amount_fixed, total_minor, state, confirmed, counters, message_id, client_id, expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)",
        tenant.uuid(),
        offer.id.uuid(),
        placed.visit.uuid(),
        side_code(offer.by),
        offer.product.uuid(),
        offer.price.amount().minor(),
        offer.price.per().milli(),
        offer.price.unit().code(),
        offer.amount.quantity.milli(),
        offer.amount.unit.code(),
        offer.amount_fixed,
        offer.total.minor(),
        offer.state as OfferState,
        placed.confirmed,
        placed.counters.map(OfferId::uuid),
        placed.message.map(MessageId::uuid),
        placed.client_id,
        offer.expires_at,
        placed.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub async fn set_state(
    connection: &mut PgConnection,
    tenant: TenantId,
    offer: OfferId,
    state: OfferState,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update offers set state = $3, updated_at = $4 where tenant_id = $1 and id = $2",
        tenant.uuid(),
        offer.uuid(),
        state as OfferState,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that an offer is agreed: for how much, and for how much money.
pub async fn accept(
    connection: &mut PgConnection,
    tenant: TenantId,
    offer: OfferId,
    (amount, total): (Amount, Money),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update offers
         set state = 'accepted', amount_milli = $3, amount_unit = $4, amount_fixed = true, total_minor = $5, updated_at = $6
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        offer.uuid(),
        amount.quantity.milli(),
        amount.unit.code(),
        total.minor(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a confirmed offer on the table: from now on its time runs.
pub async fn stand(
    connection: &mut PgConnection,
    tenant: TenantId,
    offer: &Offer,
    counters: Option<OfferId>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update offers set state = 'offered', confirmed = true, counters = $3, expires_at = $4, updated_at = $5
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        offer.id.uuid(),
        counters.map(OfferId::uuid),
        offer.expires_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What this side proposed under this id before.
pub async fn sent_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    by: Side,
    client_id: Uuid,
) -> Result<Option<Placed>, sqlx::Error> {
    let row = select!(
        "where tenant_id = $1 and visit_id = $2 and made_by = $3 and client_id = $4",
        tenant.uuid(),
        visit.uuid(),
        side_code(by),
        client_id,
    );
    row.fetch_optional(connection).await?.map(Placed::try_from).transpose()
}

/// A visit's offers, newest first, at most `limit`; those that wait for an answer are always among them.
pub async fn of_visit(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    limit: i64,
) -> Result<Vec<Placed>, sqlx::Error> {
    let rows = select!(
        "where tenant_id = $1 and visit_id = $2
         order by state in ('offered', 'being_confirmed') desc, id desc
         limit $3",
        tenant.uuid(),
        visit.uuid(),
        limit,
    );
    let placed = rows.fetch_all(connection).await?.into_iter().map(Placed::try_from);
    let mut offers = placed.collect::<Result<Vec<_>, _>>()?;
    offers.sort_by_key(|p| std::cmp::Reverse(p.offer.id));
    Ok(offers)
}

/// The offers on the table of several visits, newest first.
pub async fn standing_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    visits: &[VisitId],
) -> Result<Vec<Placed>, sqlx::Error> {
    let visits: Vec<Uuid> = visits.iter().map(|v| v.uuid()).collect();
    let rows = select!(
        "where tenant_id = $1 and visit_id = any($2) and state = 'offered'
         order by id desc
         limit 500",
        tenant.uuid(),
        &visits,
    );
    rows.fetch_all(connection).await?.into_iter().map(Placed::try_from).collect()
}
