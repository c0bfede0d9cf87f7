//! How each side sees a visit: in its own language, with the numbers of the typed acts and only its own buttons.

mod shapes;

use catalog::Product;
use chrono::{DateTime, Utc};
use parley::{Act, Side, Style, say_acts};
use types::{Language, Price, ProductId};

use crate::chips::counter_chips;
use crate::db::messages::Translation;
use crate::db::offers::Placed;
use crate::db::recordings::Recording;
use crate::message::{MadeBy, Message, MessageState, Warning};
use crate::offer::OfferState;
use crate::read_back::{Question, ReadBack};
use crate::visit::{Reached, Visit};

pub use shapes::{
    LastMessage, MessageView, OfferView, OperatorVisit, Original, PreviewProduct, ReadBackView,
    RecordingView, ShelfView, StallPreview, VisitCard, VisitView,
};

/// What views are made from.
#[derive(Debug, Clone, Copy)]
pub struct Scenery<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// The stall's products.
    pub products: &'a [Product],
    /// The visit's newest offers, newest first.
    pub offers: &'a [Placed],
    /// Now.
    pub now: DateTime<Utc>,
}

/// One side's eyes.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    scenery: Scenery<'a>,
    side: Side,
}

impl<'a> View<'a> {
    /// What `side` sees of this scenery.
    pub const fn new(scenery: Scenery<'a>, side: Side) -> Self {
        Self { scenery, side }
    }

    const fn language(&self) -> Language {
        self.scenery.visit.language_of(self.side)
    }

    fn product(&self, product: ProductId) -> Option<&Product> {
        self.scenery.products.iter().find(|p| p.id == product)
    }

    /// A message with its translation among these and the recording behind it, where there are any.
    pub fn message(
        &self,
        message: &Message,
        translations: &[Translation],
        recording: Option<&Recording>,
    ) -> MessageView {
        let rendered = render(message, self.language(), translations, Style::Screen);
        let reader = message.author.side().map_or(self.side, Side::other);
        let Reached { delivered_seq, seen_seq } = self.scenery.visit.reached(reader);
        MessageView {
            id: message.id,
            visit_id: message.visit,
            seq: message.seq,
            client_id: message.client_id,
            by: message.author,
            via: message.via,
            state: message.state,
            refused_because: message.refused_because.clone(),
            text: rendered.text,
            language: rendered.language,
            original: Original { text: message.text.clone(), language: message.language },
            made_by: rendered.made_by,
            warning: self.warning(message, translations, rendered.warning),
            acts: message.acts.clone(),
            offer_id: message.offer,
            recording: recording.map(|r| RecordingView {
                sha256: hex::encode(&r.sha256),
                duration_ms: r.duration_ms,
                kept_until: r.keep_until,
                heard_by: r.heard_by.clone(),
            }),
            delivered: message.seq <= delivered_seq.max(seen_seq),
            seen: message.seq <= seen_seq,
            created_at: message.created_at,
        }
    }

    /// What is wrong with a message. That it waits for the stall's credit, to be read by either side, is the stall's own business.
    fn warning(
        &self,
        message: &Message,
        translations: &[Translation],
        rendered: Option<Warning>,
    ) -> Option<Warning> {
        let own = translations.iter().filter(|translation| translation.message == message.id);
        let waits = own.filter_map(|translation| translation.warning).find(|warning| warning.waits());
        match self.side {
            Side::Vendor => waits.or(rendered),
            Side::Buyer => rendered.filter(|warning| !warning.waits()),
        }
    }

    /// An offer, with the reader's buttons.
    pub fn offer(&self, placed: &Placed) -> OfferView {
        let offer = &placed.offer;
        let product = self.product(offer.product);
        let may = offer.moves(self.side, self.scenery.now);
        let own = |p: &&Placed| p.confirmed && p.offer.by == self.side && p.offer.product == offer.product;
        let said = self.scenery.offers.iter().find(own).map(|p| p.offer.price);
        OfferView {
            id: offer.id,
            visit_id: placed.visit,
            by: offer.by,
            product_id: offer.product,
            product_name: product.map(|p| p.name_in(self.language()).to_owned()).unwrap_or_default(),
            price: offer.price,
            quantity: offer.amount.quantity,
            quantity_unit: offer.amount.unit,
            quantity_fixed: offer.amount_fixed,
            total: offer.total,
            state: offer.state_at(self.scenery.now),
            confirmed: placed.confirmed,
            expires_at: offer.expires_at,
            created_at: placed.created_at,
            counters: placed.counters,
            message_id: placed.message,
            may,
            counter_chips: if may.counter { counter_chips(offer, said, self.side) } else { Vec::new() },
            below_floor: self.is_below_floor(offer.product, offer.price),
        }
    }

    /// Whether a price undercuts the vendor's private floor; never true in a buyer's eyes.
    fn is_below_floor(&self, product: ProductId, price: Price) -> bool {
        if self.side == Side::Buyer {
            return false;
        }
        let floor = self.product(product).and_then(|p| p.floor);
        floor.is_some_and(|floor| {
            floor
                .total_for(price.per(), price.unit())
                .is_ok_and(|least| price.amount().minor() < least.minor())
        })
    }

    /// A question to the reader.
    pub fn read_back(&self, read_back: &ReadBack) -> ReadBackView {
        let placed = read_back.offer.and_then(|id| self.scenery.offers.iter().find(|p| p.offer.id == id));
        let agreed = match &read_back.question {
            Question::Accept { .. } => placed.map(|p| (p.offer.product, p.offer.price)),
            _ => None,
        };
        ReadBackView {
            id: read_back.id,
            visit_id: read_back.visit,
            kind: read_back.question.kind(),
            open: read_back.is_open_at(self.scenery.now),
            text: read_back.question.say(self.language(), Style::Screen),
            choices: read_back.question.choices(self.language()),
            offer: placed.map(|p| self.offer(p)),
            message_id: read_back.message,
            below_floor: agreed.is_some_and(|(product, price)| self.is_below_floor(product, price)),
            expires_at: read_back.expires_at,
        }
    }

    /// The newest offer on the table.
    pub fn standing(&self) -> Option<OfferView> {
        let on_table = |p: &&Placed| p.offer.state_at(self.scenery.now) == OfferState::Offered;
        self.scenery.offers.iter().find(on_table).map(|p| self.offer(p))
    }

    /// The whole visit.
    pub fn visit(&self, rest: Rest, voice: voice::LanguageCapability) -> VisitView {
        let visit = self.scenery.visit;
        VisitView {
            id: visit.id,
            tenant_id: visit.tenant,
            stall_name: rest.stall_name,
            state: visit.state_at(self.scenery.now),
            buyer_number: visit.buyer_number,
            buyer_language: visit.buyer_language,
            vendor_language: visit.vendor_language,
            product_id: visit.focus,
            products: self.scenery.products.iter().filter(|p| !p.hidden).map(shelf).collect(),
            standing: self.standing(),
            offers: self.scenery.offers.iter().map(|p| self.offer(p)).collect(),
            read_back: rest.read_back.as_ref().map(|r| self.read_back(r)),
            order: rest.order,
            bargain_until: visit.bargain_until,
            expires_at: visit.expires_at,
            voice,
        }
    }

    /// The visit in a list.
    pub fn card(&self, rest: CardRest) -> VisitCard {
        let visit = self.scenery.visit;
        VisitCard {
            id: visit.id,
            stall_name: rest.stall_name,
            buyer_number: visit.buyer_number,
            buyer_language: visit.buyer_language,
            state: visit.state_at(self.scenery.now),
            last_message: rest.last_message,
            standing: self.standing(),
            unseen: rest.unseen,
            order: rest.order,
            crew_id: visit.crew.filter(|_| self.side == Side::Vendor),
            rang_crew_id: None,
            updated_at: visit.updated_at,
        }
    }

    /// A message as the newest words of a visit.
    pub fn last_message(&self, message: &Message, translations: &[Translation]) -> LastMessage {
        let text = render(message, self.language(), translations, Style::Screen).text;
        LastMessage { text, by: message.author, at: message.created_at }
    }
}

/// What a visit's view is made from besides its scenery.
#[derive(Debug, Clone, Default)]
pub struct Rest {
    /// The stall's name.
    pub stall_name: String,
    /// The question that waits for the reader.
    pub read_back: Option<ReadBack>,
    /// The newest order.
    pub order: Option<orders::OrderCard>,
}

/// What a visit's card is made from besides its scenery.
#[derive(Debug, Clone, Default)]
pub struct CardRest {
    /// The stall's name; only for buyers.
    pub stall_name: Option<String>,
    /// The newest words that the reader may read.
    pub last_message: Option<LastMessage>,
    /// How many messages the reader has not seen.
    pub unseen: i32,
    /// The newest order.
    pub order: Option<orders::OrderCard>,
}

fn shelf(product: &Product) -> ShelfView {
    ShelfView {
        id: product.id,
        names: product.names.clone(),
        price: product.price,
        available: product.stock.available,
        unit: product.stock.unit,
    }
}

/// A message's text for a reader, and how it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Its language.
    pub language: Language,
    /// How it was made.
    pub made_by: MadeBy,
    /// What is doubtful about it.
    pub warning: Option<Warning>,
}

/// Says a message in a reader's language: typed acts exactly, talk by its translation, else as it was said.
pub fn render(message: &Message, language: Language, translations: &[Translation], style: Style) -> Rendered {
    let plain = |text: String, language, made_by| Rendered { text, language, made_by, warning: None };
    if let Some(notice) = &message.notice {
        return plain(notice.say(language, style), language, MadeBy::Exact);
    }
    // What a recogniser wrote may differ from what its speaker confirmed: the acts are what counts. Speech comes from the acts
    // too, so that "150" is said as words.
    let doubtful = message.via.is_spoken() && message.acts.iter().any(Act::moves_the_deal);
    let exact = language != message.language || style == Style::Speech || doubtful;
    if !message.acts.is_empty() && exact {
        return plain(say_acts(&message.acts, language, style), language, MadeBy::Exact);
    }
    if language == message.language || message.state != MessageState::Heard {
        return plain(message.text.clone(), message.language, MadeBy::Original);
    }
    match translations.iter().find(|t| t.message == message.id && t.language == language) {
        Some(t) if matches!(t.made_by, MadeBy::Provider(_)) => {
            Rendered { text: t.text.clone(), language, made_by: t.made_by.clone(), warning: t.warning }
        }
        // Being translated, or lost its numbers in translation: the speaker's own words, and why.
        Some(t) => Rendered {
            warning: t.warning,
            ..plain(message.text.clone(), message.language, t.made_by.clone())
        },
        None => plain(message.text.clone(), message.language, MadeBy::NotTranslated),
    }
}
