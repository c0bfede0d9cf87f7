//! Number words to values: one grammar for all languages over a handful of word kinds.
//!
//! A value is built from left to right. A word that cannot extend the number being built ends it and begins the
//! next, so "four twenty-rupee notes" is two numbers, never a guess.

use smallvec::SmallVec;

use crate::decimal::Decimal;

/// One number word, or one part of a fused one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Morph {
    /// A value that stands whole: 7, 25, 1½, or a fused hundred (இருநூறு). `pairs` where the language says "one
    /// fifty" for 150.
    Number { value: Decimal, pairs: bool },
    /// Twenty to ninety where a digit may follow (forty five).
    Tens { value: Decimal, pairs: bool },
    /// A number written in digits.
    Written(Decimal),
    /// Hundred, thousand, lakh, crore.
    Scale(Decimal),
    /// So much more than what follows (सवा, साढ़े).
    More(Decimal),
    /// So much less than what follows (पौने).
    Short(Decimal),
    /// A part of what follows: half a kilo.
    Part(Decimal),
    /// A part added to what precedes: two *and a half*, ரெண்ட*ரை*.
    After(Decimal),
    /// "And" inside a number.
    And,
    /// The decimal point, spoken.
    Point,
}

/// A number found in an utterance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numeral {
    pub value: Decimal,
    /// "Fifteen fifty": the two halves, when `value` is the first times a hundred plus the second.
    pub pair: Option<(Decimal, Decimal)>,
    /// A traditional fraction without its scale ("साढ़े चार"), which may mean hundreds or thousands.
    pub is_elidable: bool,
    /// Only "and a half": belongs to the unit before it.
    pub is_after: bool,
    /// How many single digits were said one by one ("four five zero"); 0 for anything else.
    pub digits: u8,
    /// Whether it was written in digits.
    pub is_written: bool,
    /// First and last index into the run it was read from.
    pub from: usize,
    pub to: usize,
}

/// Reads a run of number words.
pub(crate) fn read(run: &[Morph]) -> SmallVec<[Numeral; 4]> {
    let mut found: SmallVec<[Numeral; 4]> = SmallVec::new();
    let mut builder = Builder::default();
    let mut from = 0;
    for (at, morph) in run.iter().enumerate() {
        if builder.push(*morph, run.get(at + 1)) {
            continue;
        }
        found.extend(builder.finish(from, at.saturating_sub(1)));
        builder = Builder::default();
        from = at;
        if !builder.push(*morph, run.get(at + 1)) {
            from = at + 1;
        }
    }
    found.extend(builder.finish(from, run.len().saturating_sub(1)));
    gather_digits(&found)
}

/// Three or more digits said one by one are one number.
fn gather_digits(found: &[Numeral]) -> SmallVec<[Numeral; 4]> {
    let mut gathered: SmallVec<[Numeral; 4]> = SmallVec::new();
    let mut rest = found;
    while let [first, ..] = rest {
        let run = rest.iter().take_while(|n| n.digits == 1).count();
        if run < 3 {
            gathered.push(*first);
            rest = &rest[1..];
            continue;
        }
        let text: String = rest[..run].iter().map(|n| n.value.to_string()).collect();
        // A value too long to be exact stays zero: so many digits are a telephone number and never an amount.
        let value = text.parse().unwrap_or(Decimal::ZERO);
        let digits = u8::try_from(run).unwrap_or(u8::MAX);
        gathered.push(Numeral { value, digits, to: rest[run - 1].to, ..*first });
        rest = &rest[run..];
    }
    gathered
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent findings about the number so far")]
struct Builder {
    /// What thousands, lakhs and crores have closed.
    total: Option<Decimal>,
    /// The last of them.
    scale: Option<Decimal>,
    /// What is being counted below them.
    current: Option<Decimal>,
    /// Whether `current` ends in a hundred that takes tens and units.
    hundred: bool,
    tens: bool,
    pairs: bool,
    written: bool,
    pair: Option<(Decimal, Decimal)>,
    shift: Option<Shift>,
    point: Option<Decimal>,
    elidable: bool,
    after_only: bool,
    words: u8,
}

#[derive(Debug, Clone, Copy)]
enum Shift {
    More(Decimal),
    Short(Decimal),
}

impl Shift {
    fn of(self, value: Decimal) -> Option<Decimal> {
        match self {
            Self::More(by) => value.plus(by),
            Self::Short(by) => value.minus(by),
        }
    }
}

const HUNDRED: Decimal = Decimal::whole(100);
const TEN: Decimal = Decimal::whole(10);

fn is_between(value: Decimal, low: u32, high: u32) -> bool {
    (Decimal::whole(low)..=Decimal::whole(high)).contains(&value) && value.as_whole().is_some()
}

fn is_hundreds(value: Decimal) -> bool {
    value.as_whole().is_some_and(|v| v >= 100 && v % 100 == 0 && v < 1000)
}

/// How many hundreds a word of its own stands for (চারশ: four), which a fraction before it bends.
fn fused_hundreds(value: Decimal) -> Option<Decimal> {
    let whole = value.as_whole().filter(|v| (100..10_000).contains(v) && v % 100 == 0 && v % 1000 != 0)?;
    u32::try_from(whole / 100).ok().map(Decimal::whole)
}

impl Builder {
    /// Extends the number; `false` where the word cannot belong to it.
    fn push(&mut self, morph: Morph, next: Option<&Morph>) -> bool {
        if self.after_only {
            return false;
        }
        let pushed = match morph {
            Morph::Number { value, pairs } => self.push_value(value, pairs, false),
            Morph::Tens { value, pairs } => {
                let pushed = self.push_value(value, pairs, false);
                self.tens |= pushed && self.point.is_none();
                pushed
            }
            Morph::Written(value) => self.push_value(value, false, true),
            Morph::Scale(scale) if scale == HUNDRED => self.push_hundred(),
            Morph::Scale(scale) => self.push_scale(scale),
            Morph::More(by) => self.push_shift(Shift::More(by)),
            Morph::Short(by) => self.push_shift(Shift::Short(by)),
            Morph::Part(part) => self.push_part(part),
            Morph::After(part) => self.push_after(part),
            Morph::And => return self.takes_and(next),
            Morph::Point => return self.push_point(next),
        };
        if pushed {
            self.words = self.words.saturating_add(1);
        }
        pushed
    }

    fn push_value(&mut self, value: Decimal, pairs: bool, written: bool) -> bool {
        if let Some(place) = self.point {
            return is_between(value, 0, 9) && self.push_decimal_place(value, place);
        }
        let Some(current) = self.current else {
            if value >= Decimal::whole(1000) && !written && self.shift.is_none() {
                return self.push_fixed(value);
            }
            let hundreds = fused_hundreds(value).filter(|_| !written);
            let shifted = match (self.shift, hundreds) {
                (None, _) => Some(value),
                (Some(shift), Some(count)) => shift.of(count).and_then(|v| v.times(HUNDRED)),
                (Some(shift), None) => shift.of(value),
            };
            let Some(shifted) = shifted.filter(|v| self.scale.is_none_or(|s| *v < s)) else { return false };
            self.elidable &= hundreds.is_none();
            self.elidable |= !written && value.as_whole().is_none();
            self.hundred = !written && self.shift.is_none() && is_hundreds(value);
            self.shift = None;
            self.current = Some(shifted);
            (self.pairs, self.written) = (pairs, written);
            return true;
        };
        let sum = if self.tens && is_between(value, 1, 9) {
            self.pair = self.pair.and_then(|(a, b)| Some((a, b.plus(value)?)));
            current.plus(value)
        } else if self.hundred && value < HUNDRED && value.as_whole().is_some() {
            current.plus(value)
        } else if self.is_first_of_pair(current) && pairs && is_between(value, 10, 99) {
            self.pair = Some((current, value));
            current.times(HUNDRED).and_then(|c| c.plus(value))
        } else {
            None
        };
        let Some(sum) = sum else { return false };
        self.current = Some(sum);
        (self.tens, self.hundred) = (false, false);
        true
    }

    /// A fused thousand that is a word of its own (ஐயாயிரம்): hundreds may follow it as they follow any thousand.
    fn push_fixed(&mut self, value: Decimal) -> bool {
        let scale = [10_000_000, 100_000, 1000].map(Decimal::whole).into_iter().find(|s| value >= *s);
        let total = self.total.unwrap_or(Decimal::ZERO).plus(value);
        let fits = total.is_some() && self.scale.is_none_or(|s| value < s);
        if fits {
            (self.total, self.scale) = (total, scale);
        }
        fits
    }

    fn is_first_of_pair(&self, current: Decimal) -> bool {
        self.pairs
            && !self.hundred
            && self.pair.is_none()
            && self.total.is_none()
            && is_between(current, 1, 99)
    }

    fn push_decimal_place(&mut self, digit: Decimal, place: Decimal) -> bool {
        let Some(sum) = digit.times(place).and_then(|d| self.current?.plus(d)) else { return false };
        let Some(tenth) = place.times(Decimal::hundredths(10)) else { return false };
        (self.current, self.point) = (Some(sum), Some(tenth));
        true
    }

    fn push_hundred(&mut self) -> bool {
        let product = match (self.current, self.shift.take()) {
            (None, None) => Some(HUNDRED),
            (None, Some(shift)) => shift.of(Decimal::ONE).and_then(|v| v.times(HUNDRED)),
            (Some(current), _) if current < HUNDRED && self.pair.is_none() => current.times(HUNDRED),
            _ => None,
        };
        let Some(product) = product else { return false };
        self.hundred = product.as_whole().is_some_and(|v| v % 100 == 0);
        self.current = Some(product);
        (self.tens, self.written, self.elidable, self.point) = (false, false, false, None);
        true
    }

    fn push_scale(&mut self, scale: Decimal) -> bool {
        if self.scale.is_some_and(|s| scale >= s) {
            return false;
        }
        let count = match (self.current, self.shift.take()) {
            (None, None) => Some(Decimal::ONE),
            (None, Some(shift)) => shift.of(Decimal::ONE),
            (Some(current), _) => Some(current),
        };
        let total =
            count.and_then(|c| c.times(scale)).and_then(|sum| self.total.unwrap_or(Decimal::ZERO).plus(sum));
        let Some(total) = total else { return false };
        let words = self.words;
        *self = Self { total: Some(total), scale: Some(scale), words, ..Self::default() };
        true
    }

    fn push_shift(&mut self, shift: Shift) -> bool {
        if self.current.is_some() || self.shift.is_some() {
            return false;
        }
        self.shift = Some(shift);
        self.elidable = true;
        true
    }

    fn push_part(&mut self, part: Decimal) -> bool {
        if self.current.is_some() || self.total.is_some() || self.shift.is_some() {
            return false;
        }
        self.current = Some(part);
        true
    }

    fn push_after(&mut self, part: Decimal) -> bool {
        match (self.current, self.total, self.scale) {
            (Some(current), _, _) => {
                let takes = current < HUNDRED && current.as_whole().is_some() && !current.eq(&Decimal::ZERO);
                let Some(sum) = current.plus(part).filter(|_| takes && self.pair.is_none()) else {
                    return false;
                };
                self.current = Some(sum);
                self.elidable = !self.written;
                (self.tens, self.hundred, self.pairs) = (false, false, false);
                true
            }
            (None, Some(total), Some(scale)) => {
                self.total = part.times(scale).and_then(|p| total.plus(p));
                self.total.is_some()
            }
            _ => {
                self.current = Some(part);
                self.after_only = true;
                true
            }
        }
    }

    fn takes_and(&self, next: Option<&Morph>) -> bool {
        let before = self.hundred || (self.current.is_none() && self.total.is_some());
        before && matches!(next, Some(Morph::Number { .. } | Morph::Tens { .. }))
    }

    fn push_point(&mut self, next: Option<&Morph>) -> bool {
        let counted = match self.current {
            Some(current) => current.as_whole().is_some(),
            None => self.total.is_some(),
        };
        let before = counted && self.point.is_none() && self.shift.is_none();
        let digit = match next {
            Some(Morph::Number { value, .. } | Morph::Written(value)) => is_between(*value, 0, 9),
            _ => false,
        };
        if before && digit {
            self.current = self.current.or(Some(Decimal::ZERO));
            self.point = Some(Decimal::hundredths(10));
            (self.tens, self.hundred, self.pairs) = (false, false, false);
        }
        before && digit
    }

    fn finish(self, from: usize, to: usize) -> Option<Numeral> {
        let current = match (self.current, self.shift) {
            // "सवा" alone is one and a quarter, "पौने" alone three quarters; "साढ़े" alone is nothing.
            (None, Some(shift)) if self.total.is_none() => {
                let alone = shift.of(Decimal::ONE)?;
                Some(alone).filter(|a| *a != Decimal::hundredths(150))
            }
            (current, _) => current,
        };
        let value = match (self.total, current) {
            (Some(total), current) => total.plus(current.unwrap_or(Decimal::ZERO))?,
            (None, current) => current?,
        };
        let alone = self.words == 1 && value < TEN && value.as_whole().is_some() && self.point.is_none();
        Some(Numeral {
            value,
            pair: self.pair.filter(|_| self.total.is_none()),
            is_elidable: self.elidable && self.total.is_none(),
            is_after: self.after_only,
            digits: u8::from(alone),
            is_written: self.written && self.words == 1,
            from,
            to,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(value: u32) -> Morph {
        Morph::Number { value: Decimal::whole(value), pairs: true }
    }

    fn tens(value: u32) -> Morph {
        Morph::Tens { value: Decimal::whole(value), pairs: true }
    }

    fn scale(value: u32) -> Morph {
        Morph::Scale(Decimal::whole(value))
    }

    const HALF_MORE: Morph = Morph::More(Decimal::hundredths(50));
    const QUARTER_MORE: Morph = Morph::More(Decimal::hundredths(25));
    const QUARTER_SHORT: Morph = Morph::Short(Decimal::hundredths(25));
    const AND_HALF: Morph = Morph::After(Decimal::hundredths(50));

    fn values(run: &[Morph]) -> Vec<String> {
        read(run).iter().map(|n| n.value.to_string()).collect()
    }

    #[test]
    fn lakhs_thousands_and_hundreds_add_up() {
        assert_eq!(values(&[n(1), scale(100_000), tens(20), n(5), scale(1000)]), ["125000"]);
        assert_eq!(values(&[n(22), scale(100), n(50)]), ["2250"]);
        assert_eq!(values(&[n(1), scale(1000), n(5), scale(100), Morph::And, tens(50)]), ["1550"]);
        assert_eq!(
            values(&[Morph::Written(Decimal::whole(1)), scale(100_000), n(20), scale(1000)]),
            ["120000"]
        );
        assert_eq!(values(&[n(1), scale(100_000), n(10_000), n(500)]), ["110500"]);
    }

    #[test]
    fn traditional_fractions_bend_what_follows() {
        assert_eq!(values(&[HALF_MORE, n(3), scale(100)]), ["350"]);
        assert_eq!(values(&[QUARTER_SHORT, n(2), scale(100)]), ["175"]);
        assert_eq!(values(&[QUARTER_MORE, scale(100)]), ["125"]);
        assert_eq!(values(&[QUARTER_MORE, scale(100_000)]), ["125000"]);
        assert_eq!(values(&[n(1), scale(1000), HALF_MORE, n(5), scale(100)]), ["1550"]);
        assert_eq!(values(&[HALF_MORE, n(400)]), ["450"]);
        assert_eq!(values(&[QUARTER_SHORT, n(200)]), ["175"]);
        assert!(!read(&[HALF_MORE, n(400)])[0].is_elidable);
        assert_eq!(values(&[QUARTER_MORE]), ["1.25"]);
        assert_eq!(values(&[QUARTER_SHORT]), ["0.75"]);
        assert!(values(&[HALF_MORE]).is_empty());
    }

    #[test]
    fn a_half_behind_bends_what_precedes() {
        assert_eq!(values(&[n(2), AND_HALF]), ["2.5"]);
        assert_eq!(values(&[n(2), AND_HALF, scale(1000)]), ["2500"]);
        assert_eq!(values(&[scale(100_000), AND_HALF]), ["150000"]);
        assert!(read(&[AND_HALF])[0].is_after);
    }

    #[test]
    fn english_pairs_are_hundreds_or_paise() {
        let found = read(&[n(15), tens(50)]);
        assert_eq!(found[0].value, Decimal::whole(1550));
        assert_eq!(found[0].pair, Some((Decimal::whole(15), Decimal::whole(50))));
        assert_eq!(values(&[n(1), tens(20), n(5)]), ["125"]);
        assert_eq!(values(&[tens(20), n(3), tens(50)]), ["2350"]);
    }

    #[test]
    fn digits_said_one_by_one_are_one_number() {
        let found = read(&[n(4), n(5), n(0)]);
        assert_eq!((found.len(), found[0].value, found[0].digits), (1, Decimal::whole(450), 3));
        assert_eq!(values(&[n(2), n(3)]), ["2", "3"]);
    }

    #[test]
    fn spoken_decimals_keep_their_places() {
        assert_eq!(values(&[n(2), Morph::Point, n(2), n(5)]), ["2.25"]);
        assert_eq!(values(&[n(1), Morph::Point, n(2), n(5), scale(100_000)]), ["125000"]);
    }

    #[test]
    fn numbers_side_by_side_stay_two() {
        let plain = |value| Morph::Number { value: Decimal::whole(value), pairs: false };
        assert_eq!(values(&[plain(10), plain(20)]), ["10", "20"]);
        assert_eq!(
            values(&[Morph::Written(Decimal::whole(100)), Morph::Written(Decimal::whole(50))]),
            ["100", "50"]
        );
    }
}
