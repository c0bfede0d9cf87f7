//! Values to number words, the way a language counts.

use types::Language;

use crate::decimal::Decimal;
use crate::fold;
use crate::say::template::Slots;
use crate::say::voice::Voice;

/// From here on parts are said as decimals: "sadhe" and its like bend only what is below a hundred.
const FRACTION_BELOW: u64 = 100;

/// A number in words. Numbers of a hundred crore crore and more, which nobody says, stay digits.
pub(crate) fn say(value: Decimal, language: Language) -> String {
    let voice = Voice::of(language);
    if let Some(said) = voice.alone.get(&value) {
        return (*said).to_owned();
    }
    if let Some(words) = voice.numbers.get(&value) {
        return words.said.to_owned();
    }
    if let Some(value) = value.as_whole() {
        return whole(value, voice);
    }
    fraction(value, voice).unwrap_or_else(|| decimal(value, voice))
}

/// A whole number in words.
pub(crate) fn whole(value: u64, voice: &Voice) -> String {
    if let Some(words) = own(value, voice) {
        return words.said.to_owned();
    }
    // Where every hundred is a word of its own, no scale says them.
    let hundreds = value / 100 * 100;
    if let Some(words) = own(hundreds, voice).filter(|_| value < 1000 && hundreds > 0) {
        return followed(words.joined, &whole(value - hundreds, voice));
    }
    let Some((scale, words)) = voice.scales.iter().find(|(scale, _)| value >= *scale) else {
        return value.to_string();
    };
    let (count, rest) = (value / scale, value % scale);
    let fixed = count.checked_mul(*scale).and_then(|v| own(v, voice));
    let form = if rest == 0 { words.said } else { words.joined };
    let head = match fixed {
        Some(fixed) => (if rest == 0 { fixed.said } else { fixed.joined }).to_owned(),
        None => counted(form, &whole(count, voice)),
    };
    if rest == 0 { head } else { followed(&head, &whole(rest, voice)) }
}

/// A number before a smaller one; a `+` at its end fuses the two (അഞ്ഞൂറ്റി+ and അമ്പത് are അഞ്ഞൂറ്റമ്പത്).
fn followed(joined: &str, rest: &str) -> String {
    match joined.strip_suffix('+') {
        Some(stem) => fold::join(stem, rest),
        None => format!("{joined} {rest}"),
    }
}

fn own(value: u64, voice: &Voice) -> Option<crate::say::voice::Words> {
    let value = u32::try_from(value).ok()?;
    voice.numbers.get(&Decimal::whole(value)).copied()
}

/// "{} lakh" filled; "{}+ஆயிரம்" is written together where the script fuses the two.
fn counted(form: &str, count: &str) -> String {
    if let Some(tail) = form.strip_prefix("{}+") {
        let (tail, rest) = tail.split_once(' ').map_or((tail, ""), |(t, r)| (t, r));
        let fused = fold::join(count, tail);
        return if rest.is_empty() { fused } else { format!("{fused} {rest}") };
    }
    form.replace("{}", count)
}

/// Halves and quarters in the language's own way.
fn fraction(value: Decimal, voice: &Voice) -> Option<String> {
    let (count, hundredths) = value.whole_and_hundredths().filter(|(count, _)| *count < FRACTION_BELOW)?;
    let name = match hundredths {
        25 => "quarter",
        50 => "half",
        75 => "three_quarters",
        _ => return None,
    };
    if count == 0 {
        return Some(voice.sentence(&format!("number.{name}_alone"), &Slots::default()));
    }
    let slots = Slots::default().with("n", whole(count, voice));
    let slots = if voice_uses_next(voice, name) {
        Slots::default().with("next", whole(count + 1, voice))
    } else {
        slots
    };
    let said = voice.sentence(&format!("number.{name}"), &slots);
    Some(match said.split_once('+') {
        Some((left, right)) => fold::join(left, right),
        None => said,
    })
}

/// Whether a fraction is named by the number above it (पौने तीन: a quarter short of three).
fn voice_uses_next(voice: &Voice, name: &str) -> bool {
    let probe = Slots::default().with("next", String::new());
    voice.fits(&format!("number.{name}"), &probe)
}

fn decimal(value: Decimal, voice: &Voice) -> String {
    let text = value.to_string();
    let (count, places) = text.split_once('.').unwrap_or((&text, ""));
    let count = count.parse().map_or_else(|_| count.to_owned(), |count| whole(count, voice));
    let point = voice.sentence("number.point", &Slots::default());
    let digits = places.bytes().map(|b| whole(u64::from(b - b'0'), voice));
    std::iter::once(count).chain(std::iter::once(point)).chain(digits).collect::<Vec<_>>().join(" ")
}
