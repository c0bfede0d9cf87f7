//! A text as it is to be spoken: what speech engines skip or spell is put into words first.

use parley::{Style, numbers, units};
use types::{Language, Money, Quantity};

/// Characters that steer an engine (markup, phonemes in double brackets) or cannot be said.
fn is_unspeakable(c: char) -> bool {
    let is_mark =
        matches!(c, '[' | ']' | '<' | '>' | '{' | '}' | '|' | '\\' | '^' | '~' | '`' | '_' | '*' | '#');
    let is_invisible = matches!(c, '\u{00AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}');
    let is_picture =
        matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{E000}'..='\u{F8FF}');
    c.is_control() || is_mark || is_invisible || is_picture
}

/// The text with amounts of money and short names of units in words, digits of its script as 0 to 9, and nothing in it
/// that an engine takes for a command. Empty where nothing can be said.
pub(crate) fn worded(text: &str, language: Language) -> String {
    let plain: String = text.chars().map(|c| if is_unspeakable(c) { ' ' } else { c }).collect();
    let with_units = unit_names(&plain, language);
    let with_money = rupees(&with_units, language);
    let said: Vec<&str> = with_money.split_whitespace().collect();
    let said = said.join(" ");
    if said.chars().any(char::is_alphanumeric) { western_digits(&said) } else { String::new() }
}

/// "2.5 kg" is read as letters; "2.5 kilos" is not.
fn unit_names(text: &str, language: Language) -> String {
    let mut said = String::with_capacity(text.len());
    let mut done = 0;
    for found in units::find(text, language) {
        let short = units::name(found.unit, Quantity::whole(2), language, Style::Screen);
        if text[found.span.clone()] == *short {
            said.push_str(&text[done..found.span.start]);
            said.push_str(units::name(found.unit, Quantity::whole(2), language, Style::Speech));
            done = found.span.end;
        }
    }
    said.push_str(&text[done..]);
    said
}

/// "₹1,25,000" as people say it; a ₹ without an amount is dropped, as engines do.
fn rupees(text: &str, language: Language) -> String {
    let amounts = numbers::find(text, language);
    let mut said = String::with_capacity(text.len());
    let mut done = 0;
    for (sign, _) in text.match_indices('₹') {
        let behind = sign + '₹'.len_utf8();
        let amount = amounts.iter().find(|n| n.span.start >= sign && n.span.end > behind);
        let amount =
            amount.filter(|n| text.get(behind..n.span.start).is_none_or(|gap| gap.trim().is_empty()));
        said.push_str(text.get(done..sign).unwrap_or_default());
        done = done.max(behind);
        if let Some((minor, end)) = amount.and_then(|n| Some((n.value.as_hundredths()?, n.span.end))) {
            said.push(' ');
            said.push_str(&parley::money(Money::inr(minor), language, Style::Speech));
            done = end;
        }
    }
    said.push_str(text.get(done..).unwrap_or_default());
    said
}

/// Engines read the digits 0 to 9 in every language, but not all read those of the language's own script.
fn western_digits(text: &str) -> String {
    text.chars().map(|c| value_of_digit(c).and_then(|v| char::from_digit(v, 10)).unwrap_or(c)).collect()
}

fn value_of_digit(c: char) -> Option<u32> {
    const ZEROS: [char; 11] = ['٠', '۰', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦'];
    ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_is_said_in_words_of_the_language() {
        assert_eq!(
            worded("5 kg tomato for ₹150", Language::English),
            "5 kilos tomato for one hundred and fifty rupees"
        );
        let tamil = worded("₹1,25,000.", Language::Tamil);
        assert!(!tamil.contains('₹') && !tamil.contains("25"), "{tamil}");
        for language in Language::ALL {
            let said = worded("₹ 40", language);
            assert!(!said.contains(['₹', '4', '0']) && said.contains(' '), "{language}: {said}");
        }
    }

    #[test]
    fn a_sign_without_an_amount_is_left_out() {
        assert_eq!(worded("how many ₹ is it", Language::English), "how many is it");
        assert_eq!(worded("₹", Language::Hindi), "");
    }

    #[test]
    fn commands_to_an_engine_become_silence() {
        assert_eq!(worded("[[h@l3u]] <break/> a\u{202E}b 🙂", Language::English), "h@l3u break/ a b");
        assert_eq!(worded("\u{0}\n 🙂 …", Language::English), "");
    }

    #[test]
    fn digits_of_any_script_become_those_every_engine_reads() {
        assert_eq!(worded("۱۵۰ روپے", Language::Urdu), "150 روپے");
        assert_eq!(worded("௧௫௦", Language::Tamil), "150");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_worded_without_signs_or_panics(text in "\\PC{0,60}|[₹0-9,. कிkg]{0,30}") {
            for language in Language::ALL {
                let said = worded(&text, language);
                prop_assert!(!said.contains(['₹', '[', '<']) && !said.chars().any(char::is_control));
            }
        }
    }
}
