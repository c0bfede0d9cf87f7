//! The tax collected at source of a month, paid to the state: recorded by an operator once, and booked vendor by vendor.
//!
//! The state's challans are in whole rupees, one for each of three heads: what is paid may differ from what was collected by less than a
//! rupee each. A vendor's books say what was collected of that vendor; the difference is the platform's, and stands in the record.

use chrono::{DateTime, NaiveDate, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use ledger::{Cause, Limit, NewAccount, Side};
use platform::db::repeat;
use platform::jobs::Draft;
use serde::{Deserialize, Serialize};
use types::{AccountId, Currency, Money, PersonId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::month::{TcsMonth, hours};
use crate::books::TCS;
use crate::db::tcs;
use crate::jobs::book_tcs_payment::BookTcsPayment;
use crate::{Error, Payments, india};

/// What left the platform's account for the state, in a vendor's books: below zero, by all that was paid.
const BANK: &str = "bank:tcs";
const REASON: &str = "tcs-paid-to-the-state";
/// Three heads, each rounded to a rupee.
const ROUNDING_MINOR_MAX: i64 = 3_00;
/// A challan's number: 14 digits before it is paid, up to 24 characters after.
const CHALLAN_CHARS: std::ops::RangeInclusive<usize> = 8..=24;
/// So many months are listed.
const MONTHS_MAX: i64 = 24;
/// Vendors that are booked between two looks.
const BATCH: i64 = 200;

/// A payment of the tax to the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TcsPayment {
    /// The challan's number.
    pub challan: String,
    /// The day on it.
    pub paid_on: NaiveDate,
    /// How much was paid.
    pub amount: Money,
    /// Why it is recorded, and from what.
    pub reason: String,
    /// Who recorded it.
    pub paid_by: PersonId,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Whether it is in every vendor's books.
    pub booked: bool,
}

/// A payment to be recorded.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewTcsPayment {
    /// The challan's number: 8 to 24 letters and digits.
    pub challan: String,
    /// The day on it: after the month, not later than today.
    pub paid_on: NaiveDate,
    /// How much: what is due, rounded to rupees as the state's challans are.
    pub amount: Money,
    /// Why, and from what it is known: one line.
    #[schema(max_length = 200)]
    pub reason: String,
}

/// A month, with what is due for it and what was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TcsMonthDue {
    /// The month in India: `2026-11`.
    pub month: String,
    /// What was collected in it, less what went back.
    pub tax: Money,
    /// Whether it is over, so that it can be paid.
    pub is_over: bool,
    /// How it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub payment: Option<TcsPayment>,
}

impl Payments {
    /// The months in which tax was collected at source, the newest first, at most 24: what is due, and what was paid.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn tcs_months(&self, caller: &Caller) -> Result<Vec<TcsMonthDue>, Error> {
        caller.operator()?;
        let now = self.clock.now();
        let this_month = india::date(now).format("%Y-%m").to_string();
        let months = tcs::months(&mut *self.db.acquire().await?, MONTHS_MAX).await?;
        let due = months.into_iter().map(|(month, tax_minor, payment)| TcsMonthDue {
            is_over: month < this_month,
            month,
            tax: Money::inr(tax_minor),
            payment,
        });
        Ok(due.collect())
    }

    /// Records that a month's tax was paid to the state: once. The same again has no further effect.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Month`]; [`Error::TcsNotDue`] for a month that is not over or in which nothing is due;
    /// [`Error::TcsPaid`] for one that was paid otherwise; [`Error::TcsAmount`], [`Error::Challan`], [`Error::PaidOn`], [`Error::Reason`].
    pub async fn pay_tcs(
        &self,
        caller: &Caller,
        month: &str,
        new: &NewTcsPayment,
    ) -> Result<TcsMonth, Error> {
        let by = caller.operator()?;
        let payment = self.checked_tcs_payment(month, new, by)?;
        repeat(|| self.record_tcs_payment(month, &payment)).await?;
        tracing::info!(month, person = %by, challan = payment.challan, reason = payment.reason, "tax collected at source was paid");
        self.tcs_month(caller, month).await
    }

    fn checked_tcs_payment(
        &self,
        month: &str,
        new: &NewTcsPayment,
        by: PersonId,
    ) -> Result<TcsPayment, Error> {
        let hours = hours(month).ok_or(Error::Month)?;
        let now = self.clock.now();
        if now < hours.end {
            return Err(Error::TcsNotDue);
        }
        let challan = new.challan.trim().to_ascii_uppercase();
        let is_challan = CHALLAN_CHARS.contains(&challan.len())
            && challan.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_challan {
            return Err(Error::Challan);
        }
        if new.paid_on < india::date(hours.end) || new.paid_on > india::date(now) {
            return Err(Error::PaidOn);
        }
        let reason = OperatorReason { reason: new.reason.clone() }.line().map_err(Error::Reason)?;
        let (paid_on, amount) = (new.paid_on, new.amount);
        Ok(TcsPayment { challan, paid_on, amount, reason, paid_by: by, recorded_at: now, booked: false })
    }

    async fn record_tcs_payment(&self, month: &str, payment: &TcsPayment) -> Result<(), Error> {
        let hours = hours(month).ok_or(Error::Month)?;
        let mut transaction = self.db.begin().await?;
        let (_, due_minor) = tcs::sums(&mut transaction, &hours).await?;
        if due_minor <= 0 {
            return Err(Error::TcsNotDue);
        }
        if (payment.amount.minor() - due_minor).abs() >= ROUNDING_MINOR_MAX || payment.amount.minor() <= 0 {
            return Err(Error::TcsAmount(Money::inr(due_minor)));
        }
        let id: Uuid = self.entropy.id(payment.recorded_at);
        if tcs::insert_payment(&mut transaction, month, id, payment).await? {
            let book = BookTcsPayment { month: month.to_owned() };
            self.jobs.enqueue(&mut transaction, Draft::of_nobody(&book)).await?;
            let act = Act::by(payment.paid_by, Area::Tcs, Deed::MarkedPaid, payment.recorded_at);
            audit::keep(&mut transaction, act.about(id).because(&payment.reason)).await?;
            return Ok(transaction.commit().await?);
        }
        let before = tcs::payment_of(&mut transaction, month).await?.map(|(_, before)| before);
        let is_same = |before: TcsPayment| {
            (before.challan, before.paid_on, before.amount)
                == (payment.challan.clone(), payment.paid_on, payment.amount)
        };
        if before.is_some_and(is_same) { Ok(()) } else { Err(Error::TcsPaid) }
    }

    /// Books a month's payment in the books of every vendor, each once.
    pub(crate) async fn book_tcs_payment(&self, month: &str) -> Result<(), Error> {
        let hours = hours(month).ok_or(Error::Month)?;
        let found = tcs::payment_of(&mut *self.db.acquire().await?, month).await?;
        let Some((id, _)) = found.filter(|(_, payment)| !payment.booked) else { return Ok(()) };
        let mut after = TenantId::from_uuid(Uuid::nil());
        loop {
            let due = tcs::due_by_vendor(&mut *self.db.acquire().await?, &hours, after, BATCH).await?;
            let Some((last, _)) = due.last() else { break };
            after = *last;
            for (tenant, minor) in due {
                repeat(|| self.book_tcs_of(tenant, (month, id), minor)).await?;
            }
        }
        tcs::set_booked(&mut *self.db.acquire().await?, month, self.clock.now()).await?;
        Ok(())
    }

    async fn book_tcs_of(
        &self,
        tenant: TenantId,
        (month, id): (&str, Uuid),
        minor: i64,
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let account = |code, side| NewAccount { code, side, limit: Limit::None, currency: Currency::Inr };
        let wanted = [account(TCS, Side::Credit), account(BANK, Side::Debit)];
        let ids = self.ledger.open_accounts(&mut transaction, tenant, &wanted).await?;
        let [owed, bank] = <[AccountId; 2]>::try_from(ids).map_err(|_| sqlx::Error::RowNotFound)?;
        // More may have gone back to a vendor in the month than was collected: it is owed less by so much.
        let (debit, credit) = if minor > 0 { (owed, bank) } else { (bank, owed) };
        let moves = vec![(debit, credit, minor.abs(), REASON)];
        let key = format!("tcs-paid:{month}");
        self.post(&mut transaction, tenant, key, Cause::new("tcs-payment", id), moves).await?;
        Ok(transaction.commit().await?)
    }
}
