//! What the market sells, to name products by: `parley`'s table of goods, searched as a vendor types.

use std::collections::BTreeMap;
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
    /// Where each word of each name begins (name, byte), in the order of what follows from there: a search for a beginning is
    /// one look-up.
    tails: Vec<(usize, usize)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut names = Vec::new();
    for (good, kind) in all().iter().enumerate() {
        for language in Language::ALL {
            let written = kind.names(language).map(|name| (name, true));
            let typed = kind.romanised_names(language).map(|name| (name, false));
            names.extend(
                written.chain(typed).map(|(name, is_written)| Name::new(name, good, language, is_written)),
            );
        }
        names.push(Name::new(kind.lemma, good, Language::English, true));
    }
    let words = |name: &Name| {
        let later: Vec<usize> = name.key.match_indices(' ').map(|(at, _)| at + 1).collect();
        std::iter::once(0).chain(later)
    };
    let mut tails: Vec<(usize, usize)> =
        names.iter().enumerate().flat_map(|(place, name)| words(name).map(move |at| (place, at))).collect();
    tails.sort_unstable_by(|a, b| names[a.0].key[a.1..].cmp(&names[b.0].key[b.1..]));
    Index { names, tails }
});

impl Name {
    fn new(name: &str, good: usize, language: Language, is_written: bool) -> Self {
        let key = key_of(name);
        Self { chars: key.chars().count(), key, good, language, is_written }
    }
}

impl Index {
    fn tail(&self, (place, at): (usize, usize)) -> &str {
        &self.names[place].key[at..]
    }

    /// The names that have a word that begins so, and at which byte.
    fn beginning_with<'a>(&'a self, query: &'a str) -> impl Iterator<Item = (&'a Name, usize)> {
        let first = self.tails.partition_point(|tail| self.tail(*tail) < query);
        let found = self.tails[first..].iter().take_while(move |tail| self.tail(**tail).starts_with(query));
        found.map(|(place, at)| (&self.names[*place], *at))
    }
}

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
    let key = key_of(name);
    let names = || INDEX.beginning_with(&key).filter(|(n, at)| *at == 0 && n.key == key).map(|(n, _)| n);
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

/// The goods that a vendor who typed so much may mean, best first: names that begin so, then names with a word that begins so;
/// where there are none, names that are spelt nearly so. The reader's language comes before others.
pub(crate) fn search(query: &str, language: Language) -> Vec<Good> {
    let query = key_of(query);
    if query.is_empty() {
        return Vec::new();
    }
    let begun = INDEX.beginning_with(&query).map(|(name, at)| match at {
        0 if name.key.len() == query.len() => (0, name),
        0 => (1, name),
        _ => (2, name),
    });
    let found = best(begun, language);
    if !found.is_empty() {
        return found;
    }
    let is_likely =
        |name: &&Name| name.language == language || !name.is_written || name.language == Language::English;
    let misspelt = INDEX.names.iter().filter(is_likely).filter_map(|name| Some((slips(&query, name)?, name)));
    best(misspelt, language)
}

/// The goods of these names, by how far each is from what was typed; of two the reader's own, of two the shorter.
fn best<'a>(names: impl Iterator<Item = (usize, &'a Name)>, language: Language) -> Vec<Good> {
    let mut best: BTreeMap<usize, (usize, u8, usize)> = BTreeMap::new();
    for (distance, name) in names {
        let foreign = match (name.language == language, name.is_written) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        let rank = (distance, foreign, name.chars);
        best.entry(name.good).and_modify(|known| *known = rank.min(*known)).or_insert(rank);
    }
    let mut found: Vec<_> = best.into_iter().map(|(good, rank)| (rank, good)).collect();
    found.sort_unstable();
    found.into_iter().take(FOUND_MAX).filter_map(|(_, good)| all().get(good)).map(Good::from).collect()
}

/// How many slips of typing lie between what was typed so far and the beginning of a name, where they are few.
fn slips(query: &str, name: &Name) -> Option<usize> {
    let chars = query.chars().count();
    let slips_max = match chars {
        0..4 => return None,
        4..8 => 1,
        _ => 2,
    };
    // Nobody misses both of the first letters.
    let first = query.chars().next()?;
    if !name.key.chars().take(2).any(|c| c == first) || name.chars + slips_max < chars {
        return None;
    }
    let beginning =
        |length: usize| name.key.char_indices().nth(length).map_or(&*name.key, |(end, _)| &name.key[..end]);
    let lengths = chars - slips_max..=chars + slips_max;
    lengths
        .map(|length| strsim::osa_distance(query, beginning(length)))
        .min()
        .filter(|slips| *slips <= slips_max)
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
                assert!(
                    found.iter().any(|good| good.lemma == kind.lemma),
                    "{language}: {}",
                    kind.name(language)
                );
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
            assert!(search(query, Language::English).is_empty(), "{query:.20}");
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
