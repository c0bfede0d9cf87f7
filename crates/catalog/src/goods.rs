//! What the market sells, to name products by: `parley`'s table of goods, searched as a vendor types.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use parley::goods::{Good as Kind, all, by_lemma};
use serde::Serialize;
use types::{Language, Unit};
use utoipa::ToSchema;

/// So many goods a search finds.
const FOUND_MAX: usize = 10;
/// A longer query is no name of goods.
const QUERY_CHARS_MAX: usize = 80;

/// A kind of goods to pick a product's name from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Good {
    /// The kind, as acts name it.
    pub lemma: String,
    /// What it is called in every language.
    pub names: BTreeMap<Language, String>,
    /// The unit it is usually sold in.
    pub unit: Unit,
    /// The usual heading of the tariff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hsn: Option<String>,
}

/// What a search for goods found, best first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Goods {
    /// At most ten.
    pub items: Vec<Good>,
}

/// A name that somebody may type.
struct Name {
    key: String,
    chars: usize,
    good: usize,
    /// The languages that use it.
    language: Language,
    /// Whether it is in the language's own script.
    is_written: bool,
}

struct Index {
    names: Vec<Name>,
    by_key: HashMap<String, Vec<usize>>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut names = Vec::new();
    for (good, kind) in all().iter().enumerate() {
        for language in Language::ALL {
            let written = kind.names(language).map(|name| (name, true));
            let typed = kind.romanised_names(language).map(|name| (name, false));
            names.extend(written.chain(typed).map(|(name, is_written)| {
                let key = key_of(name);
                Name { chars: key.chars().count(), key, good, language, is_written }
            }));
        }
        let key = key_of(kind.lemma);
        let chars = key.chars().count();
        names.push(Name { key, chars, good, language: Language::English, is_written: true });
    }
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, name) in names.iter().enumerate() {
        by_key.entry(name.key.clone()).or_default().push(place);
    }
    Index { names, by_key }
});

/// A name without what typists leave out or add: case, joiners, more than one space.
fn key_of(name: &str) -> String {
    let line = platform::text::line(name, QUERY_CHARS_MAX).unwrap_or_default();
    line.chars().filter(|c| !matches!(c, '\u{200B}'..='\u{200D}')).flat_map(char::to_lowercase).collect()
}

/// The kind of goods of a lemma.
pub(crate) fn of_lemma(lemma: &str) -> Option<&'static Kind> {
    by_lemma(lemma)
}

/// The kind of goods that is called so, where the whole name says nothing else; the language's own goods first.
pub(crate) fn named(name: &str, language: Language) -> Option<&'static Kind> {
    let places = INDEX.by_key.get(&key_of(name))?;
    let names = || places.iter().map(|place| &INDEX.names[*place]);
    let found = names().find(|n| n.language == language).or_else(|| names().next())?;
    all().get(found.good)
}

/// What a product is called in every language, where its kind of goods is known; in the vendor's alone otherwise.
///
/// The vendor's own word stands in the vendor's language, unless it is another language's word for the goods: "tomato" typed
/// at a Tamil stall is தக்காளி to who reads Tamil.
pub(crate) fn names_of(name: &str, language: Language, lemma: Option<&str>) -> BTreeMap<Language, String> {
    let Some(kind) = lemma.and_then(by_lemma) else {
        return BTreeMap::from([(language, name.to_owned())]);
    };
    let mut names = all_names(kind);
    let key = key_of(name);
    let said_in = |l: Language| kind.names(l).any(|n| key_of(n) == key);
    let is_foreign = !said_in(language)
        && (Language::ALL.into_iter().any(said_in)
            || kind.romanised_names(language).any(|n| key_of(n) == key)
            || key_of(kind.lemma) == key);
    if !is_foreign {
        names.insert(language, name.to_owned());
    }
    names
}

fn all_names(kind: &Kind) -> BTreeMap<Language, String> {
    Language::ALL.into_iter().map(|language| (language, titled(kind.name(language)))).collect()
}

/// With a capital first letter, where the script has such: names stand alone on a tag.
fn titled(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The goods that a vendor who typed so much may mean, best first: names that begin so, then names with a word that begins so,
/// then names that are spelt nearly so; the reader's language before others.
pub(crate) fn search(query: &str, language: Language) -> Vec<Good> {
    let query = key_of(query);
    if query.is_empty() {
        return Vec::new();
    }
    let chars = query.chars().count();
    let mut best: HashMap<usize, (u8, usize, usize)> = HashMap::new();
    for name in &INDEX.names {
        let Some(distance) = distance(&query, chars, name) else { continue };
        let foreign = match (name.language == language, name.is_written) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        let rank = (distance * 4 + foreign, name.chars, name.good);
        best.entry(name.good).and_modify(|known| *known = rank.min(*known)).or_insert(rank);
    }
    let mut found: Vec<_> = best.into_values().collect();
    found.sort_unstable();
    found.into_iter().take(FOUND_MAX).filter_map(|(_, _, good)| all().get(good)).map(Good::from).collect()
}

/// How far a name is from what was typed: 0 it is it, 1 it begins so, 2 a word of it does, 3 and more for slips of typing.
fn distance(query: &str, chars: usize, name: &Name) -> Option<u8> {
    if name.key == query {
        return Some(0);
    }
    if name.key.starts_with(query) {
        return Some(1);
    }
    if name.key.match_indices(' ').any(|(at, _)| name.key[at + 1..].starts_with(query)) {
        return Some(2);
    }
    let slips_max = match chars {
        0..4 => return None,
        4..8 => 1,
        _ => 2,
    };
    // What is typed so far is compared with as much of the name.
    let typed = match name.key.char_indices().nth(chars) {
        Some((end, _)) => &name.key[..end],
        None => &name.key,
    };
    if name.chars + slips_max < chars {
        return None;
    }
    let slips = strsim::osa_distance(query, typed);
    (slips <= slips_max).then(|| u8::try_from(2 + slips).unwrap_or(u8::MAX))
}

impl From<&Kind> for Good {
    fn from(kind: &Kind) -> Self {
        Self {
            lemma: kind.lemma.to_owned(),
            names: all_names(kind),
            unit: kind.unit,
            hsn: kind.hsn.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(query: &str, language: Language) -> String {
        search(query, language).first().map(|good| good.lemma.clone()).unwrap_or_default()
    }

    #[test]
    fn goods_are_found_by_the_beginning_of_their_name_in_every_language() {
        for language in Language::ALL {
            let name = by_lemma("tomato").unwrap().name(language);
            let beginning: String = name.chars().take(4).collect();
            let lemmas: Vec<_> = search(&beginning, language).into_iter().map(|good| good.lemma).collect();
            assert!(lemmas.contains(&"tomato".to_owned()), "{language}: {beginning}: {lemmas:?}");
        }
    }

    #[test]
    fn every_kind_of_goods_is_found_by_its_own_name_in_every_language() {
        for kind in all() {
            for language in Language::ALL {
                let found = search(kind.name(language), language);
                assert!(found.iter().any(|good| good.lemma == kind.lemma), "{language}: {}", kind.name(language));
            }
        }
    }

    #[test]
    fn a_slip_of_typing_and_latin_letters_still_find_the_goods() {
        assert_eq!(first("tomatoe", Language::English), "tomato");
        assert_eq!(first("tomtao", Language::English), "tomato");
        assert_eq!(first("vengayam", Language::Tamil), "onion");
        assert_eq!(first("TAMATAR", Language::Hindi), "tomato");
        assert_eq!(first("தககாளி", Language::Tamil), "tomato");
    }

    #[test]
    fn a_search_finds_at_most_ten_and_nothing_for_nonsense() {
        assert_eq!(search("c", Language::English).len(), FOUND_MAX);
        for query in ["", "   ", "\u{202E}", "zzzzqqqq", &"x".repeat(100_000)] {
            assert!(search(query, Language::English).is_empty(), "{:.20}", query);
        }
    }

    #[test]
    fn only_a_name_that_says_nothing_else_is_a_kind_of_goods() {
        assert_eq!(named("Tomato", Language::English).map(|good| good.lemma), Some("tomato"));
        assert_eq!(named("தக்காளி", Language::English).map(|good| good.lemma), Some("tomato"));
        assert!(named("Nati tomato", Language::English).is_none());
        assert!(named("", Language::English).is_none());
    }

    #[test]
    fn the_vendors_word_stands_in_the_vendors_language_unless_it_is_foreign_there() {
        let names = names_of("Tomato", Language::Tamil, Some("tomato"));
        assert_eq!(names[&Language::Tamil], "தக்காளி");
        let names = names_of("aubergine", Language::English, Some("eggplant"));
        assert_eq!(names[&Language::English], "aubergine");
        assert_eq!(names_of("Tomato", Language::Tamil, None).len(), 1);
    }
}
