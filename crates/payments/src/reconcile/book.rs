//! Settled money in the books: what the gateway held is at the bank, and its fee is spent.
//!
//! `bank:settlements` is what settlements brought to the bank, `fees:gateway` what the gateway kept, with the tax on it. Each line is
//! one posting, in the books of whoever the payment was for, under a key of its own.

use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use platform::db::repeat;
use sqlx::PgConnection;
use types::{AccountId, Currency, Money};

use super::line::Line;
use crate::books::gateway_account;
use crate::db::payments::Payment;
use crate::db::reconcile::lines;
use crate::{Error, Payments};

const BANK: &str = "bank:settlements";
const FEES: &str = "fees:gateway";

/// Under which key a line is booked.
pub(super) fn key(entity: &str) -> String {
    format!("settlement:{entity}")
}

impl Payments {
    /// Books a line that matches, once; false where it was in the books.
    pub(super) async fn book_line(&self, line: &Line, payment: &Payment) -> Result<bool, Error> {
        repeat(|| self.write_line(line, payment)).await
    }

    async fn write_line(&self, line: &Line, payment: &Payment) -> Result<bool, Error> {
        let gateway = payment.gateway.as_deref().ok_or(Error::NoGateway)?;
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        if !lines::set_booked(&mut transaction, gateway, line, payment, now).await? {
            return Ok(false);
        }
        let transfers = self.transfers_of(&mut transaction, gateway, line, payment).await?;
        if !transfers.is_empty() {
            let cause = Cause::new("payment", payment.id.uuid());
            let posting = Posting { tenant: payment.tenant, key: key(&line.entity), cause, transfers };
            self.ledger.post(&mut transaction, &posting).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn transfers_of(
        &self,
        connection: &mut PgConnection,
        gateway: &str,
        line: &Line,
        payment: &Payment,
    ) -> Result<Vec<Transfer>, Error> {
        let account =
            |code| NewAccount { code, side: Side::Debit, limit: Limit::None, currency: Currency::Inr };
        let held = gateway_account(gateway);
        let wanted = [account(&held), account(BANK), account(FEES)];
        let ids = self.ledger.open_accounts(connection, payment.tenant, &wanted).await?;
        let [gateway, bank, fees] = <[AccountId; 3]>::try_from(ids).map_err(|_| sqlx::Error::RowNotFound)?;
        let net = line.net_minor();
        let (to, from) = if net > 0 { (bank, gateway) } else { (gateway, bank) };
        let moves = [
            (to, from, net.abs(), "settlement"),
            (fees, gateway, line.fee_minor - line.tax_minor, "gateway-fee"),
            (fees, gateway, line.tax_minor, "tax-on-gateway-fee"),
        ];
        let moves = moves.into_iter().filter(|(_, _, minor, _)| *minor > 0);
        Ok(moves
            .map(|(to, from, minor, reason)| Transfer::new(to, from, Money::inr(minor), reason))
            .collect())
    }
}
