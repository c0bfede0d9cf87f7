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
                let misheard = offer.ok_or(Error::QuestionOver)?;
                let product = Some(self.placed(misheard)?.offer.product);
                self.set_offer_state(misheard, OfferState::Withdrawn).await?;
                let acts = choice.and_then(|c| readings.get(c)).ok_or(Error::NoSuchChoice)?.clone();
                self.choose(Chosen { acts, product, confirms: true }, message, client_id).await
            }
            Question::Which { readings, products } => {
                // A single reading is a guess: yes takes it.
                let place = choice.or((readings.len() == 1).then_some(0)).ok_or(Error::NoSuchChoice)?;
                let acts = readings.get(place).ok_or(Error::NoSuchChoice)?.clone();
                let product = products.get(place).copied().flatten();
                self.choose(Chosen { acts, product, confirms: true }, message, client_id).await
            }
            // Only a price answers it.
            Question::Price { .. } => Err(Error::NoSuchChoice),
            Question::Product { acts, products } => {
                let chosen = choice.or((products.len() == 1).then_some(0));
                let (product, _) = chosen.and_then(|c| products.get(c)).ok_or(Error::NoSuchChoice)?;
                self.choose(Chosen { acts, product: Some(*product), confirms: false }, message, client_id)
                    .await
            }
        }
    }

    /// Takes one reading of a message for what was said. An offer in it stands at once where the whole of it was chosen; otherwise
    /// it is read back like any other.
    async fn choose(
        &mut self,
        chosen: Chosen,
        message: Option<MessageId>,
        client_id: Uuid,
    ) -> Result<Settled, Error> {
        let mut message = self.message(message.ok_or(Error::QuestionOver)?).await?;
        let was = message.audience;
        let mut acts = chosen.acts.clone();
        if let Some(product) = chosen.product {
            // By its id: several products may go by one name.
            self.product(product)?;
            self.turn_to(Some(product));
            acts = acts.into_iter().map(without_item).collect();
        }
        let effect = self.act(&mut message, acts.clone(), client_id).await?;
        if chosen.confirms && message.acts == acts {
            message.acts.clone_from(&chosen.acts);
        }
        self.amend(message, was).await?;
        let Some(question) = effect.question else { return Ok(effect.settled) };
        match (&question.question, question.offer) {
            (Question::Offer { readings }, Some(offer)) if chosen.was_whole(readings) => {
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

/// What the answer to a question picked.
struct Chosen {
    /// What was said.
    acts: Vec<Act>,
    /// For which product, where that is known.
    product: Option<ProductId>,
    /// Whether the numbers themselves were chosen.
    confirms: bool,
}

impl Chosen {
    /// Whether what became of it is what was shown to be chosen: the same price for the same amount of the same product.
    fn was_whole(&self, became: &[Vec<Act>]) -> bool {
        let offered =
            |acts: &[Act]| acts.iter().find(|act| matches!(act, Act::Offer(_))).cloned().map(without_item);
        let shown = offered(&self.acts);
        self.confirms
            && self.product.is_some()
            && shown.is_some()
            && became.first().is_some_and(|acts| offered(acts) == shown)
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
