//! Attempts to pay an intent: at the bank at once, or by way of the bank's page.

use serde_json::Value;

use super::card::{AUTHENTICATION_REQUIRED, Authentication, Decline};
use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::{Challenge, Intent, Status};
use super::params::Params;
use super::payment_method::PaymentMethod;

/// How an attempt is made.
#[derive(Debug, Default)]
pub(crate) struct How {
    pub(crate) off_session: bool,
    pub(crate) return_url: Option<String>,
    pub(crate) by_script: bool,
    pub(crate) has_method: bool,
}

impl How {
    pub(crate) fn is_for_confirming_only(&self) -> bool {
        self.off_session || self.return_url.is_some()
    }
}

impl Intent {
    /// Refuses an attempt as things stand.
    pub(crate) fn check_confirmable(&self, how: &How) -> Result<()> {
        let unexpected = |message: String| {
            Error::refused(message).code("payment_intent_unexpected_state").with_intent(self.shown())
        };
        match self.status {
            Status::Succeeded => {
                let sentence = "You cannot confirm this PaymentIntent because it has already succeeded after being \
                                previously confirmed.";
                return Err(unexpected(sentence.to_owned()));
            }
            Status::Canceled | Status::RequiresCapture => {
                let status = self.status.as_str();
                return Err(unexpected(format!(
                    "This PaymentIntent could not be confirmed because it has a status of {status}. You may only \
                     confirm a PaymentIntent with one of the following statuses: requires_payment_method, \
                     requires_confirmation, requires_action."
                )));
            }
            _ => {}
        }
        if self.payment_method.is_none() {
            let tail = match &self.details.customer {
                Some(customer) => format!(
                    "To confirm the PaymentIntent with {customer}, specify a payment method attached to this customer \
                     along with the customer ID."
                ),
                None => {
                    "Update the PaymentIntent with a payment method and then confirm it again.".to_owned()
                }
            };
            let message = format!(
                "You cannot confirm this PaymentIntent because it's missing a payment method. {tail}"
            );
            return Err(unexpected(message));
        }
        if self.automatic == Some("always") && how.return_url.is_none() && !how.off_session && !how.by_script
        {
            return Err(Error::refused(
                "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of \
                 these payment methods might redirect your customer off of your page, you must provide a `return_url`. \
                 If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` \
                 to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and \
                 Payment Intents.",
            ));
        }
        Ok(())
    }
}

impl Desk<'_> {
    /// Reads what a confirmation may say, into the intent and apart from it.
    pub(crate) fn read_confirmation(&mut self, intent: &mut Intent, params: &mut Params) -> Result<How> {
        let capture = params.choice("capture_method", &["automatic", "automatic_async", "manual"])?;
        intent.capture_method = capture.unwrap_or(intent.capture_method);
        intent.take_method_options(params)?;
        let how = How {
            off_session: params.flag("off_session")?.unwrap_or(false),
            return_url: params.text("return_url")?,
            by_script: params.flag("use_stripe_sdk")?.unwrap_or(false),
            has_method: false,
        };
        if how.return_url.as_deref().is_some_and(|url| reqwest::Url::parse(url).is_err()) {
            return Err(Error::invalid("return_url", "Not a valid URL").code("url_invalid"));
        }
        let method = match (params.text("payment_method")?, params.group("payment_method_data")?) {
            (Some(id), _) => Some(self.method_param(&id)?),
            (None, Some(mut data)) => {
                let method = self.read_method(&mut data)?;
                data.finish()?;
                Some(method)
            }
            (None, None) => None,
        };
        if let Some(method) = &method {
            check_usable(method, intent)?;
            intent.payment_method = Some(method.id.clone());
        }
        Ok(How { has_method: method.is_some(), ..how })
    }

    pub(crate) fn confirm_intent(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut intent = self.intent(id)?.clone();
        let how = self.read_confirmation(&mut intent, &mut params)?;
        intent.details.change(&mut params)?;
        params.finish()?;
        intent.check_confirmable(&how)?;
        self.try_intent(intent, how)
    }

    /// Makes an attempt, and keeps the intent as it leaves it.
    pub(crate) fn try_intent(&mut self, mut intent: Intent, how: How) -> Result<Value> {
        let id = intent.payment_method.clone().unwrap_or_default();
        let method = self.method_param(&id)?;
        (intent.last_error, intent.challenge) = (None, None);
        let wanted = match method.card.authentication {
            Authentication::Always => true,
            Authentication::OnSession => !how.off_session,
            Authentication::Never => intent.authenticate && !how.off_session,
        };
        match (wanted, how.off_session) {
            (true, true) => self.decline_intent(intent, &method, AUTHENTICATION_REQUIRED),
            (true, false) => Ok(self.challenge_intent(intent, how)),
            (false, _) => self.charge_intent(intent, &method, false),
        }
    }

    fn challenge_intent(&mut self, mut intent: Intent, how: How) -> Value {
        let (source, secret) = (self.id("src_"), self.id("src_client_secret_"));
        let page = format!("{}/redirect/authenticate/{source}", self.bench.public_url);
        intent.challenge = Some(Challenge {
            url: format!("{page}?client_secret={secret}"),
            source,
            secret,
            by_script: how.by_script || how.return_url.is_none(),
            return_url: how.return_url,
        });
        intent.status = Status::RequiresAction;
        let shown = intent.shown();
        self.account.intents.put(intent);
        self.announce("payment_intent.requires_action", shown.clone());
        shown
    }

    /// Takes the money, as far as the bank lets.
    fn charge_intent(
        &mut self,
        mut intent: Intent,
        method: &PaymentMethod,
        authenticated: bool,
    ) -> Result<Value> {
        if let Some(decline) = method.card.decline {
            return self.decline_intent(intent, method, decline);
        }
        let charge = self.open_charge(&intent, method, None, authenticated);
        intent.latest_charge = Some(charge.clone());
        intent.challenge = None;
        self.wear(method, &intent);
        if intent.capture_method == "manual" {
            intent.status = Status::RequiresCapture;
            intent.amount_capturable = intent.amount;
            self.account.intents.put(intent.clone());
            self.await_capture(&intent.id);
            self.announce_charge("charge.succeeded", &charge);
            self.announce("payment_intent.amount_capturable_updated", intent.shown());
        } else {
            intent.status = Status::Succeeded;
            intent.amount_received = intent.amount;
            self.account.intents.put(intent.clone());
            if intent.capture_method == "automatic" {
                self.collect(&charge, intent.amount);
            } else {
                self.collect_async(&charge, intent.amount);
            }
            self.announce_charge("charge.succeeded", &charge);
            self.announce("payment_intent.succeeded", intent.shown());
        }
        self.complete_invoice_of(&intent);
        self.complete_session_of(&intent);
        if intent.status == Status::Succeeded {
            self.follow_up(&charge);
        }
        Ok(intent.shown())
    }

    fn decline_intent(
        &mut self,
        mut intent: Intent,
        method: &PaymentMethod,
        decline: Decline,
    ) -> Result<Value> {
        let charge = self.open_charge(&intent, method, Some(decline), false);
        let error = Error::declined(&decline).of_charge(&charge).with_method(method.shown());
        intent.latest_charge = Some(charge.clone());
        self.announce_charge("charge.failed", &charge);
        let shown = self.fail_intent(intent, &error);
        Err(error.with_intent(shown))
    }

    /// Leaves an intent to another attempt.
    fn fail_intent(&mut self, mut intent: Intent, error: &Error) -> Value {
        intent.status = Status::RequiresPaymentMethod;
        intent.last_error = Some(error.remembered());
        (intent.payment_method, intent.challenge) = (None, None);
        let shown = intent.shown();
        self.account.intents.put(intent.clone());
        self.announce("payment_intent.payment_failed", shown.clone());
        self.count_failed(&intent);
        shown
    }

    /// Ends a bank's challenge: the customer said yes, or no. Gives the intent as it is then.
    pub(crate) fn authenticate_intent(&mut self, id: &str, approved: bool) -> Result<Value> {
        let intent = self.intent(id)?.clone();
        let Some(method) = intent.payment_method.clone().filter(|_| intent.challenge.is_some()) else {
            return Err(Error::refused("no bank waits for the payer of this PaymentIntent"));
        };
        let method = self.method_param(&method)?;
        if approved {
            // A decline after this is kept in the intent; the bank's page has no other to tell.
            let _ = self.charge_intent(intent, &method, true);
        } else {
            let error = Error::refused(
                "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new \
                 PaymentMethod to attempt to fulfill this PaymentIntent again.",
            );
            let error = error.code("payment_intent_authentication_failure").with_method(method.shown());
            self.fail_intent(intent, &error);
        }
        self.intent(id).map(Intent::shown)
    }

    /// Keeps a method for its customer, or uses it up.
    fn wear(&mut self, method: &PaymentMethod, intent: &Intent) {
        if method.customer.is_some() {
            return;
        }
        if let (Some(customer), Some(_)) = (&intent.details.customer, intent.details.setup_future_usage) {
            // It was usable a moment ago, so attaching it cannot fail.
            let _ = self.attach_method(&method.id, &customer.clone());
        } else if let Some(kept) = self.account.payment_methods.get_mut(&method.id) {
            kept.used_up = true;
        }
    }
}

/// Refuses a method that is another customer's or used up.
fn check_usable(method: &PaymentMethod, intent: &Intent) -> Result<()> {
    if let Some(owner) =
        method.customer.as_ref().filter(|owner| intent.details.customer.as_ref() != Some(owner))
    {
        let message = format!(
            "The payment_method supplied {} belongs to the Customer {owner}. Please include the Customer in the \
             `customer` parameter on the PaymentIntent.",
            method.id
        );
        return Err(Error::invalid("payment_method", message));
    }
    if method.used_up {
        return Err(Error::invalid(
            "payment_method",
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared \
             with a connected account without Customer attachment, or was detached from a Customer. It may not be used \
             again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
        ));
    }
    Ok(())
}
