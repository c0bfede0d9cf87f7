//! Number words written together: நூற்றைம்பது, साडेपाचशे, দুশো, naapathanju.
//!
//! Two words fuse as they are, or the first loses its final vowel and the second's vowel is written as a sign, with a
//! glide in between where the language has one, or the second's first consonant doubles. All of that is worked out
//! once, when the tables are read.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::grammar::{self, Morph};
use crate::fold;

/// How one piece may meet the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// A whole word.
    Whole,
    /// A word that gave up its final vowel, and its counterpart that begins with a vowel sign.
    Sandhi,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    morph: Morph,
    head: Edge,
    tail: Edge,
}

/// The pieces of fused numbers.
#[derive(Debug, Default)]
pub(crate) struct Fused {
    pieces: FxHashMap<Box<str>, SmallVec<[Piece; 1]>>,
    bytes_max: usize,
}

/// No number word is longer, fused or not; longer tokens are not tried.
const TOKEN_BYTES_MAX: usize = 160;
/// Pieces shorter than this many letters would be found inside ordinary words.
const LETTERS_MIN: usize = 2;

impl Fused {
    /// Adds a number word with the ways it fuses. `glide` is the letter some languages put between two vowels.
    pub fn add(&mut self, word: &str, morph: Morph, glide: Option<&str>) {
        if word.chars().count() < LETTERS_MIN {
            return;
        }
        let mut heads = vec![(word.to_owned(), Edge::Whole)];
        if let Some(fused) = fold::with_vowel_sign(word) {
            if let Some(glide) = glide {
                heads.push((format!("{glide}{fused}"), Edge::Whole));
            }
            heads.push((fused, Edge::Sandhi));
        } else if let Some(first) = word.chars().next()
            && let Some((place, block)) = fold::indic(first)
            && (0x15..=0x39).contains(&place)
            && let Some(virama) = char::from_u32(block + 0x4D)
        {
            heads.push((format!("{first}{virama}{word}"), Edge::Whole));
        }
        for (head, edge) in heads {
            self.insert(&head, Piece { morph, head: edge, tail: Edge::Whole });
            if let Some(stem) = fold::without_final_vowel(&head) {
                let stem = stem.to_owned();
                self.insert(&stem, Piece { morph, head: edge, tail: Edge::Sandhi });
            }
        }
    }

    fn insert(&mut self, key: &str, piece: Piece) {
        if key.is_empty() {
            return;
        }
        self.bytes_max = self.bytes_max.max(key.len());
        let pieces = self.pieces.entry(key.into()).or_default();
        if !pieces.iter().any(|p| p.morph == piece.morph && p.head == piece.head && p.tail == piece.tail) {
            pieces.push(piece);
        }
    }

    /// Takes a token apart into number words that make one number; `None` where it is no such token.
    pub fn split(&self, token: &str) -> Option<SmallVec<[Morph; 4]>> {
        if token.len() > TOKEN_BYTES_MAX || self.pieces.is_empty() {
            return None;
        }
        let mut morphs = SmallVec::new();
        let mut steps = 256;
        self.walk(token, Edge::Whole, true, &mut morphs, &mut steps).then_some(morphs)
    }

    /// Whether a word begins or ends with a number word of some length without being one.
    pub fn borders(&self, word: &str) -> bool {
        const LETTERS: usize = 4;
        let is_piece = |part: &str| part.chars().count() >= LETTERS && self.pieces.contains_key(part);
        let mut cuts = word.char_indices().map(|(at, _)| at).filter(|at| *at > 0);
        word.len() <= TOKEN_BYTES_MAX && cuts.any(|at| is_piece(&word[..at]) || is_piece(&word[at..]))
    }

    fn walk(
        &self,
        rest: &str,
        edge: Edge,
        first: bool,
        morphs: &mut SmallVec<[Morph; 4]>,
        steps: &mut u32,
    ) -> bool {
        if rest.is_empty() {
            let is_one = || match &grammar::read(morphs)[..] {
                [only] => only.from == 0 && only.to + 1 == morphs.len(),
                _ => false,
            };
            return edge == Edge::Whole && morphs.len() > 1 && is_one();
        }
        let longest = rest.len().min(self.bytes_max);
        for end in (1..=longest).rev().filter(|end| rest.is_char_boundary(*end)) {
            let Some(pieces) = self.pieces.get(&rest[..end]) else { continue };
            for piece in pieces {
                if (first && piece.head != Edge::Whole) || (!first && piece.head != edge) || *steps == 0 {
                    continue;
                }
                *steps -= 1;
                morphs.push(piece.morph);
                if self.walk(&rest[end..], piece.tail, false, morphs, steps) {
                    return true;
                }
                morphs.pop();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::Decimal;

    fn fused(words: &[(&str, Morph)]) -> Fused {
        let mut fused = Fused::default();
        for (word, morph) in words {
            fused.add(&fold::folded(word), *morph, None);
        }
        fused
    }

    fn value(fused: &Fused, token: &str) -> Option<String> {
        let morphs = fused.split(&fold::folded(token))?;
        Some(grammar::read(&morphs)[0].value.to_string())
    }

    fn number(value: u32) -> Morph {
        Morph::Number { value: Decimal::whole(value), pairs: false }
    }

    #[test]
    fn vowels_meet_as_signs() {
        let tamil = fused(&[
            ("நூற்று", Morph::Scale(Decimal::whole(100))),
            ("ஐம்பது", number(50)),
            ("அம்பத்து", Morph::Tens { value: Decimal::whole(50), pairs: false }),
            ("அஞ்சு", number(5)),
            ("ரெண்டு", number(2)),
            ("ஆயிரம்", Morph::Scale(Decimal::whole(1000))),
            ("அரை", Morph::After(Decimal::hundredths(50))),
        ]);
        assert_eq!(value(&tamil, "நூற்றைம்பது").as_deref(), Some("150"));
        assert_eq!(value(&tamil, "அம்பத்தஞ்சு").as_deref(), Some("55"));
        assert_eq!(value(&tamil, "ரெண்டாயிரம்").as_deref(), Some("2000"));
        assert_eq!(value(&tamil, "ரெண்டரை").as_deref(), Some("2.5"));
        assert_eq!(value(&tamil, "அம்பதான"), None);
    }

    #[test]
    fn consonants_stand_side_by_side() {
        let marathi = fused(&[
            ("साडे", Morph::More(Decimal::hundredths(50))),
            ("पाच", number(5)),
            ("शे", Morph::Scale(Decimal::whole(100))),
        ]);
        assert_eq!(value(&marathi, "साडेपाचशे").as_deref(), Some("550"));
        assert_eq!(value(&marathi, "शेपाचसाडे"), None);
    }
}
