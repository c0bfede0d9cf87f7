//! Which product of a stall somebody means.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use types::Language;

use super::all;
use crate::token::{Kind, Tokens};

/// What a stall's products are called, as their vendor typed them, in any language.
///
/// ```
/// use parley::goods::{Resolution, Resolver};
/// let stall = Resolver::new(["Tomato", "பெரிய வெங்காயம்", "Ponni rice"]);
/// assert_eq!(stall.resolve("tamatar"), Resolution::Exact(0));
/// assert_eq!(stall.resolve("onion"), Resolution::Exact(1));
/// assert_eq!(stall.resolve("teak"), Resolution::Unknown);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Resolver {
    products: Vec<Product>,
    by_name: FxHashMap<String, SmallVec<[usize; 1]>>,
}

/// Which product was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// This one, by its place in the stall's list.
    Exact(usize),
    /// One of these, likeliest first: ask.
    Unsure(Vec<usize>),
    /// None that is known: show the words as they were said.
    Unknown,
}

#[derive(Debug, Clone)]
struct Product {
    words: SmallVec<[String; 3]>,
    /// The kind of goods, where a table knows it.
    good: Option<u16>,
    /// Whether the name says nothing but the kind.
    is_plain: bool,
}

/// So many products of one stall are matched; further ones are not.
pub const PRODUCTS_MAX: usize = 2000;
/// A question offers at most so many products.
const CANDIDATES_MAX: usize = 5;
/// A longer name, in words, is matched by its first words.
const NAME_WORDS_MAX: usize = 8;

/// Every name of every kind of goods, in all languages and spellings.
static NAMES: LazyLock<FxHashMap<String, u16>> = LazyLock::new(|| {
    let mut names = FxHashMap::default();
    for (index, good) in (0u16..).zip(all()) {
        let own = Language::ALL.into_iter().flat_map(|l| good.names(l));
        let typed = Language::ALL.into_iter().flat_map(|l| good.romanised_names(l));
        for name in std::iter::once(good.lemma).chain(own).chain(typed) {
            names.entry(words(name).join(" ")).or_insert(index);
        }
    }
    names
});

fn words(name: &str) -> SmallVec<[String; 3]> {
    let tokens = Tokens::of(name);
    (0..tokens.len())
        .filter(|i| tokens.get(*i).kind == Kind::Word)
        .take(NAME_WORDS_MAX)
        .map(|i| tokens.folded(i).to_owned())
        .collect()
}

/// The kind of goods that a name contains, by its longest known stretch of words, and how many words that is.
fn good_in(words: &[String]) -> Option<(u16, usize)> {
    (1..=words.len()).rev().find_map(|len| {
        words.windows(len).find_map(|stretch| {
            let phrase = stretch.join(" ");
            let singular =
                || phrase.strip_suffix("es").or(phrase.strip_suffix('s')).and_then(|p| NAMES.get(p));
            let plain = || phrase.strip_suffix('s').and_then(|p| NAMES.get(p));
            NAMES.get(&phrase).or_else(plain).or_else(singular).map(|good| (*good, len))
        })
    })
}

impl Resolver {
    /// A stall that sells products of these names; those past [`PRODUCTS_MAX`] are left out.
    pub fn new<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut resolver = Self::default();
        for name in names.into_iter().take(PRODUCTS_MAX) {
            let words = words(name.as_ref());
            let good = good_in(&words);
            let is_plain = good.is_some_and(|(_, len)| len == words.len());
            let index = resolver.products.len();
            resolver.by_name.entry(words.join(" ")).or_default().push(index);
            resolver.products.push(Product { words, good: good.map(|(g, _)| g), is_plain });
        }
        resolver
    }

    /// Which product is meant by a lemma of [`super::all`], or by a name in any language.
    pub fn resolve(&self, spoken: &str) -> Resolution {
        let words = words(spoken);
        if words.is_empty() {
            return Resolution::Unknown;
        }
        if let Some(named) = self.by_name.get(&words.join(" ")) {
            return Resolution::one_of(named.iter().copied());
        }
        let good = good_in(&words);
        if let Some((good, _)) = good
            && let Some(found) = self.of_kind(good, &words)
        {
            return found;
        }
        let related = good.map(|(g, _)| self.related(g)).unwrap_or_default();
        if !related.is_empty() {
            return Resolution::unsure(related);
        }
        Resolution::unsure(self.similar(&words))
    }

    /// Whether words are exactly the name of a product.
    pub(crate) fn names(&self, spoken: &str) -> bool {
        self.by_name.contains_key(&words(spoken).join(" "))
    }

    fn of_kind(&self, good: u16, words: &[String]) -> Option<Resolution> {
        let of_kind: Vec<usize> = self.places(|p| p.good == Some(good));
        if of_kind.is_empty() {
            return None;
        }
        let said_whole: Vec<usize> = of_kind
            .iter()
            .copied()
            .filter(|i| words.len() > 1 && words.iter().all(|w| self.products[*i].words.contains(w)))
            .collect();
        if let [only] = said_whole[..] {
            return Some(Resolution::Exact(only));
        }
        let plain: Vec<usize> = of_kind.iter().copied().filter(|i| self.products[*i].is_plain).collect();
        Some(match (&of_kind[..], &plain[..]) {
            ([only], _) | (_, [only]) => Resolution::Exact(*only),
            _ => Resolution::unsure(of_kind),
        })
    }

    /// Products whose kind is named by more or fewer words of the same name: chilli and green chilli.
    fn related(&self, good: u16) -> Vec<usize> {
        let lemma = all()[usize::from(good)].lemma;
        let contains = |long: &str, short: &str| long.split(' ').any(|word| word == short);
        self.places(|p| {
            p.good.is_some_and(|g| {
                let other = all()[usize::from(g)].lemma;
                contains(other, lemma) || contains(lemma, other)
            })
        })
    }

    /// Products whose names hold all the words, or are spelt nearly so.
    fn similar(&self, words: &[String]) -> Vec<usize> {
        let spoken = words.join(" ");
        self.places(|p| {
            let holds = words.iter().all(|w| p.words.contains(w));
            let name = p.words.join(" ");
            let letters = name.chars().count().min(spoken.chars().count());
            let slips = match letters {
                0..4 => 0,
                4..8 => 1,
                _ => 2,
            };
            holds || (slips > 0 && letters < 64 && strsim::osa_distance(&name, &spoken) <= slips)
        })
    }

    fn places(&self, wanted: impl Fn(&Product) -> bool) -> Vec<usize> {
        self.products.iter().enumerate().filter(|(_, p)| wanted(p)).map(|(i, _)| i).collect()
    }
}

impl Resolution {
    fn one_of(mut found: impl ExactSizeIterator<Item = usize>) -> Self {
        match (found.len(), found.next()) {
            (1, Some(only)) => Self::Exact(only),
            (_, Some(first)) => Self::unsure(std::iter::once(first).chain(found).collect()),
            _ => Self::Unknown,
        }
    }

    fn unsure(mut found: Vec<usize>) -> Self {
        found.truncate(CANDIDATES_MAX);
        if found.is_empty() { Self::Unknown } else { Self::Unsure(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_goods_are_found_across_languages_and_scripts() {
        let stall = Resolver::new(["தக்காளி", "प्याज", "Potatoes"]);
        for (spoken, product) in
            [("tomato", 0), ("टमाटर", 0), ("onion", 1), ("vengayam", 1), ("aloo", 2), ("potato", 2)]
        {
            assert_eq!(stall.resolve(spoken), Resolution::Exact(product), "{spoken}");
        }
    }

    #[test]
    fn two_kinds_of_the_same_goods_are_asked_about() {
        let stall = Resolver::new(["Nati tomato", "Hybrid tomato"]);
        assert_eq!(stall.resolve("tomato"), Resolution::Unsure(vec![0, 1]));
        assert_eq!(stall.resolve("hybrid tomato"), Resolution::Exact(1));
    }

    #[test]
    fn the_plain_product_is_meant_by_the_plain_name() {
        let stall = Resolver::new(["Cherry tomato", "Tomato"]);
        assert_eq!(stall.resolve("tamatar"), Resolution::Exact(1));
    }

    #[test]
    fn a_slip_of_the_recogniser_is_a_guess_and_a_stranger_is_unknown() {
        let stall = Resolver::new(["Karupatti"]);
        assert_eq!(stall.resolve("karupati"), Resolution::Unsure(vec![0]));
        assert_eq!(stall.resolve("cement"), Resolution::Unknown);
        assert_eq!(stall.resolve("   "), Resolution::Unknown);
    }
}
