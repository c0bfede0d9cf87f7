//! Coupons and who redeemed them.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{CouponId, Money, TenantId};
use uuid::Uuid;

use super::Sent;
use crate::plans::{Coupon, Discount};
use crate::tax::Rate;

/// A coupon as its row has it.
struct Row {
    id: CouponId,
    code: String,
    percent_milli: Option<i32>,
    fixed_minor: Option<i64>,
    periods: Option<i32>,
    redeem_by: Option<DateTime<Utc>>,
    redemptions_max: Option<i32>,
    redeemed: i32,
    ended: bool,
    created_at: DateTime<Utc>,
}

impl From<Row> for Coupon {
    fn from(row: Row) -> Self {
        let percent = row.percent_milli.and_then(|milli| Rate::from_milli(u32::try_from(milli).ok()?));
        let fixed = Discount::Fixed { amount: Money::inr(row.fixed_minor.unwrap_or_default()) };
        Self {
            id: row.id,
            code: row.code,
            discount: percent.map_or(fixed, |percent| Discount::Percent { percent }),
            periods: row.periods,
            redeem_by: row.redeem_by,
            redemptions_max: row.redemptions_max,
            redeemed: row.redeemed,
            ended: row.ended,
            created_at: row.created_at,
        }
    }
}

/// `select` of [`Row`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: CouponId", code, percent_milli, fixed_minor, periods, redeem_by, redemptions_max, redeemed, ended,
                 created_at
             from coupons "# + $tail,
            $($argument),*
        )
    };
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    coupon: CouponId,
) -> Result<Option<Coupon>, sqlx::Error> {
    Ok(select!("where id = $1", coupon.uuid()).fetch_optional(connection).await?.map(Coupon::from))
}

pub(crate) async fn of_code(
    connection: &mut PgConnection,
    code: &str,
) -> Result<Option<Coupon>, sqlx::Error> {
    Ok(select!("where code = $1", code).fetch_optional(connection).await?.map(Coupon::from))
}

/// A page of coupons, newest first.
pub(crate) async fn page(
    connection: &mut PgConnection,
    query: PageQuery,
) -> Result<Vec<Coupon>, sqlx::Error> {
    let rows = select!("where id < $1 order by id desc limit $2", query.before(), query.rows());
    Ok(rows.fetch_all(connection).await?.into_iter().map(Coupon::from).collect())
}

/// Writes a coupon; false where it was sent before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    coupon: &Coupon,
    sent: &Sent<'_>,
) -> Result<bool, sqlx::Error> {
    let (percent, fixed) = match coupon.discount {
        Discount::Percent { percent } => (i32::try_from(percent.milli()).ok(), None),
        Discount::Fixed { amount } => (None, Some(amount.minor())),
    };
    let inserted = sqlx::query!(
        "insert into coupons
             (id, code, percent_milli, fixed_minor, periods, redeem_by, redemptions_max, client_id, content_hash, reason, created_by,
              created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict on constraint coupons_client_id_once do nothing",
        coupon.id.uuid(),
        coupon.code,
        percent,
        fixed,
        coupon.periods,
        coupon.redeem_by,
        coupon.redemptions_max,
        sent.client_id,
        sent.content_hash,
        sent.reason,
        sent.person.uuid(),
        coupon.created_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The coupon that was sent under this client id, with the hash of what was sent.
pub(crate) async fn sent_before(
    connection: &mut PgConnection,
    client_id: Uuid,
) -> Result<Option<(Coupon, Vec<u8>)>, sqlx::Error> {
    let Some(coupon) = select!("where client_id = $1", client_id).fetch_optional(&mut *connection).await?
    else {
        return Ok(None);
    };
    let hash = sqlx::query_scalar!("select content_hash from coupons where client_id = $1", client_id)
        .fetch_one(connection)
        .await?;
    Ok(Some((coupon.into(), hash)))
}

/// Ends a coupon or lets it be redeemed again; who and why is added to what was kept before.
pub(crate) async fn set_ended(
    connection: &mut PgConnection,
    coupon: CouponId,
    ended: bool,
    act: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update coupons set ended = $2, acts = concat_ws(E'\\n', acts, $3::text) where id = $1",
        coupon.uuid(),
        ended,
        act,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a tenant redeemed a coupon.
pub(crate) async fn is_redeemed(
    connection: &mut PgConnection,
    tenant: TenantId,
    coupon: CouponId,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from coupon_redemptions where tenant_id = $1 and coupon_id = $2) as "exists!""#,
        tenant.uuid(),
        coupon.uuid(),
    );
    found.fetch_one(connection).await
}

/// Counts one more redemption where one is left; the row is locked from then on. False where the last is gone.
pub(crate) async fn redeem(
    connection: &mut PgConnection,
    tenant: TenantId,
    coupon: CouponId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let counted = sqlx::query!(
        "update coupons
         set redeemed = redeemed + 1
         where id = $1 and not ended and (redeem_by is null or redeem_by > $2)
           and (redemptions_max is null or redeemed < redemptions_max)",
        coupon.uuid(),
        now,
    )
    .execute(&mut *connection)
    .await?;
    if counted.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "insert into coupon_redemptions (tenant_id, coupon_id, redeemed_at) values ($1, $2, $3)",
        tenant.uuid(),
        coupon.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(true)
}

/// A redemption that came to nothing is there again for others.
pub(crate) async fn give_back(
    connection: &mut PgConnection,
    tenant: TenantId,
    coupon: CouponId,
) -> Result<(), sqlx::Error> {
    let gone = sqlx::query!(
        "delete from coupon_redemptions where tenant_id = $1 and coupon_id = $2",
        tenant.uuid(),
        coupon.uuid(),
    )
    .execute(&mut *connection)
    .await?;
    if gone.rows_affected() == 1 {
        sqlx::query!("update coupons set redeemed = redeemed - 1 where id = $1", coupon.uuid())
            .execute(connection)
            .await?;
    }
    Ok(())
}
