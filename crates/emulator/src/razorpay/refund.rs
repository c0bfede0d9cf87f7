//! Refunds: by the merchant, or by the vendor where an authorised payment was never captured.

use serde::Serialize;
use serde_json::{Value, json};

use super::desk::{Desk, wire};
use super::error::{Error, Result};
use super::fields::{Fields, Notes};
use super::merchant::{RefundFate, RefundKey};
use super::order::well_formed;
use super::payment::{Payment, PaymentStatus};
use super::task::Task;
use crate::shelf::Kept;

const KEY_CHARS_MIN: usize = 10;
const KEY_CHARS_MAX: usize = 255;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) entity: &'static str,
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) payment_id: String,
    pub(crate) notes: Notes,
    pub(crate) receipt: Option<String>,
    pub(crate) acquirer_data: Value,
    pub(crate) created_at: i64,
    pub(crate) batch_id: Option<String>,
    pub(crate) status: RefundStatus,
    pub(crate) speed_processed: &'static str,
    pub(crate) speed_requested: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Processed,
    Failed,
}

impl Kept for Refund {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What to do with a request that may carry an idempotency key.
#[derive(Debug)]
pub(crate) enum Begun {
    /// The same request was answered before; this is the answer.
    Answered(Box<Refund>),
    /// It is new: work on it, and say so when done.
    Started,
}

/// The parameters of a refund, checked.
struct Wanted {
    amount: Option<i64>,
    speed: &'static str,
    receipt: Option<String>,
    notes: Notes,
}

impl Wanted {
    fn read(mut fields: Fields) -> Result<Self> {
        let wanted = Self {
            amount: fields.amount("amount", i64::MAX)?,
            speed: fields.choice("speed", &["normal", "optimum"])?.unwrap_or("normal"),
            receipt: fields.text("receipt", 40)?,
            notes: fields.notes()?,
        };
        fields.finish()?;
        Ok(wanted)
    }
}

impl Desk<'_> {
    /// Takes an idempotency key into use, or finds what it was used for.
    pub(crate) fn begin_refund(&mut self, key: &str, payment_id: &str, fields: &Fields) -> Result<Begun> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(KEY_CHARS_MIN..=KEY_CHARS_MAX).contains(&key.len()) || !key.bytes().all(allowed) {
            return Err(Error::refused(
                "The idempotency key must be at least 10 characters of letters, digits, hyphens and underscores",
            ));
        }
        match self.merchant.refund_keys.get(key) {
            Some(used) if used.payment_id != payment_id || used.fields != *fields => Err(Error::key_reused()),
            Some(RefundKey { refund: Some(refund), .. }) => Ok(Begun::Answered(Box::new(refund.clone()))),
            Some(RefundKey { refund: None, .. }) => Err(Error::in_progress()),
            None => {
                let (key, payment_id) = (key.to_owned(), payment_id.to_owned());
                self.merchant.refund_keys.put(RefundKey {
                    key,
                    payment_id,
                    fields: fields.clone(),
                    refund: None,
                });
                Ok(Begun::Started)
            }
        }
    }

    /// Remembers the answer under its key; a request that failed frees the key for another try.
    pub(crate) fn end_refund(&mut self, key: &str, result: &Result<Refund>) {
        match (result, self.merchant.refund_keys.get_mut(key)) {
            (Ok(refund), Some(used)) => used.refund = Some(refund.clone()),
            _ => {
                self.merchant.refund_keys.remove(key);
            }
        }
    }

    pub(crate) fn refund_payment(&mut self, payment_id: &str, fields: Fields) -> Result<Refund> {
        let payment = self.payment(payment_id)?;
        let wanted = Wanted::read(fields)?;
        let left = payment.amount - payment.amount_refunded;
        if payment.status == PaymentStatus::Refunded || (payment.captured && left == 0) {
            return Err(Error::refused("The payment has been fully refunded already."));
        }
        if !payment.captured {
            return Err(Error::refused("The payment status should be captured for action to be taken"));
        }
        let amount = wanted.amount.unwrap_or(left);
        if amount > payment.amount {
            return Err(Error::invalid(
                "amount",
                "The refund amount provided is greater than amount captured.",
            ));
        }
        if amount > left {
            return Err(Error::invalid(
                "amount",
                "The total refund amount is greater than the refund payment amount",
            ));
        }
        let fate = self.merchant.settings.refunds;
        Ok(self.open_refund(payment_id, Wanted { amount: Some(amount), ..wanted }, fate))
    }

    /// Gives an authorised payment back that nobody captured.
    pub(crate) fn return_uncaptured(&mut self, payment_id: &str) {
        let waiting = self
            .merchant
            .payments
            .get(payment_id)
            .filter(|payment| payment.status == PaymentStatus::Authorized);
        if let Some(amount) = waiting.map(|payment| payment.amount) {
            let whole =
                Wanted { amount: Some(amount), speed: "normal", receipt: None, notes: Notes::default() };
            self.open_refund(payment_id, whole, RefundFate::Processed);
        }
    }

    fn open_refund(&mut self, payment_id: &str, wanted: Wanted, fate: RefundFate) -> Refund {
        let amount = wanted.amount.unwrap_or(0);
        let refund = Refund {
            id: self.id("rfnd_"),
            entity: "refund",
            amount,
            currency: "INR",
            payment_id: payment_id.to_owned(),
            notes: wanted.notes,
            receipt: wanted.receipt,
            acquirer_data: json!({ "arn": null }),
            created_at: self.now_s,
            batch_id: None,
            status: if fate == RefundFate::Processed {
                RefundStatus::Processed
            } else {
                RefundStatus::Pending
            },
            speed_processed: "normal",
            speed_requested: wanted.speed,
        };
        self.merchant.refunds.put(refund.clone());
        self.count_refunded(payment_id, amount);
        self.announce_refund("refund.created", &refund);
        let finish = |processed| Task::FinishRefund { id: refund.id.clone(), processed };
        match fate {
            RefundFate::Processed => self.end_well(&refund),
            RefundFate::ProcessedLater { after_s } => {
                self.schedule(self.now_s + i64::from(after_s), finish(true));
            }
            RefundFate::FailedLater { after_s } => {
                self.schedule(self.now_s + i64::from(after_s), finish(false));
            }
        }
        refund
    }

    /// Ends a pending refund; a failed one gives the amount back to the payment.
    pub(crate) fn finish_refund(&mut self, id: &str, processed: bool) {
        let Some(refund) = self.merchant.refunds.get_mut(id) else { return };
        if refund.status != RefundStatus::Pending {
            return;
        }
        refund.status = if processed { RefundStatus::Processed } else { RefundStatus::Failed };
        let refund = refund.clone();
        if processed {
            self.end_well(&refund);
        } else {
            self.count_refunded(&refund.payment_id, -refund.amount);
            self.announce_refund("refund.failed", &refund);
        }
    }

    /// The payer has the money; the merchant's next settlement is smaller by it, unless they never had it.
    fn end_well(&mut self, refund: &Refund) {
        self.announce_refund("refund.processed", refund);
        if self.merchant.payments.get(&refund.payment_id).is_some_and(|payment| payment.captured) {
            self.settle_in_time(&refund.id);
        }
    }

    fn count_refunded(&mut self, payment_id: &str, amount: i64) {
        let Some(payment) = self.merchant.payments.get_mut(payment_id) else { return };
        payment.amount_refunded += amount;
        payment.refund_status = match payment.amount_refunded {
            0 => None,
            refunded if refunded < payment.amount => Some("partial"),
            _ => Some("full"),
        };
        payment.status = match (payment.refund_status, payment.captured) {
            (Some("full"), _) => PaymentStatus::Refunded,
            (_, true) => PaymentStatus::Captured,
            (_, false) => PaymentStatus::Authorized,
        };
    }

    fn announce_refund(&mut self, event: &'static str, refund: &Refund) {
        let payment: Option<Payment> = self.merchant.payments.get(&refund.payment_id).cloned();
        match payment {
            Some(payment) => self.announce(event, &[("refund", wire(refund)), ("payment", wire(&payment))]),
            None => self.announce(event, &[("refund", wire(refund))]),
        }
    }

    pub(crate) fn refund(&self, id: &str) -> Result<&Refund> {
        well_formed(id, "rfnd_")?;
        self.merchant.refunds.get(id).ok_or_else(Error::unknown_id)
    }

    pub(crate) fn edit_refund(&mut self, id: &str, mut fields: Fields) -> Result<Refund> {
        self.refund(id)?;
        let notes = fields.notes()?;
        fields.finish()?;
        let refund = self.merchant.refunds.get_mut(id).ok_or_else(Error::unknown_id)?;
        refund.notes = notes;
        Ok(refund.clone())
    }
}
