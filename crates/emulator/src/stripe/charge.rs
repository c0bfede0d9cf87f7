//! Charges: single attempts at a bank, failed or with money in them.

use serde_json::{Value, json};

use super::balance::{Booking, Movement};
use super::card::{Aftermath, Card, Decline};
use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::{Details, Intent};
use super::listing::{Listed, Page};
use super::params::Params;
use super::payment_method::PaymentMethod;
use super::task::Task;
use crate::shelf::Kept;

/// How a charge stands with the payer's bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Undisputed,
    /// Disputed, and the money is with the merchant: the bank only asks, or the merchant won.
    Disputed,
    /// The bank has the money.
    ChargedBack,
}

#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) amount_captured: i64,
    pub(crate) amount_refunded: i64,
    pub(crate) currency: &'static str,
    pub(crate) captured: bool,
    pub(crate) card: &'static Card,
    pub(crate) standing: Standing,
    authenticated: bool,
    details: Details,
    billing: Value,
    payment_method: String,
    failure: Option<Decline>,
    transaction: Option<String>,
}

impl Kept for Charge {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Charge {
    const KIND: &'static str = "charge";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Charge {
    /// What a refund may still give back.
    pub(crate) fn refundable(&self) -> i64 {
        self.amount - self.amount_refunded
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.failure.is_none()
    }

    #[cfg(test)]
    pub(crate) fn is_booked(&self) -> bool {
        self.transaction.is_some()
    }

    pub(crate) fn shown(&self) -> Value {
        let details = &self.details;
        json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount_refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": self.transaction,
            "billing_details": self.billing,
            "calculated_statement_descriptor": details.statement_descriptor,
            "captured": self.captured,
            "created": self.created,
            "currency": self.currency,
            "customer": details.customer,
            "description": details.description,
            "disputed": self.standing != Standing::Undisputed,
            "failure_balance_transaction": null,
            "failure_code": self.failure.map(|failure| failure.code),
            "failure_message": self.failure.map(|failure| failure.message),
            "fraud_details": {},
            "livemode": false,
            "metadata": details.metadata,
            "on_behalf_of": null,
            "outcome": self.outcome(),
            "paid": self.succeeded(),
            "payment_intent": self.intent,
            "payment_method": self.payment_method,
            "payment_method_details": {
                "card": self.card.charged(self.amount, self.authenticated),
                "type": "card",
            },
            "receipt_email": details.receipt_email,
            "receipt_number": null,
            "receipt_url": null,
            "refunded": self.amount_refunded == self.amount,
            "review": null,
            "shipping": details.shipping,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": details.statement_descriptor,
            "statement_descriptor_suffix": details.statement_descriptor_suffix,
            "status": if self.succeeded() { "succeeded" } else { "failed" },
            "transfer_data": null,
            "transfer_group": details.transfer_group,
        })
    }

    fn outcome(&self) -> Value {
        let (network, reason, kind, message) = match self.failure {
            None => ("approved_by_network", None, "authorized", "Payment complete."),
            Some(decline) => (
                "declined_by_network",
                Some(decline.bank_code.unwrap_or(decline.code)),
                "issuer_declined",
                "The bank did not return any further details with this decline.",
            ),
        };
        json!({
            "advice_code": null,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": network,
            "reason": reason,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": message,
            "type": kind,
        })
    }
}

impl Desk<'_> {
    /// Keeps an attempt of an intent, and gives its id.
    pub(crate) fn open_charge(
        &mut self,
        intent: &Intent,
        method: &PaymentMethod,
        failure: Option<Decline>,
        authenticated: bool,
    ) -> String {
        let charge = Charge {
            id: self.id("ch_"),
            created: self.now_s,
            intent: intent.id.clone(),
            amount: intent.amount,
            amount_captured: 0,
            amount_refunded: 0,
            currency: intent.currency,
            // The vendor calls a failed charge uncaptured.
            captured: false,
            card: method.card,
            standing: Standing::Undisputed,
            authenticated,
            details: intent.details.clone(),
            billing: method.billing_details(),
            payment_method: method.id.clone(),
            failure,
            transaction: None,
        };
        let id = charge.id.clone();
        self.account.charges.put(charge);
        id
    }

    /// Takes an authorised amount, or a part and lets the rest go, and books it.
    pub(crate) fn collect(&mut self, id: &str, amount: i64) {
        self.mark_collected(id, amount);
        self.book_charge(id);
    }

    /// The same where the booking follows later, as it does unless a merchant asks otherwise.
    pub(crate) fn collect_async(&mut self, id: &str, amount: i64) {
        self.mark_collected(id, amount);
        let takes_s = self.account.settings.async_capture_takes_s;
        self.schedule(takes_s, Task::BookCharge(id.to_owned()));
    }

    fn mark_collected(&mut self, id: &str, amount: i64) {
        if let Some(charge) = self.account.charges.get_mut(id) {
            charge.captured = true;
            charge.amount_captured = amount;
            charge.amount_refunded = charge.amount - amount;
        }
    }

    fn book_charge(&mut self, id: &str) {
        let Some(charge) = self.account.charges.get(id).cloned() else { return };
        let settings = &self.account.settings;
        let bypasses = charge.card.aftermath == Aftermath::BypassesPending;
        let transaction = self.book(Booking {
            movement: Movement::Charge,
            amount: charge.amount_captured,
            fee: settings.fee(charge.amount_captured),
            currency: charge.currency,
            description: charge.details.description.clone(),
            source: id,
            pends_s: if bypasses { 0 } else { settings.funds_pend_s },
        });
        if let Some(charge) = self.account.charges.get_mut(id) {
            charge.transaction = Some(transaction);
        }
    }

    /// Books a charge that was captured asynchronously.
    pub(crate) fn book_later(&mut self, id: &str) {
        let Some(before) = self.account.charges.get(id).map(Charge::shown) else { return };
        self.book_charge(id);
        if let Some(shown) = self.account.charges.get(id).map(Charge::shown) {
            self.announce_change("charge.updated", &before, shown);
        }
    }

    /// Does what a test card is documented to do after a payment.
    pub(crate) fn follow_up(&mut self, id: &str) {
        let Some(charge) = self.account.charges.get(id) else { return };
        match charge.card.aftermath {
            Aftermath::Dispute(reason) => self.open_dispute(id, reason, None, false),
            Aftermath::Inquiry(reason) => self.open_dispute(id, reason, None, true),
            _ => return,
        };
    }

    pub(crate) fn announce_charge(&mut self, kind: &'static str, id: &str) {
        if let Some(shown) = self.account.charges.get(id).map(Charge::shown) {
            self.announce(kind, shown);
        }
    }

    pub(crate) fn charge(&self, id: &str) -> Result<&Charge> {
        self.account.charges.get(id).ok_or_else(|| Error::no_such("charge", id, "id"))
    }

    pub(crate) fn update_charge(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut charge = self.charge(id)?.clone();
        let before = charge.shown();
        params.set("description", &mut charge.details.description)?;
        params.set("receipt_email", &mut charge.details.receipt_email)?;
        charge.details.metadata.change(&mut params)?;
        params.finish()?;
        let shown = charge.shown();
        self.account.charges.put(charge);
        self.announce_change("charge.updated", &before, shown.clone());
        Ok(shown)
    }

    pub(crate) fn list_charges(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (customer, intent) = (params.text("customer")?, params.text("payment_intent")?);
        params.finish()?;
        let wanted = self.account.charges.newest_first().filter(|charge| {
            (customer.is_none() || charge.details.customer == customer)
                && intent.as_ref().is_none_or(|intent| charge.intent == *intent)
        });
        page.of(wanted, "/v1/charges", Charge::shown)
    }
}
