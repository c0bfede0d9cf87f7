//! The words of a language, compiled once from its tables.
//!
//! A language is its own tables, its romanised tables where it has them, the goods, and English, which every market
//! mixes in. The language's own meanings win over borrowed ones. Nothing here knows any language by name: what a
//! language does is in `data/`.

pub(crate) mod cue;
mod forms;
mod latin;
mod source;
pub(crate) mod table;
mod trie;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use types::{Language, Unit};

use crate::decimal::Decimal;
use crate::fold;
use crate::goods;
use crate::numbers::fuse::Fused;
use crate::numbers::grammar::Morph;
use crate::token::{Kind, Tokens};
use cue::Cue;
use forms::Suffixes;
pub(crate) use forms::{Matched, Meaning};
use latin::Folding;
pub(crate) use source::Source;
use trie::{Trie, WordId};

/// What a word or phrase may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    Number(Morph),
    /// `factor` of `unit`: a pav is 250 g.
    Unit {
        factor: Decimal,
        unit: Unit,
    },
    /// An index into [`goods`].
    Good(u16),
    Cue(Cue),
}

/// The words of one script: whole words, and beginnings of words that stand for whatever follows them.
#[derive(Debug, Default)]
struct Words {
    whole: FxHashMap<Box<str>, WordId>,
    stems: FxHashMap<Box<str>, WordId>,
    stem_bytes: (usize, usize),
    suffixes: Suffixes,
    fused: Fused,
}

/// The words of a language.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// The language's own script; in English, and for words borrowed from it, Latin letters as they are spelt.
    plain: Words,
    /// Romanised words under their folded keys.
    romanised: Words,
    folding: Option<Folding>,
    /// English endings, for borrowed words.
    borrowed_suffixes: Suffixes,
    trie: Trie,
    words: WordId,
}

/// Where a table's words go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Own,
    Romanised,
    Borrowed,
}

static LEXICONS: [LazyLock<Lexicon>; 13] = [
    LazyLock::new(|| Lexicon::build(Language::ALL[0])),
    LazyLock::new(|| Lexicon::build(Language::ALL[1])),
    LazyLock::new(|| Lexicon::build(Language::ALL[2])),
    LazyLock::new(|| Lexicon::build(Language::ALL[3])),
    LazyLock::new(|| Lexicon::build(Language::ALL[4])),
    LazyLock::new(|| Lexicon::build(Language::ALL[5])),
    LazyLock::new(|| Lexicon::build(Language::ALL[6])),
    LazyLock::new(|| Lexicon::build(Language::ALL[7])),
    LazyLock::new(|| Lexicon::build(Language::ALL[8])),
    LazyLock::new(|| Lexicon::build(Language::ALL[9])),
    LazyLock::new(|| Lexicon::build(Language::ALL[10])),
    LazyLock::new(|| Lexicon::build(Language::ALL[11])),
    LazyLock::new(|| Lexicon::build(Language::ALL[12])),
];

impl Lexicon {
    /// The words of a language; compiled at the first use.
    pub fn of(language: Language) -> &'static Self {
        let index = Language::ALL.iter().position(|l| *l == language).unwrap_or_default();
        &LEXICONS[index]
    }

    /// The tables the language says things with. A language whose tables are not written yet says them in English.
    pub fn voice(language: Language) -> &'static Source {
        let own = source::own(language);
        if table::rows::<2>(own.says, own.code).next().is_some() { own } else { &source::ENGLISH }
    }

    fn build(language: Language) -> Self {
        let own = source::own(language);
        let romanised = source::romanised(language);
        let mut lexicon = Self {
            plain: Words::default(),
            romanised: Words::default(),
            folding: romanised.map(|r| Folding::of(r.folds, r.code)),
            borrowed_suffixes: Suffixes::default(),
            trie: Trie::new(),
            words: 0,
        };
        lexicon.add_source(own, Place::Own);
        if let Some(romanised) = romanised {
            lexicon.add_source(romanised, Place::Romanised);
        }
        lexicon.add_goods(language);
        if language != Language::English {
            lexicon.add_source(&source::ENGLISH, Place::Borrowed);
            lexicon.borrowed_suffixes = Suffixes::read(source::ENGLISH.suffixes, "en", str::to_owned);
        }
        lexicon
    }

    fn add_source(&mut self, source: &'static Source, place: Place) {
        self.add_numbers(source, place);
        self.add_units(source, place);
        for [class, forms] in table::rows(source.cues, source.code) {
            let cue = Cue::named(class).unwrap_or_else(|| panic!("{}: no class {class:?}", source.code));
            for form in table::forms(forms) {
                self.add(form, Sense::Cue(cue), place);
            }
        }
        match place {
            Place::Own => self.plain.suffixes = Suffixes::read(source.suffixes, source.code, fold::folded),
            Place::Romanised => {
                let folding = self.folding.as_ref();
                let key = |s: &str| folding.map_or_else(|| s.to_owned(), |f| f.folded(s));
                self.romanised.suffixes = Suffixes::read(source.suffixes, source.code, key);
            }
            Place::Borrowed => {}
        }
    }

    fn add_numbers(&mut self, source: &'static Source, place: Place) {
        let pairs = source.code == "en";
        let mut glide = None;
        for [value, kind, said, joined, heard] in table::rows(source.numbers, source.code) {
            let number = || table::decimal(value, source.code);
            let morph = match kind {
                "number" => Morph::Number { value: number(), pairs },
                "tens" => Morph::Tens { value: number(), pairs },
                // English words in another script pair as they do in English: "वन फिफ्टी" is 150.
                "english" => Morph::Number { value: number(), pairs: true },
                "english_tens" => Morph::Tens { value: number(), pairs: true },
                "scale" => Morph::Scale(number()),
                "more" => Morph::More(number()),
                "short" => Morph::Short(number()),
                "part" => Morph::Part(number()),
                "after" => Morph::After(number()),
                "and" => Morph::And,
                "point" => Morph::Point,
                "glide" => {
                    glide = table::forms(heard).next();
                    continue;
                }
                "said" | "whole" | "confused" => continue,
                _ => panic!("{}: no kind of number {kind:?}", source.code),
            };
            let joined = joined.trim_end_matches('+');
            let spoken = [said, joined].into_iter().filter(|form| !form.is_empty() && !form.contains('{'));
            for form in spoken.chain(table::forms(heard)) {
                self.add(form, Sense::Number(morph), place);
                self.add_fused(form, morph, place, glide);
            }
        }
    }

    fn add_fused(&mut self, form: &str, morph: Morph, place: Place, glide: Option<&str>) {
        let fuses = !form.contains(' ') && !matches!(morph, Morph::And | Morph::Point);
        match place {
            Place::Own if fuses => self.plain.fused.add(&fold::folded(form), morph, glide),
            Place::Romanised if fuses => {
                if let Some(folding) = &self.folding {
                    self.romanised.fused.add(&folding.folded(&fold::folded(form)), morph, glide);
                }
            }
            _ => {}
        }
    }

    fn add_units(&mut self, source: &'static Source, place: Place) {
        for [code, factor, one, many, screen, heard] in table::rows(source.units, source.code) {
            let unit: Unit = code.parse().unwrap_or_else(|_| panic!("{}: no unit {code:?}", source.code));
            let sense = Sense::Unit { factor: table::decimal(factor, source.code), unit };
            for form in [one, many, screen].into_iter().chain(table::forms(heard)).filter(|f| !f.is_empty()) {
                self.add(form, sense, place);
            }
        }
    }

    fn add_goods(&mut self, language: Language) {
        for (index, good) in goods::all().iter().enumerate() {
            let sense = Sense::Good(u16::try_from(index).expect("there are fewer than 65,536 goods"));
            for form in good.names(language) {
                self.add(form, sense, Place::Own);
            }
            for form in good.romanised_names(language) {
                let place = if self.folding.is_some() { Place::Romanised } else { Place::Borrowed };
                self.add_unless_known(form, sense, place);
            }
            if language != Language::English {
                for form in good.names(Language::English) {
                    self.add(form, sense, Place::Borrowed);
                }
            }
        }
    }

    /// Adds a borrowed name, unless the language uses the word for something else.
    fn add_unless_known(&mut self, form: &str, sense: Sense, place: Place) {
        let known = place == Place::Borrowed && self.plain.whole.contains_key(fold::folded(form).as_str());
        if !known {
            self.add(form, sense, place);
        }
    }

    /// Adds a phrase; a `*` at the end of its last word stands for any ending.
    fn add(&mut self, form: &str, sense: Sense, place: Place) {
        let (form, open) = form.strip_suffix('*').map_or((form, false), |f| (f, true));
        let tokens = Tokens::of(form);
        let words: SmallVec<[String; 4]> = (0..tokens.len())
            .filter(|i| tokens.get(*i).kind == Kind::Word)
            .map(|i| tokens.folded(i).to_owned())
            .collect();
        let last = words.len().saturating_sub(1);
        let phrase: SmallVec<[WordId; 4]> =
            words.iter().enumerate().map(|(i, w)| self.id(w, open && i == last, place)).collect();
        if !phrase.is_empty() {
            self.trie.add(&phrase, sense, place != Place::Borrowed);
        }
    }

    fn id(&mut self, word: &str, open: bool, place: Place) -> WordId {
        let is_romanised = place == Place::Romanised && word.is_ascii();
        let (words, key) = match &self.folding {
            Some(folding) if is_romanised => (&mut self.romanised, folding.folded(word)),
            _ => (&mut self.plain, word.to_owned()),
        };
        let next = self.words;
        let id =
            if open { words.add_stem(&key, next) } else { *words.whole.entry(key.into()).or_insert(next) };
        if id == next {
            self.words += 1;
        }
        id
    }
}

impl Words {
    fn add_stem(&mut self, key: &str, next: WordId) -> WordId {
        let (shortest, longest) = self.stem_bytes;
        let shortest = if longest == 0 { key.len() } else { shortest.min(key.len()) };
        self.stem_bytes = (shortest, longest.max(key.len()));
        *self.stems.entry(key.into()).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn every_table_compiles() {
        for language in Language::ALL {
            assert!(Lexicon::of(language).words > 0, "{language}");
        }
    }

    /// What one table calls a key: meaning to the forms that give it.
    type Meanings = BTreeMap<String, BTreeSet<&'static str>>;

    fn keys(
        source: &'static Source,
        goods: impl Iterator<Item = (&'static str, &'static str)>,
    ) -> BTreeMap<String, Meanings> {
        let folding = (!source.folds.is_empty()).then(|| Folding::of(source.folds, source.code));
        let mut keys: BTreeMap<String, Meanings> = BTreeMap::new();
        let mut add = |form: &'static str, meaning: String| {
            let (stem, open) = form.strip_suffix('*').map_or((form, ""), |f| (f, "*"));
            let tokens = Tokens::of(stem);
            let key = |word: &str| folding.as_ref().map_or_else(|| word.to_owned(), |f| f.folded(word));
            let words: Vec<String> = (0..tokens.len()).map(|i| key(tokens.folded(i))).collect();
            keys.entry(words.join(" ") + open).or_default().entry(meaning).or_default().insert(form);
        };
        for [value, kind, said, joined, heard] in table::rows(source.numbers, source.code) {
            let joined = joined.trim_end_matches('+');
            let written = [said, joined].into_iter().filter(|f| !f.is_empty() && !f.contains('{'));
            if !matches!(kind, "said" | "whole" | "confused" | "glide") {
                for form in written.chain(table::forms(heard)) {
                    let class = if matches!(kind, "number" | "tens" | "english" | "english_tens" | "scale") {
                        "number"
                    } else {
                        kind
                    };
                    add(form, format!("{class} {value}"));
                }
            }
        }
        for [unit, factor, one, many, screen, heard] in table::rows::<6>(source.units, source.code) {
            for form in [one, many, screen].into_iter().chain(table::forms(heard)).filter(|f| !f.is_empty()) {
                add(form, format!("unit {factor} {unit}"));
            }
        }
        for [class, heard] in table::rows(source.cues, source.code) {
            table::forms(heard).for_each(|form| add(form, class.to_owned()));
        }
        goods.for_each(|(form, lemma)| add(form, format!("goods {lemma}")));
        keys
    }

    /// Meanings that two tables or two spellings give one key by accident: a word that is meant to have two meanings
    /// is listed under both in the same spelling.
    fn accidents(
        source: &'static Source,
        goods: impl Iterator<Item = (&'static str, &'static str)>,
    ) -> Vec<String> {
        let mut found = Vec::new();
        for (key, meanings) in keys(source, goods) {
            let all: Vec<(&String, &BTreeSet<&str>)> = meanings.iter().collect();
            for (i, (one, forms)) in all.iter().enumerate() {
                for (other, others) in &all[i + 1..] {
                    if forms.is_disjoint(others) {
                        found.push(format!(
                            "{}: {key:?} is {one} {forms:?} and {other} {others:?}",
                            source.code
                        ));
                    }
                }
            }
        }
        found
    }

    #[test]
    fn no_two_words_of_different_meaning_share_a_key() {
        let mut found = Vec::new();
        for language in Language::ALL {
            let own = goods::all().iter().flat_map(|g| g.names(language).map(|n| (n, g.lemma)));
            found.extend(accidents(source::own(language), own));
            if let Some(romanised) = source::romanised(language) {
                let typed =
                    goods::all().iter().flat_map(|g| g.romanised_names(language).map(|n| (n, g.lemma)));
                found.extend(accidents(romanised, typed));
            }
        }
        found.sort_unstable();
        found.dedup();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
