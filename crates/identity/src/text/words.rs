//! What short messages say, in every language.

use std::sync::LazyLock;

use serde::Deserialize;
use types::Language;

use super::Purpose;
use crate::spoken::{Spoken, sources};

/// The sentences of one language. Each letter costs: a piece of a message has 67 of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// With a `{code}`.
    open: String,
    verify: String,
    reset: String,
    /// Behind a code.
    once: String,
    /// With a `{link}`.
    known: String,
    moved: String,
    password_replaced: String,
}

static WORDS: LazyLock<Spoken<Words>> = LazyLock::new(|| Spoken::read(&sources!()));

/// The sentences of a language.
pub(super) fn of(language: Language) -> &'static Words {
    WORDS.of(language)
}

impl Words {
    /// A message from the installation at this address. The last line of one with a code is for browsers, which type the code in on the
    /// pages of that address alone.
    pub fn text(&self, purpose: Purpose, public: &str, code: &str) -> String {
        let coded = |said: &str| {
            let host = host(public).map(|host| format!("\n\n@{host} #{code}")).unwrap_or_default();
            format!("{} {}{host}", said.replace("{code}", code), self.once)
        };
        let linked = |said: &str| said.replace("{link}", &format!("{public}/v/sign-in"));
        match purpose {
            Purpose::Open => coded(&self.open),
            Purpose::Verify => coded(&self.verify),
            Purpose::Reset => coded(&self.reset),
            Purpose::Known | Purpose::Nobody => linked(&self.known),
            Purpose::Moved => linked(&self.moved),
            Purpose::PasswordReplaced => linked(&self.password_replaced),
        }
    }
}

/// The name that browsers bind a code to; none where the installation has no name with TLS.
fn host(public: &str) -> Option<&str> {
    let host = public.strip_prefix("https://")?.split([':', '/']).next()?;
    (!host.starts_with('[') && host.bytes().any(|byte| byte.is_ascii_alphabetic())).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODED: [Purpose; 3] = [Purpose::Open, Purpose::Verify, Purpose::Reset];
    const NEWS: [Purpose; 3] = [Purpose::Known, Purpose::Moved, Purpose::PasswordReplaced];

    #[test]
    fn every_language_has_every_message_in_its_own_words() {
        let said = |language, purpose| of(language).text(purpose, "https://stall.example", "482913");
        for language in Language::ALL {
            for purpose in CODED {
                let text = said(language, purpose);
                assert_eq!(text.matches("482913").count(), 2, "{text}");
                assert!(text.ends_with("\n\n@stall.example #482913"), "{text}");
                assert!(
                    !text.contains('{') && text.chars().count() < 200,
                    "{language:?} {purpose:?}: {text}"
                );
            }
            for purpose in NEWS {
                let text = said(language, purpose);
                assert!(text.contains("https://stall.example/v/sign-in"), "{text}");
                assert!(!text.contains('{') && !text.contains("482913"), "{text}");
            }
            for purpose in CODED.into_iter().chain(NEWS) {
                let own = language == Language::English
                    || said(language, purpose) != said(Language::English, purpose);
                assert!(own, "{language:?} {purpose:?}");
            }
        }
    }

    #[test]
    fn a_code_is_bound_to_a_name_with_tls() {
        let text = |public| of(Language::English).text(Purpose::Verify, public, "482913");
        assert!(!text("http://127.0.0.1:8080").contains('@'));
        assert!(!text("https://192.0.2.7:8443").contains('@'));
        assert_eq!(
            text("https://stall.example:8443"),
            "482913 is your VyaparMitra code to confirm this number. It works for 10 minutes. Tell it to nobody.\n\n@stall.example #482913"
        );
    }
}
