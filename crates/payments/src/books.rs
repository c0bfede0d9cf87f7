//! Payments in the books of a tenant.
//!
//! `gateway:<name>` is what the gateway holds for us, `vendor:payable` what we owe the vendor (below zero where the vendor
//! owes commission on money they took themselves), `platform:commission` what we earned, `tcs:payable` what is owed to the state until it is paid, `refunds:pending` what is on its
//! way back to payers and no longer the vendor's, `refunds:surplus` what was paid twice and goes back, `credits:received` what the
//! vendor paid for credit that is not given yet.

use ledger::{Cause, Limit, NewAccount, Posting, Side, Transfer};
use sqlx::PgConnection;
use types::{AccountId, Currency, Money, PaymentId, TenantId};
use uuid::Uuid;

use crate::db::payments::{Payment, Role};
use crate::db::refunds::Refund;
use crate::subject::SubjectId;
use crate::{Error, Payments, RETURNED, TOP_UPS};

/// The code of the account of what the platform owes a vendor, in the vendor's books; below nothing the vendor owes the platform. Beside
/// payments, whoever keeps credit moves some into it, up to what is owed.
pub const PAYABLE: &str = "vendor:payable";
pub(crate) const COMMISSION: &str = "platform:commission";
pub(crate) const TCS: &str = "tcs:payable";
pub(crate) const PENDING: &str = "refunds:pending";
const SURPLUS: &str = "refunds:surplus";

/// What a transfer of the vendor's account is for, as the wallet shows it.
pub(crate) const SALE: &str = "sale";
pub(crate) const SALE_BY_VENDOR: &str = "sale-by-vendor";
pub(crate) const REFUND: &str = "refund";
const REFUND_CAME_BACK: &str = "refund-came-back";
const TOP_UP: &str = "top-up";
const COMMISSION_REASON: &str = "commission";
const TCS_REASON: &str = "tax-collected-at-source";
const SURPLUS_REASON: &str = "surplus";

/// The code of the account of what a gateway holds; where it was switched off since, its money is still there.
pub(crate) fn gateway_account(name: &str) -> String {
    format!("gateway:{name}")
}

/// Under which key a payment is booked.
pub(crate) fn payment_key(payment: PaymentId) -> String {
    format!("payment:{payment}")
}

/// Under which key it is booked that the gateway made a refund, by the id that the books have it under.
/// One that came back is made anew.
pub(crate) fn refund_key(booked_as: Uuid, came_back: i16) -> String {
    match came_back {
        0 => format!("refund-made:{booked_as}"),
        times => format!("refund-made:{booked_as}:{times}"),
    }
}

/// The accounts of a tenant that payments move money between.
#[derive(Debug, Clone, Copy)]
struct Accounts {
    /// What the payment's gateway holds; none where the vendor took it.
    gateway: Option<AccountId>,
    /// Whom the money is for: the vendor who sold, or their credit.
    due: AccountId,
    /// Where it comes from when it goes back.
    back_from: AccountId,
    commission: AccountId,
    pending: AccountId,
    surplus: AccountId,
    /// The tax collected at source; there where some was.
    tcs: Option<AccountId>,
}

/// A movement of money that may be nothing.
pub(crate) type Move = (AccountId, AccountId, i64, &'static str);

impl Payments {
    /// A payment is there: the gateway holds it for the vendor and for us, or for the vendor's credit, or the vendor has it and
    /// owes the commission.
    pub(crate) async fn book_payment(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
    ) -> Result<(), Error> {
        let accounts = self.accounts(connection, payment).await?;
        let (gross, commission, tcs) = (payment.amount_minor, payment.commission_minor, payment.tcs.minor);
        let received = match payment.subject {
            SubjectId::Order(_) => SALE,
            SubjectId::TopUp(_) => TOP_UP,
        };
        let moves = match (payment.role, accounts.gateway) {
            (Role::Surplus, None) => Vec::new(),
            (Role::Surplus, Some(gateway)) => vec![(gateway, accounts.surplus, gross, SURPLUS_REASON)],
            (Role::Settles, Some(gateway)) => {
                let mut moves = vec![
                    (gateway, accounts.due, gross - commission - tcs, received),
                    (gateway, accounts.commission, commission, COMMISSION_REASON),
                ];
                moves.extend(accounts.tcs.map(|account| (gateway, account, tcs, TCS_REASON)));
                moves
            }
            (Role::Settles, None) => {
                vec![(accounts.due, accounts.commission, commission, SALE_BY_VENDOR)]
            }
        };
        let cause = Cause::new("payment", payment.id.uuid());
        self.post(connection, payment.tenant, payment_key(payment.id), cause, moves).await
    }

    /// A part of what settled an order is to go back: it is no longer the vendor's, and its part of the commission not the platform's.
    pub(crate) async fn book_refund_asked(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(), Error> {
        let accounts = self.accounts(connection, payment).await?;
        let (gross, commission, tcs) = (refund.amount_minor, refund.commission_minor, refund.tcs_minor);
        let moves = match (payment.role, accounts.gateway) {
            // It never was the vendor's.
            (Role::Surplus, _) => Vec::new(),
            (Role::Settles, Some(_)) => {
                let mut moves = vec![(accounts.commission, accounts.pending, commission, COMMISSION_REASON)];
                moves.extend(accounts.tcs.map(|account| (account, accounts.pending, tcs, TCS_REASON)));
                // The last paise of what is shared may be more than a paisa that goes back: then the vendor gets the difference.
                let rest = gross - commission - tcs;
                let (from, to) = (accounts.back_from, accounts.pending);
                moves.push(if rest < 0 { (to, from, -rest, REFUND) } else { (from, to, rest, REFUND) });
                moves
            }
            (Role::Settles, None) => vec![(accounts.commission, accounts.due, commission, REFUND)],
        };
        let key = format!("refund-asked:{}", refund.booked_as);
        self.post(connection, payment.tenant, key, Cause::new("refund", refund.booked_as), moves).await
    }

    /// A top-up's refund will not be made.
    pub(crate) async fn book_refund_withdrawn(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(), Error> {
        let accounts = self.accounts(connection, payment).await?;
        let key = format!("refund-withdrawn:{}", refund.booked_as);
        let moves = vec![(accounts.pending, accounts.back_from, refund.amount_minor, REFUND)];
        self.post(connection, payment.tenant, key, Cause::new("refund", refund.booked_as), moves).await
    }

    /// The gateway made a refund.
    pub(crate) async fn book_refund_made(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(), Error> {
        let accounts = self.accounts(connection, payment).await?;
        let Some(gateway) = accounts.gateway else { return Ok(()) };
        let moves = match payment.role {
            Role::Surplus => vec![(accounts.surplus, gateway, refund.amount_minor, SURPLUS_REASON)],
            Role::Settles => vec![(accounts.pending, gateway, refund.amount_minor, REFUND)],
        };
        let cause = Cause::new("refund", refund.booked_as);
        let key = refund_key(refund.booked_as, refund.came_back);
        self.post(connection, payment.tenant, key, cause, moves).await
    }

    /// A refund that was made came back, for the so manieth time: the gateway has it again, and the payer has it still to come.
    pub(crate) async fn book_refund_came_back(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(), Error> {
        let accounts = self.accounts(connection, payment).await?;
        let Some(gateway) = accounts.gateway else { return Ok(()) };
        let owed = match payment.role {
            Role::Surplus => accounts.surplus,
            Role::Settles => accounts.pending,
        };
        let key = format!("refund-came-back:{}:{}", refund.booked_as, refund.came_back);
        let moves = vec![(gateway, owed, refund.amount_minor, REFUND_CAME_BACK)];
        self.post(connection, payment.tenant, key, Cause::new("refund", refund.booked_as), moves).await
    }

    pub(crate) async fn post(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        key: String,
        cause: Cause,
        moves: Vec<Move>,
    ) -> Result<(), Error> {
        let transfers: Vec<Transfer> = moves
            .into_iter()
            .filter(|(_, _, minor, _)| *minor > 0)
            .map(|(debit, credit, minor, reason)| Transfer::new(debit, credit, Money::inr(minor), reason))
            .collect();
        if transfers.is_empty() {
            return Ok(());
        }
        self.ledger.post(connection, &Posting { tenant, key, cause, transfers }).await?;
        Ok(())
    }

    async fn accounts(&self, connection: &mut PgConnection, payment: &Payment) -> Result<Accounts, Error> {
        let account = account_in_rupees;
        let due = match payment.subject {
            SubjectId::Order(_) => account(PAYABLE, Side::Credit),
            SubjectId::TopUp(_) => {
                NewAccount { limit: Limit::DebitsMustNotExceedCredits, ..account(TOP_UPS, Side::Credit) }
            }
        };
        let mut wanted = vec![
            due,
            account(COMMISSION, Side::Credit),
            account(PENDING, Side::Credit),
            account(SURPLUS, Side::Credit),
        ];
        let gateway = payment.gateway.as_deref().map(gateway_account);
        wanted.extend(gateway.as_deref().map(|code| account(code, Side::Debit)));
        let ids = self.ledger.open_accounts(connection, payment.tenant, &wanted).await?;
        let [due, commission, pending, surplus, gateway @ ..] = ids.as_slice() else {
            return Err(sqlx::Error::RowNotFound.into());
        };
        let back_from = match payment.subject {
            SubjectId::Order(_) => *due,
            SubjectId::TopUp(_) => {
                let returned = account(RETURNED, Side::Credit);
                self.ledger.open_account(connection, payment.tenant, &returned).await?
            }
        };
        let tcs = if payment.tcs.minor > 0 {
            let owed = account(TCS, Side::Credit);
            Some(self.ledger.open_account(connection, payment.tenant, &owed).await?)
        } else {
            None
        };
        Ok(Accounts {
            gateway: gateway.first().copied(),
            due: *due,
            back_from,
            commission: *commission,
            pending: *pending,
            surplus: *surplus,
            tcs,
        })
    }
}

const fn account_in_rupees(code: &str, side: Side) -> NewAccount<'_> {
    NewAccount { code, side, limit: Limit::None, currency: Currency::Inr }
}
