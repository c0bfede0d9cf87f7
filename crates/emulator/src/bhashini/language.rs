//! The languages served, and the script each is written in.

/// A language code and its ISO 15924 script.
pub(crate) const LANGUAGES: [(&str, &str); 13] = [
    ("en", "Latn"),
    ("hi", "Deva"),
    ("bn", "Beng"),
    ("ta", "Taml"),
    ("te", "Telu"),
    ("mr", "Deva"),
    ("gu", "Gujr"),
    ("kn", "Knda"),
    ("ml", "Mlym"),
    ("pa", "Guru"),
    ("or", "Orya"),
    ("as", "Beng"),
    ("ur", "Aran"),
];

/// The script of a served language.
pub(crate) fn script_of(code: &str) -> Option<&'static str> {
    LANGUAGES.iter().find(|(language, _)| *language == code).map(|(_, script)| *script)
}

/// A guess at a text's language from its letters alone: code, script, and the share of letters of that script.
///
/// Hindi stands for all Devanagari. Of Bengali and Assamese, only the latter has ৰ and ৱ.
pub(crate) fn detect(text: &str) -> Option<(&'static str, &'static str, f64)> {
    let scripts: Vec<&'static str> = text.chars().filter_map(script_of_letter).collect();
    let letters = u32::try_from(scripts.len()).ok().filter(|letters| *letters > 0)?;
    let count = |script: &str| scripts.iter().filter(|found| **found == script).count();
    let script = scripts.iter().copied().max_by_key(|script| count(script))?;
    let assamese = text.contains(['ৰ', 'ৱ']);
    let mut languages = LANGUAGES.iter().filter(|(code, of)| *of == script && (*code != "as") != assamese);
    let code = languages.next().map(|(code, _)| *code)?;
    let share = f64::from(u32::try_from(count(script)).unwrap_or(letters)) / f64::from(letters);
    Some((code, script, share))
}

fn script_of_letter(letter: char) -> Option<&'static str> {
    Some(match letter {
        'a'..='z' | 'A'..='Z' => "Latn",
        '\u{0600}'..='\u{06FF}' => "Aran",
        '\u{0900}'..='\u{0963}' | '\u{0966}'..='\u{097F}' => "Deva",
        '\u{0980}'..='\u{09FF}' => "Beng",
        '\u{0A00}'..='\u{0A7F}' => "Guru",
        '\u{0A80}'..='\u{0AFF}' => "Gujr",
        '\u{0B00}'..='\u{0B7F}' => "Orya",
        '\u{0B80}'..='\u{0BFF}' => "Taml",
        '\u{0C00}'..='\u{0C7F}' => "Telu",
        '\u{0C80}'..='\u{0CFF}' => "Knda",
        '\u{0D00}'..='\u{0D7F}' => "Mlym",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_its_letters() {
        for (text, code) in [
            ("tomatoes", "en"),
            ("टमाटर", "hi"),
            ("তক্কালি", "bn"),
            ("বিলাহী কিনিবলৈ ৱাই ৰাম", "as"),
            ("தக்காளி", "ta"),
            ("టమాటా", "te"),
            ("ટામેટા", "gu"),
            ("ಟೊಮೆಟೊ", "kn"),
            ("തക്കാളി", "ml"),
            ("ਟਮਾਟਰ", "pa"),
            ("ଟମାଟୋ", "or"),
            ("ٹماٹر", "ur"),
        ] {
            assert_eq!(detect(text).map(|(code, _, _)| code), Some(code), "{text}");
        }
        assert_eq!(detect("120 ₹ …"), None);
    }

    #[test]
    fn every_language_has_its_script() {
        assert!(LANGUAGES.iter().all(|(code, script)| script_of(code) == Some(script)));
        assert_eq!(script_of("fr"), None);
    }
}
