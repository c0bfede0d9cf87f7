//! Whether a machine's translation says the same amounts, units and names as the text.
//!
//! Deliberately strict: a warning too many shows the original, a warning too few may cost somebody money.

use parley::{numbers, units};
use types::{Language, Unit};

use super::Line;
use super::names::name_survives;

/// Whether every number, unit and name of the text is in its translation, and no other number or unit.
pub(super) fn survives(line: &Line<'_>, translation: &str) -> bool {
    numbers::survive(line.text, line.from, translation, line.to)
        && units_of(line.text, line.from) == units_of(translation, line.to)
        && line.names.iter().all(|name| name_survives(name, line, translation))
}

/// Units of measure, each once: how often one is named differs between languages. Pieces, packets and the like are left
/// out, because many languages count without them.
fn units_of(text: &str, language: Language) -> Vec<Unit> {
    let is_measured = |unit: &Unit| {
        matches!(
            unit,
            Unit::Kg | Unit::G | Unit::Quintal | Unit::Litre | Unit::Ml | Unit::Dozen | Unit::Metre
        )
    };
    let mut found: Vec<Unit> =
        units::find(text, language).into_iter().map(|f| f.unit).filter(is_measured).collect();
    found.sort_unstable_by_key(|unit| unit.code());
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(text: &str, from: Language, translation: &str, to: Language) -> bool {
        survives(&Line { text, from, to, names: &["Tomato".to_owned(), "Ravi".to_owned()] }, translation)
    }

    #[test]
    fn a_changed_amount_unit_or_name_is_noticed() {
        use Language::{English, Hindi, Tamil};
        assert!(holds("I came from the village today", English, "मैं आज गाँव से आया", Hindi));
        assert!(holds("keep 5 kilos for me", English, "मेरे लिए पाँच किलो रखना", Hindi));
        assert!(holds("keep 5 kilos for me", English, "मेरे लिए ५ किलो रखना", Hindi));
        assert!(!holds("keep 5 kilos for me", English, "मेरे लिए 50 किलो रखना", Hindi));
        assert!(!holds("keep 5 kilos for me", English, "मेरे लिए पाँच लीटर रखना", Hindi));
        assert!(!holds("keep some for me", English, "मेरे लिए पाँच किलो रखना", Hindi));
        assert!(holds("the tomatoes are fresh", English, "தக்காளி புதியது", Tamil));
        assert!(!holds("the tomatoes are fresh", English, "வெங்காயம் புதியது", Tamil));
        assert!(holds("Ravi will bring it", English, "ரவி கொண்டு வருவார்", Tamil));
        assert!(!holds("Ravi will bring it", English, "குமார் கொண்டு வருவார்", Tamil));
    }

    proptest! {
        #[test]
        fn an_echo_says_the_same_in_every_language(text in "\\PC{0,60}|([0-9]{1,4}|kg|किलो|रवि|Ravi|பால்| ){0,12}") {
            let names = ["Ravi".to_owned(), "रवि".to_owned(), text.clone()];
            for from in Language::ALL {
                let line = Line { text: &text, from, to: from, names: &names };
                prop_assert!(survives(&line, &text), "{from}: {text:?}");
            }
        }
    }
}
