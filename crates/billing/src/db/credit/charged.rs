//! Which lots charges were taken from.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{LotId, Money, TenantId};
use uuid::Uuid;

use crate::credit::{ChargedLot, LotKind, Taken};

/// A page of charges, each of which was taken from few lots.
const ROWS_MAX: i64 = 10_000;

/// Notes which lots a charge was taken from.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    (tenant, charge): (TenantId, Uuid),
    charged: &[Taken],
) -> Result<(), sqlx::Error> {
    if charged.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into credit_charged_lots (tenant_id, charge_id, position, lot_id, amount_minor)
         select $1, $2, ordinality - 1, lot, minor
         from unnest($3::uuid[], $4::bigint[]) with ordinality as taken (lot, minor, ordinality)",
        tenant.uuid(),
        charge,
        &charged.iter().map(|taken| taken.lot.uuid()).collect::<Vec<Uuid>>(),
        &charged.iter().map(|taken| taken.minor).collect::<Vec<i64>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The lots of charges, in the order in which they were spent.
pub(crate) async fn of(
    connection: &mut PgConnection,
    tenant: TenantId,
    charges: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ChargedLot>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select taken.charge_id, taken.lot_id as "lot_id: LotId", lot.kind as "kind: LotKind",
             lot.created_at as "since: DateTime<Utc>", taken.amount_minor
         from credit_charged_lots as taken
         join credit_lots as lot on lot.tenant_id = taken.tenant_id and lot.id = taken.lot_id
         where taken.tenant_id = $1 and taken.charge_id = any($2)
         order by taken.charge_id, taken.position
         limit $3"#,
        tenant.uuid(),
        charges,
        ROWS_MAX,
    )
    .fetch_all(connection)
    .await?;
    let mut lots: HashMap<Uuid, Vec<ChargedLot>> = HashMap::new();
    for row in rows {
        let amount = Money::inr(row.amount_minor);
        let lot = ChargedLot { lot_id: row.lot_id, kind: row.kind, since: row.since, amount };
        lots.entry(row.charge_id).or_default().push(lot);
    }
    Ok(lots)
}
