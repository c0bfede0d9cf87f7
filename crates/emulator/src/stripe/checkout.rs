//! A payer at the hosted page: each attempt pays the session's intent, and the first that succeeds completes it.

use serde_json::Value;

use super::card::Card;
use super::confirm::How;
use super::desk::Desk;
use super::error::{Error, Result};
use super::intent::{Intent, Status as IntentStatus};
use super::session::{Mode, Session, Status};
use super::subscribing::FirstPayment;
use super::subscription::Item;

/// How an attempt at the page ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ending {
    /// The session is complete; the payer goes to this address.
    Complete(String),
    /// The bank wants to see the payer at this address.
    Challenge(String),
    /// The bank said no, in these words; the payer may try again.
    Declined(String),
}

impl Desk<'_> {
    /// Lets a payer try a card at an open session.
    pub(crate) fn pay_session(
        &mut self,
        id: &str,
        card: &'static Card,
        email: Option<&str>,
    ) -> Result<Ending> {
        let mut session = self.session(id)?.clone();
        if session.status != Status::Open {
            return Err(Error::refused("This Checkout Session is no longer open."));
        }
        session.payer_email = email.map(str::to_owned).or(session.email.clone());
        if let Some(setup) = session.setup_intent.clone() {
            return Ok(self.set_up(session, &setup, card));
        }
        let mut intent = match session.intent.as_deref().map(|id| self.intent(id).cloned()) {
            Some(found) => found?,
            None if session.mode == Mode::Subscription => self.subscribe_by_session(&mut session)?,
            None => self.intent_of_session(&session),
        };
        session.intent = Some(intent.id.clone());
        let page = format!("{}/c/pay/{id}", self.bench.public_url);
        intent.payment_method = Some(self.method_for(card, session.payer_email.as_deref()));
        self.account.sessions.put(session);
        let how = How { return_url: Some(page), ..How::default() };
        let attempt = self.try_intent(intent, how);
        self.ending_of(id, attempt)
    }

    /// A payer has a card kept at a session that asks for no money.
    fn set_up(&mut self, mut session: Session, setup: &str, card: &'static Card) -> Ending {
        let method = self.method_for(card, session.payer_email.as_deref());
        if let Err(error) = self.try_setup_with(setup, method) {
            self.account.sessions.put(session);
            return Ending::Declined(error.to_string());
        }
        session.status = Status::Complete;
        let (id, shown) = (session.id.clone(), session.shown());
        self.account.sessions.put(session);
        self.announce("checkout.session.completed", shown);
        Ending::Complete(self.success_url(&id))
    }

    fn intent_of_session(&mut self, session: &Session) -> Intent {
        let mut intent = self.new_intent(session.total(), session.currency);
        intent.details = session.details.clone();
        intent.details.customer.clone_from(&session.customer);
        intent.capture_method = session.capture_method;
        intent.session = Some(session.id.clone());
        self.account.intents.put(intent.clone());
        self.announce("payment_intent.created", intent.shown());
        intent
    }

    /// Makes the subscription that a session sells, and its customer; gives the intent of the first invoice.
    fn subscribe_by_session(&mut self, session: &mut Session) -> Result<Intent> {
        let customer = match session.customer.clone() {
            Some(customer) => customer,
            None => self.open_customer(session.payer_email.clone(), None),
        };
        session.customer = Some(customer.clone());
        let lines = session.lines.clone();
        let items = lines
            .into_iter()
            .map(|line| Item { id: self.id("si_"), price: line.price, quantity: line.quantity })
            .collect();
        let mut subscription = self.new_subscription(customer, items)?;
        subscription.description.clone_from(&session.details.description);
        subscription.metadata = session.details.metadata.clone();
        let id = self.begin_subscription(subscription, FirstPayment::ByPayer);
        session.invoice.clone_from(&self.subscription(&id)?.latest_invoice);
        session.subscription = Some(id);
        let invoice = self.invoice(session.invoice.as_deref().unwrap_or_default())?;
        let mut intent = self.intent(invoice.intent.as_deref().unwrap_or_default())?.clone();
        intent.session = Some(session.id.clone());
        Ok(intent)
    }

    fn ending_of(&self, id: &str, attempt: Result<Value>) -> Result<Ending> {
        let session = self.session(id)?;
        let intent = self.intent(session.intent.as_deref().unwrap_or_default())?;
        match (attempt, &intent.challenge) {
            (Err(error), _) => Ok(Ending::Declined(error.to_string())),
            (Ok(_), Some(challenge)) => Ok(Ending::Challenge(challenge.url.clone())),
            (Ok(_), None) => Ok(Ending::Complete(self.success_url(id))),
        }
    }

    /// Where a payer goes who has paid.
    pub(crate) fn success_url(&self, id: &str) -> String {
        let url = self.account.sessions.get(id).map_or("", |session| session.success_url.as_str());
        url.replace("{CHECKOUT_SESSION_ID}", id)
    }

    /// Completes the session that an intent pays, or says that its money has come.
    pub(crate) fn complete_session_of(&mut self, intent: &Intent) {
        let Some(id) = &intent.session else { return };
        let Some(mut session) = self.account.sessions.get(id).cloned() else { return };
        session.paid = intent.status == IntentStatus::Succeeded;
        if session.status == Status::Complete {
            self.account.sessions.put(session);
            return;
        }
        session.status = Status::Complete;
        if session.customer.is_none() && session.customer_creation == Some("always") {
            session.customer = Some(self.open_customer(session.payer_email.clone(), None));
        }
        if let Some(subscription) = session.subscription.as_deref() {
            let method = intent.payment_method.clone();
            self.change_subscription(subscription, |kept| kept.default_payment_method = method);
        }
        let shown = session.shown();
        self.account.sessions.put(session);
        self.announce("checkout.session.completed", shown);
    }
}
