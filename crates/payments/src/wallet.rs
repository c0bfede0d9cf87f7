//! What is owed to a vendor, and how it came to that.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use identity::Caller;
use ledger::Side;
use platform::page::{Page, PageQuery};
use serde::Serialize;
use sqlx::PgConnection;
use types::{Money, TenantId, TransferId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::books::{COMMISSION, PAYABLE, PENDING, REFUND, TCS};
use crate::db::payments::{self, Fact};
use crate::dispute::{DISPUTE, DISPUTE_FEE, DISPUTE_TCS, HELD};
use crate::payout::{IN_TRANSIT, OUT, RELEASES_MAX, Release};
use crate::{CommissionPart, Error, Payments, india};

/// What is owed to a vendor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Wallet {
    /// What the platform holds for the vendor after commission; below zero where the vendor owes commission on money they
    /// took themselves, or what went back to buyers after it was paid out.
    pub owed: Money,
    /// What of it is held back for a while after its sale.
    pub on_hold: Money,
    /// What is on hold by when it becomes available, the next first; at most 100.
    pub releases: Vec<Release>,
    /// What of it can be paid out now.
    pub available: Money,
    /// What is on its way to the vendor: no longer owed, not yet with them.
    pub in_transit: Money,
    /// All that was ever paid out, less what came back.
    pub paid_out: Money,
    /// What is on its way back to buyers: no longer owed, not yet with them.
    pub going_back: Money,
    /// What banks ask back for their payers, until that is decided.
    pub disputed: Money,
    /// What the platform kept since this month began in India, less what it gave back.
    pub commission_this_month: Money,
    /// What was collected for the state at source since then, less what went back; absent where nothing ever was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcs_this_month: Option<Money>,
    /// How it came to that, newest first.
    pub entries: Page<WalletEntry>,
}

/// One line of the wallet: `gross − commission − tcs = net`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WalletEntry {
    /// The transfer in the books.
    pub id: TransferId,
    /// When.
    pub at: DateTime<Utc>,
    /// `sale`, `sale-by-vendor`, `refund`, `dispute`, `dispute-won`, `dispute-fee`, `dispute-tcs`, `payout`, `payout-returned` or
    /// `settled-from-credit`; clients translate it.
    pub text_key: String,
    /// The order it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// What went through the platform: nothing where the vendor took the money themselves. Below zero where it went back.
    pub gross: Money,
    /// What the platform kept of it, or below zero gave back.
    pub commission: Money,
    /// The tax collected of it at source, or below zero given back; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcs: Option<Money>,
    /// By which rule the platform kept that of a sale, where one was written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commission_parts: Vec<CommissionPart>,
    /// What it changed.
    pub net: Money,
    /// What was owed afterwards.
    pub balance_after: Money,
}

impl Payments {
    /// What is owed to the caller: the same number of statements, however long the page.
    ///
    /// # Errors
    /// The caller is no vendor; whatever the books say.
    pub async fn wallet(&self, caller: &Caller, query: PageQuery) -> Result<Wallet, Error> {
        let tenant = caller.vendor()?.tenant;
        let mut connection = self.db.acquire().await?;
        let codes = [PAYABLE, COMMISSION, PENDING, HELD, IN_TRANSIT, OUT, TCS];
        let accounts = self.ledger.accounts(&mut connection, tenant, &codes).await?;
        let account = |code: &str| accounts.iter().find(|account| account.code == code);
        let balance = |code: &str| account(code).map_or(Money::inr(0), ledger::Account::balance);
        let month = india::month(self.clock.now());
        let mut withheld = [None, None];
        for (sum, code) in withheld.iter_mut().zip([COMMISSION, TCS]) {
            if let Some(account) = account(code) {
                let turnover = self.ledger.turnover(&mut connection, tenant, account, month.clone());
                let (back, taken) = turnover.await?;
                *sum = Some(difference(taken, back)?);
            }
        }
        let [commission_this_month, tcs_this_month] = withheld;
        let entries = match account(PAYABLE) {
            Some(payable) => {
                let page = self.ledger.entries(&mut connection, tenant, payable.id, query).await?;
                self.told(&mut connection, tenant, page).await?
            }
            None => Page { items: Vec::new(), next: None },
        };
        let held = self.held(&mut connection, tenant).await?;
        let owed = balance(PAYABLE);
        Ok(Wallet {
            owed,
            on_hold: Money::inr(held.minor),
            available: Money::inr(owed.minor().saturating_sub(held.minor).max(0)),
            releases: held.releases.into_iter().take(RELEASES_MAX).collect(),
            in_transit: balance(IN_TRANSIT),
            paid_out: Money::inr(balance(OUT).minor().saturating_neg()),
            going_back: balance(PENDING),
            disputed: balance(HELD),
            commission_this_month: commission_this_month.unwrap_or(Money::inr(0)),
            tcs_this_month,
            entries,
        })
    }

    /// What the platform owes a vendor, by the caller's transaction; below zero where the vendor owes.
    ///
    /// # Errors
    /// Whatever the books say.
    pub async fn owed_to(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<Money, Error> {
        let accounts = self.ledger.accounts(connection, tenant, &[PAYABLE]).await?;
        Ok(accounts.first().map_or(Money::inr(0), ledger::Account::balance))
    }

    async fn told(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        page: Page<ledger::Entry>,
    ) -> Result<Page<WalletEntry>, Error> {
        let ids: Vec<Uuid> = page.items.iter().map(|entry| entry.cause.id).collect();
        let facts = payments::facts(connection, tenant, &ids).await?;
        let facts: HashMap<Uuid, Fact> = facts.into_iter().map(|fact| (fact.id, fact)).collect();
        let items = page.items.into_iter().map(|entry| {
            let fact = facts.get(&entry.cause.id);
            line(entry, fact)
        });
        Ok(Page { items: items.collect(), next: page.next })
    }
}

fn line(entry: ledger::Entry, fact: Option<&Fact>) -> WalletEntry {
    let signed = |minor: i64| Money::new(minor, entry.amount.currency());
    let net = match entry.side {
        Side::Credit => entry.amount.minor(),
        Side::Debit => -entry.amount.minor(),
    };
    let direction = if matches!(&*entry.reason, REFUND | DISPUTE) { -1 } else { 1 };
    let is_tax_back = entry.reason == DISPUTE_TCS;
    let order_number = fact.and_then(|fact| fact.order_number.clone());
    let fact = fact.filter(|_| entry.reason != DISPUTE_FEE && !is_tax_back);
    let (gross, commission) = match fact {
        None if is_tax_back => (0, 0),
        Some(fact) if fact.by_gateway => (direction * fact.amount_minor, direction * fact.commission_minor),
        Some(fact) => (0, direction * fact.commission_minor),
        None => (net, 0),
    };
    let tcs = if is_tax_back { Some(-net) } else { fact.map(|fact| direction * fact.tcs_minor) };
    let tcs = tcs.filter(|minor| *minor != 0);
    WalletEntry {
        id: entry.transfer,
        at: entry.posted_at,
        order_number,
        gross: signed(gross),
        commission: signed(commission),
        tcs: tcs.map(signed),
        commission_parts: fact
            .filter(|_| direction > 0)
            .and_then(|fact| fact.commission_parts.clone())
            .map(|parts| parts.0)
            .unwrap_or_default(),
        net: signed(net),
        balance_after: entry.balance_after,
        text_key: entry.reason,
    }
}

fn difference(earned: Money, back: Money) -> Result<Money, Error> {
    earned.minus(back).map_err(|_| Error::Ledger(ledger::Error::Overflow))
}
