//! What Indian markets sell, named in every language, and the matching of spoken goods to a stall's products.

mod resolver;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use types::{Language, Unit};

use crate::lexicon::table;
pub use resolver::{Resolution, Resolver};

/// One kind of goods.
#[derive(Debug, Clone, Copy)]
pub struct Good {
    /// The English name in the singular, lower case: the key by which acts name the goods.
    pub lemma: &'static str,
    /// The unit it is usually sold in.
    pub unit: Unit,
    /// The HSN heading (4 to 8 digits), where the source is sure of one.
    pub hsn: Option<&'static str>,
    cells: [&'static str; LANGUAGES],
    romanised: [&'static str; ROMANISED],
}

const LANGUAGES: usize = 13;
const ROMANISED: usize = 4;
const COLUMNS: usize = 3 + LANGUAGES + ROMANISED + 1;

struct Goods {
    all: Vec<Good>,
    by_lemma: FxHashMap<&'static str, u16>,
}

static GOODS: LazyLock<Goods> = LazyLock::new(|| {
    let all: Vec<Good> = table::rows::<COLUMNS>(include_str!("../data/goods.tsv"), "goods")
        .map(|row| Good::of_row(&row))
        .collect();
    let by_lemma = (0u16..).zip(&all).map(|(index, good)| (good.lemma, index)).collect();
    Goods { all, by_lemma }
});

/// Every kind of goods.
pub fn all() -> &'static [Good] {
    &GOODS.all
}

/// The goods of an English lemma.
pub fn by_lemma(lemma: &str) -> Option<&'static Good> {
    GOODS.by_lemma.get(lemma).map(|index| &GOODS.all[usize::from(*index)])
}

/// What a price board calls the goods of a lemma; an unknown lemma is shown as it is.
pub fn name(lemma: &str, language: Language) -> &str {
    by_lemma(lemma).map_or(lemma, |good| good.name(language))
}

impl Good {
    fn of_row(row: &[&'static str; COLUMNS]) -> Self {
        let [lemma, unit, hsn, rest @ ..] = *row;
        let unit = unit.parse().unwrap_or_else(|_| panic!("goods: {lemma}: no unit {unit:?}"));
        let hsn = Some(hsn).filter(|h| !h.is_empty());
        let cells = std::array::from_fn(|i| rest[i]);
        let romanised = std::array::from_fn(|i| rest[LANGUAGES + i]);
        Self { lemma, unit, hsn, cells, romanised }
    }

    /// What a price board calls it.
    pub fn name(&self, language: Language) -> &'static str {
        self.names(language).next().unwrap_or(self.lemma)
    }

    /// Everything people call it in a language, the usual name first.
    pub fn names(&self, language: Language) -> impl Iterator<Item = &'static str> + use<> {
        let column = Language::ALL.iter().position(|l| *l == language).unwrap_or_default();
        table::forms(self.cells[column])
    }

    /// How people type its names in Latin letters. Typists of the languages around Hindi borrow its spellings.
    pub fn romanised_names(&self, language: Language) -> impl Iterator<Item = &'static str> + use<> {
        let column = match language {
            Language::English
            | Language::Hindi
            | Language::Urdu
            | Language::Marathi
            | Language::Gujarati
            | Language::Punjabi => Some(0),
            Language::Bengali | Language::Assamese => Some(1),
            Language::Tamil => Some(2),
            Language::Telugu => Some(3),
            Language::Kannada | Language::Malayalam | Language::Odia => None,
        };
        table::forms(column.map_or("", |c| self.romanised[c]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_are_found_by_lemma_and_named_in_a_language() {
        let tomato = by_lemma("tomato").unwrap();
        assert_eq!(tomato.unit, Unit::Kg);
        assert_eq!(name("tomato", Language::Tamil), "தக்காளி");
        assert_eq!(name("dragon egg", Language::Tamil), "dragon egg");
    }
}
