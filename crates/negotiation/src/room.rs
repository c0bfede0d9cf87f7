//! A visit while something happens in it: locked, loaded, changed, written, and told to both sides.
//!
//! Every change of a visit opens its room first. What changed is collected and published once, when the room closes, each side
//! in its own language; so a transaction touches a subscriber's log once, at its end.

use catalog::Product;
use chrono::{DateTime, Utc};
use identity::Caller;
use parley::goods::Resolver;
use parley::{Act, Amount, Side};
use sqlx::PgConnection;
use types::{CrewId, MessageId, Money, OfferId, PersonId, Price, ProductId, ReadBackId, TenantId, VisitId};
use uuid::Uuid;

use crate::db::offers::Placed;
use crate::db::{messages, offers, read_backs, visits};
use crate::error::Error;
use crate::message::{Audience, Author, Message, MessageState, Via};
use crate::notice::Notice;
use crate::offer::{Offer, OfferState};
use crate::read_back::{OPEN_FOR, Question, ReadBack, ReadBackState};
use crate::understanding::{Shelf, Table};
use crate::view::{Scenery, View};
use crate::visit::{Visit, VisitState};
use crate::{Negotiation, news};

/// So many of a visit's newest offers are looked at; older ones are history.
pub const OFFERS_MAX: i64 = 50;

/// What a question is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct About {
    pub offer: Option<OfferId>,
    pub message: Option<MessageId>,
}

/// Who acts, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    /// Whose stall.
    pub tenant: TenantId,
    /// The visit.
    pub visit: VisitId,
    /// The side that acts.
    pub side: Side,
    /// The member who acts, on the vendor's side; none for a buyer and for what nobody asked for.
    pub by: Option<PersonId>,
}

impl Party {
    /// The caller as a side of a visit. Whether the visit is at this stall is seen when its row is read.
    pub fn of(caller: &Caller, visit: VisitId) -> Result<Self, Error> {
        Ok(match caller.party(visit)? {
            identity::Party::Vendor(vendor) => {
                Self { by: Some(vendor.person), ..Self::side(vendor.tenant, visit, Side::Vendor) }
            }
            identity::Party::Buyer(pass) => Self::side(pass.tenant, visit, Side::Buyer),
        })
    }

    /// A side of a visit, whoever acts on it.
    pub const fn side(tenant: TenantId, visit: VisitId, side: Side) -> Self {
        Self { tenant, visit, side, by: None }
    }
}

/// What changed, to be told when the room closes.
#[derive(Debug, Default)]
pub struct Changes {
    pub messages: Vec<Message>,
    pub offers: Vec<OfferId>,
    pub read_backs: Vec<ReadBack>,
    pub visit: bool,
    pub arrived: bool,
    /// The team whose phones alone rang for the buyer.
    pub rang: Option<CrewId>,
}

/// An open room.
pub struct Room<'a> {
    pub negotiation: &'a Negotiation,
    pub connection: &'a mut PgConnection,
    pub party: Party,
    pub visit: Visit,
    /// What the stall sells, and what it no longer sells but offers here are about.
    pub products: Vec<Product>,
    /// The names of what it sells.
    pub names: Resolver,
    /// The newest offers, newest first.
    pub offers: Vec<Placed>,
    pub now: DateTime<Utc>,
    pub changes: Changes,
}

/// What a stall sells, and what it no longer sells but these offers are about.
pub async fn products_of(
    negotiation: &Negotiation,
    connection: &mut PgConnection,
    tenant: TenantId,
    offers: &[Placed],
) -> Result<Vec<Product>, Error> {
    let mut products = negotiation.catalog.products_on_sale(connection, tenant).await?;
    let mut gone: Vec<ProductId> = offers.iter().map(|p| p.offer.product).collect();
    gone.retain(|id| products.iter().all(|p| p.id != *id));
    gone.sort_unstable();
    gone.dedup();
    if !gone.is_empty() {
        products.extend(negotiation.catalog.products(connection, tenant, &gone).await?);
    }
    Ok(products)
}

impl<'a> Room<'a> {
    /// Locks the visit and loads what is on the table.
    pub async fn enter(
        negotiation: &'a Negotiation,
        connection: &'a mut PgConnection,
        party: Party,
    ) -> Result<Room<'a>, Error> {
        let now = negotiation.clock.now();
        let visit =
            visits::lock(&mut *connection, party.tenant, party.visit, now).await?.ok_or(Error::NotFound)?;
        let offers = offers::of_visit(&mut *connection, party.tenant, party.visit, OFFERS_MAX).await?;
        let products = products_of(negotiation, &mut *connection, party.tenant, &offers).await?;
        let names = Resolver::new(products.iter().filter(|p| !p.hidden).map(|p| p.name.as_str()));
        Ok(Self {
            negotiation,
            connection,
            party,
            visit,
            products,
            names,
            offers,
            now,
            changes: Changes::default(),
        })
    }

    /// Goes on where something is to be said: refused once the scanned code's time is over.
    pub fn must_be_open(&mut self) -> Result<(), Error> {
        if !self.visit.is_open_at(self.now) {
            return Err(Error::VisitOver);
        }
        if self.visit.state == VisitState::Left && self.party.side == Side::Buyer {
            self.visit.state = VisitState::Open;
            self.changes.visit = true;
        }
        Ok(())
    }

    /// The offers on the table now, newest first.
    pub fn standing(&self) -> Vec<Offer> {
        let stands = |o: &&Placed| o.offer.state_at(self.now) == OfferState::Offered;
        self.offers.iter().filter(stands).map(|p| p.offer.clone()).collect()
    }

    /// What the speaker of an utterance has before them.
    pub fn table<'t>(&'t self, shelves: &'t [Shelf], standing: &'t [Offer]) -> Table<'t> {
        Table {
            speaker: self.party.side,
            shelves,
            names: &self.names,
            focus: self.visit.focus,
            standing,
            wanted: self.visit.wanted,
        }
    }

    /// The stall's shelves, in the order of [`Room::names`].
    pub fn shelves(&self) -> Vec<Shelf> {
        let on_sale = self.products.iter().filter(|p| !p.hidden);
        on_sale.map(|p| Shelf { product: p.id, tag: p.price }).collect()
    }

    /// A product that the stall sells.
    pub fn product(&self, product: ProductId) -> Result<&Product, Error> {
        self.products.iter().find(|p| p.id == product && !p.hidden).ok_or(Error::NotFound)
    }

    pub fn placed(&self, offer: OfferId) -> Result<&Placed, Error> {
        self.offers.iter().find(|p| p.offer.id == offer).ok_or(Error::NotFound)
    }

    /// The goods of a product as acts name them: the lemma where the table of goods knows it, the vendor's words otherwise.
    pub fn item_of(&self, product: ProductId) -> String {
        let found = self.products.iter().find(|p| p.id == product);
        found.map(|p| p.lemma.clone().unwrap_or_else(|| p.name.clone())).unwrap_or_default()
    }

    /// An act that says an offer completely, whatever was left out when it was spoken.
    pub fn complete_act(&self, offer: &Offer) -> Act {
        self.act_of(offer.product, offer.price, offer.amount_fixed.then_some(offer.amount))
    }

    /// An act that says completely what is proposed.
    pub fn act_of(&self, product: ProductId, price: Price, wanted: Option<Amount>) -> Act {
        Act::Offer(parley::Offer {
            price_minor: price.amount().minor(),
            lot: Some(Amount::new(price.per(), price.unit())),
            wanted,
            item: Some(self.item_of(product)),
        })
    }

    /// Appends a message to the visit; its understanding may follow.
    pub async fn post(&mut self, mut message: Message) -> Result<Message, Error> {
        self.visit.message_count += 1;
        message.seq = self.visit.message_count;
        if message.author.side() == Some(self.party.side) {
            self.visit.sees_all(self.party.side);
        }
        messages::insert(self.connection, self.party.tenant, &message).await?;
        self.changes.messages.push(message.clone());
        Ok(message)
    }

    /// Says something in the product's own name, under an id of its own or one that keeps it from being said twice.
    pub async fn announce(
        &mut self,
        notice: Notice,
        audience: Audience,
        id: Option<Uuid>,
    ) -> Result<(), Error> {
        let message_id: MessageId = self.negotiation.entropy.id(self.now);
        let message = Message {
            id: message_id,
            visit: self.visit.id,
            seq: 0,
            client_id: id.unwrap_or_else(|| message_id.uuid()),
            content_hash: Vec::new(),
            author: Author::App,
            by: None,
            audience,
            via: Via::App,
            state: MessageState::Heard,
            refused_because: None,
            text: String::new(),
            language: self.visit.vendor_language,
            acts: Vec::new(),
            notice: Some(notice),
            offer: None,
            recording: None,
            created_at: self.now,
        };
        self.post(message).await?;
        Ok(())
    }

    /// Writes what understanding changed of a message. One that only its speaker could read before (`was`) and that both read now
    /// takes its place after what was said meanwhile.
    pub async fn amend(&mut self, mut message: Message, was: Audience) -> Result<Message, Error> {
        if was != Audience::Both && message.audience == Audience::Both {
            self.visit.message_count += 1;
            message.seq = self.visit.message_count;
            self.visit.sees_all(self.party.side);
        }
        messages::update(self.connection, self.party.tenant, &message).await?;
        self.changes.messages.retain(|m| m.id != message.id);
        self.changes.messages.push(message.clone());
        Ok(message)
    }

    /// Puts a question to the side that acts; an older one gives way, and with it the offer it was about.
    pub async fn ask(
        &mut self,
        question: Question,
        about: About,
        client_id: Uuid,
    ) -> Result<ReadBack, Error> {
        self.clear_question(about.offer).await?;
        let id: ReadBackId = self.negotiation.entropy.id(self.now);
        let read_back = ReadBack {
            id,
            visit: self.visit.id,
            side: self.party.side,
            state: ReadBackState::Open,
            question,
            offer: about.offer,
            message: about.message,
            expires_at: self.now + OPEN_FOR,
        };
        read_backs::insert(self.connection, self.party.tenant, &read_back, client_id, self.now).await?;
        self.changes.read_backs.push(read_back.clone());
        Ok(read_back)
    }

    /// The question that waits for the acting side.
    pub async fn open_question(&mut self) -> Result<Option<ReadBack>, Error> {
        let Party { tenant, visit, side, .. } = self.party;
        let open = read_backs::open_of(self.connection, tenant, visit, side).await?;
        Ok(open.filter(|q| q.is_open_at(self.now)))
    }

    /// Makes room for another question or offer of the acting side: what waits unanswered is withdrawn, all but `kept`.
    pub async fn clear_question(&mut self, kept: Option<OfferId>) -> Result<(), Error> {
        let Party { tenant, visit, side, .. } = self.party;
        if let Some(open) = read_backs::open_of(self.connection, tenant, visit, side).await? {
            self.end_question(open, ReadBackState::Replaced, None).await?;
        }
        let unconfirmed = |p: &&Placed| p.offer.by == side && p.offer.state == OfferState::BeingConfirmed;
        let offer = self.offers.iter().filter(unconfirmed).map(|p| p.offer.id).find(|id| Some(*id) != kept);
        if let Some(offer) = offer {
            self.set_offer_state(offer, OfferState::Withdrawn).await?;
        }
        Ok(())
    }

    /// Ends a question with its answer.
    pub async fn end_question(
        &mut self,
        mut question: ReadBack,
        state: ReadBackState,
        answer: Option<Uuid>,
    ) -> Result<(), Error> {
        read_backs::end(self.connection, self.party.tenant, question.id, state, answer).await?;
        question.state = state;
        self.changes.read_backs.push(question);
        Ok(())
    }

    /// Writes an offer and remembers it for the rest of the room.
    pub async fn place(&mut self, placed: Placed) -> Result<(), Error> {
        offers::insert(self.connection, self.party.tenant, &placed).await?;
        self.changes.offers.push(placed.offer.id);
        self.offers.insert(0, placed);
        Ok(())
    }

    /// Takes an offer off the table, whose rule the caller has asked. Whoever was being asked about it need not answer any more.
    pub async fn set_offer_state(&mut self, offer: OfferId, state: OfferState) -> Result<(), Error> {
        let Party { tenant, visit, .. } = self.party;
        offers::set_state(self.connection, tenant, offer, state, self.now).await?;
        if let Some(placed) = self.offers.iter_mut().find(|p| p.offer.id == offer) {
            placed.offer.state = state;
        }
        self.changes.offers.push(offer);
        for question in read_backs::open_about(self.connection, tenant, visit, offer).await? {
            self.end_question(question, ReadBackState::Replaced, None).await?;
        }
        Ok(())
    }

    /// Notes that an offer is agreed, for how much and for how much money.
    pub async fn accept(&mut self, offer: OfferId, amount: Amount, total: Money) -> Result<(), Error> {
        offers::accept(self.connection, self.party.tenant, offer, (amount, total), self.now).await?;
        if let Some(placed) = self.offers.iter_mut().find(|p| p.offer.id == offer) {
            let agreed = placed.offer.clone();
            placed.offer = Offer { state: OfferState::Accepted, amount, amount_fixed: true, total, ..agreed };
        }
        self.changes.offers.push(offer);
        Ok(())
    }

    /// Writes the visit and tells both sides what changed, each in its language.
    pub async fn close(&mut self) -> Result<(), Error> {
        self.visit.updated_at = self.now;
        visits::update(self.connection, &self.visit).await?;
        let scenery =
            Scenery { visit: &self.visit, products: &self.products, offers: &self.offers, now: self.now };
        news::publish(self.negotiation, self.connection, &scenery, &self.changes).await
    }

    /// What views are made from.
    pub fn scenery(&self) -> Scenery<'_> {
        Scenery { visit: &self.visit, products: &self.products, offers: &self.offers, now: self.now }
    }

    /// How the acting side sees this visit's things.
    pub fn view(&self) -> View<'_> {
        View::new(self.scenery(), self.party.side)
    }
}
