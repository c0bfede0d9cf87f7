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
