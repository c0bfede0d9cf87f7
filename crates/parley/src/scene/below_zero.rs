//! Numbers below zero. No stall sells for one, so what says "minus" before a number moves nothing unasked. The word is borrowed
//! from English everywhere; the tables of the languages do without it.

use std::sync::LazyLock;

use crate::fold;

/// What is said before a number below zero, in the scripts of all languages.
const MINUS: [&str; 20] = [
    "minus",
    "negative",
    "माइनस",
    "मायनस",
    "ऋणात्मक",
    "उणे",
    "মাইনাস",
    "মাইনাছ",
    "ঋণাত্মক",
    "மைனஸ்",
    "கழித்தல்",
    "మైనస్",
    "માઈનસ",
    "માઇનસ",
    "ಮೈನಸ್",
    "മൈനസ്",
    "ਮਾਈਨਸ",
    "ମାଇନସ",
    "مائنس",
    "منفی",
];

static FOLDED: LazyLock<Vec<String>> =
    LazyLock::new(|| MINUS.iter().map(|word| fold::folded(word)).collect());

/// Whether a folded word says that what follows is below zero.
pub(super) fn is_said(word: &str) -> bool {
    FOLDED.iter().any(|minus| minus == word)
}

/// Whether a minus sign touches what begins at a byte, and is no hyphen of the word or number before it.
pub(super) fn is_signed(text: &str, from: usize) -> bool {
    let before = text[..from].trim_end_matches(fold::is_invisible);
    let Some(before) = before.strip_suffix(['-', '−', '－']) else { return false };
    before.chars().next_back().is_none_or(|c| !fold::is_letter(c) && fold::digit(c).is_none())
}
