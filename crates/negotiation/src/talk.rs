//! What happens when somebody says something.
//!
//! Text is read by parley against what is on the table. What it does is done in the same transaction; what moves money stops at a
//! question to its speaker. Nothing that is unclear reaches the other side.

use parley::goods::Resolution;
use parley::{Act, Side};
use platform::db::repeat;
use platform::jobs::Draft;
use sha2::{Digest, Sha256};
use types::ProductId;
use uuid::Uuid;

use crate::Negotiation;
use crate::bargain::Settled;
use crate::db::messages::{self, Translation};
use crate::db::read_backs;
use crate::error::Error;
use crate::jobs::translate_message::TranslateMessage;
use crate::listening::{Heard, Meaning};
use crate::message::{Audience, Message, MessageState, TEXT_CHARS_MAX, Via};
use crate::notice::Notice;
use crate::read_back::{CHOICES_MAX, PRODUCTS_MAX, Question, ReadBack};
use crate::room::{About, Party, Room};
use crate::understanding::{Step, Unclear, steps};
use crate::view::{MessageView, OfferView, ReadBackView};

/// Something to be said.
#[derive(Debug, Clone)]
pub struct Utterance {
    /// The sender's own id for it.
    pub client_id: Uuid,
    /// The words.
    pub text: String,
    /// The product on the speaker's screen.
    pub product: Option<ProductId>,
    /// How it was entered.
    pub via: Via,
}

/// What came of it.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Said {
    /// The message.
    pub message: MessageView,
    /// The question its speaker is asked now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub read_back: Option<ReadBackView>,
    /// The offer it made or settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer: Option<OfferView>,
    /// The order it opened, where it was a yes to an acceptance.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub order: Option<orders::OrderCard>,
}

/// What an utterance led to.
#[derive(Debug, Default)]
pub struct Effect {
    /// The question its speaker is asked now.
    pub question: Option<ReadBack>,
    /// What an answer settled.
    pub settled: Settled,
}

impl Negotiation {
    /// Says something in a visit. The same client id with the same words answers as the first time.
    ///
    /// # Errors
    /// [`Error::VisitOver`], [`Error::Text`], [`Error::ClientIdReused`], [`Error::TooMany`], and whatever a spoken yes to a deal can
    /// meet.
    pub(crate) async fn say(&self, party: Party, utterance: &Utterance) -> Result<Said, Error> {
        self.limits.words(party)?;
        let text = platform::text::line(&utterance.text, TEXT_CHARS_MAX)?;
        repeat(|| self.say_once(party, utterance, &text)).await
    }

    async fn say_once(&self, party: Party, utterance: &Utterance, text: &str) -> Result<Said, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let hash = Sha256::digest(text.as_bytes()).to_vec();
        if let Some(before) = room.sent_before(utterance.client_id, &hash).await? {
            return room.said_before(&before).await;
        }
        room.must_be_open()?;
        room.turn_to(utterance.product);
        let message = room.draft(utterance.client_id, hash, utterance.via, text.to_owned());
        let message = room.post(message).await?;
        let (message, effect) = room.understand(message, &Heard::default()).await?;
        let said = room.said(&message, effect);
        room.close().await?;
        transaction.commit().await?;
        Ok(said)
    }
}

impl Room<'_> {
    /// What this side sent under this id before, where the content is the same.
    pub async fn sent_before(&mut self, client_id: Uuid, hash: &[u8]) -> Result<Option<Message>, Error> {
        let Party { tenant, visit, side, .. } = self.party;
        let before = messages::sent_before(self.connection, tenant, visit, side.into(), client_id).await?;
        match before {
            Some(message) if message.content_hash != hash => Err(Error::ClientIdReused),
            other => Ok(other),
        }
    }

    /// The answer to a retry: as things stand now, with nothing done again.
    async fn said_before(&mut self, message: &Message) -> Result<Said, Error> {
        let Party { tenant, visit, side, .. } = self.party;
        let question = self.open_question().await?.filter(|q| q.message == Some(message.id));
        let answered =
            read_backs::answered_by(self.connection, tenant, visit, side, message.client_id).await?;
        let settled = match answered {
            Some(asked) => self.settled_before(&asked).await?,
            None => Settled::default(),
        };
        Ok(self.said(message, Effect { question, settled }))
    }

    /// Turns the talk to the product on the speaker's screen.
    pub fn turn_to(&mut self, product: Option<ProductId>) {
        let on_sale = product.filter(|p| self.product(*p).is_ok());
        if on_sale.is_some() && on_sale != self.visit.focus {
            self.visit.focus = on_sale;
            self.visit.wanted = None;
        }
    }

    /// The product that a text names, where exactly one is meant.
    pub fn named(&self, text: &str) -> Option<ProductId> {
        match self.names.resolve(text) {
            Resolution::Exact(index) => self.shelves().get(index).map(|s| s.product),
            Resolution::Unsure(_) | Resolution::Unknown => None,
        }
    }

    /// A message of the acting side, before it is understood.
    pub fn draft(&self, client_id: Uuid, content_hash: Vec<u8>, via: Via, text: String) -> Message {
        Message {
            id: self.negotiation.entropy.id(self.now),
            visit: self.visit.id,
            seq: 0,
            client_id,
            content_hash,
            author: self.party.side.into(),
            by: self.party.by,
            audience: Audience::Both,
            via,
            state: MessageState::Heard,
            refused_because: None,
            text,
            language: self.visit.language_of(self.party.side),
            acts: Vec::new(),
            notice: None,
            offer: None,
            recording: None,
            created_at: self.now,
        }
    }

    /// Reads a message's words and does what they do.
    pub async fn understand(
        &mut self,
        mut message: Message,
        heard: &Heard,
    ) -> Result<(Message, Effect), Error> {
        let was = message.audience;
        let only_me = Audience::only(self.party.side);
        message.state = MessageState::Heard;
        // What was said before a question was asked does not answer it, however late it is heard.
        let open = self.open_question().await?.filter(|q| q.asked_at() <= message.created_at);
        let effect = match (self.meaning(&message, heard, open.as_ref()), open) {
            (Meaning::Answer(answer), Some(open)) => {
                message.audience = only_me;
                let client_id = message.client_id;
                self.answer(open, answer, client_id).await?
            }
            (Meaning::Acts(acts), _) => {
                let client_id = message.client_id;
                self.act(&mut message, acts, client_id).await?
            }
            (Meaning::Unsure(readings), _) => {
                let readings = readings.into_iter().take(CHOICES_MAX);
                let (readings, products) = readings.map(|acts| self.completed(acts)).unzip();
                let client_id = message.client_id;
                self.ask_which(&mut message, Question::Which { readings, products }, client_id).await?
            }
            (Meaning::Talk, _) => {
                message.audience = Audience::Both;
                self.pass_on(&message).await?
            }
            (Meaning::Contradictory | Meaning::Answer(_), _) => self.not_understood(&mut message).await?,
        };
        let message = self.amend(message, was).await?;
        Ok((message, effect))
    }

    /// A reading as it is shown to be chosen: with all that the table adds to its offer, and for which product that is.
    fn completed(&self, acts: Vec<Act>) -> (Vec<Act>, Option<ProductId>) {
        let (shelves, standing) = (self.shelves(), self.standing());
        let table = self.table(&shelves, &standing);
        let mut product = None;
        let completed = acts.into_iter().map(|act| {
            let Act::Offer(offer) = &act else { return act };
            let Ok(meant) = table.propose(offer) else { return act };
            product = Some(meant.product);
            self.act_of(meant.product, meant.price, meant.amount_fixed.then_some(meant.amount))
        });
        (completed.collect(), product)
    }

    /// Talk moves nothing: it is passed on, translated where somebody can.
    async fn pass_on(&mut self, message: &Message) -> Result<Effect, Error> {
        let to = self.visit.language_of(self.party.side.other());
        if to != message.language && self.negotiation.voice.can_translate(message.language, to) {
            let tenant = self.party.tenant;
            let pending = Translation::pending(message.id, to);
            messages::keep_translation(self.connection, tenant, &pending, self.now).await?;
            let (visit, by) = (self.visit.id, self.party.by);
            let job = TranslateMessage { tenant, visit, message: message.id, to, by };
            self.negotiation.jobs.enqueue(self.connection, Draft::new(tenant, &job)).await?;
        }
        Ok(Effect::default())
    }

    async fn not_understood(&mut self, message: &mut Message) -> Result<Effect, Error> {
        message.state = MessageState::Unclear;
        message.audience = Audience::only(self.party.side);
        self.announce(Notice::NotUnderstood, message.audience, None).await?;
        Ok(Effect::default())
    }

    /// Does what was understood, or asks what was meant. What it makes (an offer, a question) is made under `client_id`.
    pub async fn act(
        &mut self,
        message: &mut Message,
        acts: Vec<Act>,
        client_id: Uuid,
    ) -> Result<Effect, Error> {
        let shelves = self.shelves();
        let standing = self.standing();
        let planned = steps(&acts, &self.table(&shelves, &standing));
        match planned {
            Ok(planned) => {
                message.acts = acts;
                message.audience = Audience::Both;
                message.state = MessageState::Heard;
                let effect = self.carry_out(message, planned, client_id).await?;
                if effect.question.is_some() { Ok(effect) } else { self.ask_price(message, client_id).await }
            }
            Err(Unclear::WhichProduct(products)) => {
                let named =
                    |id: ProductId| Some((id, self.product(id).ok()?.name_in(message.language).to_owned()));
                let products = products.into_iter().take(PRODUCTS_MAX).filter_map(named).collect();
                self.ask_which(message, Question::Product { acts, products }, client_id).await
            }
            // The other side reads what was asked for, and may answer; there is nothing here to make an offer of.
            Err(Unclear::NotSold(_)) => {
                message.acts = acts;
                message.audience = Audience::Both;
                message.state = MessageState::Heard;
                Ok(Effect::default())
            }
            Err(Unclear::UnitMismatch | Unclear::OutOfRange) => self.not_understood(message).await,
        }
    }

    async fn ask_which(
        &mut self,
        message: &mut Message,
        question: Question,
        client_id: Uuid,
    ) -> Result<Effect, Error> {
        message.state = MessageState::Unclear;
        message.audience = Audience::only(self.party.side);
        let about = About { offer: None, message: Some(message.id) };
        let question = self.ask(question, about, client_id).await?;
        Ok(Effect { question: Some(question), ..Effect::default() })
    }

    /// Asks a buyer who only said how much for a price, where none is on the table or asked for already.
    async fn ask_price(&mut self, message: &Message, client_id: Uuid) -> Result<Effect, Error> {
        let only_how_much = message.acts.iter().all(|a| matches!(a, Act::SetQuantity { .. } | Act::Greet));
        let (Some(product), Some(amount)) = (self.visit.focus, self.visit.wanted) else {
            return Ok(Effect::default());
        };
        let says_how_much = message.acts.iter().any(|a| a.wanted() == Some(amount)) && only_how_much;
        let on_table = self.standing().iter().any(|o| o.product == product);
        let asked_else =
            self.open_question().await?.is_some_and(|q| !matches!(q.question, Question::Price { .. }));
        if self.party.side == Side::Vendor || !says_how_much || on_table || asked_else {
            return Ok(Effect::default());
        }
        let question = Question::Price { product, item: self.item_of(product), amount };
        let about = About { offer: None, message: Some(message.id) };
        let question = self.ask(question, about, client_id).await?;
        Ok(Effect { question: Some(question), ..Effect::default() })
    }

    async fn carry_out(
        &mut self,
        message: &mut Message,
        planned: Vec<Step>,
        client_id: Uuid,
    ) -> Result<Effect, Error> {
        let mut effect = Effect::default();
        for step in planned {
            match step {
                Step::Propose(proposal) => {
                    effect.question =
                        Some(self.propose_for_confirmation(message, proposal, client_id).await?);
                }
                Step::Take { taken, amount, .. } => {
                    effect.question =
                        Some(self.ask_to_accept(taken, amount, client_id, Some(message.id)).await?);
                }
                Step::Decline(offer) => self.decline(offer).await?,
                Step::Want(product, amount) => {
                    self.turn_to(Some(product));
                    self.visit.wanted = Some(amount);
                }
                Step::Turn(product) => self.turn_to(Some(product)),
                Step::Leave if self.party.side == Side::Buyer => self.walk_away().await?,
                Step::Leave => {}
            }
        }
        Ok(effect)
    }

    /// What the sender is told.
    pub fn said(&self, message: &Message, effect: Effect) -> Said {
        let view = self.view();
        let Effect { question, settled } = effect;
        let made = question.as_ref().and_then(|q| q.offer).or(message.offer);
        let placed = made.and_then(|id| self.placed(id).ok());
        let read_back = question.as_ref().map(|q| view.read_back(q)).or(settled.read_back);
        let asked_about = read_back.as_ref().and_then(|q| q.offer.clone());
        Said {
            message: view.message(message, &[], None),
            offer: settled.offer.or(placed.map(|p| view.offer(p))).or(asked_about),
            read_back,
            order: settled.order,
        }
    }
}
