//! What letters say, in every language.

use std::sync::LazyLock;

use serde::Deserialize;
use types::Language;

use super::Purpose;
use crate::spoken::{Spoken, sources};

/// The sentences of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    open: Said,
    add: Said,
    reset: Said,
    known: Said,
    moved: Said,
    password_replaced: Said,
    answered: Said,
    /// When something was done; `{time}`.
    when: String,
    /// Below a link.
    once: String,
    /// Below what somebody else may have asked for.
    unasked: String,
    /// Below what somebody else may have done.
    not_you: String,
}

/// What one kind of letter is about and says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    subject: String,
    text: String,
}

static WORDS: LazyLock<Spoken<Words>> = LazyLock::new(|| Spoken::read(&sources!()));

/// The sentences of a language.
pub(super) fn of(language: Language) -> &'static Words {
    WORDS.of(language)
}

impl Words {
    /// Subject and text of a letter from the installation at this address. `when` is told where the letter says what was done.
    pub fn letter(&self, purpose: Purpose, public: &str, link: Option<&str>, when: &str) -> (String, String) {
        let done = self.when.replace("{time}", when);
        let (said, below) = match purpose {
            Purpose::Open => (&self.open, vec![&self.once, &self.unasked]),
            Purpose::Add => (&self.add, vec![&self.once, &self.unasked]),
            Purpose::Reset => (&self.reset, vec![&self.once, &self.unasked]),
            Purpose::Known | Purpose::Nobody => (&self.known, vec![&self.unasked]),
            Purpose::Answered => (&self.answered, Vec::new()),
            Purpose::Moved => (&self.moved, vec![&done, &self.not_you]),
            Purpose::PasswordReplaced => (&self.password_replaced, vec![&done, &self.not_you]),
        };
        let mut parts = vec![said.text.as_str()];
        let sign_in = format!("{public}/v/sign-in");
        parts.push(link.unwrap_or(&sign_in));
        parts.extend(below.into_iter().map(String::as_str));
        let name = public.split_once("://").map_or(public, |(_, name)| name);
        let text = format!("{}\n\n— VyaparMitra, {name}\n", parts.join("\n\n"));
        (said.subject.clone(), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [Purpose; 7] = [
        Purpose::Open,
        Purpose::Add,
        Purpose::Reset,
        Purpose::Known,
        Purpose::Moved,
        Purpose::PasswordReplaced,
        Purpose::Answered,
    ];

    #[test]
    fn every_language_has_every_letter_in_its_own_words() {
        for language in Language::ALL {
            for purpose in PURPOSES {
                let (subject, text) = of(language).letter(purpose, "https://stall.example", None, "10:42");
                assert!(!subject.trim().is_empty() && !subject.contains('\n'), "{language:?} {purpose:?}");
                let (english, _) =
                    of(Language::English).letter(purpose, "https://stall.example", None, "10:42");
                assert!(language == Language::English || subject != english, "{language:?} {purpose:?}");
                assert!(text.contains("https://stall.example/v/sign-in"), "{text}");
                let tells = matches!(purpose, Purpose::Moved | Purpose::PasswordReplaced);
                assert_eq!(text.contains("10:42"), tells, "{text}");
            }
        }
    }

    #[test]
    fn a_letter_with_a_link_reads_like_one() {
        let (subject, text) = of(Language::English).letter(
            Purpose::Reset,
            "https://stall.example",
            Some("https://stall.example/v/link#secret"),
            "10:42",
        );
        assert_eq!(subject, "Choose a new password");
        assert_eq!(
            text,
            "You, or somebody else, asked for a new password for your account. This link lets you choose one:\n\n\
             https://stall.example/v/link#secret\n\nThe link works once, within an hour.\n\n\
             If you did not ask for this, you need do nothing.\n\n— VyaparMitra, stall.example\n"
        );
    }
}
