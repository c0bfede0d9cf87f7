//! Amounts, quantities, dates and names as documents write them.

use chrono::{DateTime, FixedOffset};
use parley::{Amount, Style, units};
use types::{Currency, Language, Money, Price, Quantity, Script, Unit, group_en_in};

use crate::StateCode;

pub(super) fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

pub(super) fn quantity(quantity: Quantity, unit: Unit, language: Language) -> String {
    parley::amount(Amount::new(quantity, unit), language, Style::Screen)
}

pub(super) fn price(price: Price, language: Language) -> String {
    let unit = if price.per() == Quantity::ONE {
        units::name(price.unit(), price.per(), language, Style::Screen).to_owned()
    } else {
        quantity(price.per(), price.unit(), language)
    };
    format!("{} / {unit}", price.amount())
}

/// An amount as a column has it: always with paise, so that the points stand below each other.
pub(super) fn figure(money: Money) -> String {
    let Currency::Inr = money.currency();
    rupees(money.minor())
}

pub(super) fn rupees(paise: i64) -> String {
    let (sign, paise) = (if paise < 0 { "−" } else { "" }, paise.unsigned_abs());
    format!("{sign}{}.{:02}", group_en_in(paise / 100), paise % 100)
}

pub(super) fn state(state: StateCode) -> String {
    format!("{} ({})", state.name(), state.code())
}

pub(super) fn moment(at: DateTime<FixedOffset>) -> String {
    at.format("%d-%m-%Y %H:%M").to_string()
}

/// The script of the first letter that is not Latin; Latin where there is none.
pub(super) fn script_of(text: &str) -> Script {
    let script = |letter: char| match letter {
        '\u{0600}'..='\u{06FF}'
        | '\u{0750}'..='\u{077F}'
        | '\u{FB50}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}' => Some(Script::Arabic),
        '\u{0900}'..='\u{097F}' => Some(Script::Devanagari),
        '\u{0980}'..='\u{09FF}' => Some(Script::Bengali),
        '\u{0A00}'..='\u{0A7F}' => Some(Script::Gurmukhi),
        '\u{0A80}'..='\u{0AFF}' => Some(Script::Gujarati),
        '\u{0B00}'..='\u{0B7F}' => Some(Script::Odia),
        '\u{0B80}'..='\u{0BFF}' => Some(Script::Tamil),
        '\u{0C00}'..='\u{0C7F}' => Some(Script::Telugu),
        '\u{0C80}'..='\u{0CFF}' => Some(Script::Kannada),
        '\u{0D00}'..='\u{0D7F}' => Some(Script::Malayalam),
        _ => None,
    };
    text.chars().find_map(script).unwrap_or(Script::Latin)
}
