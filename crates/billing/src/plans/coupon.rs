//! Coupons: written by the operator, redeemed by vendors.

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, act_line};
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use platform::sent::content_hash;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use types::{CouponId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::{reason, within};
use crate::db::subscribing::{Sent, coupons as rows};
use crate::plans::discount::Discount;
use crate::plans::{Plans, Running};

/// The most that is taken off a period: a lakh of rupees.
const FIXED_MINOR_MAX: i64 = 1_00_000_00;
const PERIODS_MAX: i64 = 120;
const REDEMPTIONS_MAX: i64 = 1_000_000;

/// A coupon, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Coupon {
    /// The coupon.
    pub id: CouponId,
    /// What vendors type.
    #[schema(example = "DIWALI26")]
    pub code: String,
    /// What it takes off.
    pub discount: Discount,
    /// For how many periods; absent: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub periods: Option<i32>,
    /// When it can no longer be redeemed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub redeem_by: Option<DateTime<Utc>>,
    /// How often it can be redeemed in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub redemptions_max: Option<i32>,
    /// How often it was.
    pub redeemed: i32,
    /// Whether the operator ended it. It goes on where it was redeemed.
    pub ended: bool,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A coupon to be written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewCoupon {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// What vendors type: 3 to 20 letters and digits; small ones are made capitals.
    #[schema(example = "DIWALI26", min_length = 3, max_length = 20)]
    pub code: String,
    /// What it takes off.
    pub discount: Discount,
    /// For how many periods, 1 to 120; for ever where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 120)]
    pub periods: Option<i32>,
    /// When it can no longer be redeemed; never where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub redeem_by: Option<DateTime<Utc>>,
    /// How often it can be redeemed in all; without end where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub redemptions_max: Option<i32>,
    /// Why: one line.
    #[schema(max_length = 200)]
    pub reason: String,
}

/// Whether a coupon can be redeemed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Ended {
    /// Whether it is over.
    pub ended: bool,
    /// Why.
    #[serde(flatten)]
    pub why: OperatorReason,
}

impl NewCoupon {
    /// Refuses what no coupon is; gives the code and the reason as they are kept.
    fn checked(&self, now: DateTime<Utc>) -> Result<(String, String), Error> {
        let code = spelled(&self.code).ok_or(Error::BadCode)?;
        match self.discount {
            Discount::Percent { percent } => within("percent", i64::from(percent.milli()), 1, 100_000)?,
            Discount::Fixed { amount } => within("amount", amount.minor(), 1, FIXED_MINOR_MAX)?,
        };
        within("periods", self.periods.unwrap_or(1).into(), 1, PERIODS_MAX)?;
        within("redemptions_max", self.redemptions_max.unwrap_or(1).into(), 1, REDEMPTIONS_MAX)?;
        if self.redeem_by.is_some_and(|end| end <= now) {
            return Err(Error::OverAlready);
        }
        Ok((code, reason(&self.reason)?))
    }
}

impl Coupon {
    /// Whether somebody who types this means it.
    pub(crate) fn is_called(&self, typed: &str) -> bool {
        spelled(typed).is_some_and(|code| code == self.code)
    }
}

/// A code as it is kept: capitals, no spaces; none where it is no code.
fn spelled(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let fits = (3..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then_some(code)
}

impl Plans {
    /// A page of coupons, newest first.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn coupons(&self, caller: &Caller, query: PageQuery) -> Result<Page<Coupon>, Error> {
        caller.operator()?;
        let mut connection = self.credits.db.acquire().await?;
        let coupons = rows::page(&mut connection, query).await?;
        Ok(query.page(coupons, |coupon| coupon.id.uuid()))
    }

    /// Writes a coupon: once for each `client_id`.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::BadCode`], [`Error::CodeTaken`], [`Error::OutOfRange`], [`Error::OverAlready`],
    /// [`Error::Field`], [`Error::ClientIdReused`].
    pub async fn add_coupon(&self, caller: &Caller, new: &NewCoupon) -> Result<Coupon, Error> {
        let person = caller.operator()?;
        let now = self.credits.clock.now();
        let content_hash = content_hash(new).map_err(Error::Stored)?;
        let mut connection = self.credits.db.acquire().await?;
        if let Some((before, hash)) = rows::sent_before(&mut connection, new.client_id).await? {
            return if hash == content_hash { Ok(before) } else { Err(Error::ClientIdReused) };
        }
        let (code, reason) = new.checked(now)?;
        let coupon = Coupon {
            id: self.credits.entropy.id(now),
            code,
            discount: new.discount,
            periods: new.periods,
            redeem_by: new.redeem_by,
            redemptions_max: new.redemptions_max,
            redeemed: 0,
            ended: false,
            created_at: now,
        };
        let sent = Sent { client_id: new.client_id, content_hash: &content_hash, reason: &reason, person };
        let mut transaction = connection.begin().await?;
        if rows::insert(&mut transaction, &coupon, &sent).await? {
            let act = Act::by(person, Area::Coupons, Deed::Added, now).about(coupon.id.uuid());
            audit::keep(&mut transaction, act.because(&reason)).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
            let (before, hash) =
                rows::sent_before(&mut connection, new.client_id).await?.ok_or(Error::NotFound)?;
            return if hash == content_hash { Ok(before) } else { Err(Error::ClientIdReused) };
        }
        tracing::info!(code = coupon.code, %person, reason, "a coupon was written");
        Ok(coupon)
    }

    /// Ends a coupon, or lets it be redeemed again.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::NotFound`]; [`Error::Field`].
    pub async fn end_coupon(
        &self,
        caller: &Caller,
        coupon: CouponId,
        ended: &Ended,
    ) -> Result<Coupon, Error> {
        let person = caller.operator()?;
        let reason = reason(&ended.why.reason)?;
        repeat(|| async {
            let mut transaction = self.credits.db.begin().await?;
            let found = rows::find(&mut transaction, coupon).await?.ok_or(Error::NotFound)?;
            let (verb, deed) = if ended.ended { ("ended", Deed::Ended) } else { ("opened", Deed::Allowed) };
            let now = self.credits.clock.now();
            let line = act_line(verb, person, &reason, now);
            rows::set_ended(&mut transaction, coupon, ended.ended, &line).await?;
            let act = Act::by(person, Area::Coupons, deed, now).about(coupon.uuid());
            audit::keep(&mut transaction, act.because(&reason)).await?;
            transaction.commit().await?;
            tracing::info!(%coupon, %person, ended = ended.ended, reason, "a coupon was ended or opened");
            Ok(Coupon { ended: ended.ended, ..found })
        })
        .await
    }

    /// The coupon of a code, where this vendor can redeem it now.
    ///
    /// # Errors
    /// [`Error::CouponUnknown`], [`Error::CouponOver`], [`Error::CouponUsed`] also where another counts already.
    pub(crate) async fn redeemable(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        running: Option<&Running>,
        code: &str,
    ) -> Result<Coupon, Error> {
        let code = spelled(code).ok_or(Error::CouponUnknown)?;
        let coupon = rows::of_code(connection, &code).await?.ok_or(Error::CouponUnknown)?;
        if running.is_some_and(|running| running.coupon.is_some())
            || rows::is_redeemed(connection, tenant, coupon.id).await?
        {
            return Err(Error::CouponUsed);
        }
        let now = self.credits.clock.now();
        let is_over = coupon.ended
            || coupon.redeem_by.is_some_and(|end| end <= now)
            || coupon.redemptions_max.is_some_and(|max| coupon.redeemed >= max);
        if is_over { Err(Error::CouponOver) } else { Ok(coupon) }
    }

    /// Counts a redemption. Two that race for the last one: the second is told that it is gone.
    ///
    /// # Errors
    /// [`Error::CouponOver`].
    pub(crate) async fn redeem(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        coupon: &Coupon,
    ) -> Result<(), Error> {
        let now = self.credits.clock.now();
        if rows::redeem(connection, tenant, coupon.id, now).await? { Ok(()) } else { Err(Error::CouponOver) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(spelled(" diwali 26 ").as_deref(), Some("DIWALI26"));
        for bad in ["", "ab", "a-b-c", "दिवाली", "ABCDEFGHIJKLMNOPQRSTU"] {
            assert_eq!(spelled(bad), None, "{bad}");
        }
    }
}
