//! Whether a name came through a translation: as it was written, by another name of the same goods, or spelt in the
//! other script.
//!
//! Spelling across scripts is compared by consonants alone, in classes that no script of ours keeps apart everywhere
//! (Tamil writes k and g alike). The nine Brahmic blocks of Unicode share one layout, so one table serves them all.

use parley::goods;
use types::Language;

use super::Line;

/// Consonants in a row that make two spellings the same name; shorter names are not judged by them.
const CONSONANTS_MIN: usize = 2;

/// Whether `name`, where the text has it, is in the translation too.
pub(super) fn name_survives(name: &str, line: &Line<'_>, translation: &str) -> bool {
    let (name, text, said) =
        (name.trim().to_lowercase(), line.text.to_lowercase(), translation.to_lowercase());
    if name.is_empty() || !has_word(&text, &name) || said.contains(&name) {
        return true;
    }
    let mut goods = other_names(&name, line.from, line.to).peekable();
    let is_goods = goods.peek().is_some();
    if goods.any(|other| said.contains(&other.to_lowercase())) {
        return true;
    }
    let consonants = skeleton(&name);
    if consonants.len() < CONSONANTS_MIN {
        return !is_goods;
    }
    // A word may grow an ending, but no beginning.
    format!(" {}", skeleton(&said)).contains(&format!(" {consonants}"))
}

/// Whether a word of the text starts with the name: endings are grown behind it.
fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name)
        .any(|(at, _)| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()))
}

/// What the goods of this name are called in the other language.
fn other_names(name: &str, from: Language, to: Language) -> impl Iterator<Item = &'static str> {
    goods::all()
        .iter()
        .filter(move |good| good.names(from).any(|known| known.to_lowercase() == name))
        .flat_map(move |good| good.names(to))
}

/// The consonants of each word as classes, without vowels and h.
fn skeleton(text: &str) -> String {
    let mut classes = String::new();
    let letters: Vec<char> = text.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1);
        let class = match letter {
            // "th", "kh", "bh", "ph" are one letter of Indian scripts; "ch" and "sh" are sibilants.
            'c' | 's' if next == Some(&'h') => Some('s'),
            letter if letter.is_whitespace() => Some(' '),
            letter => class_of(*letter),
        };
        // Doubled letters are spelt out in one script and not in another.
        if class.is_some() && !classes.ends_with(class.unwrap_or_default()) {
            classes.extend(class);
        }
    }
    classes
}

/// The class of one letter.
fn class_of(letter: char) -> Option<char> {
    match letter {
        'k' | 'g' | 'q' | 'c' | 'x' | 'ک' | 'گ' | 'ق' | 'خ' | 'غ' => Some('k'),
        's' | 'j' | 'z' | 'چ' | 'ج' | 'ش' | 'س' | 'ص' | 'ث' | 'ز' | 'ذ' | 'ض' | 'ظ' | 'ژ' => {
            Some('s')
        }
        't' | 'd' | 'ت' | 'ط' | 'د' | 'ٹ' | 'ڈ' => Some('t'),
        'p' | 'b' | 'f' | 'پ' | 'ب' | 'ف' => Some('p'),
        'm' | 'م' => Some('m'),
        'n' | 'ن' | 'ں' => Some('n'),
        'r' | 'ر' | 'ڑ' => Some('r'),
        'l' | 'ل' => Some('l'),
        'v' | 'w' | 'و' => Some('v'),
        _ => class_of_indic(letter),
    }
}

/// The class of a letter of a Brahmic script, by its place in the block.
fn class_of_indic(letter: char) -> Option<char> {
    let code = u32::from(letter);
    if !(0x0900..=0x0D7F).contains(&code) {
        return None;
    }
    // Assamese ৰ and ৱ stand outside the common layout.
    match (letter, code & 0x7F) {
        ('ৰ', _) | (_, 0x30 | 0x31 | 0x5C | 0x5D) => Some('r'),
        ('ৱ', _) | (_, 0x35) => Some('v'),
        (_, 0x02 | 0x01 | 0x19 | 0x1E | 0x23 | 0x28 | 0x29) => Some('n'),
        (_, 0x15..=0x18 | 0x58..=0x5A) => Some('k'),
        (_, 0x1A..=0x1D | 0x36..=0x38 | 0x5B) => Some('s'),
        (_, 0x1F..=0x22 | 0x24..=0x27) => Some('t'),
        (_, 0x2A..=0x2D | 0x5E) => Some('p'),
        (_, 0x2E) => Some('m'),
        (_, 0x32..=0x34) => Some('l'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survives(name: &str, text: &str, translation: &str, to: Language) -> bool {
        name_survives(name, &Line { text, from: Language::English, to, names: &[] }, translation)
    }

    #[test]
    fn a_name_is_known_again_in_every_script() {
        let spellings = [
            ("रवि आया", Language::Hindi),
            ("রবি এসেছে", Language::Bengali),
            ("ரவி வந்தார்", Language::Tamil),
            ("రవి వచ్చాడు", Language::Telugu),
            ("રવિ આવ્યો", Language::Gujarati),
            ("ರವಿ ಬಂದ", Language::Kannada),
            ("രവി വന്നു", Language::Malayalam),
            ("ਰਵੀ ਆਇਆ", Language::Punjabi),
            ("ৰৱি আহিল", Language::Assamese),
            ("روی آیا", Language::Urdu),
        ];
        for (translation, to) in spellings {
            let name = if to == Language::Bengali { "Rabi" } else { "Ravi" };
            assert!(survives(name, &format!("{name} came"), translation, to), "{translation}");
            assert!(!survives("Mohammed", "Mohammed came", translation, to), "{translation}");
        }
    }

    #[test]
    fn a_name_that_is_not_in_the_text_is_not_looked_for() {
        assert!(survives("Ravi", "bravi came", "कोई आया", Language::Hindi));
        assert!(survives("", "anything", "कुछ भी", Language::Hindi));
    }

    #[test]
    fn goods_survive_by_any_of_their_names() {
        assert!(!survives("Onion", "onions are dear", "टमाटर महँगा है", Language::Hindi));
        assert!(survives("Onion", "onions are dear", "प्याज महँगा है", Language::Hindi));
    }
}
