//! What becomes of an authorised amount: captured, let go by the merchant, or let go by itself.

use serde_json::Value;

use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::{Intent, Status};
use super::params::Params;
use super::task::Task;

const CANCELABLE: &str =
    "requires_payment_method, requires_capture, requires_confirmation, requires_action, processing";

impl Desk<'_> {
    /// Enters when the bank lets an authorised amount go.
    pub(crate) fn await_capture(&mut self, id: &str) {
        let lasts_s = self.account.settings.authorization_lasts_s;
        self.schedule(lasts_s, Task::ReleaseUncaptured(id.to_owned()));
    }

    pub(crate) fn capture_intent(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut intent = self.intent(id)?.clone();
        let amount = params.integer("amount_to_capture")?.unwrap_or(intent.amount_capturable);
        intent.details.metadata.change(&mut params)?;
        params.set("statement_descriptor", &mut intent.details.statement_descriptor)?;
        params.set("statement_descriptor_suffix", &mut intent.details.statement_descriptor_suffix)?;
        params.finish()?;
        check_capturable(&intent, amount)?;
        intent.status = Status::Succeeded;
        (intent.amount_capturable, intent.amount_received) = (0, amount);
        let charge = intent.latest_charge.clone().unwrap_or_default();
        let shown = intent.shown();
        self.account.intents.put(intent.clone());
        self.collect(&charge, amount);
        self.announce_charge("charge.captured", &charge);
        self.announce("payment_intent.succeeded", shown.clone());
        self.complete_session_of(&intent);
        self.follow_up(&charge);
        Ok(shown)
    }

    pub(crate) fn cancel_intent(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let intent = self.intent(id)?.clone();
        let reasons = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];
        let reason = params.choice("cancellation_reason", &reasons)?;
        params.finish()?;
        if matches!(intent.status, Status::Succeeded | Status::Canceled) {
            let message = format!(
                "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of \
                 the following statuses may be canceled: {CANCELABLE}.",
                intent.status.as_str()
            );
            let error = Error::refused(message).code("payment_intent_unexpected_state");
            return Err(error.with_intent(intent.shown()));
        }
        Ok(self.end_intent(intent, reason, "charge.refunded"))
    }

    /// Lets an amount go that nobody captured in time.
    pub(crate) fn release_uncaptured(&mut self, id: &str) {
        let waiting = self.account.intents.get(id).filter(|intent| intent.status == Status::RequiresCapture);
        if let Some(intent) = waiting.cloned() {
            self.end_intent(intent, Some("automatic"), "charge.expired");
        }
    }

    /// Cancels an intent; `told` is the event of an authorised amount that is let go.
    pub(crate) fn end_intent(
        &mut self,
        mut intent: Intent,
        reason: Option<&'static str>,
        told: &'static str,
    ) -> Value {
        if intent.status == Status::RequiresCapture
            && let Some(charge) = intent.latest_charge.clone()
        {
            if let Some(charge) = self.account.charges.get_mut(&charge) {
                charge.amount_refunded = charge.amount;
            }
            self.announce_charge(told, &charge);
        }
        intent.status = Status::Canceled;
        intent.amount_capturable = 0;
        intent.challenge = None;
        (intent.canceled_at, intent.cancellation_reason) = (Some(self.now_s), reason);
        let shown = intent.shown();
        self.account.intents.put(intent);
        self.announce("payment_intent.canceled", shown.clone());
        shown
    }
}

fn check_capturable(intent: &Intent, amount: i64) -> Result<()> {
    let unexpected = |message: String| {
        Error::refused(message).code("payment_intent_unexpected_state").with_intent(intent.shown())
    };
    match intent.status {
        Status::RequiresCapture => {}
        Status::Succeeded => {
            return Err(unexpected(
                "This PaymentIntent could not be captured because it has already been captured.".to_owned(),
            ));
        }
        other => {
            return Err(unexpected(format!(
                "This PaymentIntent could not be captured because it has a status of {}. Only a PaymentIntent with one \
                 of the following statuses may be captured: requires_capture.",
                other.as_str()
            )));
        }
    }
    if amount < 1 {
        return Err(Error::invalid("amount_to_capture", "This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer"));
    }
    if amount > intent.amount_capturable {
        let message =
            "The requested capture amount is greater than the amount you can capture for this charge.";
        return Err(Error::invalid("amount_to_capture", message).code("amount_too_large"));
    }
    Ok(())
}
