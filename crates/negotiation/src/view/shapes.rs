//! The JSON that each side reads.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use identity::Consent;
use parley::{Act, Side};
use serde::Serialize;
use types::{
    CrewId, Language, MessageId, Money, OfferId, Price, ProductId, Quantity, ReadBackId, TenantId, Unit,
    VisitId,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::message::{Author, MadeBy, MessageState, Via, Warning};
use crate::offer::{Moves, OfferState};
use crate::read_back::QuestionKind;
use crate::visit::VisitState;

/// The speaker's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Original {
    /// The words.
    pub text: String,
    /// Their language.
    pub language: Language,
}

/// The speech a message came from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordingView {
    /// SHA-256 of the recording, hexadecimal: kept when the sound is gone.
    pub sha256: String,
    /// How long it is.
    pub duration_ms: i32,
    /// Until when the original can be heard; absent where it was dropped after recognition.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kept_until: Option<DateTime<Utc>>,
    /// By whom it was recognised: `local` or `provider:<name>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub heard_by: Option<String>,
}

/// A message as one side reads it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    /// The message.
    pub id: MessageId,
    /// Where it was said.
    pub visit_id: VisitId,
    /// Its place in the visit, from 1. What only the other side may read leaves a gap.
    pub seq: i32,
    /// The sender's own id for it.
    pub client_id: Uuid,
    /// Who said it.
    pub by: Author,
    /// How it was entered.
    pub via: Via,
    /// How far its understanding has come.
    pub state: MessageState,
    /// Why it was refused: the slug of a problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refused_because: Option<String>,
    /// The text in the reader's language, or the original where nobody could translate it.
    pub text: String,
    /// The language of `text`.
    pub language: Language,
    /// The speaker's own words.
    pub original: Original,
    /// How `text` was made.
    #[schema(value_type = String)]
    pub made_by: MadeBy,
    /// Why the translation that was made is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub warning: Option<Warning>,
    /// What it does, as parley writes it; empty for talk.
    pub acts: Vec<Act>,
    /// The offer it makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer_id: Option<OfferId>,
    /// The speech it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recording: Option<RecordingView>,
    /// Whether it has come to the phone of whoever it is for.
    pub delivered: bool,
    /// Whether whoever it is for has seen it.
    pub seen: bool,
    /// When it was said.
    pub created_at: DateTime<Utc>,
}

/// An offer as one side sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferView {
    /// The offer.
    pub id: OfferId,
    /// Where it was made.
    pub visit_id: VisitId,
    /// Who made it.
    pub by: Side,
    /// For which product.
    pub product_id: ProductId,
    /// The product's name in the reader's language.
    pub product_name: String,
    /// What so much costs.
    pub price: Price,
    /// How much is meant.
    pub quantity: Quantity,
    /// The unit of `quantity`.
    pub quantity_unit: Unit,
    /// Whether the amount is part of the offer; otherwise whoever accepts says how much.
    pub quantity_fixed: bool,
    /// What the amount costs.
    pub total: Money,
    /// What has become of it.
    pub state: OfferState,
    /// Whether its speaker ever said that it was heard right.
    pub confirmed: bool,
    /// When it stops standing.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The offer it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub counters: Option<OfferId>,
    /// The message that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message_id: Option<MessageId>,
    /// The reader's buttons.
    pub may: Moves,
    /// Three prices in between, to counter with one tap.
    pub counter_chips: Vec<Price>,
    /// Below the vendor's private floor; the vendor alone sees this.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub below_floor: bool,
}

/// A question to the reader.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ReadBack)]
pub struct ReadBackView {
    /// The question.
    pub id: ReadBackId,
    /// Where it is asked.
    pub visit_id: VisitId,
    /// What kind of question.
    pub kind: QuestionKind,
    /// Whether it still waits for its answer.
    pub open: bool,
    /// The question in the reader's language.
    pub text: String,
    /// The answers to tap; empty for yes or no.
    pub choices: Vec<String>,
    /// The offer it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer: Option<OfferView>,
    /// The message it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message_id: Option<MessageId>,
    /// What is agreed to would be below the vendor's private floor; the vendor alone sees this.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub below_floor: bool,
    /// When it lapses.
    pub expires_at: DateTime<Utc>,
}

/// A product as it lies on the stall.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = VisitProduct)]
pub struct ShelfView {
    /// The product.
    pub id: ProductId,
    /// Its names by language code.
    pub names: BTreeMap<Language, String>,
    /// The price on its tag.
    pub price: Price,
    /// How much is left, in `unit`.
    pub available: Quantity,
    /// What `available` counts.
    pub unit: Unit,
}

/// A stall as somebody sees it who has just scanned its code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StallPreview {
    /// Whose stall.
    pub tenant_id: TenantId,
    /// What is written above it.
    pub stall_name: String,
    /// The languages one can bargain in here.
    pub languages: Vec<Language>,
    /// What it sells.
    pub products: Vec<PreviewProduct>,
    /// What a buyer is asked before bargaining, and how this phone decided before.
    pub consents: Vec<Consent>,
    /// The visit of this phone that a scan takes up again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub rejoin_visit_id: Option<VisitId>,
}

/// A product of a stall that one has just come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreviewProduct {
    /// The product.
    pub id: ProductId,
    /// Its names by language code.
    pub names: BTreeMap<Language, String>,
    /// The price on its tag.
    pub price: Price,
    /// The unit it is priced in.
    pub unit: Unit,
    /// Whether there is any left.
    pub in_stock: bool,
}

/// The newest words of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastMessage {
    /// The words in the reader's language, or as they were said.
    pub text: String,
    /// Who said them.
    pub by: Author,
    /// When.
    pub at: DateTime<Utc>,
}

/// A visit as one side sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Visit)]
pub struct VisitView {
    /// The visit.
    pub id: VisitId,
    /// Whose stall.
    pub tenant_id: TenantId,
    /// The stall's name.
    pub stall_name: String,
    /// Whether the buyer is still there.
    pub state: VisitState,
    /// How the vendor tells buyers apart.
    pub buyer_number: i32,
    /// What the buyer reads.
    pub buyer_language: Language,
    /// What the vendor reads.
    pub vendor_language: Language,
    /// The product the talk is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub product_id: Option<ProductId>,
    /// What the stall sells.
    pub products: Vec<ShelfView>,
    /// The newest offer on the table.
    #[schema(required = true)]
    pub standing: Option<OfferView>,
    /// The newest offers, newest first.
    pub offers: Vec<OfferView>,
    /// The question that waits for the reader.
    #[schema(required = true)]
    pub read_back: Option<ReadBackView>,
    /// The newest order.
    #[schema(required = true)]
    pub order: Option<orders::OrderCard>,
    /// Until when anything can be said.
    pub bargain_until: DateTime<Utc>,
    /// Until when it can be rejoined and read.
    pub expires_at: DateTime<Utc>,
    /// What listens, speaks and translates for the reader.
    pub voice: voice::LanguageCapability,
}

/// A visit in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitCard {
    /// The visit.
    pub id: VisitId,
    /// The stall's name; only in a buyer's list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stall_name: Option<String>,
    /// How the vendor tells buyers apart.
    pub buyer_number: i32,
    /// What the buyer reads.
    pub buyer_language: Language,
    /// Whether the buyer is still there.
    pub state: VisitState,
    /// The newest words that the reader may read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_message: Option<LastMessage>,
    /// The newest offer on the table.
    #[schema(required = true)]
    pub standing: Option<OfferView>,
    /// How many messages the reader has not seen.
    pub unseen: i32,
    /// The newest order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub order: Option<orders::OrderCard>,
    /// The team of the business that looks after the buyer; for the vendor. Absent, or no longer a team: everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub crew_id: Option<CrewId>,
    /// In the news that a buyer has come: the team whose phones alone rang.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub rang_crew_id: Option<CrewId>,
    /// When anything happened last.
    pub updated_at: DateTime<Utc>,
}

/// A visit as whoever runs this installation sees it: nothing of what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorVisit {
    /// The visit.
    pub id: VisitId,
    /// Whose stall.
    pub tenant_id: TenantId,
    /// What the stall is called.
    pub stall_name: String,
    /// How the vendor tells buyers apart.
    pub buyer_number: i32,
    /// Whether the buyer is still there.
    pub state: VisitState,
    /// When anything happened last.
    pub updated_at: DateTime<Utc>,
}
