//! Phone numbers, the name people sign in with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A phone number in E.164 (`+919876543210`). Ten digits without a country are an Indian mobile number.
///
/// Whether the number is somebody's shows a code that goes there, where the installation sends any.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct PhoneNumber(String);

/// A text that is no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a phone number is ten digits, or a plus sign with the country's code and the number")]
pub struct NotAPhoneNumber;

/// The digit zero of each script that people of the product's languages type.
const ZEROS: [char; 11] = ['٠', '۰', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦'];

impl PhoneNumber {
    /// The number in E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = NotAPhoneNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 128 {
            return Err(NotAPhoneNumber);
        }
        let mut number = String::with_capacity(16);
        for c in text.trim().chars() {
            match ascii_digit(c) {
                Some(digit) => number.push(digit),
                None if c == '+' && number.is_empty() => number.push('+'),
                None if matches!(c, ' ' | '-' | '(' | ')' | '.' | '\u{A0}') => {}
                None => return Err(NotAPhoneNumber),
            }
        }
        international(&number).map(Self).ok_or(NotAPhoneNumber)
    }
}

fn ascii_digit(c: char) -> Option<char> {
    let value = c.to_digit(10).or_else(|| {
        ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10))
    });
    value.and_then(|value| char::from_digit(value, 10))
}

/// E.164 of digits as people dial them: with a plus, with `00`, with a trunk `0`, or bare.
fn international(dialled: &str) -> Option<String> {
    let written = dialled.strip_prefix('+').or_else(|| dialled.strip_prefix("00"));
    let with_country = match written {
        Some(number) => number.to_owned(),
        None if is_indian_mobile(dialled) => format!("91{dialled}"),
        None if dialled.strip_prefix('0').is_some_and(is_indian_mobile) => format!("91{}", &dialled[1..]),
        None => {
            dialled.strip_prefix("91").filter(|rest| is_indian_mobile(rest)).map(|_| dialled.to_owned())?
        }
    };
    let fits = (8..=15).contains(&with_country.len()) && !with_country.starts_with('0');
    let is_indian = with_country.strip_prefix("91").is_none_or(is_indian_mobile);
    (fits && is_indian).then(|| format!("+{with_country}"))
}

fn is_indian_mobile(number: &str) -> bool {
    number.len() == 10 && number.starts_with(['6', '7', '8', '9'])
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The number itself stays out of logs: its last two digits tell people's accounts apart.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", &self.0[self.0.len() - 2..])
    }
}

impl utoipa::PartialSchema for PhoneNumber {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A phone number; answered in E.164. Ten digits are an Indian mobile number."))
            .examples(["+919876543210"])
            .into()
    }
}

impl utoipa::ToSchema for PhoneNumber {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_is_the_same_however_it_is_dialled() {
        let ways = [
            "9876543210",
            "09876543210",
            "+91 98765 43210",
            "0091-98765-43210",
            "919876543210",
            "(+91) 98765.43210",
            "९८७६५४३२१०",
            "৯৮৭৬৫৪৩২১০",
            "௯௮௭௬௫௪௩௨௧௦",
            "۹۸۷۶۵۴۳۲۱۰",
        ];
        for way in ways {
            assert_eq!(way.parse(), Ok(PhoneNumber("+919876543210".to_owned())), "{way}");
        }
    }

    #[test]
    fn a_number_of_another_country_keeps_its_code() {
        assert_eq!("+44 20 7946 0958".parse::<PhoneNumber>().unwrap().as_str(), "+442079460958");
    }

    #[test]
    fn what_cannot_be_dialled_is_refused() {
        let texts = [
            "",
            "+",
            "12345",
            "1234567890",
            "+91 12345 67890",
            "98765432101",
            "+1234567890123456",
            "98765a3210",
            "9876543210+",
            "++919876543210",
            "+0123456789",
            "' or 1=1 --",
        ];
        for text in texts {
            assert_eq!(text.parse::<PhoneNumber>(), Err(NotAPhoneNumber), "{text:?}");
        }
    }

    #[test]
    fn debug_output_does_not_show_the_number() {
        let phone: PhoneNumber = "9876543210".parse().unwrap();
        assert_eq!(format!("{phone:?}"), "…10");
    }

    proptest! {
        #[test]
        fn a_number_reads_back_as_itself(text in any::<String>(), digits in "[6-9][0-9]{9}") {
            for candidate in [text, digits] {
                if let Ok(phone) = candidate.parse::<PhoneNumber>() {
                    prop_assert_eq!(phone.as_str().parse(), Ok(phone.clone()));
                }
            }
        }
    }
}
