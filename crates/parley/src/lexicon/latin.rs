//! Folding of romanised words, whose spelling every writer makes up: pachaas, pachas, paachas.

use rustc_hash::FxHashMap;

use super::table;

/// The spellings that one romanised language treats as one, as rewriting rules of its table.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    /// By first letter, longest first.
    rules: FxHashMap<u8, Vec<Rule>>,
    /// Whether a doubled letter counts as one. Tamil tells them apart (எள், ஏழு), Hindi typists do not.
    halves_doubles: bool,
}

#[derive(Debug)]
struct Rule {
    from: &'static str,
    to: &'static str,
    at_end: bool,
}

impl Folding {
    /// Reads `from`, `to` rows; a `$` after `from` binds the rule to the end of a word, and the row `*2`, `*` makes
    /// every doubled letter one.
    pub fn of(folds: &'static str, name: &str) -> Self {
        let mut rules: FxHashMap<u8, Vec<Rule>> = FxHashMap::default();
        let mut halves_doubles = false;
        for [from, to] in table::rows(folds, name) {
            if from == "*2" {
                halves_doubles = true;
                continue;
            }
            let (letters, at_end) = from.strip_suffix('$').map_or((from, false), |f| (f, true));
            let first = *letters.as_bytes().first().unwrap_or_else(|| panic!("{name}: a rule folds nothing"));
            rules.entry(first).or_default().push(Rule { from: letters, to, at_end });
        }
        for group in rules.values_mut() {
            group.sort_by_key(|rule| std::cmp::Reverse((rule.from.len(), rule.at_end)));
        }
        Self { rules, halves_doubles }
    }

    /// Appends the key of a lower-case word to `out`.
    pub fn fold(&self, word: &str, out: &mut String) {
        let start = out.len();
        let mut rest = word;
        while let Some(first) = rest.bytes().next() {
            let rule = self.rules.get(&first).and_then(|group| {
                group.iter().find(|r| rest.starts_with(r.from) && (!r.at_end || rest.len() == r.from.len()))
            });
            if let Some(rule) = rule {
                rule.to.chars().for_each(|c| self.push(c, start, out));
                rest = &rest[rule.from.len()..];
            } else {
                let c = rest.chars().next().unwrap_or_default();
                self.push(c, start, out);
                rest = &rest[c.len_utf8().max(1)..];
            }
        }
    }

    fn push(&self, c: char, start: usize, out: &mut String) {
        if !self.halves_doubles || !out[start..].ends_with(c) {
            out.push(c);
        }
    }

    /// The key of a lower-case word.
    pub fn folded(&self, word: &str) -> String {
        let mut out = String::with_capacity(word.len());
        self.fold(word, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_share_a_key_and_aspirates_stay() {
        let hindi = Folding::of("from\tto\n*2\t*\nee\ti\noo\tu\nw\tv\nye$\te", "test");
        assert_eq!(hindi.folded("pachaas"), hindi.folded("pachas"));
        assert_eq!(hindi.folded("bees"), hindi.folded("bis"));
        assert_eq!(hindi.folded("rupaye"), "rupae");
        assert_ne!(hindi.folded("saat"), hindi.folded("saath"));
    }
}
