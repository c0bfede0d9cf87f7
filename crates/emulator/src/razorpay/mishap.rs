//! What happens at the gateway behind the merchant's back.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::dispute::{Decision, NewDispute};
use super::error::{Error, Result};
use super::fields::Fields;
use super::mandate::TokenStatus;

/// The largest adjustment either way.
const ADJUSTED_PAISE_MAX: u64 = 1_000_000_00;

/// Something that no call of the merchant asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mishap {
    /// The payer is charged once more for what is paid: another captured payment, of which no webhook tells.
    CapturedTwice {
        /// The payment that is there.
        payment_id: String,
    },
    /// Somebody gives a payment back at the vendor's dashboard.
    RefundedInDashboard {
        /// The payment.
        payment_id: String,
        /// In paise; all that is left where absent.
        #[serde(default)]
        amount: Option<i64>,
    },
    /// A payer's bank disputes a payment.
    Disputed(NewDispute),
    /// The bank decides a dispute.
    DisputeDecided {
        /// The dispute.
        dispute_id: String,
        /// How.
        decision: Decision,
    },
    /// The vendor forgets a payment.
    Forgotten {
        /// The payment.
        payment_id: String,
    },
    /// A payer changes a mandate at their bank or in their UPI app.
    MandateTurned {
        /// The mandate.
        token_id: String,
        /// To what.
        status: TokenStatus,
    },
    /// The vendor adds to today's settlement, or takes off where the amount is below zero.
    Adjusted {
        /// At most a million rupees.
        paise: i64,
    },
}

impl Desk<'_> {
    /// Lets it happen; gives the id of what came of it.
    pub(crate) fn suffer(&mut self, mishap: &Mishap) -> Result<String> {
        match mishap {
            Mishap::CapturedTwice { payment_id } => self.capture_again(payment_id),
            Mishap::RefundedInDashboard { payment_id, amount } => {
                let fields = amount.map(|paise| serde_json::json!({ "amount": paise }).to_string());
                let fields = Fields::parse(fields.unwrap_or_default().as_bytes())?;
                self.refund_payment(payment_id, fields).map(|refund| refund.id)
            }
            Mishap::Disputed(new) => self.open_dispute(new).map(|dispute| dispute.id),
            Mishap::DisputeDecided { dispute_id, decision } => {
                self.decide_dispute(dispute_id, *decision).map(|dispute| dispute.id)
            }
            Mishap::Forgotten { payment_id } => {
                self.payment(payment_id)?;
                self.merchant.payments.remove(payment_id);
                Ok(payment_id.clone())
            }
            Mishap::MandateTurned { token_id, status } => self.turn_token(token_id, *status),
            Mishap::Adjusted { paise } if paise.unsigned_abs() <= ADJUSTED_PAISE_MAX => {
                Ok(self.adjust_settlement(*paise))
            }
            Mishap::Adjusted { .. } => {
                Err(Error::invalid("paise", "The paise may not be greater than 100000000."))
            }
        }
    }

    fn capture_again(&mut self, payment_id: &str) -> Result<String> {
        let mut payment = self.payment(payment_id)?.clone();
        if !payment.captured {
            return Err(Error::refused("Only what was captured is captured twice"));
        }
        payment.id = self.id("pay_");
        payment.created_at = self.now_s;
        let id = payment.id.clone();
        self.merchant.payments.put(payment);
        self.settle_in_time(&id);
        Ok(id)
    }
}
