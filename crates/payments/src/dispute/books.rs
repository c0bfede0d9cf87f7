//! Disputes in the books of a tenant.
//!
//! `disputes:held` is what left the vendor and the commission while a dispute is not decided. Won, it goes back to both; lost, it
//! goes out of what the gateway holds, and the tax collected of it at source is the vendor's again. The gateway's fee goes the same way out of what is owed to the vendor, whoever won, where the gateway
//! keeps it. What is disputed of a top-up or of a surplus was never the vendor's: what is lost of that, and the fee, `disputes:lost` says
//! that the platform bears.

use ledger::{Cause, Limit, NewAccount, Side};
use sqlx::PgConnection;
use types::{AccountId, Currency};

use super::Dispute;
use crate::books::{COMMISSION, PAYABLE, TCS, gateway_account};
use crate::{Error, Payments};

pub(crate) const HELD: &str = "disputes:held";
const LOST: &str = "disputes:lost";

/// What a transfer of the vendor's account is for, as the wallet shows it.
pub(crate) const DISPUTE: &str = "dispute";
pub(crate) const DISPUTE_WON: &str = "dispute-won";
pub(crate) const DISPUTE_FEE: &str = "dispute-fee";
pub(crate) const DISPUTE_TCS: &str = "dispute-tcs";

struct Accounts {
    due: AccountId,
    commission: AccountId,
    held: AccountId,
    lost: AccountId,
    gateway: AccountId,
}

impl Payments {
    /// A dispute begins: its money is on hold.
    pub(super) async fn book_dispute_held(
        &self,
        connection: &mut PgConnection,
        dispute: &Dispute,
    ) -> Result<(), Error> {
        let Accounts { due, commission, held, .. } = self.dispute_accounts(connection, dispute).await?;
        let moves = vec![
            (due, held, dispute.held_minor - dispute.commission_minor, DISPUTE),
            (commission, held, dispute.commission_minor, DISPUTE),
        ];
        self.post_dispute(connection, dispute, "held", moves).await
    }

    /// It is won, or over: its money is the vendor's again.
    pub(super) async fn book_dispute_released(
        &self,
        connection: &mut PgConnection,
        dispute: &Dispute,
    ) -> Result<(), Error> {
        let Accounts { due, commission, held, .. } = self.dispute_accounts(connection, dispute).await?;
        let moves = vec![
            (held, due, dispute.held_minor - dispute.commission_minor, DISPUTE_WON),
            (held, commission, dispute.commission_minor, DISPUTE_WON),
        ];
        self.post_dispute(connection, dispute, "released", moves).await
    }

    /// It is lost: the gateway takes its money. The vendor bore all of it, and has back what was collected of it at source.
    pub(super) async fn book_dispute_lost(
        &self,
        connection: &mut PgConnection,
        dispute: &Dispute,
        tcs_minor: i64,
    ) -> Result<(), Error> {
        let accounts = self.dispute_accounts(connection, dispute).await?;
        let borne = dispute.amount_minor - dispute.held_minor;
        let mut moves = vec![
            (accounts.held, accounts.gateway, dispute.held_minor, DISPUTE),
            (accounts.lost, accounts.gateway, borne, DISPUTE),
        ];
        if tcs_minor > 0 {
            let owed =
                NewAccount { code: TCS, side: Side::Credit, limit: Limit::None, currency: Currency::Inr };
            let owed = self.ledger.open_account(connection, dispute.tenant, &owed).await?;
            moves.push((owed, accounts.due, tcs_minor, DISPUTE_TCS));
        }
        self.post_dispute(connection, dispute, "lost", moves).await
    }

    /// What the gateway keeps as its fee, less what was booked of it before; below zero where it gave some back.
    pub(super) async fn book_dispute_fee(
        &self,
        connection: &mut PgConnection,
        dispute: &Dispute,
    ) -> Result<(), Error> {
        let more = dispute.fee_minor - dispute.fee_booked_minor;
        if more == 0 {
            return Ok(());
        }
        let accounts = self.dispute_accounts(connection, dispute).await?;
        let bearer = if dispute.order.is_some() { accounts.due } else { accounts.lost };
        let moves = if more > 0 {
            vec![(bearer, accounts.gateway, more, DISPUTE_FEE)]
        } else {
            vec![(accounts.gateway, bearer, -more, DISPUTE_FEE)]
        };
        // Each change is booked once: what is booked is written with it, under the dispute's lock.
        let what = format!("fee-{}", self.clock.now().timestamp_micros());
        self.post_dispute(connection, dispute, &what, moves).await
    }

    async fn post_dispute(
        &self,
        connection: &mut PgConnection,
        dispute: &Dispute,
        what: &str,
        moves: Vec<(AccountId, AccountId, i64, &'static str)>,
    ) -> Result<(), Error> {
        let key = format!("dispute-{what}:{}", dispute.id);
        self.post(connection, dispute.tenant, key, Cause::new("dispute", dispute.id.uuid()), moves).await
    }

    async fn dispute_accounts(
        &self,
        connection: &mut PgConnection,
        dispute: &Dispute,
    ) -> Result<Accounts, Error> {
        let account = |code, side| NewAccount { code, side, limit: Limit::None, currency: Currency::Inr };
        let gateway = gateway_account(&dispute.gateway);
        let wanted = [
            account(PAYABLE, Side::Credit),
            account(COMMISSION, Side::Credit),
            NewAccount { limit: Limit::DebitsMustNotExceedCredits, ..account(HELD, Side::Credit) },
            account(LOST, Side::Debit),
            account(&gateway, Side::Debit),
        ];
        let ids = self.ledger.open_accounts(connection, dispute.tenant, &wanted).await?;
        let [due, commission, held, lost, gateway] =
            <[AccountId; 5]>::try_from(ids).map_err(|_| sqlx::Error::RowNotFound)?;
        Ok(Accounts { due, commission, held, lost, gateway })
    }
}
