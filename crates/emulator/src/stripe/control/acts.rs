//! What payers and banks do, as commands.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Refusal;
use crate::stripe::Stripe;
use crate::stripe::card::Card;
use crate::stripe::checkout::Ending;
use crate::stripe::desk::{Cause, Desk};
use crate::stripe::error::Error;
use crate::stripe::intent::Intent;
use crate::stripe::session::Session;

/// A payer's attempt at a checkout session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The session.
    pub session: String,
    /// A test card's name; `pm_card_visa` where absent.
    #[serde(default = "visa")]
    pub card: String,
    /// What the payer types.
    #[serde(default)]
    pub email: Option<String>,
}

fn visa() -> String {
    "pm_card_visa".to_owned()
}

impl Payment {
    /// A payer pays this session with a card that works.
    pub fn of(session: &str) -> Self {
        Self { session: session.to_owned(), card: visa(), email: None }
    }

    /// The same with another test card.
    #[must_use]
    pub fn by(self, card: &str) -> Self {
        Self { card: card.to_owned(), ..self }
    }
}

/// What a payer's attempt came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paid {
    /// The session as the vendor shows it.
    pub session: Value,
    /// Its payment intent, or its setup intent.
    pub payment_intent: Value,
    /// Where the payer goes now: the merchant's page, or the bank's. Nowhere after a decline.
    pub redirect_url: Option<String>,
    /// The bank's words where it said no.
    pub declined: Option<String>,
}

/// A payer's answer to a bank's challenge.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// The intent that requires the action.
    pub payment_intent: String,
    /// Yes or no.
    pub approve: bool,
}

/// A dispute to open.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDispute {
    /// The charge.
    pub charge: String,
    /// The bank's reason; `fraudulent` where absent.
    #[serde(default = "fraudulent")]
    pub reason: String,
    /// In minor units; all that was captured where absent.
    #[serde(default)]
    pub amount: Option<i64>,
    /// Whether the bank only asks.
    #[serde(default)]
    pub inquiry: bool,
}

fn fraudulent() -> String {
    "fraudulent".to_owned()
}

impl NewDispute {
    /// The whole charge, for fraud.
    pub fn of(charge: &str) -> Self {
        Self { charge: charge.to_owned(), reason: fraudulent(), amount: None, inquiry: false }
    }
}

/// A bank's decision.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The dispute.
    pub dispute: String,
    /// For the merchant.
    pub won: bool,
}

impl Stripe {
    /// Lets a payer try to pay a checkout session.
    ///
    /// # Errors
    /// An unknown session or card, or a session that is no longer open.
    pub fn pay(&self, payment: &Payment) -> Result<Paid, Refusal> {
        let card = Card::named(&payment.card).ok_or("no such test card")?;
        self.at_owner_of_session(&payment.session, |desk| {
            let ending = desk.pay_session(&payment.session, card, payment.email.as_deref())?;
            let session = desk.session(&payment.session)?.clone();
            let intent = match (&session.setup_intent, &session.intent) {
                (Some(setup), _) => desk.setup_intent(setup)?.shown(),
                (None, intent) => desk.intent(intent.as_deref().unwrap_or_default())?.shown(),
            };
            let (redirect_url, declined) = match ending {
                Ending::Complete(url) | Ending::Challenge(url) => (Some(url), None),
                Ending::Declined(words) => (None, Some(words)),
            };
            Ok(Paid { session: session.shown(), payment_intent: intent, redirect_url, declined })
        })
    }

    /// Ends a bank's challenge. Gives the intent as the vendor shows it then.
    ///
    /// # Errors
    /// An unknown intent, or one that no bank waits for.
    pub fn authenticate(&self, answer: &Authentication) -> Result<Value, Refusal> {
        let id = &answer.payment_intent;
        let owns = |account: &super::Account| account.intents.get(id).is_some();
        self.at_owner(owns, |desk| desk.authenticate_intent(id, answer.approve))
            .unwrap_or_else(|| Err("no such payment_intent".into()))
    }

    /// Lets a bank dispute a charge. Gives the dispute as the vendor shows it.
    ///
    /// # Errors
    /// An unknown charge, or one that was not captured or is disputed already.
    pub fn dispute(&self, opened: &NewDispute) -> Result<Value, Refusal> {
        let owns = |account: &super::Account| account.charges.get(&opened.charge).is_some();
        let done = self.at_owner(owns, |desk| {
            let id = desk.open_dispute(&opened.charge, &opened.reason, opened.amount, opened.inquiry);
            let id =
                id.ok_or_else(|| Error::refused("the charge was not captured or is disputed already"))?;
            desk.dispute(&id).map(|dispute| desk.shown_dispute(dispute))
        });
        done.unwrap_or_else(|| Err("no such charge".into()))
    }

    /// Lets a bank decide a dispute now. Gives it as the vendor shows it then.
    ///
    /// # Errors
    /// An unknown dispute.
    pub fn decide(&self, verdict: &Verdict) -> Result<Value, Refusal> {
        let owns = |account: &super::Account| account.disputes.get(&verdict.dispute).is_some();
        let done = self.at_owner(owns, |desk| {
            desk.decide_dispute(&verdict.dispute, verdict.won);
            desk.dispute(&verdict.dispute).map(|dispute| desk.shown_dispute(dispute))
        });
        done.unwrap_or_else(|| Err("no such dispute".into()))
    }

    /// Works at the desk of the account of which this holds; nothing where there is none.
    pub(crate) fn at_owner<R>(
        &self,
        owns: impl Fn(&super::Account) -> bool,
        work: impl FnOnce(&mut Desk<'_>) -> Result<R, Error>,
    ) -> Option<Result<R, Refusal>> {
        self.with_world(|world| {
            let number = world.owner(owns)?;
            Some(work(&mut world.desk(number, Cause::default())).map_err(Refusal::from))
        })
    }

    fn at_owner_of_session<R>(
        &self,
        id: &str,
        work: impl FnOnce(&mut Desk<'_>) -> Result<R, Error>,
    ) -> Result<R, Refusal> {
        self.at_owner(|account| account.sessions.get(id).is_some(), work)
            .unwrap_or_else(|| Err("no such checkout session".into()))
    }

    /// The session and its intent, for a page.
    pub(crate) fn session_at_page(&self, id: &str) -> Option<(String, Session, Option<Intent>)> {
        self.at_owner_of_session(id, |desk| {
            let session = desk.session(id)?.clone();
            let intent = session.intent.as_deref().and_then(|id| desk.account.intents.get(id).cloned());
            Ok((desk.account.name.clone(), session, intent))
        })
        .ok()
    }
}
