//! Paid credit that goes back to where it was paid from.
//!
//! What is asked for leaves its lots at once, so that it cannot be spent on its way: through the account [`payments::RETURNED`] to
//! the refund. Where the gateway finally refuses, it is credit again. Where a top-up was given back at the gateway itself, that account
//! is in debt until what is left of the credit, and then the next top-ups, have filled it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use identity::VendorCaller;
use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use payments::RETURNED;
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{AccountId, Currency, LotId, Money, RefundId, TenantId, TopUpId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::{Credits, Holding, LotKind, TOP_UP_MIN};
use crate::db::credit::refunds::{AskedBy, Returning};
use crate::db::credit::{lots, refunds, top_ups, wallets};

/// So many top-ups are given back by one request.
const TOP_UPS_MAX: usize = 20;
const REASON: &str = "unspent credit";
const TRANSFER: &str = "credit-returned";

/// Where credit on its way back stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CreditRefundState {
    /// The gateway is to give it back.
    Asked,
    /// It is back where it was paid from.
    Made,
    /// The gateway would not: it is credit again.
    Refused,
}

/// Paid credit that goes back, or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditRefund {
    /// The refund.
    pub id: RefundId,
    /// The top-up that is given back, whole or in part.
    pub top_up_number: String,
    /// How much.
    pub amount: Money,
    /// What of it had been spent already: the next top-ups fill it.
    pub owed: Money,
    /// Where it stands.
    pub state: CreditRefundState,
    /// Whether it was made at the gateway, and not asked for here.
    pub made_at_gateway: bool,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// Paid credit to be given back.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct NewCreditRefund {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// How much: up to what can be given back.
    pub amount: Money,
}

/// A part of a top-up that can be given back.
#[derive(Debug, Clone, Copy)]
struct Returnable {
    top_up: TopUpId,
    lot: LotId,
    account: AccountId,
    minor: i64,
}

impl Credits {
    /// Has unspent paid credit given back to where it was paid from, the newest top-ups first: once for each `client_id`.
    ///
    /// # Errors
    /// [`Error::TooMany`]; [`Error::OutOfRange`] where there is not so much to give back, or less than the gateway makes;
    /// [`Error::ClientIdReused`]; [`Error::Payments`].
    pub async fn ask_refund(
        &self,
        vendor: VendorCaller,
        new: &NewCreditRefund,
    ) -> Result<Vec<CreditRefund>, Error> {
        self.asks.check(&vendor.tenant)?;
        repeat(|| self.ask_refund_once(&vendor, new)).await
    }

    async fn ask_refund_once(
        &self,
        vendor: &VendorCaller,
        new: &NewCreditRefund,
    ) -> Result<Vec<CreditRefund>, Error> {
        let (tenant, minor) = (vendor.tenant, new.amount.minor());
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        // The intents come before the wallet: every one that may be given back is locked.
        let paid = refunds::top_ups_of_open_lots(&mut transaction, tenant).await?;
        let mut in_order: Vec<TopUpId> = paid.iter().take(TOP_UPS_MAX).map(|(_, top_up)| *top_up).collect();
        in_order.sort();
        for top_up in in_order {
            self.payments.lock_top_up(&mut transaction, tenant, top_up).await?;
        }
        wallets::lock(&mut transaction, tenant, now).await?;
        match refunds::asked_before(&mut transaction, tenant, new.client_id).await? {
            Some(asked) if asked != minor => return Err(Error::ClientIdReused),
            Some(_) => return self.asked_under(&mut transaction, tenant, new.client_id).await,
            None => {}
        }
        let holdings = self.holdings(&mut transaction, tenant).await?;
        let parts = take(returnable(&holdings, &paid), minor)?;
        let by = AskedBy { client_id: new.client_id, person: vendor.person, asked_minor: minor };
        for part in parts {
            self.give_back(&mut transaction, tenant, &part, &by, now).await?;
        }
        let asked = self.asked_under(&mut transaction, tenant, new.client_id).await?;
        self.announce(&mut transaction, tenant).await?;
        transaction.commit().await?;
        tracing::info!(%tenant, person = %vendor.person, minor, "unspent credit goes back");
        Ok(asked)
    }

    async fn asked_under(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        client_id: Uuid,
    ) -> Result<Vec<CreditRefund>, Error> {
        Ok(refunds::page(connection, tenant, Some(client_id), PageQuery::default()).await?)
    }

    async fn give_back(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        part: &Returnable,
        by: &AskedBy,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let returned = self.returned(connection, tenant).await?;
        let posting = Posting {
            tenant,
            key: format!("credit:return:{}:{}", by.client_id, part.top_up),
            cause: Cause::new("credit-lot", part.lot.uuid()),
            transfers: vec![Transfer::new(part.account, returned, Money::inr(part.minor), TRANSFER)],
        };
        self.ledger.post(connection, &posting).await?;
        let amount = Money::inr(part.minor);
        let refund = self.payments.refund_top_up(connection, tenant, part.top_up, amount, REASON).await?;
        let returning = Returning {
            refund,
            top_up: part.top_up,
            amount_minor: part.minor,
            taken_minor: part.minor,
            state: CreditRefundState::Asked,
        };
        refunds::insert(connection, tenant, &returning, Some(by), now).await?;
        self.close_empty(connection, tenant, now).await.map(drop)
    }

    /// A page of what went back of the caller's credit, newest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn refunds(&self, vendor: VendorCaller, query: PageQuery) -> Result<Page<CreditRefund>, Error> {
        let mut connection = self.db.acquire().await?;
        let refunds = refunds::page(&mut connection, vendor.tenant, None, query).await?;
        Ok(query.page(refunds, |refund| refund.id.uuid()))
    }

    /// What of these lots can go back to where it was paid from.
    pub(crate) async fn returnable_minor(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        holdings: &[Holding],
    ) -> Result<i64, Error> {
        let paid = refunds::top_ups_of_open_lots(connection, tenant).await?;
        Ok(returnable(holdings, &paid).iter().map(|part| part.minor).sum())
    }

    /// What was given back at the gateway and is not filled yet, in paise.
    pub(crate) async fn owed_minor(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<i64, Error> {
        let accounts = self.ledger.accounts(connection, tenant, &[RETURNED]).await?;
        Ok(accounts.first().map_or(0, |account| -account.balance().minor()).max(0))
    }

    /// The gateway gave credit back that was asked for here.
    pub(crate) async fn refund_made(&self, tenant: TenantId, refund: RefundId) -> Result<(), Error> {
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            let now = self.clock.now();
            wallets::lock(&mut transaction, tenant, now).await?;
            let found = refunds::lock(&mut transaction, tenant, refund).await?.ok_or(Error::NotFound)?;
            if found.state == CreditRefundState::Asked {
                let made = CreditRefundState::Made;
                refunds::set_state(&mut transaction, tenant, refund, made, now).await?;
                self.announce(&mut transaction, tenant).await?;
                transaction.commit().await?;
            }
            Ok(())
        })
        .await
    }

    /// The gateway would not give credit back: it is credit again, after what is owed.
    pub(crate) async fn refund_refused(&self, tenant: TenantId, refund: RefundId) -> Result<(), Error> {
        repeat(|| self.refund_refused_once(tenant, refund)).await
    }

    async fn refund_refused_once(&self, tenant: TenantId, refund: RefundId) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        wallets::lock(&mut transaction, tenant, now).await?;
        let found = refunds::lock(&mut transaction, tenant, refund).await?.ok_or(Error::NotFound)?;
        if found.state != CreditRefundState::Asked {
            return Ok(());
        }
        refunds::set_state(&mut transaction, tenant, refund, CreditRefundState::Refused, now).await?;
        let returned = self.returned(&mut transaction, tenant).await?;
        let there = self.ledger.balance(&mut transaction, tenant, returned).await?.balance().minor();
        let minor = there.clamp(0, found.amount_minor);
        if minor > 0 {
            let (lot, account) = lots::reopen_of_top_up(&mut transaction, tenant, found.top_up)
                .await?
                .ok_or(Error::NotFound)?;
            let posting = Posting {
                tenant,
                key: format!("credit:return-refused:{refund}"),
                cause: Cause::new("credit-lot", lot.uuid()),
                transfers: vec![Transfer::new(returned, account, Money::inr(minor), TRANSFER)],
            };
            self.ledger.post(&mut transaction, &posting).await?;
            self.resume(&mut transaction, tenant).await?;
        }
        self.announce(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A top-up was given back at the gateway: what is left of its credit goes, then of other paid credit; the rest is owed.
    pub(crate) async fn taken_back(
        &self,
        tenant: TenantId,
        top_up: TopUpId,
        (refund, amount): (RefundId, Money),
    ) -> Result<(), Error> {
        repeat(|| self.taken_back_once(tenant, top_up, (refund, amount.minor()))).await
    }

    async fn taken_back_once(
        &self,
        tenant: TenantId,
        top_up: TopUpId,
        (refund, amount_minor): (RefundId, i64),
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        wallets::lock(&mut transaction, tenant, now).await?;
        let asked = top_ups::lock(&mut transaction, tenant, top_up).await?.ok_or(Error::NotFound)?;
        if asked.paid_at.is_none() {
            // Its credit is not there yet: the job that brings it comes first.
            return Err(Error::NotCreditYet);
        }
        let holdings = self.holdings(&mut transaction, tenant).await?;
        let transfers =
            self.taken_from(&mut transaction, tenant, &holdings, (asked.lot, amount_minor)).await?;
        let taken_minor = transfers.iter().map(|(_, minor)| minor).sum();
        let state = CreditRefundState::Asked;
        let returning = Returning { refund, top_up, amount_minor, taken_minor, state };
        if !refunds::insert(&mut transaction, tenant, &returning, None, now).await? {
            return Ok(());
        }
        if !transfers.is_empty() {
            let posting = Posting {
                tenant,
                key: format!("credit:taken-back:{refund}"),
                cause: Cause::new("top-up", top_up.uuid()),
                transfers: transfers.into_iter().map(|(transfer, _)| transfer).collect(),
            };
            self.ledger.post(&mut transaction, &posting).await?;
            self.close_empty(&mut transaction, tenant, now).await?;
        }
        self.announce(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes as much as is there out of paid lots, one of them first.
    async fn taken_from(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        holdings: &[Holding],
        (first, minor): (Option<LotId>, i64),
    ) -> Result<Vec<(Transfer, i64)>, Error> {
        let returned = self.returned(connection, tenant).await?;
        let mut paid: Vec<&Holding> = holdings.iter().filter(|h| h.lot.kind == LotKind::Paid).collect();
        paid.sort_by_key(|holding| Some(holding.lot.id) != first);
        let mut missing = minor;
        let mut transfers = Vec::new();
        for holding in paid.into_iter().take(ledger::TRANSFERS_MAX) {
            let taken = holding.available_minor().min(missing);
            if taken > 0 {
                missing -= taken;
                let transfer = Transfer::new(holding.lot.account, returned, Money::inr(taken), TRANSFER);
                transfers.push((transfer, taken));
            }
        }
        Ok(transfers)
    }

    /// The account between credit and refunds: below nothing it is what is owed.
    pub(crate) async fn returned(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<AccountId, Error> {
        let account =
            NewAccount { code: RETURNED, side: Side::Credit, limit: Limit::None, currency: Currency::Inr };
        Ok(self.ledger.open_account(connection, tenant, &account).await?)
    }
}

/// What of each top-up can go back, newest first: no part that is too small for a gateway.
fn returnable(holdings: &[Holding], paid: &[(LotId, TopUpId)]) -> Vec<Returnable> {
    let of: HashMap<LotId, &Holding> = holdings.iter().map(|holding| (holding.lot.id, holding)).collect();
    let part = |(lot, top_up): &(LotId, TopUpId)| {
        let holding = of.get(lot)?;
        let minor = holding.available_minor();
        let account = holding.lot.account;
        (minor >= TOP_UP_MIN.minor()).then_some(Returnable { top_up: *top_up, lot: *lot, account, minor })
    };
    paid.iter().take(TOP_UPS_MAX).filter_map(part).collect()
}

/// The parts that come to `minor`, the newest first; the last of them is no smaller than a gateway makes.
fn take(parts: Vec<Returnable>, minor: i64) -> Result<Vec<Returnable>, Error> {
    let (least, most) = (TOP_UP_MIN.minor(), parts.iter().map(|part| part.minor).sum());
    if !(least..=most).contains(&minor) {
        return Err(Error::OutOfRange { name: "amount", min: least, max: most });
    }
    // The most that whole parts come to.
    let sums = parts.iter().scan(0, |sum, part| {
        *sum += part.minor;
        Some(*sum)
    });
    let whole = sums.take_while(|sum| *sum <= minor).last().unwrap_or(least);
    let mut missing = minor;
    let mut taken: Vec<Returnable> = Vec::new();
    for part in parts {
        if missing == 0 {
            break;
        }
        let mut minor = part.minor.min(missing);
        // What would be left for the next one is too small: a little less of this one.
        let rest = missing - minor;
        if rest > 0 && rest < least {
            minor -= least - rest;
        }
        if minor >= least {
            missing -= minor;
            taken.push(Returnable { minor, ..part });
        }
    }
    if missing > 0 {
        return Err(Error::OutOfRange { name: "amount", min: least, max: whole });
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(minor: i64) -> Returnable {
        let id = Uuid::nil();
        Returnable { top_up: id.into(), lot: id.into(), account: id.into(), minor }
    }

    proptest! {
        #[test]
        fn what_goes_back_is_what_was_asked_for_in_parts_a_gateway_makes(
            lots in prop::collection::vec(1_00i64..9_00, 1..6), wanted in 0i64..40_00,
        ) {
            let most: i64 = lots.iter().sum();
            match take(lots.iter().map(|minor| part(*minor)).collect(), wanted) {
                Ok(parts) => {
                    prop_assert_eq!(parts.iter().map(|part| part.minor).sum::<i64>(), wanted);
                    prop_assert!(parts.iter().all(|part| part.minor >= 1_00));
                }
                Err(Error::OutOfRange { max, .. }) => prop_assert!(wanted < 1_00 || wanted > max && max <= most),
                Err(error) => prop_assert!(false, "{error}"),
            }
        }
    }
}
