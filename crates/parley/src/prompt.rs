//! What the app itself says: read-backs, questions, news.

use types::Language;

use crate::act::{Act, Amount};
use crate::say::template::Slots;
use crate::say::{Speaker, Style};

/// Something the app says aloud or shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt<'a> {
    /// "You said: 5 kilos of tomato for ₹150. Right?"
    ReadBack(&'a [Act]),
    /// "5 kg tomato, ₹150 in all. Shall I accept?"
    BeforeAccept {
        /// The goods, by lemma or as typed.
        item: Option<&'a str>,
        /// How much.
        amount: Amount,
        /// For how many paise in all.
        total_minor: i64,
    },
    /// "₹150 or ₹115?", about up to three readings.
    Which(&'a [Vec<Act>]),
    /// "Which price?"
    WhichPrice,
    /// "How much?"
    HowMuch {
        /// Of what.
        item: Option<&'a str>,
    },
    /// A buyer has come to the stall.
    NewBuyer,
    /// A buyer was given to one's team.
    BuyerGiven,
    /// The other side has made an offer.
    OfferArrived(&'a Act),
    /// The two have agreed.
    DealAgreed {
        /// The goods.
        item: Option<&'a str>,
        /// How much.
        amount: Amount,
        /// For how many paise in all.
        total_minor: i64,
    },
    /// The money has come.
    Paid {
        /// How many paise.
        total_minor: i64,
    },
    /// "I did not understand. Please say it again."
    NotUnderstood,
    /// There is less in stock than was asked for.
    StockTooLow {
        /// The goods.
        item: Option<&'a str>,
        /// What is left; `None` for nothing.
        left: Option<Amount>,
    },
}

/// Says a prompt.
///
/// ```
/// use parley::{Prompt, Style, prompt};
/// use types::Language;
/// assert_eq!(
///     prompt(&Prompt::Paid { total_minor: 15_000 }, Language::English, Style::Screen),
///     "₹150 has been paid."
/// );
/// ```
pub fn prompt(prompt: &Prompt, language: Language, style: Style) -> String {
    let speaker = Speaker { language, style };
    let deal = |item: Option<&str>, amount: Amount, total_minor| {
        Slots::default()
            .with("item", speaker.item(item))
            .with("amount", speaker.amount(amount))
            .with("total", speaker.price(total_minor))
    };
    match *prompt {
        Prompt::ReadBack(acts) => {
            let said = crate::say::say_acts(acts, language, style);
            speaker.sentence("prompt.read_back", &Slots::default().with("said", said))
        }
        Prompt::BeforeAccept { item, amount, total_minor } => {
            speaker.sentence("prompt.before_accept", &deal(item, amount, total_minor))
        }
        Prompt::Which(candidates) => which(speaker, candidates),
        Prompt::WhichPrice => speaker.sentence("prompt.which_price", &Slots::default()),
        Prompt::HowMuch { item } => {
            speaker.sentence("prompt.how_much", &Slots::default().with("item", speaker.item(item)))
        }
        Prompt::NewBuyer => speaker.sentence("prompt.new_buyer", &Slots::default()),
        Prompt::BuyerGiven => speaker.sentence("prompt.buyer_given", &Slots::default()),
        Prompt::OfferArrived(act) => {
            speaker.sentence("prompt.offer_arrived", &Slots::default().with("said", speaker.act(act)))
        }
        Prompt::DealAgreed { item, amount, total_minor } => {
            speaker.sentence("prompt.deal_agreed", &deal(item, amount, total_minor))
        }
        Prompt::Paid { total_minor } => {
            speaker.sentence("prompt.paid", &Slots::default().with("total", speaker.price(total_minor)))
        }
        Prompt::NotUnderstood => speaker.sentence("prompt.not_understood", &Slots::default()),
        Prompt::StockTooLow { item, left } => {
            let slots = Slots::default().with("item", speaker.item(item));
            match left {
                Some(left) => {
                    speaker.sentence("prompt.stock_low", &slots.with("amount", speaker.amount(left)))
                }
                None => speaker.sentence("prompt.stock_none", &slots),
            }
        }
    }
}

/// Asks which reading was meant: by price alone where the prices tell them apart.
fn which(speaker: Speaker, candidates: &[Vec<Act>]) -> String {
    let prices: Vec<i64> =
        candidates.iter().filter_map(|acts| acts.iter().find_map(Act::price_minor)).collect();
    let mut distinct = prices.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let told_apart = distinct.len() == candidates.len() && prices.len() == candidates.len();
    let choices: Vec<String> = if told_apart {
        prices.iter().map(|minor| speaker.price(*minor)).collect()
    } else {
        candidates.iter().map(|acts| crate::say::say_acts(acts, speaker.language, speaker.style)).collect()
    };
    let [first @ .., last] = &choices[..] else {
        return speaker.sentence("prompt.not_understood", &Slots::default());
    };
    if first.is_empty() {
        return speaker.sentence("prompt.read_back", &Slots::default().with("said", last.clone()));
    }
    let slots = Slots::default().with("first", first.join(", ")).with("last", last.clone());
    speaker.sentence("prompt.which", &slots)
}
