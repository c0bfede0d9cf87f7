//! Text to tokens: folded words, written numbers, breaks. Linear in the text, whatever it holds.

use std::ops::Range;

use crate::decimal::Decimal;
use crate::fold;

/// What one token is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// A word or a sign with a meaning (₹, %, /, @); its folded form is in the buffer.
    Word,
    /// A number written in digits.
    Number(Decimal),
    /// Digits that are no amount: a clock time, a date, a telephone number.
    Figures,
    /// A pause; `true` where it asks.
    Break(bool),
}

/// A piece of the text.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub kind: Kind,
    /// Bytes of the original text.
    pub span: Range<usize>,
    folded: Range<usize>,
}

/// A text in tokens.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    list: Vec<Token>,
    buffer: String,
}

/// A run of digits is cut at the first separator past this many bytes, so that cutting stays linear.
const FIGURES_BYTES_MAX: usize = 40;
/// Digits without separators from this many on are a telephone number, not an amount.
const TELEPHONE_DIGITS_MIN: usize = 7;

impl Tokens {
    /// Cuts a text into tokens.
    pub fn of(text: &str) -> Self {
        let mut tokens =
            Self { list: Vec::with_capacity(text.len() / 5 + 1), buffer: String::with_capacity(text.len()) };
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            at = if fold::digit(c).is_some() || vulgar_fraction(c).is_some() {
                tokens.push_figures(text, at)
            } else if fold::is_letter(c) {
                tokens.push_word(text, at)
            } else {
                tokens.push_sign(c, text, at)
            };
        }
        tokens
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn get(&self, index: usize) -> &Token {
        &self.list[index]
    }

    /// The folded form of a word; empty for anything else.
    pub fn folded(&self, index: usize) -> &str {
        self.list.get(index).map_or("", |t| &self.buffer[t.folded.clone()])
    }

    fn push(&mut self, kind: Kind, span: Range<usize>, folded_from: usize) {
        self.list.push(Token { kind, span, folded: folded_from..self.buffer.len() });
    }

    fn push_word(&mut self, text: &str, start: usize) -> usize {
        let end = end_of_word(text, start);
        let from = self.buffer.len();
        let word = &text[start..end];
        if word.contains('.') {
            fold::fold_word(&word.replace('.', ""), &mut self.buffer);
        } else {
            fold::fold_word(word, &mut self.buffer);
        }
        if self.buffer.len() > from {
            self.push(Kind::Word, start..end, from);
        }
        end
    }

    fn push_sign(&mut self, c: char, text: &str, at: usize) -> usize {
        let end = at + c.len_utf8();
        let from = self.buffer.len();
        match c {
            '?' | '؟' => self.push(Kind::Break(true), at..end, from),
            '!' | ',' | ';' | ':' | '\n' | '।' | '॥' | '۔' | '،' | '؛' | '…' | '(' | ')' => {
                self.push(Kind::Break(false), at..end, from);
            }
            '.' if text[end..].chars().next().is_none_or(char::is_whitespace) => {
                self.push(Kind::Break(false), at..end, from);
            }
            '₹' | '%' | '@' | '°' | '+' | '*' | '×' => {
                self.buffer.push(c);
                self.push(Kind::Word, at..end, from);
            }
            // "₹40/kg" is a price for each kilo; "150/-" only ends the amount.
            '/' if !text[end..].starts_with('-') => {
                self.buffer.push(c);
                self.push(Kind::Word, at..end, from);
            }
            _ => {}
        }
        end
    }

    fn push_figures(&mut self, text: &str, start: usize) -> usize {
        let end = end_of_figures(text, start);
        let from = self.buffer.len();
        let (kind, end) =
            read_figures(&text[start..end]).map_or((Kind::Figures, end), |(kind, len)| (kind, start + len));
        let (kind, end) = match kind {
            Kind::Number(_) if is_lettered(text, start) => (Kind::Figures, end),
            Kind::Number(value) => match in_thousands(value, &text[end..]) {
                Some(thousands) => (Kind::Number(thousands), end + 1),
                None => (kind, end),
            },
            _ => (kind, end),
        };
        self.push(kind, start..end, from);
        end
    }
}

/// Whether digits belong to a single letter before them: A4, B12.
fn is_lettered(text: &str, start: usize) -> bool {
    let mut before = text[..start].chars().rev();
    before.next().is_some_and(|c| c.is_ascii_alphabetic())
        && before.next().is_none_or(|c| !fold::is_letter(c))
}

/// "2k" is two thousand, "2 k" and "2kg" are not.
fn in_thousands(value: Decimal, rest: &str) -> Option<Decimal> {
    let after = rest.strip_prefix(['k', 'K'])?;
    let ends = after.chars().next().is_none_or(|c| !fold::is_letter(c) && fold::digit(c).is_none());
    value.times(Decimal::whole(1000)).filter(|_| ends)
}

/// Where a word ends: letters, joiners, and apostrophes or dots between letters (that's, कि.ग्रा).
fn end_of_word(text: &str, start: usize) -> usize {
    let mut chars = text[start..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if (fold::is_letter(c) && fold::digit(c).is_none()) || fold::is_invisible(c) {
            continue;
        }
        let inside = matches!(c, '\'' | '’' | '‘' | 'ʼ' | '.')
            && chars.peek().is_some_and(|(_, next)| fold::is_letter(*next) && fold::digit(*next).is_none());
        if !inside {
            return start + at;
        }
    }
    text.len()
}

/// Where a run of digits with separators between them ends.
fn end_of_figures(text: &str, start: usize) -> usize {
    let mut chars = text[start..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if fold::digit(c).is_some() || vulgar_fraction(c).is_some() || fold::is_invisible(c) {
            continue;
        }
        let separates = matches!(c, '.' | ',' | ':' | '/' | '٫' | '٬')
            && chars.peek().is_some_and(|(_, next)| fold::digit(*next).is_some());
        if !separates || at > FIGURES_BYTES_MAX {
            return start + at;
        }
    }
    text.len()
}

const fn vulgar_fraction(c: char) -> Option<Decimal> {
    match c {
        '¼' => Some(Decimal::hundredths(25)),
        '½' => Some(Decimal::hundredths(50)),
        '¾' => Some(Decimal::hundredths(75)),
        _ => None,
    }
}

/// Reads digits with separators; the length says how many bytes belong (a list "40,50" is two numbers).
fn read_figures(text: &str) -> Option<(Kind, usize)> {
    let mut ascii = String::with_capacity(text.len());
    let mut fraction = None;
    for c in text.chars() {
        match (fold::digit(c), vulgar_fraction(c)) {
            (Some(digit), _) => ascii.push(char::from(b'0' + digit)),
            (_, Some(part)) => fraction = Some(part),
            _ if c == '٫' => ascii.push('.'),
            _ if c == '٬' => ascii.push(','),
            _ if fold::is_invisible(c) => {}
            _ => ascii.push(c),
        }
    }
    if let Some(part) = fraction {
        let whole = if ascii.is_empty() { Decimal::ZERO } else { ascii.parse().ok()? };
        return Some((Kind::Number(whole.plus(part)?), text.len()));
    }
    if ascii.contains(':') {
        return None;
    }
    if let Some((above, below)) = ascii.split_once('/') {
        let quarters = match (above, below) {
            ("1", "2") => 50,
            ("1", "4") => 25,
            ("3", "4") => 75,
            _ => return None,
        };
        return Some((Kind::Number(Decimal::hundredths(quarters)), text.len()));
    }
    if !ascii.contains(',') {
        if ascii.len() >= TELEPHONE_DIGITS_MIN && !ascii.contains('.') {
            return None;
        }
        return Some((Kind::Number(ascii.parse().ok()?), text.len()));
    }
    if is_grouped(&ascii) {
        return Some((Kind::Number(ascii.replace(',', "").parse().ok()?), text.len()));
    }
    let first = ascii.split(',').next()?;
    let len = text.find([',', '٬'])?;
    Some((Kind::Number(first.parse().ok()?), len))
}

/// Whether commas stand where amounts have them: 1,25,000 or 125,000.
fn is_grouped(ascii: &str) -> bool {
    let whole = ascii.split_once('.').map_or(ascii, |(whole, _)| whole);
    let mut groups = whole.rsplit(',');
    let last_is_three = groups.next().is_some_and(|g| g.len() == 3);
    last_is_three && groups.all(|g| (1..=3).contains(&g.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<String> {
        let tokens = Tokens::of(text);
        (0..tokens.len())
            .map(|i| match tokens.get(i).kind {
                Kind::Word => tokens.folded(i).to_owned(),
                Kind::Number(n) => format!("#{n}"),
                Kind::Figures => "figures".to_owned(),
                Kind::Break(asks) => if asks { "?" } else { "," }.to_owned(),
            })
            .collect()
    }

    #[test]
    fn amounts_are_read_in_every_way_they_are_written() {
        assert_eq!(kinds("₹1,25,000.50"), ["₹", "#125000.5"]);
        assert_eq!(kinds("Rs.150/-"), ["rs", "#150"]);
        assert_eq!(kinds("५kg ६०।"), ["#5", "kg", "#60", ","]);
        assert_eq!(kinds("1/2 kilo 2½"), ["#0.5", "kilo", "#2.5"]);
        assert_eq!(kinds("₹40/kg"), ["₹", "#40", "/", "kg"]);
        assert_eq!(kinds("forty-five"), ["forty", "five"]);
        assert_eq!(kinds("45ரூபாய்க்கு"), ["#45", "ரூபாய்க்கு"]);
    }

    #[test]
    fn times_dates_and_telephone_numbers_are_no_amounts() {
        assert_eq!(kinds("9:30 12/10/2026 9876543210"), ["figures", "figures", "figures"]);
        assert_eq!(kinds("1.2.3"), ["figures"]);
        assert_eq!(kinds(&"9".repeat(500)), ["figures"]);
    }

    #[test]
    fn a_list_is_two_numbers() {
        assert_eq!(kinds("40,50"), ["#40", ",", "#50"]);
    }

    #[test]
    fn marks_that_turn_text_round_say_nothing() {
        assert_eq!(kinds("\u{202E}fifty\u{202C} ru\u{200D}pees"), ["fifty", "rupees"]);
    }

    #[test]
    fn spans_point_into_the_original_text() {
        let text = "दो किलो, ₹५०";
        let tokens = Tokens::of(text);
        let spans: Vec<&str> = (0..tokens.len()).map(|i| &text[tokens.get(i).span.clone()]).collect();
        assert_eq!(spans, ["दो", "किलो", ",", "₹", "५०"]);
    }
}
