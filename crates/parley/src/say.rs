//! Acts in the words of a language, for the screen and for speech.

pub(crate) mod template;
pub(crate) mod voice;

use types::{Language, Money, Quantity};

use crate::act::{Act, Amount, Terms};
use crate::decimal::Decimal;
use crate::{goods, numbers, units};
use template::Slots;
use voice::Voice;

/// For the eye or for the ear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Digits and signs, grouped as in India: ₹1,25,000 and 5 kg.
    Screen,
    /// Words throughout: a speech engine reads signs and digits in its own way or not at all.
    Speech,
}

/// Says one act.
///
/// ```
/// use parley::{Act, Style, say};
/// use types::Language;
/// let act: Act = serde_json::from_str(
///     r#"{"act":"offer","price_minor":15000,"for_quantity":"5","unit":"kg","quantity":"5","item":"potato"}"#,
/// )?;
/// assert_eq!(say(&act, Language::English, Style::Screen), "5 kg of potato for ₹150");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn say(act: &Act, language: Language, style: Style) -> String {
    Speaker { language, style }.act(act)
}

/// Says several acts, one after the other.
pub fn say_acts(acts: &[Act], language: Language, style: Style) -> String {
    let speaker = Speaker { language, style };
    acts.iter().map(|act| speaker.act(act)).collect::<Vec<_>>().join(", ")
}

/// An amount of money: ₹15.50, or "fifteen rupees fifty paise".
pub fn money(money: Money, language: Language, style: Style) -> String {
    Speaker { language, style }.price(money.minor())
}

/// So much of a unit: 2.5 kg, or "two and a half kilos".
pub fn amount(amount: Amount, language: Language, style: Style) -> String {
    Speaker { language, style }.amount(amount)
}

/// One language in one style.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speaker {
    pub language: Language,
    pub style: Style,
}

impl Speaker {
    pub fn sentence(self, key: &str, slots: &Slots) -> String {
        Voice::of(self.language).sentence(key, slots)
    }

    pub fn act(self, act: &Act) -> String {
        let none = Slots::default;
        match act {
            Act::Greet => self.sentence("greet", &none()),
            Act::AskPrice { wanted, item } => self.sentence(
                "ask_price",
                &self.goods(item.as_deref()).with("amount", wanted.map(|w| self.amount(w))),
            ),
            Act::AskFinalPrice => self.sentence("ask_final_price", &none()),
            Act::AskAvailability { item } => self.sentence("ask_availability", &self.goods(item.as_deref())),
            Act::AskDiscount => self.sentence("ask_discount", &none()),
            Act::Offer(offer) => self.terms("offer", &offer.clone().into()),
            Act::Accept(terms) => self.terms("accept", terms),
            Act::Reject => self.sentence("reject", &none()),
            Act::SetQuantity { wanted, item } => self
                .sentence("set_quantity", &self.goods(item.as_deref()).with("amount", self.amount(*wanted))),
            Act::Confirm(terms) => self.terms("confirm", terms),
            Act::Thank => self.sentence("thank", &none()),
            Act::Leave => self.sentence("leave", &none()),
        }
    }

    /// A price for one unit, for a lot, or by itself; what is wanted beside it only where it is not the lot.
    fn terms(self, act: &str, terms: &Terms) -> String {
        let Terms { price_minor, lot, wanted, item } = terms;
        let apart = wanted.filter(|w| *lot != Some(*w));
        let slots = self.goods(item.as_deref()).with("amount", apart.map(|w| self.amount(w)));
        let Some(minor) = price_minor else { return self.sentence(&format!("{act}.plain"), &slots) };
        let slots = slots.with("price", self.price(*minor));
        match lot {
            None => self.sentence(&format!("{act}.bare"), &slots),
            Some(lot) if lot.quantity == Quantity::ONE && *wanted != Some(*lot) => {
                let names = Voice::of(self.language).unit(lot.unit);
                let unit = if self.style == Style::Screen { names.screen } else { names.one };
                self.sentence(&format!("{act}.per"), &slots.with("unit", unit.to_owned()))
            }
            Some(lot) => self.sentence(&format!("{act}.lot"), &slots.with("lot", self.amount(*lot))),
        }
    }

    fn goods(self, item: Option<&str>) -> Slots {
        Slots::default().with("item", item.map(|i| goods::name(i, self.language).to_owned()))
    }

    pub fn item(self, item: Option<&str>) -> Option<String> {
        item.map(|i| goods::name(i, self.language).to_owned())
    }

    pub fn price(self, minor: i64) -> String {
        if self.style == Style::Screen || minor < 0 {
            return Money::inr(minor).to_string();
        }
        let number = |value: i64| numbers::say(Decimal::hundredths(value * 100), self.language);
        let (rupees, paise) = (minor / 100, minor % 100);
        let key = if rupees == 1 { "money.rupee" } else { "money.rupees" };
        let rupees_said = self.sentence(key, &Slots::default().with("n", number(rupees)));
        if paise == 0 {
            return rupees_said;
        }
        let paise_said = self.sentence("money.paise", &Slots::default().with("n", number(paise)));
        if rupees == 0 {
            return paise_said;
        }
        // Some languages put the rupees into another case before paise: their row takes the number alone.
        let joined = Slots::default().with("n", number(rupees)).with("paise", paise_said.clone());
        if rupees > 1 && Voice::of(self.language).fits("money.both", &joined) {
            return self.sentence("money.both", &joined);
        }
        self.sentence("money.both", &Slots::default().with("rupees", rupees_said).with("paise", paise_said))
    }

    pub fn amount(self, amount: Amount) -> String {
        let unit = units::name(amount.unit, amount.quantity, self.language, self.style).to_owned();
        if self.style == Style::Screen {
            return format!("{} {unit}", amount.quantity);
        }
        let is_one = amount.quantity == Quantity::ONE;
        let slots = Slots::default().with("unit", unit);
        if is_one {
            return self.sentence("amount.one", &slots);
        }
        let number = numbers::say(amount.quantity.into(), self.language);
        self.sentence("amount.many", &slots.with("n", number))
    }
}
