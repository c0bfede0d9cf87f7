//! Payouts in the books of a tenant.
//!
//! `payouts:pending` is what is on its way to the vendor and no longer owed, `bank:payouts` what left the platform's accounts for the
//! vendor: below zero, by all that was ever paid out. `fees:payouts` is what the provider took for it, with the tax on that, out of
//! `bank:payout-fees`: both the platform's.

use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use sqlx::PgConnection;
use types::{AccountId, Currency};

use super::provider::Fee;
use super::{Payout, PayoutState};
use crate::books::PAYABLE;
use crate::{Error, Payments};

pub(crate) const IN_TRANSIT: &str = "payouts:pending";
pub(crate) const OUT: &str = "bank:payouts";

/// What a transfer of the vendor's account is for, as the wallet shows it.
const PAYOUT: &str = "payout";
const RETURNED: &str = "payout-returned";
/// What the provider took, and where it took it from.
const FEES: &str = "fees:payouts";
const FEES_FROM: &str = "bank:payout-fees";

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

    /// What the provider took for a payout, less what was booked of it before; below zero where it gave some back. Gives the payout
    /// with what is booked.
    pub(super) async fn book_payout_fee(
        &self,
        connection: &mut PgConnection,
        payout: Payout,
        fee: Fee,
    ) -> Result<Payout, Error> {
        let tax = fee.tax_minor - payout.fee_tax_minor;
        let net = fee.minor - payout.fee_minor - tax;
        if (net, tax) == (0, 0) {
            return Ok(payout);
        }
        let account =
            |code| NewAccount { code, side: Side::Debit, limit: Limit::None, currency: Currency::Inr };
        let ids = self
            .ledger
            .open_accounts(connection, payout.tenant, &[account(FEES), account(FEES_FROM)])
            .await?;
        let [fees, from] = <[AccountId; 2]>::try_from(ids).map_err(|_| sqlx::Error::RowNotFound)?;
        let moved = |minor: i64, reason| {
            let (debit, credit) = if minor > 0 { (fees, from) } else { (from, fees) };
            (debit, credit, minor.abs(), reason)
        };
        let moves = vec![moved(net, "payout-fee"), moved(tax, "tax-on-payout-fee")];
        // Each change is booked once: what is booked is written with it, under the payout's lock.
        let key = format!("payout-fee-{}:{}", self.clock.now().timestamp_micros(), payout.id);
        self.post(connection, payout.tenant, key, Cause::new("payout", payout.id.uuid()), moves).await?;
        Ok(Payout { fee_minor: fee.minor, fee_tax_minor: fee.tax_minor, ..payout })
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
