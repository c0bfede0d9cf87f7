//! Text that people type: names, notes, messages.
//!
//! What is shown to others must not break their screen: control characters (which PostgreSQL refuses besides) become
//! spaces, and the characters that turn the direction of a line against its script are dropped. The joiners that Indic
//! and Arabic script need stay.

use unicode_normalization::UnicodeNormalization;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left that a person could read.
    #[error("the text is empty")]
    Empty,
    /// Longer than its place allows.
    #[error("the text is longer than {chars_max} characters")]
    TooLong {
        /// The limit, in characters.
        chars_max: usize,
    },
}

/// One line of 1 to `chars_max` characters: NFC, single spaces, no control characters.
///
/// # Errors
/// See [`TextError`].
pub fn line(text: &str, chars_max: usize) -> Result<String, TextError> {
    bounded(text, chars_max)?;
    let clean: String = printable(text).map(|c| if c.is_control() { ' ' } else { c }).nfc().collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    checked(line, chars_max)
}

/// Several lines, together 1 to `chars_max` characters: each as [`line`] makes it, at most one empty line between.
///
/// # Errors
/// See [`TextError`].
pub fn paragraphs(text: &str, chars_max: usize) -> Result<String, TextError> {
    bounded(text, chars_max)?;
    let mut lines: Vec<String> = Vec::new();
    for raw in text.lines() {
        let clean = line(raw, chars_max).unwrap_or_default();
        if !clean.is_empty() || lines.last().is_some_and(|before| !before.is_empty()) {
            lines.push(clean);
        }
    }
    checked(lines.join("\n").trim_end().to_owned(), chars_max)
}

/// Refuses what cannot fit before any work is done on it: spaces and marks that vanish are allowed for, a flood is not.
fn bounded(text: &str, chars_max: usize) -> Result<(), TextError> {
    let bytes_max = chars_max.saturating_mul(16).saturating_add(1024);
    if text.len() > bytes_max { Err(TextError::TooLong { chars_max }) } else { Ok(()) }
}

fn checked(text: String, chars_max: usize) -> Result<String, TextError> {
    // A joiner or mark alone shows nothing.
    if !text
        .chars()
        .any(|c| c.is_alphanumeric() || c.is_ascii_punctuation() || !c.is_ascii() && !is_joiner(c))
    {
        return Err(TextError::Empty);
    }
    if text.chars().count() > chars_max { Err(TextError::TooLong { chars_max }) } else { Ok(text) }
}

const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

/// Without the marks that embed, override or isolate direction, and the line separators beside `\n`.
fn printable(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|c| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}'))
        .map(|c| if matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_keeps_its_words_and_loses_what_would_break_a_screen() {
        assert_eq!(line("  Fresh\0 \u{7}Tomato\r\n", 40), Ok("Fresh Tomato".to_owned()));
        assert_eq!(line("₹50\u{202E}01 only", 40), Ok("₹5001 only".to_owned()));
        assert_eq!(line("क्\u{200D}ष", 40), Ok("क्\u{200D}ष".to_owned()));
    }

    #[test]
    fn nothing_readable_is_empty() {
        for text in ["", "   ", "\0\u{1}", "\u{200D}\u{200B}", "\u{202E}"] {
            assert_eq!(line(text, 40), Err(TextError::Empty), "{text:?}");
        }
    }

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        assert!(line(&"த".repeat(40), 40).is_ok());
        assert_eq!(line(&"த".repeat(41), 40), Err(TextError::TooLong { chars_max: 40 }));
        assert_eq!(line(&"x".repeat(100_000), 40), Err(TextError::TooLong { chars_max: 40 }));
    }

    #[test]
    fn paragraphs_keep_their_lines() {
        assert_eq!(
            paragraphs("\n\nOpen 7–11\r\n\n\n\nClosed\tMonday\n", 200),
            Ok("Open 7–11\n\nClosed Monday".into())
        );
    }

    proptest! {
        #[test]
        fn a_clean_line_is_already_clean(text in any::<String>()) {
            if let Ok(clean) = line(&text, 100) {
                prop_assert_eq!(line(&clean, 100), Ok(clean.clone()));
                prop_assert!(!clean.chars().any(char::is_control));
            }
        }
    }
}
