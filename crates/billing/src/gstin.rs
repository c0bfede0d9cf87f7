//! The number under which a seller is registered for goods and services tax.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::StateCode;

/// A GSTIN: state code, PAN, entity, `Z` and a check character. Its check character is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gstin(String);

/// Why a text is no GSTIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GstinError {
    /// Not 15 characters in the pattern of a GSTIN.
    #[error("a GSTIN has 15 characters, such as 29AAGCB7383J1Z4")]
    Shape,
    /// The check character does not fit the rest: something is mistyped.
    #[error("the last character does not fit the others: something is mistyped")]
    CheckCharacter,
    /// The first two digits name no state.
    #[error("the first two digits of a GSTIN are the code of a state")]
    State,
}

/// What each place holds: a digit, a letter, either, either but `0`, the letter Z.
const PATTERN: &[u8; 15] = b"ddlllllddddlnzx";

impl Gstin {
    /// The state that the seller is registered in.
    pub fn state(&self) -> StateCode {
        self.0[..2].parse().expect("a GSTIN begins with the code of a state")
    }

    /// The text, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Gstin {
    type Err = GstinError;

    /// Reads a GSTIN as people type it: small letters and spaces do not matter.
    fn from_str(text: &str) -> Result<Self, GstinError> {
        // Bounded first: nobody types 100 spaces.
        if text.len() > 64 {
            return Err(GstinError::Shape);
        }
        let typed: String =
            text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let fits = typed.len() == PATTERN.len()
            && typed.bytes().zip(PATTERN).all(|(byte, kind)| allowed(byte, *kind));
        if !fits {
            return Err(GstinError::Shape);
        }
        let (body, check) = typed.split_at(14);
        if check_character(body) != check.chars().next() {
            return Err(GstinError::CheckCharacter);
        }
        typed[..2].parse::<StateCode>().map_err(|_| GstinError::State)?;
        Ok(Self(typed))
    }
}

fn allowed(byte: u8, kind: u8) -> bool {
    match kind {
        b'd' => byte.is_ascii_digit(),
        b'l' => byte.is_ascii_uppercase(),
        b'n' => matches!(byte, b'1'..=b'9' | b'A'..=b'Z'),
        b'z' => byte == b'Z',
        _ => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
    }
}

/// The character that checks the first fourteen: digits of base 36, weighed 1 and 2 in turn.
fn check_character(body: &str) -> Option<char> {
    let mut sum = 0;
    for (place, character) in body.chars().enumerate() {
        let product = character.to_digit(36)? * if place % 2 == 0 { 1 } else { 2 };
        sum += product / 36 + product % 36;
    }
    char::from_digit((36 - sum % 36) % 36, 36).map(|c| c.to_ascii_uppercase())
}

impl TryFrom<String> for Gstin {
    type Error = GstinError;

    fn try_from(text: String) -> Result<Self, GstinError> {
        text.parse()
    }
}

impl From<Gstin> for String {
    fn from(gstin: Gstin) -> Self {
        gstin.0
    }
}

impl fmt::Display for Gstin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn registered_numbers_are_read_and_samples_are_not() {
        for good in ["27AAPFU0939F1ZV", "29AAGCB7383J1Z4"] {
            assert_eq!(good.parse::<Gstin>().unwrap().as_str(), good);
        }
        assert_eq!("22AAAAA0000A1Z5".parse::<Gstin>(), Err(GstinError::CheckCharacter));
    }

    #[test]
    fn small_letters_and_spaces_do_not_matter() {
        assert_eq!(" 27aapfu 0939f1zv".parse::<Gstin>().unwrap().to_string(), "27AAPFU0939F1ZV");
    }

    #[test]
    fn other_shapes_are_refused() {
        for bad in
            ["", "27AAPFU0939F1Z", "27AAPFU0939F1ZVV", "2ZAAPFU0939F1ZV", "27AAPFU0939F1AV", "२७AAPFU0939F1Z"]
        {
            assert_eq!(bad.parse::<Gstin>(), Err(GstinError::Shape), "{bad}");
        }
        assert_eq!(" ".repeat(100_000).parse::<Gstin>(), Err(GstinError::Shape));
    }

    #[test]
    fn a_state_that_is_none_is_refused() {
        let body = "99AAPFU0939F1Z";
        let text = format!("{body}{}", check_character(body).unwrap());
        assert_eq!(text.parse::<Gstin>(), Err(GstinError::State));
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_noticed(place in 0usize..15, with in "[0-9A-Z]") {
            let good = "29AAGCB7383J1Z4";
            let mut wrong = good.to_owned();
            wrong.replace_range(place..=place, &with);
            prop_assert_eq!(wrong.parse::<Gstin>().is_ok(), wrong == good);
        }

        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = text.parse::<Gstin>();
        }
    }
}
