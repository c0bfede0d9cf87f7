//! Payouts: what is available, sent to the merchant's bank.

use serde_json::{Value, json};

use super::balance::{Booking, Movement};
use super::currency;
use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::metadata::Metadata;
use super::params::Params;
use super::task::Task;
use crate::shelf::Kept;

#[derive(Debug, Clone)]
pub(crate) struct Payout {
    pub(crate) id: String,
    created: i64,
    arrival_date: i64,
    amount: i64,
    currency: &'static str,
    description: Option<String>,
    metadata: Metadata,
    statement_descriptor: Option<String>,
    status: &'static str,
    destination: String,
    transaction: String,
}

impl Kept for Payout {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Payout {
    const KIND: &'static str = "payout";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Payout {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "payout",
            "amount": self.amount,
            "application_fee": null,
            "application_fee_amount": null,
            "arrival_date": self.arrival_date,
            "automatic": false,
            "balance_transaction": self.transaction,
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "destination": self.destination,
            "failure_balance_transaction": null,
            "failure_code": null,
            "failure_message": null,
            "livemode": false,
            "metadata": self.metadata,
            "method": "standard",
            "original_payout": null,
            "payout_method": null,
            // The vendor reconciles payouts that it makes by itself.
            "reconciliation_status": "not_applicable",
            "reversed_by": null,
            "source_type": "card",
            "statement_descriptor": self.statement_descriptor,
            "status": self.status,
            "trace_id": null,
            "type": "bank_account",
        })
    }
}

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
        let id = self.id("po_");
        let arrives_s = self.account.settings.payout_arrives_after_s;
        let transaction = self.book_payout(&id, Movement::Payout, -amount, currency);
        let payout = Payout {
            id: id.clone(),
            created: self.now_s,
            arrival_date: self.now_s + i64::from(arrives_s),
            amount,
            currency,
            description,
            metadata,
            statement_descriptor: statement,
            status: "pending",
            destination: self.id("ba_"),
            transaction,
        };
        let shown = payout.shown();
        self.account.payouts.put(payout);
        self.schedule(arrives_s, Task::ArrivePayout(id));
        self.announce("payout.created", shown.clone());
        Ok(shown)
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

    /// Lets a payout arrive that was not canceled.
    pub(crate) fn arrive_payout(&mut self, id: &str) {
        let pending = self.account.payouts.get_mut(id).filter(|payout| payout.status == "pending");
        let Some(payout) = pending else { return };
        payout.status = "paid";
        let shown = payout.shown();
        self.announce("payout.paid", shown);
    }

    pub(crate) fn payout(&self, id: &str) -> Result<&Payout> {
        self.account.payouts.get(id).ok_or_else(|| Error::no_such("payout", id, "payout"))
    }

    pub(crate) fn cancel_payout(&mut self, id: &str, params: Params) -> Result<Value> {
        let mut payout = self.payout(id)?.clone();
        params.finish()?;
        if payout.status != "pending" {
            return Err(Error::refused("Only pending payouts can be canceled."));
        }
        payout.status = "canceled";
        let shown = payout.shown();
        self.book_payout(id, Movement::PayoutCancel, payout.amount, payout.currency);
        self.account.payouts.put(payout);
        self.announce("payout.canceled", shown.clone());
        Ok(shown)
    }

    pub(crate) fn list_payouts(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let status = params.text("status")?;
        params.finish()?;
        let payouts = self.account.payouts.newest_first();
        let wanted = payouts.filter(|payout| status.as_deref().is_none_or(|status| payout.status == status));
        page.of(wanted, "/v1/payouts", Payout::shown)
    }
}
