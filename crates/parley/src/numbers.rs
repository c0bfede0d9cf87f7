//! Numbers in text: finding them in words or digits, saying them in words, and checking that none was lost on the
//! way through a machine translation.

pub(crate) mod fuse;
pub(crate) mod grammar;
mod words;

use std::ops::Range;

use types::Language;

pub use crate::decimal::{Decimal, NotDecimal};
use crate::scene::{Item, Scene};

/// A number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its exact value.
    pub value: Decimal,
    /// The bytes it covers.
    pub span: Range<usize>,
}

/// Every number of a text, written in digits of any script or in words, in order. Times, dates and telephone numbers
/// in digits are no amounts and are left out.
///
/// ```
/// use parley::numbers;
/// use types::Language;
/// let found = numbers::find("पाँच किलो डेढ़ सौ में", Language::Hindi);
/// let values: Vec<String> = found.iter().map(|f| f.value.to_string()).collect();
/// assert_eq!(values, ["5", "150"]);
/// ```
pub fn find(text: &str, language: Language) -> Vec<Found> {
    let scene = Scene::of(text, language, None);
    let numbers = scene.items().iter().enumerate().filter_map(|(at, item)| match item {
        Item::Number(numeral) if !numeral.is_after => {
            Some(Found { value: numeral.value, span: scene.span(at) })
        }
        _ => None,
    });
    numbers.collect()
}

/// A number in words, as the language says it in the market: डेढ़ सौ, one lakh twenty-five thousand.
///
/// ```
/// use parley::numbers;
/// use types::Language;
/// assert_eq!(numbers::say("150".parse()?, Language::English), "one hundred and fifty");
/// # Ok::<(), numbers::NotDecimal>(())
/// ```
pub fn say(value: Decimal, language: Language) -> String {
    words::say(value, language)
}

/// Whether every number of a text is in its translation, and no other: a translation that changes a number must not
/// be shown. Ones are left out, because many languages say "one" where others say "a".
pub fn survive(text: &str, language: Language, translation: &str, into: Language) -> bool {
    let values = |text, language| {
        let mut values: Vec<Decimal> = find(text, language).into_iter().map(|f| f.value).collect();
        values.retain(|v| *v != Decimal::ONE);
        values.sort_unstable();
        values
    };
    values(text, language) == values(translation, into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_lost_in_translation_is_noticed() {
        let (hi, en) = (Language::Hindi, Language::English);
        assert!(survive("मुझे ढाई सौ चाहिए", hi, "I need 250", en));
        assert!(!survive("मुझे ढाई सौ चाहिए", hi, "I need 200", en));
        assert!(!survive("मुझे ढाई सौ चाहिए", hi, "I need some", en));
        assert!(survive("एक आदमी", hi, "a man", en));
    }

    #[test]
    fn spans_cover_the_words_of_the_number() {
        let text = "only twenty five rupees";
        let found = find(text, Language::English);
        assert_eq!(&text[found[0].span.clone()], "twenty five");
    }
}
