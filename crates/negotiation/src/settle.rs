//! What the answer to a question does.

use parley::{Act, Amount};
use types::{MessageId, Money, OfferId, ProductId};
use uuid::Uuid;

use crate::agreement;
use crate::bargain::Settled;
use crate::db::messages;
use crate::error::Error;
use crate::listening::Answer;
use crate::message::{Audience, Message};
use crate::notice::Notice;
use crate::offer::OfferState;
use crate::read_back::{Question, ReadBack, ReadBackState};
use crate::room::{Party, Room};
use crate::talk::Effect;

impl Room<'_> {
    /// A spoken or written answer to a question.
    pub async fn answer(&mut self, open: ReadBack, answer: Answer, client_id: Uuid) -> Result<Effect, Error> {
        let settled = match answer {
            Answer::No => {
                self.take_back(open, Some(client_id)).await?;
                Settled::default()
            }
            Answer::Yes => self.settle(open, None, client_id).await?,
            Answer::Choice(place) => self.settle(open, Some(place), client_id).await?,
        };
        Ok(Effect { question: None, settled })
    }

    /// A no: the question is over and what it was about was never said.
    pub async fn take_back(&mut self, asked: ReadBack, client_id: Option<Uuid>) -> Result<(), Error> {
        let unconfirmed = asked
            .offer
            .filter(|id| self.placed(*id).is_ok_and(|p| p.offer.state == OfferState::BeingConfirmed));
        self.end_question(asked, ReadBackState::Dismissed, client_id).await?;
        if let Some(offer) = unconfirmed {
            self.set_offer_state(offer, OfferState::Withdrawn).await?;
        }
        Ok(())
    }

    /// A yes, or a choice.
    pub async fn settle(
        &mut self,
        asked: ReadBack,
        choice: Option<usize>,
        client_id: Uuid,
    ) -> Result<Settled, Error> {
        let (question, offer, message) = (asked.question.clone(), asked.offer, asked.message);
        self.end_question(asked, ReadBackState::Confirmed, Some(client_id)).await?;
        match question {
            Question::Accept { taken, amount, total, .. } => {
                agreement::agree(self, taken, amount, total).await
            }
            Question::Offer { .. } if choice.unwrap_or(0) == 0 => {
                self.stands(offer.ok_or(Error::QuestionOver)?).await
            }
            Question::Offer { readings } => {
                if let Some(misheard) = offer {
                    self.set_offer_state(misheard, OfferState::Withdrawn).await?;
                }
                self.choose(choice.and_then(|c| readings.get(c)), message, true, client_id).await
            }
            Question::Which { readings } => {
                // A single reading is a guess: yes takes it.
                let chosen = choice.or((readings.len() == 1).then_some(0));
                self.choose(chosen.and_then(|c| readings.get(c)), message, true, client_id).await
            }
            Question::Product { acts, products } => {
                let chosen = choice.or((products.len() == 1).then_some(0));
                let (product, _) = chosen.and_then(|c| products.get(c)).ok_or(Error::NoSuchChoice)?;
                self.turn_to(Some(*product));
                let acts: Vec<Act> = acts.into_iter().map(without_item).collect();
                self.choose(Some(&acts), message, false, client_id).await
            }
        }
    }

    /// Takes one reading of a message for what was said. Where the choice was of the numbers themselves (`confirms`), an offer in it
    /// stands at once; otherwise it is read back like any other.
    async fn choose(
        &mut self,
        acts: Option<&Vec<Act>>,
        message: Option<MessageId>,
        confirms: bool,
        client_id: Uuid,
    ) -> Result<Settled, Error> {
        let acts = acts.ok_or(Error::NoSuchChoice)?.clone();
        let mut message = self.message(message.ok_or(Error::QuestionOver)?).await?;
        let was = message.audience;
        let effect = self.act(&mut message, acts, client_id).await?;
        self.amend(message, was).await?;
        let Some(question) = effect.question else { return Ok(effect.settled) };
        match (&question.question, question.offer) {
            (Question::Offer { .. }, Some(offer)) if confirms => {
                self.end_question(question, ReadBackState::Confirmed, Some(client_id)).await?;
                self.stands(offer).await
            }
            _ => Ok(Settled { read_back: Some(self.view().read_back(&question)), ..Settled::default() }),
        }
    }

    /// Puts a confirmed offer on the table.
    async fn stands(&mut self, offer: OfferId) -> Result<Settled, Error> {
        self.stand(offer).await?;
        Ok(Settled { offer: Some(self.view().offer(self.placed(offer)?)), ..Settled::default() })
    }

    /// A message of this visit.
    pub async fn message(&mut self, message: MessageId) -> Result<Message, Error> {
        let found = messages::find(self.connection, self.party.tenant, message).await?;
        found.filter(|m| m.visit == self.visit.id).ok_or(Error::NotFound)
    }

    /// The answer to a retry of a yes: what it settled, as it stands now.
    pub async fn settled_before(&mut self, asked: &ReadBack) -> Result<Settled, Error> {
        if asked.state != ReadBackState::Confirmed {
            return Ok(Settled::default());
        }
        let order = match asked.question {
            Question::Accept { .. } => self.newest_order().await?,
            _ => None,
        };
        // Another reading may have been chosen than the one that was read back first: the message knows.
        let made = match asked.message {
            Some(message) => self.message(message).await?.offer,
            None => None,
        };
        let offer = made.or(asked.offer).and_then(|id| self.placed(id).ok());
        let offer = offer.map(|p| self.view().offer(p));
        let next = self.open_question().await?.filter(|q| q.message.is_some() && q.message == asked.message);
        let read_back = next.map(|q| self.view().read_back(&q));
        Ok(Settled { offer, order, read_back })
    }

    /// The visit's newest order.
    pub async fn newest_order(&mut self) -> Result<Option<orders::OrderCard>, Error> {
        let Party { tenant, visit, .. } = self.party;
        Ok(self.negotiation.orders.card_of_visit(self.connection, tenant, visit).await?)
    }

    /// Tells both sides of an agreement.
    pub async fn announce_agreement(
        &mut self,
        product: ProductId,
        amount: Amount,
        total: Money,
    ) -> Result<(), Error> {
        let item = self.item_of(product);
        self.announce(Notice::Agreed { item, amount, total }, Audience::Both, None).await
    }
}

/// An act about whatever is in focus.
fn without_item(act: Act) -> Act {
    match act {
        Act::Offer(offer) => Act::Offer(parley::Offer { item: None, ..offer }),
        Act::Accept(terms) => Act::Accept(parley::Terms { item: None, ..terms }),
        Act::Confirm(terms) => Act::Confirm(parley::Terms { item: None, ..terms }),
        Act::SetQuantity { wanted, .. } => Act::SetQuantity { wanted, item: None },
        Act::AskPrice { wanted, .. } => Act::AskPrice { wanted, item: None },
        other => other,
    }
}
