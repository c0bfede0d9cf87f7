//! Folding of words: what is written differently but said alike becomes one key.
//!
//! Both the tables and the utterance pass through here, so a fold never has to be undone. The nine Brahmic blocks of
//! Unicode share one layout, which is why one set of offsets serves them all. Deliberately absent: anything that
//! would merge different numbers (aspirates, vowel length of Indic scripts).

use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

/// The Brahmic blocks from Devanagari to Malayalam.
const INDIC: std::ops::RangeInclusive<u32> = 0x0900..=0x0D7F;

/// Offsets inside a Brahmic block.
mod offset {
    pub const CANDRABINDU: u32 = 0x01;
    pub const ANUSVARA: u32 = 0x02;
    pub const NUKTA: u32 = 0x3C;
    pub const SIGN_AA: u32 = 0x3E;
    pub const VIRAMA: u32 = 0x4D;
    pub const DIGIT_0: u32 = 0x66;
    pub const DIGIT_9: u32 = 0x6F;
    /// Distance from an independent vowel to its sign.
    pub const VOWEL_TO_SIGN: u32 = 0x38;
}

/// Where the Tamil block starts.
const TAMIL: u32 = 0x0B80;
const GURMUKHI_TIPPI: char = '\u{0A70}';
const GURMUKHI_ADDAK: char = '\u{0A71}';

/// The place of a character in its Brahmic block, and the block's start.
pub(crate) fn indic(c: char) -> Option<(u32, u32)> {
    let code = u32::from(c);
    INDIC.contains(&code).then_some((code & 0x7F, code & !0x7F))
}

fn at(block: u32, offset: u32) -> char {
    char::from_u32(block + offset).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The value of a decimal digit in any script of ours.
pub(crate) fn digit(c: char) -> Option<u8> {
    let value = match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        '\u{0660}'..='\u{0669}' | '\u{06F0}'..='\u{06F9}' => u32::from(c) & 0xF,
        _ => {
            let (place, _) = indic(c)?;
            (offset::DIGIT_0..=offset::DIGIT_9).contains(&place).then(|| place - offset::DIGIT_0)?
        }
    };
    u8::try_from(value).ok()
}

/// Whether a character is neither seen nor heard: joiners, direction marks, variation selectors, tatweel.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{0640}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// Whether a character carries or marks a letter: letters, vowel signs, nukta, virama, combining accents.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        || unicode_normalization::char::is_combining_mark(c)
        || indic(c).is_some_and(|(place, _)| (1..=offset::VIRAMA).contains(&place))
}

/// Whether a nasal with virama before this stop is written as well with an anusvara.
const fn is_stop(place: u32) -> bool {
    matches!(place, 0x15..=0x18 | 0x1A..=0x1D | 0x1F..=0x22 | 0x24..=0x27 | 0x2A..=0x2D)
}

const fn is_nasal(place: u32) -> bool {
    matches!(place, 0x19 | 0x1E | 0x23 | 0x28 | 0x2E)
}

/// Appends the folded form of one word to `out`; at most what the word's own length allows.
pub(crate) fn fold_word(word: &str, out: &mut String) {
    if word.is_ascii() {
        let start = out.len();
        out.extend(word.bytes().filter(|b| *b != b'\'').map(|b| char::from(b.to_ascii_lowercase())));
        shorten_stretched(out, start);
        return;
    }
    let start = out.len();
    if is_nfc_quick(word.chars()) == unicode_normalization::IsNormalized::Yes {
        fold_chars(word.chars(), out);
    } else {
        fold_chars(word.nfc(), out);
    }
    drop_final_nasal(out, start);
}

fn fold_chars(chars: impl Iterator<Item = char>, out: &mut String) {
    let mut chars = chars.filter(|c| !is_invisible(*c)).flat_map(without_chillu).peekable();
    while let Some(c) = chars.next() {
        let Some((place, block)) = indic(c) else {
            fold_other(c, out);
            continue;
        };
        let virama = at(block, offset::VIRAMA);
        if !is_nasal(place) || chars.peek() != Some(&virama) {
            fold_indic(c, place, block, out);
            continue;
        }
        chars.next();
        let before_stop = chars.peek().and_then(|n| indic(*n)).is_some_and(|(next, _)| is_stop(next));
        // Tamil has no anusvara: its nasals are always spelt out.
        if before_stop && block != TAMIL {
            out.push(at(block, offset::ANUSVARA));
        } else {
            out.extend([c, virama]);
        }
    }
}

/// Malayalam chillus are consonants without their vowel.
fn without_chillu(c: char) -> impl Iterator<Item = char> {
    let consonant = match c {
        'ൺ' => 'ണ',
        'ൻ' => 'ന',
        'ർ' => 'ര',
        'ൽ' => 'ല',
        'ൾ' => 'ള',
        'ൿ' => 'ക',
        _ => return [Some(c), None].into_iter().flatten(),
    };
    [Some(consonant), Some('\u{0D4D}')].into_iter().flatten()
}

fn fold_indic(c: char, place: u32, block: u32, out: &mut String) {
    match c {
        GURMUKHI_TIPPI => out.push(at(block, offset::ANUSVARA)),
        // Eastern nasalisation is left out as often as it is written, and so is the Gurmukhi doubling mark.
        '\u{0981}' | '\u{0B01}' | GURMUKHI_ADDAK => {}
        _ if place == offset::NUKTA => {}
        _ if place == offset::CANDRABINDU => out.push(at(block, offset::ANUSVARA)),
        _ => match decomposed_nukta(c) {
            Some(base) => out.push(base),
            None => out.push(c),
        },
    }
}

/// The letter under a nukta that Unicode also encodes as one character.
const fn decomposed_nukta(c: char) -> Option<char> {
    Some(match c {
        '\u{0929}' => 'न',
        '\u{0931}' => 'र',
        '\u{0958}' => 'क',
        '\u{0959}' => 'ख',
        '\u{095A}' => 'ग',
        '\u{095B}' => 'ज',
        '\u{095C}' => 'ड',
        '\u{095D}' => 'ढ',
        '\u{095E}' => 'फ',
        '\u{09DC}' => 'ড',
        '\u{09DD}' => 'ঢ',
        '\u{09DF}' => 'য',
        '\u{0B5C}' => 'ଡ',
        '\u{0B5D}' => 'ଢ',
        '\u{0B5F}' => 'ଯ',
        _ => return None,
    })
}

fn fold_other(c: char, out: &mut String) {
    match c {
        // Apostrophes, and the vowel marks of Urdu, which hardly anybody writes.
        '\'' | '’' | '‘' | 'ʼ' | '`' | '\u{064B}'..='\u{0655}' | '\u{0670}' => {}
        // Arabic letter shapes and hamza seats where Urdu has its own.
        'ي' | 'ى' | 'ئ' => out.push('ی'),
        'ك' => out.push('ک'),
        'ه' | 'ة' | 'ۀ' | 'ۂ' => out.push('ہ'),
        'أ' | 'إ' | 'آ' | 'ٱ' => out.push('ا'),
        'ؤ' => out.push('و'),
        _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        _ => {
            // Accents on Latin letters ("pānch") are transliteration, not meaning.
            for part in c.nfd().filter(|p| !unicode_normalization::char::is_combining_mark(*p)) {
                out.extend(part.to_lowercase());
            }
        }
    }
}

/// Drops a nasal at the end of a word, which writers of Devanagari and Gujarati leave out at will. In Gurmukhi it tells
/// words apart: ਅਸੀਂ is "we", ਅੱਸੀ eighty; ਤੇਰਾਂ is thirteen, ਤੇਰਾ "yours".
fn drop_final_nasal(out: &mut String, start: usize) {
    let Some(last) = out[start..].chars().next_back() else { return };
    let dropped = indic(last)
        .is_some_and(|(place, block)| place == offset::ANUSVARA && matches!(block, 0x0900 | 0x0A80));
    if dropped {
        out.truncate(out.len() - last.len_utf8());
    }
}

/// Shortens a letter that was held ("noooo") to one; two in a row are ordinary spelling.
fn shorten_stretched(out: &mut String, start: usize) {
    let bytes = &out.as_bytes()[start..];
    if !bytes.windows(3).any(|w| w[0] == w[1] && w[1] == w[2]) {
        return;
    }
    let mut kept = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, ..] = rest {
        let run = rest.iter().take_while(|b| *b == first).count();
        let keep = if run > 2 { 1 } else { run };
        kept.extend(std::iter::repeat_n(char::from(*first), keep));
        rest = &rest[run..];
    }
    out.truncate(start);
    out.push_str(&kept);
}

/// The folded form of one word.
pub(crate) fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    fold_word(word, &mut out);
    out
}

/// A word that begins with an independent vowel, as it is written when fused to what stands before: with the
/// vowel's sign (ஐம்பது → ைம்பது), or with nothing for the inherent a (அஞ்சு → ஞ்சு). Latin words stay.
pub(crate) fn with_vowel_sign(word: &str) -> Option<String> {
    let first = word.chars().next()?;
    let rest = &word[first.len_utf8()..];
    match indic(first) {
        Some((0x05, _)) => Some(rest.to_owned()),
        Some((place @ 0x06..=0x14, block)) => {
            let mut fused = String::with_capacity(word.len());
            fused.push(at(block, place + offset::VOWEL_TO_SIGN));
            fused.push_str(rest);
            Some(fused)
        }
        None if matches!(first, 'a' | 'e' | 'i' | 'o' | 'u') => Some(word.to_owned()),
        _ => None,
    }
}

/// A word without the final vowel that it loses before a vowel (நூற்று → நூற்ற, ഒന്ന് → ഒന്ന, noothi → nooth).
/// A Brahmic word that ends in its inherent a stays as it is.
pub(crate) fn without_final_vowel(word: &str) -> Option<&str> {
    let last = word.chars().next_back()?;
    let stem = &word[..word.len() - last.len_utf8()];
    match indic(last) {
        Some((offset::SIGN_AA..=0x4C | offset::VIRAMA, _)) => Some(stem),
        Some((0x15..=0x39, _)) => Some(word),
        None if matches!(last, 'a' | 'e' | 'i' | 'o' | 'u') && stem.len() > 1 => Some(stem),
        _ => None,
    }
}

/// Writes `right` fused to `left` where the scripts' sandhi allows it, else behind a space.
pub(crate) fn join(left: &str, right: &str) -> String {
    match (without_final_vowel(left), with_vowel_sign(right)) {
        (Some(stem), Some(tail)) if !left.is_ascii() => format!("{stem}{tail}"),
        _ => format!("{left} {right}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) {
        assert_eq!(folded(a), folded(b), "{a} and {b}");
    }

    #[test]
    fn spellings_that_sound_alike_fold_together() {
        alike("पाँच", "पांच");
        alike("हज़ार", "हजार");
        alike("साढ़े", "साढे");
        alike("में", "मे");
        alike("पन्द्रह", "पंद्रह");
        alike("ਪੰਜਾਹ", "ਪਂਜਾਹ");
        alike("ਸੱਤਰ", "ਸਤਰ");
        alike("എൺപത്", "എണ്‍പത്");
        alike("كيلو", "کیلو");
        alike("আড়াই", "আড়াই");
        alike("Pānch", "panch");
        alike("noooo", "no");
    }

    #[test]
    fn numbers_that_differ_stay_apart() {
        for (a, b) in [("सात", "साठ"), ("पच्चीस", "पचास"), ("saat", "saath"), ("ஆறு", "அறு"), ("ਅੱਸੀ", "ਅਸੀਂ")]
        {
            assert_ne!(folded(a), folded(b));
        }
    }

    #[test]
    fn digits_of_every_script_have_their_value() {
        for (c, value) in [('7', 7), ('७', 7), ('৭', 7), ('௭', 7), ('౭', 7), ('੭', 7), ('۷', 7), ('٧', 7)]
        {
            assert_eq!(digit(c), Some(value), "{c}");
        }
        assert_eq!(digit('x'), None);
        assert_eq!(digit('௰'), None);
    }

    #[test]
    fn vowels_fuse_as_their_signs() {
        assert_eq!(join("நூற்று", "ஐம்பது"), "நூற்றைம்பது");
        assert_eq!(join("இரண்டு", "அரை"), "இரண்டரை");
        assert_eq!(join("ஐந்து", "ஆயிரம்"), "ஐந்தாயிரம்");
        assert_eq!(join("दो", "सौ"), "दो सौ");
    }
}
