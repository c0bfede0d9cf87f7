//! What an installation says of whom people can complain to.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// The longest time that any law leaves for an answer (DPDP), in days.
const DAYS_MAX: u16 = 90;

/// Whom people can complain to, and by when they are answered.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who answers complaints; people read it beside where they write one.
    pub officer: Option<Officer>,
    /// Within how many days they are answered: 1 to 90; 30 is what the GDPR asks for.
    #[serde(deserialize_with = "days")]
    pub answer_days: u16,
}

/// Who answers complaints about what is done with people's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GrievanceOfficer)]
pub struct Officer {
    /// A name or an office.
    #[schema(example = "The data protection desk")]
    pub name: String,
    /// An e-mail address, a telephone number or a postal address.
    #[schema(example = "privacy@market.example")]
    pub contact: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { officer: None, answer_days: 30 }
    }
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let days = u16::deserialize(deserializer)?;
    if (1..=DAYS_MAX).contains(&days) {
        return Ok(days);
    }
    Err(serde::de::Error::custom(format!("{days} days is not from 1 to {DAYS_MAX}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_longer_than_the_law_says() {
        let read = |text: &str| serde_json::from_str::<Config>(text);
        assert_eq!(read("{}").unwrap().answer_days, 30);
        assert_eq!(read(r#"{"answer_days": 90}"#).unwrap().answer_days, 90);
        for bad in [r#"{"answer_days": 0}"#, r#"{"answer_days": 91}"#, r#"{"officer": {"name": "x"}}"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
