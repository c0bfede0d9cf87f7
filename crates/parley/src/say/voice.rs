//! How one language says things: its sentences, units and number words, compiled once.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use types::{Language, Unit};

use super::template::{Slots, Template};
use crate::decimal::Decimal;
use crate::lexicon::{Lexicon, table};

/// How one language says things.
#[derive(Debug)]
pub(crate) struct Voice {
    sentences: FxHashMap<&'static str, Vec<Template>>,
    units: FxHashMap<Unit, UnitNames>,
    /// Numbers with words of their own, as they stand and as they stand before smaller ones.
    pub numbers: FxHashMap<Decimal, Words>,
    /// Numbers that are said so only when nothing else is counted (डेढ़ सौ).
    pub alone: FxHashMap<Decimal, &'static str>,
    /// Crore, lakh, thousand, hundred, from the largest down.
    pub scales: Vec<(u64, Words)>,
}

/// A number word, or a scale with a `{}` for how many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub said: &'static str,
    /// Before smaller numbers.
    pub joined: &'static str,
}

/// What a unit is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnitNames {
    pub one: &'static str,
    pub many: &'static str,
    pub screen: &'static str,
}

static VOICES: [LazyLock<Voice>; 13] = [
    LazyLock::new(|| Voice::build(Language::ALL[0])),
    LazyLock::new(|| Voice::build(Language::ALL[1])),
    LazyLock::new(|| Voice::build(Language::ALL[2])),
    LazyLock::new(|| Voice::build(Language::ALL[3])),
    LazyLock::new(|| Voice::build(Language::ALL[4])),
    LazyLock::new(|| Voice::build(Language::ALL[5])),
    LazyLock::new(|| Voice::build(Language::ALL[6])),
    LazyLock::new(|| Voice::build(Language::ALL[7])),
    LazyLock::new(|| Voice::build(Language::ALL[8])),
    LazyLock::new(|| Voice::build(Language::ALL[9])),
    LazyLock::new(|| Voice::build(Language::ALL[10])),
    LazyLock::new(|| Voice::build(Language::ALL[11])),
    LazyLock::new(|| Voice::build(Language::ALL[12])),
];

impl Voice {
    /// The voice of a language; compiled at the first use.
    pub fn of(language: Language) -> &'static Self {
        let index = Language::ALL.iter().position(|l| *l == language).unwrap_or_default();
        &VOICES[index]
    }

    fn build(language: Language) -> Self {
        let source = Lexicon::voice(language);
        let mut voice = Self {
            sentences: FxHashMap::default(),
            units: FxHashMap::default(),
            numbers: FxHashMap::default(),
            alone: FxHashMap::default(),
            scales: Vec::new(),
        };
        for [key, text] in table::rows(source.says, source.code) {
            voice.sentences.entry(key).or_default().push(Template::parse(text));
        }
        for [unit, _, one, many, screen, _] in table::rows::<6>(source.units, source.code) {
            let unit: Unit = unit.parse().unwrap_or_else(|_| panic!("{}: no unit {unit:?}", source.code));
            if !one.is_empty() {
                voice.units.entry(unit).or_insert(UnitNames { one, many, screen });
            }
        }
        for [value, kind, said, joined, _] in table::rows(source.numbers, source.code) {
            if said.is_empty() || kind == "confused" {
                continue;
            }
            let value = table::decimal(value, source.code);
            let words = Words { said, joined: if joined.is_empty() { said } else { joined } };
            match kind {
                "scale" if said.contains("{}") => {
                    let scale = value.as_whole().expect("a scale is a whole number");
                    voice.scales.push((scale, words));
                }
                "whole" => drop(voice.alone.insert(value, said)),
                "number" | "tens" | "said" => drop(voice.numbers.insert(value, words)),
                _ => {}
            }
        }
        voice.scales.sort_by_key(|(scale, _)| std::cmp::Reverse(*scale));
        voice
    }

    /// The sentence of a key, filled; the first of its rows that has a place for every slot.
    ///
    /// # Panics
    /// Where the tables have no such sentence: the tables are checked for all of them when they are tested.
    pub fn sentence(&self, key: &str, slots: &Slots) -> String {
        let rows = self.sentences.get(key).map(Vec::as_slice).unwrap_or_default();
        let row = rows.iter().find(|t| t.fits(slots)).or(rows.last());
        row.unwrap_or_else(|| panic!("no sentence for {key:?}")).fill(slots)
    }

    /// Whether a key has a sentence with a place for every slot.
    pub fn fits(&self, key: &str, slots: &Slots) -> bool {
        self.sentences.get(key).is_some_and(|rows| rows.iter().any(|t| t.fits(slots)))
    }

    /// What a unit is called.
    pub fn unit(&self, unit: Unit) -> UnitNames {
        let code = unit.code();
        self.units.get(&unit).copied().unwrap_or(UnitNames { one: code, many: code, screen: code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every sentence with the places that are always filled and those that may be.
    const SENTENCES: &[(&str, &[&str], &[&str])] = &[
        ("number.point", &[], &[]),
        ("number.half_alone", &[], &[]),
        ("number.quarter_alone", &[], &[]),
        ("number.three_quarters_alone", &[], &[]),
        ("money.rupees", &["n"], &[]),
        ("money.paise", &["n"], &[]),
        ("money.both", &["rupees", "paise"], &[]),
        ("amount.one", &["unit"], &[]),
        ("amount.many", &["n", "unit"], &[]),
        ("greet", &[], &[]),
        ("ask_price", &[], &["amount", "item"]),
        ("ask_final_price", &[], &[]),
        ("ask_availability", &[], &["item"]),
        ("ask_discount", &[], &[]),
        ("offer.bare", &["price"], &["item", "amount"]),
        ("offer.per", &["price", "unit"], &["item", "amount"]),
        ("offer.lot", &["price", "lot"], &["item", "amount"]),
        ("accept.plain", &[], &["item", "amount"]),
        ("accept.bare", &["price"], &["item", "amount"]),
        ("accept.per", &["price", "unit"], &["item", "amount"]),
        ("accept.lot", &["price", "lot"], &["item", "amount"]),
        ("reject", &[], &[]),
        ("set_quantity", &["amount"], &["item"]),
        ("confirm.plain", &[], &["item", "amount"]),
        ("confirm.bare", &["price"], &["item", "amount"]),
        ("confirm.per", &["price", "unit"], &["item", "amount"]),
        ("confirm.lot", &["price", "lot"], &["item", "amount"]),
        ("thank", &[], &[]),
        ("leave", &[], &[]),
        ("prompt.read_back", &["said"], &[]),
        ("prompt.before_accept", &["amount", "total"], &["item"]),
        ("prompt.which", &["first", "last"], &[]),
        ("prompt.which_price", &[], &[]),
        ("prompt.how_much", &[], &["item"]),
        ("prompt.new_buyer", &[], &[]),
        ("prompt.buyer_given", &[], &[]),
        ("prompt.offer_arrived", &["said"], &[]),
        ("prompt.deal_agreed", &["amount", "total"], &["item"]),
        ("prompt.paid", &["total"], &[]),
        ("prompt.not_understood", &[], &[]),
        ("prompt.stock_low", &["amount"], &["item"]),
        ("prompt.stock_none", &[], &["item"]),
    ];

    fn filled(names: impl Iterator<Item = &'static str>) -> Slots {
        names.fold(Slots::default(), |slots, name| slots.with(name, format!("<{name}>")))
    }

    #[test]
    fn every_sentence_of_every_language_says_all_it_is_given() {
        for language in Language::ALL {
            let voice = Voice::of(language);
            for (key, required, optional) in SENTENCES {
                for choice in 0..1usize << optional.len() {
                    let chosen = optional.iter().enumerate().filter(|(i, _)| choice & (1 << i) != 0);
                    let names: Vec<&'static str> =
                        required.iter().chain(chosen.map(|(_, n)| n)).copied().collect();
                    let slots = filled(names.iter().copied());
                    assert!(voice.fits(key, &slots), "{language}: {key} with {names:?}");
                    let said = voice.sentence(key, &slots);
                    assert!(!said.contains(['{', '}', '[', ']']), "{language}: {key}: {said}");
                }
            }
            for fraction in ["half", "quarter", "three_quarters"] {
                let key = format!("number.{fraction}");
                let fits = ["n", "next"].iter().any(|name| voice.fits(&key, &filled(std::iter::once(*name))));
                assert!(fits, "{language}: {key}");
            }
        }
    }

    #[test]
    fn every_unit_has_a_name_in_every_language() {
        for language in Language::ALL {
            for unit in Unit::ALL {
                let names = Voice::of(language).units.get(&unit);
                assert!(
                    names.is_some_and(|n| ![n.one, n.many, n.screen].contains(&"")),
                    "{language}: {unit} is {names:?}"
                );
            }
        }
    }
}
