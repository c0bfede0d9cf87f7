//! What the product itself says in a visit: stored as data, said in the reader's language.

use parley::{Amount, Prompt, Style, prompt};
use serde::{Deserialize, Serialize};
use types::{Language, Money};

/// News of the deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// A buyer has come; for the vendor.
    BuyerArrived,
    /// The two have agreed.
    Agreed {
        /// The goods, by lemma or as the vendor typed them.
        item: String,
        /// How much.
        amount: Amount,
        /// For how much in all.
        total: Money,
    },
    /// The money has come.
    Paid {
        /// How much.
        total: Money,
    },
    /// What was said could not be understood; for its speaker.
    NotUnderstood,
}

impl Notice {
    /// The sentence in a language, with digits for the screen or words for speech.
    pub fn say(&self, language: Language, style: Style) -> String {
        let said = match self {
            Self::BuyerArrived => Prompt::NewBuyer,
            Self::Agreed { item, amount, total } => {
                Prompt::DealAgreed { item: Some(item), amount: *amount, total_minor: total.minor() }
            }
            Self::Paid { total } => Prompt::Paid { total_minor: total.minor() },
            Self::NotUnderstood => Prompt::NotUnderstood,
        };
        prompt(&said, language, style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_said_in_every_language_with_its_amount() {
        let paid = Notice::Paid { total: Money::inr(150_00) };
        for language in Language::ALL {
            assert!(paid.say(language, Style::Screen).contains("₹150"), "{language}");
        }
    }
}
