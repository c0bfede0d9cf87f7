//! The postal code of an address in India.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A PIN code: six digits, the first of them not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PinCode(u32);

/// A text that is no PIN code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PIN code has six digits, such as 560001")]
pub struct NotAPinCode;

impl PinCode {
    /// The six digits as a number, 100000 to 999999.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl FromStr for PinCode {
    type Err = NotAPinCode;

    /// Reads a PIN code as people type it: with a space after three digits, or without.
    fn from_str(text: &str) -> Result<Self, NotAPinCode> {
        let digits: String = text.chars().filter(|c| *c != ' ').take(7).collect();
        let fits =
            digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if !fits {
            return Err(NotAPinCode);
        }
        digits.parse().map(Self).map_err(|_| NotAPinCode)
    }
}

impl TryFrom<String> for PinCode {
    type Error = NotAPinCode;

    fn try_from(text: String) -> Result<Self, NotAPinCode> {
        text.parse()
    }
}

impl From<PinCode> for String {
    fn from(pin: PinCode) -> Self {
        pin.to_string()
    }
}

impl fmt::Display for PinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_a_pin_code_with_or_without_a_space() {
        for good in ["560001", "560 001", " 560001 "] {
            assert_eq!(good.parse::<PinCode>().unwrap().to_string(), "560001");
        }
        for bad in ["", "56000", "5600011", "060001", "56000a", "५६०००१", "560-001"] {
            assert_eq!(bad.parse::<PinCode>(), Err(NotAPinCode), "{bad:?}");
        }
    }
}
