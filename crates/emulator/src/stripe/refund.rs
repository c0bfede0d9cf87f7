//! Refunds: full or in parts, at once or later, and some that fail after they seemed to succeed.

use serde_json::{Value, json};

use super::account::RefundFate;
use super::balance::{Booking, Movement};
use super::card::Aftermath;
use super::charge::{Charge, Standing};
use super::currency::spoken;
use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::metadata::Metadata;
use super::params::Params;
use super::task::Task;
use crate::shelf::Kept;

#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) id: String,
    created: i64,
    amount: i64,
    currency: &'static str,
    pub(crate) charge: String,
    intent: String,
    metadata: Metadata,
    reason: Option<&'static str>,
    status: &'static str,
    transaction: String,
    failure_reason: Option<&'static str>,
    failure_transaction: Option<String>,
}

impl Kept for Refund {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Refund {
    const KIND: &'static str = "refund";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Refund {
    pub(crate) fn shown(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": self.transaction,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "customer_account": null,
            "destination_details": {
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": self.metadata,
            "payment_intent": self.intent,
            "payment_method": null,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": self.status,
            "transfer_reversal": null,
        });
        if self.status == "pending" {
            shown["pending_reason"] = "processing".into();
        }
        if let Some(reason) = self.failure_reason {
            shown["failure_reason"] = reason.into();
            shown["failure_balance_transaction"] = self.failure_transaction.clone().into();
        }
        shown
    }
}

impl Desk<'_> {
    pub(crate) fn create_refund(&mut self, mut params: Params) -> Result<Value> {
        let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
        let amount = params.integer("amount")?;
        let reason = params.choice("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
        let metadata = Metadata::take(&mut params)?;
        params.finish()?;
        let charge = self.charge_to_refund(charge.as_deref(), intent.as_deref())?;
        let amount = check_refundable(&charge, amount)?;
        let fate = self.fate_of_refunds(&charge);
        let (id, currency) = (self.id("re_"), charge.currency);
        let transaction = self.book(Booking {
            movement: Movement::Refund,
            amount: -amount,
            fee: 0,
            currency,
            description: Some("REFUND FOR CHARGE".to_owned()),
            source: &id,
            pends_s: 0,
        });
        let pends = matches!(fate, RefundFate::PendsThenSucceeds | RefundFate::PendsThenFails);
        let refund = Refund {
            id: id.clone(),
            created: self.now_s,
            amount,
            currency,
            charge: charge.id.clone(),
            intent: charge.intent.clone(),
            metadata,
            reason,
            status: if pends { "pending" } else { "succeeded" },
            transaction,
            failure_reason: None,
            failure_transaction: None,
        };
        let shown = refund.shown();
        self.account.refunds.put(refund);
        self.count_refunded(&charge.id, amount);
        self.announce("refund.created", shown.clone());
        self.announce_charge("charge.refunded", &charge.id);
        let settles_s = self.account.settings.refund_settles_after_s;
        match fate {
            RefundFate::ByCard | RefundFate::Succeeds => {}
            RefundFate::PendsThenSucceeds => self.schedule(settles_s, Task::SettleRefund(id)),
            RefundFate::SucceedsThenFails | RefundFate::PendsThenFails => {
                self.schedule(settles_s, Task::FailRefund(id));
            }
        }
        Ok(shown)
    }

    fn charge_to_refund(&self, charge: Option<&str>, intent: Option<&str>) -> Result<Charge> {
        let charges = &self.account.charges;
        let found = match (charge, intent) {
            (Some(id), _) => charges.get(id).ok_or_else(|| Error::no_such_param("charge", id, "charge"))?,
            (None, Some(id)) => {
                let intent = self.account.intents.get(id);
                let intent =
                    intent.ok_or_else(|| Error::no_such_param("payment_intent", id, "payment_intent"))?;
                let charge = intent.latest_charge.as_deref().and_then(|id| charges.get(id));
                charge.filter(|charge| charge.captured).ok_or_else(|| no_charge(id))?
            }
            (None, None) => {
                return Err(Error::invalid(
                    "payment_intent",
                    "One of the following params should be provided for this request: payment_intent or charge.",
                ));
            }
        };
        if found.captured { Ok(found.clone()) } else { Err(no_charge(&found.intent)) }
    }

    fn fate_of_refunds(&self, charge: &Charge) -> RefundFate {
        match (self.account.settings.refunds, charge.card.aftermath) {
            (RefundFate::ByCard, Aftermath::RefundPends) => RefundFate::PendsThenSucceeds,
            (RefundFate::ByCard, Aftermath::RefundFails) => RefundFate::SucceedsThenFails,
            (set, _) => set,
        }
    }

    fn count_refunded(&mut self, charge: &str, amount: i64) {
        if let Some(charge) = self.account.charges.get_mut(charge) {
            charge.amount_refunded += amount;
        }
    }

    /// Ends a pending refund well.
    pub(crate) fn settle_refund(&mut self, id: &str) {
        self.change_refund(id, |refund| refund.status = "succeeded");
    }

    /// Lets a refund fail: the money comes back to the account, and the charge counts as not refunded.
    pub(crate) fn fail_refund(&mut self, id: &str) {
        let Some(refund) = self.account.refunds.get(id).filter(|refund| refund.status != "failed") else {
            return;
        };
        let (amount, currency, charge) = (refund.amount, refund.currency, refund.charge.clone());
        let transaction = self.book(Booking {
            movement: Movement::RefundFailure,
            amount,
            fee: 0,
            currency,
            description: Some("REFUND FAILURE".to_owned()),
            source: id,
            pends_s: 0,
        });
        self.count_refunded(&charge, -amount);
        let failed = self.change_refund(id, |refund| {
            refund.status = "failed";
            refund.failure_reason = Some("expired_or_canceled_card");
            refund.failure_transaction = Some(transaction);
        });
        if let Some(shown) = failed {
            self.announce("refund.failed", shown);
        }
    }

    fn change_refund(&mut self, id: &str, change: impl FnOnce(&mut Refund)) -> Option<Value> {
        let refund = self.account.refunds.get_mut(id)?;
        let before = refund.shown();
        change(refund);
        let shown = refund.shown();
        self.announce_change("refund.updated", &before, shown.clone());
        self.announce_change("charge.refund.updated", &before, shown.clone());
        Some(shown)
    }

    pub(crate) fn refund(&self, id: &str) -> Result<&Refund> {
        self.account.refunds.get(id).ok_or_else(|| Error::no_such("refund", id, "id"))
    }

    pub(crate) fn update_refund(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut metadata = self.refund(id)?.metadata.clone();
        metadata.change(&mut params)?;
        params.finish()?;
        let shown = self.change_refund(id, |refund| refund.metadata = metadata);
        shown.ok_or_else(|| Error::no_such("refund", id, "id"))
    }

    pub(crate) fn list_refunds(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
        params.finish()?;
        let wanted = self.account.refunds.newest_first().filter(|refund| {
            charge.as_ref().is_none_or(|charge| refund.charge == *charge)
                && intent.as_ref().is_none_or(|intent| refund.intent == *intent)
        });
        page.of(wanted, "/v1/refunds", Refund::shown)
    }
}

fn no_charge(intent: &str) -> Error {
    let message = format!("This PaymentIntent ({intent}) does not have a successful charge to refund.");
    Error::refused(message).at("payment_intent")
}

/// The amount to refund: what is left where none is given.
fn check_refundable(charge: &Charge, amount: Option<i64>) -> Result<i64> {
    if charge.standing == Standing::ChargedBack {
        let message = format!("Charge {} has been charged back; cannot issue a refund.", charge.id);
        return Err(Error::refused(message).code("charge_disputed"));
    }
    let left = charge.refundable();
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(Error::refused(message).code("charge_already_refunded"));
    }
    let amount = amount.unwrap_or(left);
    if amount < 1 {
        return Err(Error::invalid("amount", "This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer"));
    }
    if amount > left {
        let (wanted, left) = (spoken(amount, charge.currency), spoken(left, charge.currency));
        let message =
            format!("Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})");
        return Err(Error::refused(message).at("amount"));
    }
    Ok(amount)
}
