//! Payouts made by the merchant or by themselves, and what becomes of them.

use serde_json::Value;

use super::balance::{Booking, Movement, Transaction};
use super::currency;
use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Page, Range};
use super::metadata::Metadata;
use super::params::Params;
use super::payout::{Payout, Reconciliation, Status};
use super::task::Task;

const DAY_S: i64 = 86_400;

impl Desk<'_> {
    pub(crate) fn create_payout(&mut self, mut params: Params) -> Result<Value> {
        let amount = params.integer("amount")?.ok_or_else(|| Error::missing("amount"))?;
        let currency = currency::take(&mut params)?;
        let (description, statement) = (params.text("description")?, params.text("statement_descriptor")?);
        params.choice("method", &["standard"])?;
        let metadata = Metadata::take(&mut params)?;
        params.finish()?;
        if amount < 1 {
            return Err(Error::invalid("amount", "This value must be greater than or equal to 1.")
                .code("parameter_invalid_integer"));
        }
        let available = self.sums().get(currency).map_or(0, |sums| sums.0);
        if amount > available {
            let message = "You have insufficient funds in your Stripe account for this transfer.";
            return Err(Error::refused(message).code("balance_insufficient"));
        }
        let mut payout = self.new_payout(amount, currency);
        (payout.description, payout.statement_descriptor) = (description, statement);
        payout.metadata = metadata;
        Ok(self.send_payout(payout))
    }

    /// A payout whose money is booked, not yet kept.
    fn new_payout(&mut self, amount: i64, currency: &'static str) -> Payout {
        let id = self.id("po_");
        let arrives_s = i64::from(self.account.settings.payout_arrives_after_s);
        Payout {
            transaction: self.book_payout(&id, Movement::Payout, -amount, currency),
            id,
            created: self.now_s,
            arrival_date: self.now_s + arrives_s,
            amount,
            currency,
            automatic: false,
            reconciliation: Reconciliation::NotApplicable,
            description: None,
            metadata: Metadata::default(),
            statement_descriptor: None,
            status: Status::Pending,
            destination: self.id("ba_"),
            reversal: None,
        }
    }

    fn send_payout(&mut self, payout: Payout) -> Value {
        let (id, shown) = (payout.id.clone(), payout.shown());
        self.schedule_at(payout.arrival_date, Task::ArrivePayout(id));
        self.account.payouts.put(payout);
        self.announce("payout.created", shown.clone());
        shown
    }

    fn book_payout(&mut self, id: &str, movement: Movement, amount: i64, currency: &str) -> String {
        self.book(Booking {
            movement,
            amount,
            fee: 0,
            currency,
            description: Some("STRIPE PAYOUT".to_owned()),
            source: id,
            pends_s: 0,
        })
    }

    /// Enters the midnight after money is available, where the account is paid out by itself.
    pub(crate) fn await_payout(&mut self, available_on: i64) {
        if self.account.settings.automatic_payouts {
            let midnight = (available_on.div_euclid(DAY_S) + 1) * DAY_S;
            self.schedule_at(midnight, Task::PayOut);
        }
    }

    /// Pays out what is available and was not paid out before, by currency. A debt waits for money that outweighs it.
    pub(crate) fn pay_out(&mut self) {
        if !self.account.settings.automatic_payouts {
            return;
        }
        let currencies: Vec<String> = self.sums().into_keys().collect();
        for currency in currencies.iter().filter_map(|code| currency::checked(code).ok()) {
            let due = self.account.transactions.newest_first().filter(|transaction| {
                transaction.payout.is_none()
                    && transaction.currency == currency
                    && transaction.available_on <= self.now_s
            });
            let due: Vec<Transaction> = due.cloned().collect();
            let sum: i64 = due.iter().map(Transaction::net).sum();
            if sum > 0 {
                let more = due.iter().map(|moved| self.keep_wrongly(moved)).sum::<i64>();
                let sum = (sum - more).max(1);
                let ids: Vec<String> = due.into_iter().map(|transaction| transaction.id).collect();
                self.pay_out_these(&ids, sum, currency);
            }
        }
    }

    /// Has the payout keep more of a movement than it should, where a rule says so; gives how much.
    fn keep_wrongly(&mut self, moved: &Transaction) -> i64 {
        let more = self.account.kept_wrongly(moved);
        if let Some(transaction) = self.account.transactions.get_mut(&moved.id) {
            transaction.kept_wrongly = more;
        }
        more
    }

    fn pay_out_these(&mut self, transactions: &[String], sum: i64, currency: &'static str) {
        let mut payout = self.new_payout(sum, currency);
        payout.automatic = true;
        payout.reconciliation = Reconciliation::InProgress;
        let (id, own) = (payout.id.clone(), payout.transaction.clone());
        self.send_payout(payout);
        for transaction in transactions.iter().chain([&own]) {
            if let Some(transaction) = self.account.transactions.get_mut(transaction) {
                transaction.payout = Some(id.clone());
            }
        }
        self.change_payout(&id, "payout.reconciliation_completed", |payout| {
            payout.reconciliation = Reconciliation::Completed;
        });
    }

    fn change_payout(&mut self, id: &str, told: &'static str, change: impl FnOnce(&mut Payout)) {
        if let Some(payout) = self.account.payouts.get_mut(id) {
            change(payout);
            let shown = payout.shown();
            self.announce(told, shown);
        }
    }

    /// Lets a payout arrive that was not canceled, or fail.
    pub(crate) fn arrive_payout(&mut self, id: &str) {
        let pending = self.account.payouts.get(id).filter(|payout| payout.status == Status::Pending);
        let Some(payout) = pending else { return };
        let (amount, currency) = (payout.amount, payout.currency);
        if self.account.settings.payouts_fail {
            let reversal = self.book_payout(id, Movement::PayoutFailure, amount, currency);
            self.change_payout(id, "payout.failed", |payout| {
                payout.status = Status::Failed;
                payout.reversal = Some(reversal);
            });
        } else {
            self.change_payout(id, "payout.paid", |payout| payout.status = Status::Paid);
        }
    }

    pub(crate) fn payout(&self, id: &str) -> Result<&Payout> {
        self.account.payouts.get(id).ok_or_else(|| Error::no_such("payout", id, "payout"))
    }

    pub(crate) fn cancel_payout(&mut self, id: &str, params: Params) -> Result<Value> {
        let payout = self.payout(id)?;
        let (status, amount, currency) = (payout.status, payout.amount, payout.currency);
        params.finish()?;
        if status != Status::Pending {
            return Err(Error::refused("Only pending payouts can be canceled."));
        }
        let reversal = self.book_payout(id, Movement::PayoutCancel, amount, currency);
        self.change_payout(id, "payout.canceled", |payout| {
            payout.status = Status::Canceled;
            payout.reversal = Some(reversal);
        });
        self.payout(id).map(Payout::shown)
    }

    pub(crate) fn list_payouts(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let status = params.text("status")?;
        let arrival = Range::take(&mut params, "arrival_date")?;
        params.finish()?;
        let payouts = self.account.payouts.newest_first().filter(|payout| arrival.holds(payout.arrival_date));
        let wanted =
            payouts.filter(|payout| status.as_deref().is_none_or(|status| payout.status.as_str() == status));
        page.of(wanted, "/v1/payouts", Payout::shown)
    }
}
