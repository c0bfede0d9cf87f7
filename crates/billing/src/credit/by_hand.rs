//! Top-ups without a gateway: paid at the platform's own UPI id, on the operator's word.
//!
//! A UPI link proves nothing. So the vendor types the number that the bank gave the payment (the UTR), and whoever sees the platform's
//! bank account says whether it is there. A payment is credit once: its number counts for one top-up alone until that one is refused.

use chrono::{DateTime, TimeDelta, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, VendorCaller, act_line};
use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use payments::UpiId;
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Currency, Money, TenantId, TopUpId};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Error;
use crate::credit::top_up::PAYEE;
use crate::credit::{Asked, Credits, NewTopUp, TopUp, TopUpState, reason};
use crate::db::credit::{by_hand, top_ups, wallets};

/// What the platform's own UPI id is called among the gateways.
pub(crate) const TILL: &str = "upi";
/// How long it is expected to be paid; what is said later counts all the same.
pub(crate) const BY_HAND_WAITS: TimeDelta = TimeDelta::days(3);
/// The platform's bank account, in a vendor's books: what came in at its UPI id.
const BANK: &str = "bank:upi";
/// The digits of a UTR.
const UTR_DIGITS: usize = 12;

/// A top-up that is paid at the platform's own UPI id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaidByHand {
    /// Where it is paid.
    pub upi_id: String,
    /// Whom the payer's app names.
    pub payee: String,
    /// The `upi://pay` link, while it can be paid; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub uri: Option<String>,
    /// The code to scan, drawn; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub image_svg: Option<String>,
    /// The bank's number of the payment, as the vendor typed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub utr: Option<String>,
    /// Why the operator refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refusal: Option<String>,
}

/// The vendor's word that a top-up is paid.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct SaidPaid {
    /// The bank's number of the payment (UTR): twelve digits; spaces do not count.
    #[schema(example = "612345678901", max_length = 20)]
    pub utr: String,
}

/// What the bank's file says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BankSays {
    /// No file names it.
    Nothing,
    /// It is there, with this amount.
    Same,
    /// It is there with another amount.
    OtherAmount,
}

/// A top-up that a vendor says is paid, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SaidTopUp {
    /// The top-up.
    pub id: TopUpId,
    /// The vendor's business.
    pub tenant_id: TenantId,
    /// The vendor.
    pub name: String,
    /// The vendor's telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phone: Option<String>,
    /// The vendor's e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// What people call it.
    pub number: String,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: TopUpState,
    /// The bank's number of the payment, as the vendor typed it.
    pub utr: String,
    /// When the vendor said so.
    pub said_at: DateTime<Utc>,
    /// What the bank's file says.
    pub bank: BankSays,
    /// How much it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bank_amount: Option<Money>,
    /// What the vendor said and operators did, one line each.
    pub acts: String,
}

/// Which of them are asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SaidTopUpQuery {
    /// Only those that stand so: `checking`, `paid` or `refused`.
    #[serde(default)]
    pub state: Option<TopUpState>,
    /// The id of the last item of the page before.
    #[serde(default)]
    pub before: Option<Uuid>,
    /// The most items.
    #[serde(default)]
    pub limit: Option<i64>,
}

/// The operator's word that the bank has the money.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ConfirmedTopUp {
    /// The number that the operator compared: another one by now is not confirmed.
    #[schema(example = "612345678901")]
    pub utr: String,
    /// Why.
    #[serde(flatten)]
    pub why: OperatorReason,
}

/// The operator's word that there is no such money.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct RefusedTopUp {
    /// Why; the vendor reads it.
    #[serde(flatten)]
    pub why: OperatorReason,
}

impl PaidByHand {
    pub(crate) fn of(asked: &Asked) -> Option<Self> {
        let upi_id = asked.upi_id.clone()?;
        let (utr, refusal) = (asked.utr.clone(), asked.refusal.clone());
        Some(Self { upi_id, payee: PAYEE.to_owned(), uri: None, image_svg: None, utr, refusal })
    }
}

impl TopUp {
    /// With the link and the code to pay it, while it can be paid.
    pub(crate) fn with_code(mut self) -> Self {
        let payable = matches!(self.state, TopUpState::Waiting | TopUpState::Refused);
        if let Some(by_hand) = self.by_hand.as_mut().filter(|_| payable)
            && let Ok(upi_id) = by_hand.upi_id.parse::<UpiId>()
        {
            let request = upi_id.request(PAYEE, self.amount, self.id.uuid(), &self.number);
            (by_hand.uri, by_hand.image_svg) = (Some(request.uri), request.image_svg);
        }
        self
    }
}

/// The twelve digits of a bank's number, without spaces.
fn checked_utr(typed: &str) -> Result<String, Error> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let is_utr = digits.len() == UTR_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    let varies = digits.bytes().any(|byte| Some(byte) != digits.bytes().next());
    if is_utr && varies { Ok(digits) } else { Err(Error::Utr) }
}

impl Credits {
    /// The platform's UPI id, where this top-up is to be paid there.
    pub(crate) fn till_of(&self, new: &NewTopUp) -> Option<&UpiId> {
        let is_meant = match new.gateway.as_deref() {
            Some(named) => named == TILL,
            None => new.method.is_none() && self.payments.gateway_names().is_empty(),
        };
        self.till.as_ref().filter(|_| is_meant)
    }

    /// The vendor says that a top-up is paid at the platform's UPI id, under the bank's number; until it is decided another number may
    /// take its place. The same again changes nothing.
    ///
    /// # Errors
    /// [`Error::Utr`], [`Error::UtrTaken`], [`Error::TooMany`]; [`Error::NotFound`] where it is none of those;
    /// [`Error::TopUpChanged`] where it is credit already.
    pub async fn say_paid(&self, vendor: VendorCaller, id: TopUpId, said: &SaidPaid) -> Result<TopUp, Error> {
        let utr = checked_utr(&said.utr)?;
        self.asks.check(&vendor.tenant)?;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let (tenant, now) = (vendor.tenant, self.clock.now());
            let asked = top_ups::lock(&mut transaction, tenant, id).await?;
            let asked = asked.filter(|asked| asked.upi_id.is_some()).ok_or(Error::NotFound)?;
            let is_same = asked.utr.as_deref() == Some(utr.as_str());
            if is_same && asked.refusal.is_none() {
                return self.shown(&mut transaction, tenant, asked).await;
            }
            if asked.paid_at.is_some() {
                return Err(Error::TopUpChanged);
            }
            let act = act_line("said paid", vendor.person, &utr, now);
            by_hand::set_said(&mut transaction, (tenant, id), (&utr, vendor.person), &act, now).await?;
            let asked = Asked { utr: Some(utr.clone()), refusal: None, ..asked };
            let shown = self.shown(&mut transaction, tenant, asked).await?;
            self.announce(&mut transaction, tenant).await?;
            transaction.commit().await?;
            Ok(shown)
        })
        .await
    }

    /// A page of the top-ups that vendors say they paid, the newest first, with what the bank's file says of each.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn said_top_ups(
        &self,
        caller: &Caller,
        query: SaidTopUpQuery,
    ) -> Result<Page<SaidTopUp>, Error> {
        let person = caller.operator()?;
        let page = PageQuery { before: query.before, limit: query.limit };
        let mut connection = self.db.acquire().await?;
        let rows = by_hand::page(&mut connection, query.state, page).await?;
        let page = page.page(rows, |said| said.id.uuid());
        let businesses = page.items.iter().map(|said| said.tenant_id);
        audit::looked(&mut connection, person, Area::TopUps, businesses, self.clock.now()).await?;
        Ok(Page { items: self.named(&mut connection, page.items).await?, next: page.next })
    }

    /// Says that the bank has the money of a top-up: it becomes credit, once.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Field`], [`Error::NotFound`]; [`Error::TopUpChanged`] where the vendor has said something
    /// else by now, or it was refused; [`Error::BankDisagrees`] where the bank's file has another amount.
    pub async fn confirm_top_up(
        &self,
        caller: &Caller,
        (tenant, id): (TenantId, TopUpId),
        confirmed: &ConfirmedTopUp,
    ) -> Result<SaidTopUp, Error> {
        let person = caller.operator()?;
        let reason = reason(&confirmed.why.reason)?;
        let shown = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let now = self.clock.now();
            wallets::lock(&mut transaction, tenant, now).await?;
            let asked = top_ups::lock(&mut transaction, tenant, id).await?.ok_or(Error::NotFound)?;
            if asked.utr.as_deref() != Some(confirmed.utr.as_str()) || asked.refusal.is_some() {
                return Err(Error::TopUpChanged);
            }
            if asked.paid_at.is_none() {
                let found = by_hand::bank_minor(&mut transaction, &confirmed.utr).await?;
                if found.is_some_and(|minor| minor != asked.amount_minor) {
                    return Err(Error::BankDisagrees);
                }
                self.take_in(&mut transaction, tenant, &asked).await?;
                let line = act_line("confirmed", person, &reason, now);
                by_hand::note(&mut transaction, (tenant, id), &line).await?;
                self.make_credit(&mut transaction, tenant, &asked, now).await?;
            }
            let shown = self.said_top_up(&mut transaction, tenant, id).await?;
            let act = Act::by(person, Area::TopUps, Deed::Confirmed, now).in_business(tenant);
            audit::keep(&mut transaction, act.about(id.uuid()).because(&reason)).await?;
            transaction.commit().await?;
            Ok::<_, Error>(shown)
        });
        let shown = shown.await?;
        tracing::info!(%tenant, top_up = %id, %person, reason, "a top-up was confirmed");
        Ok(shown)
    }

    /// Says that the bank has no such money; the vendor reads why, and may say another number.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Field`], [`Error::NotFound`]; [`Error::TopUpChanged`] where it is credit already.
    pub async fn refuse_top_up(
        &self,
        caller: &Caller,
        (tenant, id): (TenantId, TopUpId),
        refused: &RefusedTopUp,
    ) -> Result<SaidTopUp, Error> {
        let person = caller.operator()?;
        let reason = reason(&refused.why.reason)?;
        let shown = repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let now = self.clock.now();
            let asked = top_ups::lock(&mut transaction, tenant, id).await?.ok_or(Error::NotFound)?;
            if asked.paid_at.is_some() || asked.utr.is_none() {
                return Err(Error::TopUpChanged);
            }
            if asked.refusal.is_none() {
                let line = act_line("refused", person, &reason, now);
                by_hand::set_refused(&mut transaction, (tenant, id), &reason, &line, now).await?;
                self.announce(&mut transaction, tenant).await?;
            }
            let shown = self.said_top_up(&mut transaction, tenant, id).await?;
            let act = Act::by(person, Area::TopUps, Deed::Refused, now).in_business(tenant);
            audit::keep(&mut transaction, act.about(id.uuid()).because(&reason)).await?;
            transaction.commit().await?;
            Ok::<_, Error>(shown)
        });
        let shown = shown.await?;
        tracing::info!(%tenant, top_up = %id, %person, reason, "a top-up was refused");
        Ok(shown)
    }

    /// Books the money that is in the platform's bank account as received for a top-up.
    async fn take_in(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        asked: &Asked,
    ) -> Result<(), Error> {
        let bank = NewAccount { code: BANK, side: Side::Debit, limit: Limit::None, currency: Currency::Inr };
        let bank = self.ledger.open_account(connection, tenant, &bank).await?;
        let received = self.received(connection, tenant).await?;
        let posting = Posting {
            tenant,
            key: format!("credit:by-hand:{}", asked.id),
            cause: Cause::new("top-up", asked.id.uuid()),
            transfers: vec![Transfer::new(bank, received, Money::inr(asked.amount_minor), "top-up")],
        };
        self.ledger.post(connection, &posting).await?;
        Ok(())
    }

    async fn said_top_up(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        id: TopUpId,
    ) -> Result<SaidTopUp, Error> {
        let said = by_hand::find(connection, tenant, id).await?.ok_or(Error::NotFound)?;
        self.named(connection, vec![said]).await?.pop().ok_or(Error::NotFound)
    }

    /// With the vendors' names.
    async fn named(
        &self,
        connection: &mut PgConnection,
        mut said: Vec<SaidTopUp>,
    ) -> Result<Vec<SaidTopUp>, Error> {
        let tenants: Vec<TenantId> = said.iter().map(|said| said.tenant_id).collect();
        let vendors = self.identity.vendors_of(connection, &tenants).await?;
        for said in &mut said {
            if let Some(vendor) = vendors.iter().find(|vendor| vendor.tenant == said.tenant_id) {
                said.name.clone_from(&vendor.name);
                said.phone = vendor.phone.as_ref().map(|phone| phone.as_str().to_owned());
                said.email = vendor.email.as_ref().map(|email| email.as_str().to_owned());
            }
        }
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_utr_is_twelve_digits_that_somebody_copied() {
        assert_eq!(checked_utr(" 6123 4567 8901 ").unwrap(), "612345678901");
        for bad in ["", "61234567890", "6123456789012", "61234567890x", "000000000000", "६१२३४५६७८९०१"]
        {
            assert!(matches!(checked_utr(bad), Err(Error::Utr)), "{bad}");
        }
    }
}
