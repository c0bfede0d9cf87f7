//! Brings the three sides of a day together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use types::TenantId;

use super::book;
use super::compare::{Owner, Sides};
use super::line::{LineKind, Source};
use crate::db::disputes;
use crate::db::reconcile::{lines, ours};
use crate::gateway::{Gateway, News, Payment};
use crate::{Error, GatewayError, Payments, books, db, india};

/// How long after its day a payment is settled at the latest: two working days, a weekend and two holidays.
pub(super) const SETTLED_WITHIN: TimeDelta = TimeDelta::days(6);

impl Payments {
    /// What is known of a day by now. What was settled on it is kept before it is looked at.
    pub(super) async fn gather(&self, gateway: &dyn Gateway, day: NaiveDate) -> Result<Sides, Error> {
        let hours = india::hours(day);
        let reported = gateway.settlement_lines(day).await?;
        lines::insert(
            &mut *self.db.acquire().await?,
            gateway.name(),
            &reported,
            Source::Gateway,
            self.clock.now(),
        )
        .await?;
        let stored = lines::of_day(&mut *self.db.acquire().await?, gateway.name(), day).await?;
        let mut charges = by_id(gateway.payments_between(&hours).await?);
        let of_day: HashSet<String> = charges.keys().cloned().collect();
        // The fee of a payment is said by the payment: those of the days that the lines come from are listed, too.
        let settled_days: BTreeSet<NaiveDate> =
            stored.iter().map(|stored| india::date(stored.line.created_at)).collect();
        for settled_day in settled_days.into_iter().filter(|other| *other != day) {
            charges.append(&mut by_id(gateway.payments_between(&india::hours(settled_day)).await?));
        }
        let mut sides = Sides {
            refunds: gateway.refunds_between(&hours).await?,
            charges,
            of_day,
            lines: stored,
            ..Sides::default()
        };
        sides.ours = self.ours_of(gateway.name(), &hours, &sides).await?;
        self.ask_for_the_rest(gateway, &mut sides).await?;
        let ids: Vec<String> = sides.ours.iter().filter_map(|ours| ours.payment.at_gateway.clone()).collect();
        sides.disputed = disputes::amounts_of(&mut *self.db.acquire().await?, gateway.name(), &ids).await?;
        sides.dispute_moves = self.dispute_moves(gateway, &sides).await?;
        sides.owners = self.owners_of(gateway, &sides).await?;
        sides.moved = self.moved_by(gateway.name(), &sides).await?;
        if self.clock.now() >= hours.end + SETTLED_WITHIN {
            let of_day = sides.ours.iter().filter(|ours| ours.is_of_day);
            let ids: Vec<String> = of_day.filter_map(|ours| ours.payment.at_gateway.clone()).collect();
            sides.settled = Some(lines::settled(&mut *self.db.acquire().await?, gateway.name(), &ids).await?);
        }
        Ok(sides)
    }

    async fn ours_of(
        &self,
        gateway: &str,
        hours: &Range<DateTime<Utc>>,
        sides: &Sides,
    ) -> Result<Vec<ours::Ours>, Error> {
        let lines = sides.lines.iter().map(|stored| &stored.line);
        let payments = sides.of_day.iter().cloned();
        let payments = payments.chain(sides.refunds.iter().map(|refund| refund.payment.clone()));
        let payments = payments.chain(lines.clone().map(|line| line.entity.clone()));
        // What a dispute took or gave back names the payment.
        let payments: Vec<String> =
            payments.chain(lines.clone().filter_map(|line| line.payment.clone())).collect();
        let refunds: Vec<String> = lines.map(|line| line.entity.clone()).collect();
        let asked = ours::Asked { gateway, hours, payments: &payments, refunds: &refunds };
        let found = ours::find(&mut *self.db.acquire().await?, &asked).await?;
        found.ok_or(Error::DayTooLarge)
    }

    /// Asks the gateway one by one for what is on record here and not in its lists: what was made on one day and taken in on the next.
    async fn ask_for_the_rest(&self, gateway: &dyn Gateway, sides: &mut Sides) -> Result<(), Error> {
        for ours in sides.ours.iter().filter(|ours| ours.is_of_day) {
            let Some(id) = ours.payment.at_gateway.as_deref() else { continue };
            if !sides.charges.contains_key(id)
                && let Some(payment) = known(gateway.payment(id).await)?
            {
                sides.charges.insert(payment.id.clone(), payment);
            }
        }
        for (_, id) in sides.ours.iter().flat_map(ours::Ours::refunds_of_day) {
            if !sides.refunds.iter().any(|refund| refund.id == id)
                && let Some(refund) = known(gateway.fetch_refund(id).await)?
            {
                sides.refunds_known.insert(refund.id.clone(), refund);
            }
        }
        Ok(())
    }

    /// What the disputes moved that lines may be of, as the gateway says it of each dispute.
    async fn dispute_moves(
        &self,
        gateway: &dyn Gateway,
        sides: &Sides,
    ) -> Result<HashMap<String, i64>, Error> {
        let adjusted = sides.lines.iter().map(|stored| &stored.line);
        let adjusted = adjusted.filter(|line| line.kind == LineKind::Adjustment);
        let payments: Vec<String> = adjusted.filter_map(|line| line.payment.clone()).collect();
        if payments.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = disputes::ids_of(&mut *self.db.acquire().await?, gateway.name(), &payments).await?;
        let mut moves = HashMap::new();
        for id in ids {
            moves.extend(known(gateway.dispute(&id).await)?.into_iter().flat_map(|seen| seen.movements));
        }
        Ok(moves)
    }

    /// For whom the payments of the day are that are not on record here.
    async fn owners_of(&self, gateway: &dyn Gateway, sides: &Sides) -> Result<HashMap<String, Owner>, Error> {
        let ours: HashSet<&str> =
            sides.ours.iter().filter_map(|ours| ours.payment.at_gateway.as_deref()).collect();
        let missing = sides.of_day.iter().filter(|id| !ours.contains(id.as_str()));
        let missing = missing.filter_map(|id| sides.charges.get(id)).filter(|charge| charge.captured);
        let mut owners = HashMap::new();
        let mut connection = self.db.acquire().await?;
        for charge in missing {
            let found = self.intent_of(&mut connection, gateway, &News::default(), charge).await?;
            let Some((tenant, intent)) = found else { continue };
            let Some(asked) = db::intents::find(&mut connection, tenant, intent).await? else { continue };
            let is_paid = ours::is_paid(&mut connection, tenant, asked.subject.id()).await?;
            owners.insert(charge.id.clone(), Owner { tenant, intent, is_paid });
        }
        Ok(owners)
    }

    /// How much the postings of the day's payments, refunds and lines moved into the gateway's account.
    async fn moved_by(
        &self,
        gateway: &str,
        sides: &Sides,
    ) -> Result<HashMap<(TenantId, String), i64>, Error> {
        let payments = sides.ours.iter().filter(|ours| ours.is_of_day);
        let payments = payments.map(|ours| (ours.payment.tenant, books::payment_key(ours.payment.id)));
        let refunds = sides.ours.iter().flat_map(|ours| {
            let keys = ours
                .refunds_of_day()
                .map(|(refund, _)| books::refund_key(refund.booked_as, refund.came_back));
            keys.map(|key| (ours.payment.tenant, key))
        });
        let booked = sides.lines.iter();
        let booked = booked.filter_map(|stored| Some((stored.booked_for?, book::key(&stored.line.entity))));
        let keys: Vec<(TenantId, String)> = payments.chain(refunds).chain(booked).collect();
        let moved = self
            .ledger
            .moved(&mut *self.db.acquire().await?, &books::gateway_account(gateway), &keys)
            .await?;
        Ok(moved.into_iter().map(|(tenant, key, money)| ((tenant, key), money.minor())).collect())
    }
}

fn by_id(payments: Vec<Payment>) -> BTreeMap<String, Payment> {
    payments.into_iter().map(|payment| (payment.id.clone(), payment)).collect()
}

/// What the gateway does not know is none.
fn known<T>(answer: Result<T, GatewayError>) -> Result<Option<T>, Error> {
    match answer {
        Err(error) if error.is_final() => Ok(None),
        other => Ok(Some(other?)),
    }
}
