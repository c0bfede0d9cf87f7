//! The grammars, and the words that the recogniser's dictionary lacks. Both are data (`data/README.md`).

use std::collections::BTreeSet;

/// What a grammar's `{{oh}}` becomes where "oh" is taken for a zero. Between digits only: at the end every breath is one.
const OH: &str = "| <one_to_nine> oh <one_to_nine>";

/// Names of goods taken from a stall at most: more only slow the recogniser down and mislead it.
const GOODS_MAX: usize = 120;

/// Words a name has at most.
const NAME_WORDS_MAX: usize = 4;

/// Goods of a stall whose products cannot be spelt with the dictionary.
const USUAL_GOODS: [&str; 12] = [
    "tomato", "tomatoes", "onion", "onions", "potato", "potatoes", "rice", "milk", "sugar", "bananas",
    "apples", "mangoes",
];

/// Words to add to the dictionary, with their phones.
pub(super) fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("data/words.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}

/// What answers "which price?".
pub(super) fn price(with_oh: bool) -> String {
    number(include_str!("data/price.jsgf"), with_oh)
}

/// What answers "how much?".
pub(super) fn quantity(with_oh: bool) -> String {
    number(include_str!("data/quantity.jsgf"), with_oh)
}

/// What answers "is that right?".
pub(super) fn yes_no() -> &'static str {
    include_str!("data/yes_no.jsgf")
}

/// Bargaining over these goods ([`goods`]).
pub(super) fn talk(goods: &BTreeSet<String>) -> String {
    let alternatives = goods.iter().map(String::as_str).collect::<Vec<_>>().join(" | ");
    number(&include_str!("data/talk.jsgf").replace("{{item}}", &alternatives), false)
}

fn number(grammar: &str, with_oh: bool) -> String {
    let grammar = grammar.replace("{{oh}}", if with_oh { OH } else { "" });
    [&grammar, include_str!("data/numbers.jsgf")].concat()
}

/// The goods that can be heard: the names all of whose words are known, and their plurals.
pub(super) fn goods(names: &[String], knows: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut goods = BTreeSet::new();
    for name in names.iter().take(GOODS_MAX) {
        let Some(words) = spoken(name) else { continue };
        let Some((last, before)) = words.split_last() else { continue };
        if !before.iter().all(|word| knows(word)) {
            continue;
        }
        let plurals = [format!("{last}s"), format!("{last}es")];
        for last in std::iter::once(last).chain(&plurals).filter(|word| knows(word)) {
            goods.insert([before, std::slice::from_ref(last)].concat().join(" "));
        }
    }
    if goods.is_empty() {
        goods.extend(USUAL_GOODS.map(str::to_owned));
    }
    goods
}

/// The words of a name, as a dictionary has them; `None` where it is not written in Latin letters or too long.
fn spoken(name: &str) -> Option<Vec<String>> {
    let is_part = |c: char| c.is_ascii_alphabetic() || c == '\'';
    let is_gap = |c: char| c.is_whitespace() || "-,.()/".contains(c);
    if !name.chars().all(|c| is_part(c) || is_gap(c)) {
        return None;
    }
    let words: Vec<String> =
        name.split(is_gap).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    (words.len() <= NAME_WORDS_MAX).then_some(words)
}

/// The words for numbers in a text, in their order: where two readings differ in these, they differ in money.
pub(super) fn numbers(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split(' ').collect();
    let number = |index: usize| match words[index] {
        // "a hundred" is a number, "a kilo" is none.
        "a" => words.get(index + 1).filter(|next| NUMBER_WORDS.contains(*next)).map(|_| "one"),
        word => NUMBER_WORDS.contains(&word).then_some(word),
    };
    (0..words.len()).filter_map(number).collect()
}

const NUMBER_WORDS: [&str; 35] = [
    "zero",
    "oh",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "lakh",
    "half",
    "quarter",
    "dozen",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(names: &[&str]) -> Vec<String> {
        let known = ["tomato", "tomatoes", "basmati", "rice", "lady's", "finger", "fingers"];
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        goods(&names, |word| known.contains(&word)).into_iter().collect()
    }

    #[test]
    fn goods_are_heard_by_their_names_and_plurals_where_every_word_is_known() {
        assert_eq!(
            heard(&["Tomato", "Basmati  rice", "Lady's finger", "தக்காளி", "Zzyzx melon"]),
            ["basmati rice", "lady's finger", "lady's fingers", "tomato", "tomatoes"]
        );
    }

    #[test]
    fn a_name_cannot_become_grammar() {
        assert_eq!(heard(&["tomato; public <x> = rice"]).len(), USUAL_GOODS.len());
        assert_eq!(heard(&["rice rice rice rice rice", "", "rice {{item}}"]).len(), USUAL_GOODS.len());
    }

    #[test]
    fn every_placeholder_is_filled() {
        let talk = talk(&goods(&[], |_| false));
        for grammar in [price(true), price(false), quantity(true), talk, yes_no().to_owned()] {
            assert!(!grammar.contains("{{"), "{grammar}");
        }
        assert!(price(true).contains(" oh ") && !price(false).contains(" oh "));
    }

    #[test]
    fn readings_differ_in_money_where_their_number_words_do() {
        assert_eq!(numbers("five kilos for one fifty"), numbers("a kilo five for one fifty please"));
        assert_ne!(numbers("five kilos for one fifty"), numbers("five kilos for one fifteen"));
        assert_eq!(numbers("a hundred"), numbers("one hundred"));
    }

    #[test]
    fn every_word_has_phones() {
        assert!(words().count() > 150);
        assert!(
            words().all(|(word, phones)| !word.is_empty()
                && phones.chars().all(|c| c.is_ascii_uppercase() || c == ' '))
        );
    }
}
