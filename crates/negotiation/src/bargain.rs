//! Offers and questions: made, confirmed, answered, agreed.

use parley::{Amount, Side};
use platform::db::repeat;
use platform::jobs::Draft;
use serde::Serialize;
use types::{MessageId, OfferId, Price, PriceError, ProductId, ReadBackId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Negotiation;
use crate::db::offers::{self, Placed};
use crate::db::read_backs;
use crate::error::Error;
use crate::jobs::expire_offer::ExpireOffer;
use crate::message::{Message, Via};
use crate::offer::{Move, Offer, OfferState, STANDS_FOR, total};
use crate::read_back::{OPEN_FOR, Question, ReadBack, ReadBackState};
use crate::room::{About, Party, Room};
use crate::understanding::{Proposal, Taken};
use crate::view::{OfferView, ReadBackView};

/// A typed offer, from the keypad or a chip.
#[derive(Debug, Clone, Copy)]
pub struct TypedOffer {
    /// The sender's own id for it.
    pub client_id: Uuid,
    /// For which product.
    pub product: ProductId,
    /// What so much costs.
    pub price: Price,
    /// How much is meant.
    pub amount: Amount,
}

/// What somebody wants to accept.
#[derive(Debug, Clone, Copy)]
pub struct WantedDeal {
    /// The sender's own id for it.
    pub client_id: Uuid,
    /// The other side's offer, or the price on a tag.
    pub taken: Taken,
    /// How much, where it is open.
    pub amount: Option<Amount>,
}

impl WantedDeal {
    /// Whether this is what a question asks about. An offer has its own say in how much.
    fn is_asked_by(&self, question: &Question) -> bool {
        let Question::Accept { taken, amount, .. } = question else { return false };
        let open = matches!(taken, Taken::Offer(_)) || self.amount.is_none_or(|wanted| wanted == *amount);
        *taken == self.taken && open
    }
}

/// What an answer settled.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Settled {
    /// The offer that now stands, or was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer: Option<OfferView>,
    /// The order that the agreement opened or joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub order: Option<orders::OrderCard>,
    /// The next question, where one answer leads to another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub read_back: Option<ReadBackView>,
}

impl Negotiation {
    /// Puts a typed offer on the table at once: its numbers were typed, there is nothing to read back.
    ///
    /// # Errors
    /// [`Error::VisitOver`], [`Error::NotFound`], [`Error::Price`], [`Error::ClientIdReused`], [`Error::TooMany`].
    pub(crate) async fn make_offer(&self, party: Party, typed: TypedOffer) -> Result<OfferView, Error> {
        self.limits.words(party)?;
        repeat(|| self.make_offer_once(party, typed)).await
    }

    async fn make_offer_once(&self, party: Party, typed: TypedOffer) -> Result<OfferView, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let Party { tenant, visit, side, .. } = party;
        if let Some(before) =
            offers::sent_before(room.connection, tenant, visit, side, typed.client_id).await?
        {
            let offer = &before.offer;
            let same =
                (offer.product, offer.price, offer.amount) == (typed.product, typed.price, typed.amount);
            return if same { Ok(room.view().offer(&before)) } else { Err(Error::ClientIdReused) };
        }
        room.must_be_open()?;
        let proposal = room.typed_proposal(typed)?;
        room.clear_question(None).await?;
        let draft = room.draft(typed.client_id, Vec::new(), Via::Keypad, String::new());
        let offer = room.new_offer(proposal, OfferState::BeingConfirmed);
        let mut message = Message { acts: vec![room.complete_act(&offer)], offer: Some(offer.id), ..draft };
        message.text = parley::say_acts(&message.acts, message.language, parley::Style::Screen);
        let message = room.post(message).await?;
        room.place_offer(offer.clone(), Some(message.id), typed.client_id).await?;
        room.stand(offer.id).await?;
        room.turn_to(Some(typed.product));
        let view = room.view().offer(room.placed(offer.id)?);
        room.close().await?;
        transaction.commit().await?;
        Ok(view)
    }

    /// Takes an offer back. One that is taken back already stays so.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub(crate) async fn withdraw_offer(&self, party: Party, offer: OfferId) -> Result<OfferView, Error> {
        repeat(|| self.move_offer(party, offer, Move::Withdraw)).await
    }

    /// Says no to an offer. One that is declined already stays so.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub(crate) async fn decline_offer(&self, party: Party, offer: OfferId) -> Result<OfferView, Error> {
        repeat(|| self.move_offer(party, offer, Move::Decline)).await
    }

    async fn move_offer(&self, party: Party, offer: OfferId, step: Move) -> Result<OfferView, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let placed = room.placed(offer)?;
        let own = placed.offer.by == party.side;
        let done = if own { OfferState::Withdrawn } else { OfferState::Declined };
        if placed.offer.state == done && own == (step == Move::Withdraw) {
            return Ok(room.view().offer(placed));
        }
        let next = placed.offer.after(party.side, step, room.now)?;
        room.set_offer_state(offer, next).await?;
        let view = room.view().offer(room.placed(offer)?);
        room.close().await?;
        transaction.commit().await?;
        Ok(view)
    }

    /// Reads a deal back to whoever wants to accept it. Nothing binds yet.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is nothing to accept; [`Error::Price`].
    pub(crate) async fn read_deal_back(
        &self,
        party: Party,
        wanted: WantedDeal,
    ) -> Result<ReadBackView, Error> {
        self.limits.words(party)?;
        repeat(|| self.read_deal_back_once(party, wanted)).await
    }

    async fn read_deal_back_once(&self, party: Party, wanted: WantedDeal) -> Result<ReadBackView, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let Party { tenant, visit, side, .. } = party;
        if let Some(before) =
            read_backs::sent_before(room.connection, tenant, visit, side, wanted.client_id).await?
        {
            let same = wanted.is_asked_by(&before.question);
            return if same { Ok(room.view().read_back(&before)) } else { Err(Error::ClientIdReused) };
        }
        room.must_be_open()?;
        let amount = room.amount_to_accept(wanted)?;
        let question = room.ask_to_accept(wanted.taken, amount, wanted.client_id, None).await?;
        let view = room.view().read_back(&question);
        room.close().await?;
        transaction.commit().await?;
        Ok(view)
    }

    /// Answers a question with yes or one of its choices. Binds.
    ///
    /// # Errors
    /// [`Error::QuestionOver`], [`Error::NoSuchChoice`], [`Error::Refused`], [`Error::DealChanged`], [`Error::Orders`] where the
    /// stock is too low.
    pub(crate) async fn confirm(
        &self,
        party: Party,
        question: ReadBackId,
        choice: Option<usize>,
        client_id: Uuid,
    ) -> Result<Settled, Error> {
        repeat(|| self.confirm_once(party, question, choice, client_id)).await
    }

    async fn confirm_once(
        &self,
        party: Party,
        question: ReadBackId,
        choice: Option<usize>,
        client_id: Uuid,
    ) -> Result<Settled, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let asked = room.question_of_mine(question).await?;
        if asked.state == ReadBackState::Confirmed {
            return room.settled_before(&asked).await;
        }
        room.must_be_open()?;
        if !asked.is_open_at(room.now) {
            return Err(Error::QuestionOver);
        }
        let settled = room.settle(asked, choice, client_id).await?;
        room.close().await?;
        transaction.commit().await?;
        Ok(settled)
    }

    /// Answers a question with no: nothing was said.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(crate) async fn dismiss(&self, party: Party, question: ReadBackId) -> Result<(), Error> {
        repeat(|| self.dismiss_once(party, question)).await
    }

    async fn dismiss_once(&self, party: Party, question: ReadBackId) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let asked = room.question_of_mine(question).await?;
        if asked.state == ReadBackState::Open {
            room.take_back(asked, None).await?;
            room.close().await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

impl Room<'_> {
    async fn question_of_mine(&mut self, question: ReadBackId) -> Result<ReadBack, Error> {
        let found = read_backs::find(self.connection, self.party.tenant, question).await?;
        let mine = |q: &ReadBack| q.visit == self.visit.id && q.side == self.party.side;
        found.filter(mine).ok_or(Error::NotFound)
    }

    fn typed_proposal(&self, typed: TypedOffer) -> Result<Proposal, Error> {
        let TypedOffer { product, price, amount, .. } = typed;
        if !self.product(product)?.price.unit().converts_to(price.unit()) {
            return Err(PriceError::UnitMismatch.into());
        }
        Ok(Proposal { product, price, amount, amount_fixed: true, total: total(price, amount)? })
    }

    fn new_offer(&self, proposal: Proposal, state: OfferState) -> Offer {
        Offer {
            id: self.negotiation.entropy.id(self.now),
            by: self.party.side,
            product: proposal.product,
            price: proposal.price,
            amount: proposal.amount,
            amount_fixed: proposal.amount_fixed,
            total: proposal.total,
            state,
            expires_at: self.now + if state == OfferState::BeingConfirmed { OPEN_FOR } else { STANDS_FOR },
        }
    }

    async fn place_offer(
        &mut self,
        offer: Offer,
        message: Option<MessageId>,
        client_id: Uuid,
    ) -> Result<(), Error> {
        let visit = self.visit.id;
        let created_at = self.now;
        self.place(Placed { offer, visit, confirmed: false, counters: None, message, client_id, created_at })
            .await
    }

    /// Tells both sides when an offer's time is over.
    async fn expire_later(&mut self, offer: &Offer) -> Result<(), Error> {
        let tenant = self.party.tenant;
        let job = ExpireOffer { tenant, visit: self.visit.id, offer: offer.id };
        self.negotiation.jobs.enqueue(self.connection, Draft::new(tenant, &job).at(offer.expires_at)).await?;
        Ok(())
    }

    /// Shows a spoken or written offer to both sides, inert, and reads it back to its speaker.
    pub async fn propose_for_confirmation(
        &mut self,
        message: &mut Message,
        proposal: Proposal,
        client_id: Uuid,
    ) -> Result<ReadBack, Error> {
        self.clear_question(None).await?;
        let offer = self.new_offer(proposal, OfferState::BeingConfirmed);
        self.place_offer(offer.clone(), Some(message.id), client_id).await?;
        self.expire_later(&offer).await?;
        self.turn_to(Some(proposal.product));
        message.offer = Some(offer.id);
        let mut readings = vec![vec![self.complete_act(&offer)]];
        if message.via.is_spoken() {
            let mistaken = parley::confusables(&self.complete_act(&offer), message.language);
            readings.extend(mistaken.into_iter().take(2).map(|act| vec![act]));
        }
        let about = About { offer: Some(offer.id), message: Some(message.id) };
        self.ask(Question::Offer { readings }, about, client_id).await
    }

    /// Puts a confirmed offer on the table; whatever stood there for the product gives way.
    pub async fn stand(&mut self, offer: OfferId) -> Result<(), Error> {
        let confirmed = self.placed(offer)?.offer.clone();
        confirmed.after(self.party.side, Move::Confirm, self.now)?;
        let stood = self.standing().into_iter().find(|o| o.product == confirmed.product);
        let mut counters = None;
        if let Some(stood) = stood {
            let theirs = stood.by != self.party.side;
            counters = theirs.then_some(stood.id);
            let step = if theirs { Move::Counter } else { Move::Withdraw };
            let next = stood.after(self.party.side, step, self.now)?;
            self.set_offer_state(stood.id, next).await?;
        }
        // An expired row that no job has seen yet would still count as standing in the unique index.
        let lapsed = self.offers.iter().filter(|p| {
            p.offer.product == confirmed.product
                && p.offer.state == OfferState::Offered
                && p.offer.id != offer
        });
        for stale in lapsed.map(|p| p.offer.id).collect::<Vec<_>>() {
            self.set_offer_state(stale, OfferState::Expired).await?;
        }
        let standing = Offer { state: OfferState::Offered, expires_at: self.now + STANDS_FOR, ..confirmed };
        offers::stand(self.connection, self.party.tenant, &standing, counters, self.now).await?;
        self.expire_later(&standing).await?;
        if let Some(placed) = self.offers.iter_mut().find(|p| p.offer.id == offer) {
            *placed = Placed { offer: standing, confirmed: true, counters, ..placed.clone() };
        }
        self.changes.offers.push(offer);
        Ok(())
    }

    /// Says no to the other side's offer.
    pub async fn decline(&mut self, offer: OfferId) -> Result<(), Error> {
        let next = self.placed(offer)?.offer.after(self.party.side, Move::Decline, self.now)?;
        self.set_offer_state(offer, next).await
    }

    fn amount_to_accept(&self, wanted: WantedDeal) -> Result<Amount, Error> {
        let noted = |product| self.visit.wanted.filter(|_| self.visit.focus == Some(product));
        Ok(match wanted.taken {
            Taken::Offer(offer) => {
                let offer = &self.placed(offer)?.offer;
                let open = || wanted.amount.or(noted(offer.product)).unwrap_or(offer.amount);
                if offer.amount_fixed { offer.amount } else { open() }
            }
            Taken::Tag(product) => {
                let tag = self.product(product)?.price;
                wanted.amount.or(noted(product)).unwrap_or(Amount::new(tag.per(), tag.unit()))
            }
        })
    }

    /// Reads a deal back to whoever is about to accept it.
    pub async fn ask_to_accept(
        &mut self,
        taken: Taken,
        amount: Amount,
        client_id: Uuid,
        message: Option<MessageId>,
    ) -> Result<ReadBack, Error> {
        let (offer, product, price) = match taken {
            Taken::Offer(id) => {
                let offer = &self.placed(id)?.offer;
                offer.after(self.party.side, Move::Accept, self.now)?;
                (Some(id), offer.product, offer.price)
            }
            Taken::Tag(_) if self.party.side == Side::Vendor => return Err(Error::WrongSide),
            Taken::Tag(product) => (None, product, self.product(product)?.price),
        };
        let total = total(price, amount)?;
        self.product(product)?;
        let item = self.item_of(product);
        self.ask(Question::Accept { taken, item, amount, total }, About { offer, message }, client_id).await
    }
}
