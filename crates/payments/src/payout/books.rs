//! Payouts in the books of a tenant.
//!
//! `payouts:pending` is what is on its way to the vendor and no longer owed, `bank:payouts` what left the platform's accounts for the
//! vendor: below zero, by all that was ever paid out.

use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use sqlx::PgConnection;
use types::{AccountId, Currency};

use super::{Payout, PayoutState};
use crate::books::PAYABLE;
use crate::{Error, Payments};

pub(crate) const IN_TRANSIT: &str = "payouts:pending";
pub(crate) const OUT: &str = "bank:payouts";

/// What a transfer of the vendor's account is for, as the wallet shows it.
const PAYOUT: &str = "payout";
const RETURNED: &str = "payout-returned";

impl Payments {
    /// A payout is asked for: it is owed no more.
    pub(super) async fn book_payout_asked(
        &self,
        connection: &mut PgConnection,
        payout: &Payout,
    ) -> Result<(), Error> {
        let [payable, pending, _] = self.payout_accounts(connection, payout).await?;
        self.post_payout(connection, payout, "payout-asked", (payable, pending, PAYOUT)).await
    }

    /// A payout came to an end, from where it stood: the vendor has it, or it is owed again.
    pub(super) async fn book_payout_end(
        &self,
        connection: &mut PgConnection,
        payout: &Payout,
        end: PayoutState,
    ) -> Result<(), Error> {
        let [payable, pending, out] = self.payout_accounts(connection, payout).await?;
        let (step, moved) = match (payout.state, end) {
            (_, PayoutState::Asked | PayoutState::Pending) => return Ok(()),
            (_, PayoutState::Paid) => ("payout-made", (pending, out, PAYOUT)),
            (PayoutState::Paid, _) => ("payout-returned", (out, payable, RETURNED)),
            _ => ("payout-returned", (pending, payable, RETURNED)),
        };
        self.post_payout(connection, payout, step, moved).await
    }

    async fn post_payout(
        &self,
        connection: &mut PgConnection,
        payout: &Payout,
        step: &str,
        (debit, credit, reason): (AccountId, AccountId, &'static str),
    ) -> Result<(), Error> {
        let posting = Posting {
            tenant: payout.tenant,
            key: format!("{step}:{}", payout.id),
            cause: Cause::new("payout", payout.id.uuid()),
            transfers: vec![Transfer::new(debit, credit, payout.amount(), reason)],
        };
        self.ledger.post(connection, &posting).await?;
        Ok(())
    }

    async fn payout_accounts(
        &self,
        connection: &mut PgConnection,
        payout: &Payout,
    ) -> Result<[AccountId; 3], Error> {
        let account = |code, side| NewAccount { code, side, limit: Limit::None, currency: Currency::Inr };
        let wanted =
            [account(PAYABLE, Side::Credit), account(IN_TRANSIT, Side::Credit), account(OUT, Side::Debit)];
        let ids = self.ledger.open_accounts(connection, payout.tenant, &wanted).await?;
        Ok(<[AccountId; 3]>::try_from(ids).map_err(|_| sqlx::Error::RowNotFound)?)
    }
}
