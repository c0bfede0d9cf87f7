//! Questions to a speaker: was this heard right, which of these, shall I accept?

use chrono::{DateTime, TimeDelta, Utc};
use parley::{Act, Amount, Prompt, Side, Style, prompt, say_acts};
use serde::{Deserialize, Serialize};
use types::{Language, MessageId, Money, OfferId, ProductId, ReadBackId, VisitId};
use utoipa::ToSchema;

use crate::understanding::Taken;

/// How long a question waits for its answer.
pub const OPEN_FOR: TimeDelta = TimeDelta::minutes(5);
/// How many answers a question offers at most.
pub const CHOICES_MAX: usize = 4;
/// How many products can be named in answer to "which one?"; the first of them are offered.
pub const PRODUCTS_MAX: usize = 50;

/// What is asked. Stored as data, said in the speaker's language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Question {
    /// "You said: 5 kg of tomato for ₹150. Right?" The first reading is the offer being confirmed; further ones are what it may
    /// have been instead.
    Offer {
        /// Readings, likeliest first.
        readings: Vec<Vec<Act>>,
    },
    /// "₹150 or ₹115?": nothing was sent yet.
    Which {
        /// Readings, likeliest first, each with what the table added to it when it was asked.
        readings: Vec<Vec<Act>>,
        /// For which product each of them offers, where that was clear.
        #[serde(default)]
        products: Vec<Option<ProductId>>,
    },
    /// "Which price?": how much was said, and no price with it.
    Price {
        /// For which product.
        product: ProductId,
        /// The goods, by lemma or as the vendor typed them.
        item: String,
        /// How much.
        amount: Amount,
    },
    /// "Which one?": the product of what was said.
    Product {
        /// What was said.
        acts: Vec<Act>,
        /// The products it can be, with the names on their tags.
        products: Vec<(ProductId, String)>,
    },
    /// "5 kg of tomato, ₹150 in all. Shall I accept?"
    Accept {
        /// What is agreed to.
        taken: Taken,
        /// The goods, by lemma or as the vendor typed them.
        item: String,
        /// How much.
        amount: Amount,
        /// For how much in all.
        total: Money,
    },
}

/// Whether a question still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ReadBackState {
    /// It waits for its answer.
    Open,
    /// Yes, or one of its choices.
    Confirmed,
    /// No.
    Dismissed,
    /// Another question took its place.
    Replaced,
}

/// A question put to one side of a visit.
#[derive(Debug, Clone)]
pub struct ReadBack {
    /// The question.
    pub id: ReadBackId,
    /// Where it is asked.
    pub visit: VisitId,
    /// Who is asked.
    pub side: Side,
    /// Whether it still waits.
    pub state: ReadBackState,
    /// What is asked.
    pub question: Question,
    /// The offer it is about.
    pub offer: Option<OfferId>,
    /// The message it is about.
    pub message: Option<MessageId>,
    /// When it lapses.
    pub expires_at: DateTime<Utc>,
}

/// What kind of question it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in Question")]
pub enum QuestionKind {
    Offer,
    Which,
    Price,
    Product,
    Accept,
}

impl Question {
    /// What kind of question it is.
    pub const fn kind(&self) -> QuestionKind {
        match self {
            Self::Offer { .. } => QuestionKind::Offer,
            Self::Which { .. } => QuestionKind::Which,
            Self::Price { .. } => QuestionKind::Price,
            Self::Product { .. } => QuestionKind::Product,
            Self::Accept { .. } => QuestionKind::Accept,
        }
    }

    /// The question in a language, with digits for the screen or words for speech.
    pub fn say(&self, language: Language, style: Style) -> String {
        match self {
            Self::Offer { readings } => {
                let heard = readings.first().map(Vec::as_slice).unwrap_or_default();
                prompt(&Prompt::ReadBack(heard), language, style)
            }
            Self::Which { readings, .. } => prompt(&Prompt::Which(readings), language, style),
            Self::Price { .. } => prompt(&Prompt::WhichPrice, language, style),
            Self::Product { products, .. } => {
                let names: Vec<&str> =
                    products.iter().take(CHOICES_MAX).map(|(_, name)| name.as_str()).collect();
                format!("{}?", names.join(" / "))
            }
            Self::Accept { item, amount, total, .. } => prompt(
                &Prompt::BeforeAccept { item: Some(item), amount: *amount, total_minor: total.minor() },
                language,
                style,
            ),
        }
    }

    /// The answers to tap, each as the speaker would say it. A plain yes-or-no question has none.
    pub fn choices(&self, language: Language) -> Vec<String> {
        let said = |acts: &Vec<Act>| say_acts(acts, language, Style::Screen);
        match self {
            Self::Offer { readings } if readings.len() > 1 => readings.iter().map(said).collect(),
            Self::Offer { .. } | Self::Price { .. } | Self::Accept { .. } => Vec::new(),
            Self::Which { readings, .. } => readings.iter().map(said).collect(),
            Self::Product { products, .. } => {
                products.iter().take(CHOICES_MAX).map(|(_, name)| name.clone()).collect()
            }
        }
    }

    /// The readings a spoken answer can choose from.
    pub fn readings(&self) -> &[Vec<Act>] {
        match self {
            Self::Offer { readings } | Self::Which { readings, .. } => readings,
            Self::Price { .. } | Self::Product { .. } | Self::Accept { .. } => &[],
        }
    }

    /// Whether a number answers it: a price of its own, or one among its choices.
    pub fn asks_for_a_price(&self) -> bool {
        match self {
            Self::Price { .. } => true,
            Self::Which { readings, .. } => readings.iter().flatten().any(|act| act.price_minor().is_some()),
            Self::Offer { .. } | Self::Product { .. } | Self::Accept { .. } => false,
        }
    }
}

impl ReadBack {
    /// When it was asked.
    pub fn asked_at(&self) -> DateTime<Utc> {
        self.expires_at - OPEN_FOR
    }

    /// Whether it still waits for its answer at `now`.
    pub fn is_open_at(&self, now: DateTime<Utc>) -> bool {
        self.state == ReadBackState::Open && now < self.expires_at
    }
}
