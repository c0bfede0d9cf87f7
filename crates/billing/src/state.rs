//! The states and union territories of India, by their code for goods and services tax.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The code of a state or union territory (`29` is Karnataka).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StateCode(&'static State);

#[derive(Debug, PartialEq, Eq, Hash)]
struct State {
    code: &'static str,
    name: &'static str,
}

/// A text that is the code of no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the code of a state")]
pub struct UnknownState;

/// Union territories without a legislature: the second half of the tax is theirs, and is called UTGST.
const UNION_TERRITORIES: [&str; 5] = ["04", "26", "31", "35", "38"];

static STATES: [State; 36] = [
    State { code: "01", name: "Jammu and Kashmir" },
    State { code: "02", name: "Himachal Pradesh" },
    State { code: "03", name: "Punjab" },
    State { code: "04", name: "Chandigarh" },
    State { code: "05", name: "Uttarakhand" },
    State { code: "06", name: "Haryana" },
    State { code: "07", name: "Delhi" },
    State { code: "08", name: "Rajasthan" },
    State { code: "09", name: "Uttar Pradesh" },
    State { code: "10", name: "Bihar" },
    State { code: "11", name: "Sikkim" },
    State { code: "12", name: "Arunachal Pradesh" },
    State { code: "13", name: "Nagaland" },
    State { code: "14", name: "Manipur" },
    State { code: "15", name: "Mizoram" },
    State { code: "16", name: "Tripura" },
    State { code: "17", name: "Meghalaya" },
    State { code: "18", name: "Assam" },
    State { code: "19", name: "West Bengal" },
    State { code: "20", name: "Jharkhand" },
    State { code: "21", name: "Odisha" },
    State { code: "22", name: "Chhattisgarh" },
    State { code: "23", name: "Madhya Pradesh" },
    State { code: "24", name: "Gujarat" },
    State { code: "26", name: "Dadra and Nagar Haveli and Daman and Diu" },
    State { code: "27", name: "Maharashtra" },
    State { code: "29", name: "Karnataka" },
    State { code: "30", name: "Goa" },
    State { code: "31", name: "Lakshadweep" },
    State { code: "32", name: "Kerala" },
    State { code: "33", name: "Tamil Nadu" },
    State { code: "34", name: "Puducherry" },
    State { code: "35", name: "Andaman and Nicobar Islands" },
    State { code: "36", name: "Telangana" },
    State { code: "37", name: "Andhra Pradesh" },
    State { code: "38", name: "Ladakh" },
];

impl StateCode {
    /// The two digits.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// The name that stands on tax documents.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether the second half of the tax is a union territory's (UTGST) and not a state's (SGST).
    pub fn has_utgst(self) -> bool {
        UNION_TERRITORIES.contains(&self.0.code)
    }
}

impl FromStr for StateCode {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        STATES.iter().find(|state| state.code == text).map(Self).ok_or(UnknownState)
    }
}

impl TryFrom<String> for StateCode {
    type Error = UnknownState;

    fn try_from(text: String) -> Result<Self, UnknownState> {
        text.parse()
    }
}

impl From<StateCode> for String {
    fn from(state: StateCode) -> Self {
        state.code().to_owned()
    }
}

impl fmt::Display for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_others_refused() {
        assert_eq!("29".parse::<StateCode>().unwrap().name(), "Karnataka");
        for bad in ["", "00", "25", "28", "99", "2", "029", "ka"] {
            assert_eq!(bad.parse::<StateCode>(), Err(UnknownState), "{bad}");
        }
    }

    #[test]
    fn delhi_has_a_legislature_and_ladakh_has_none() {
        assert!(!"07".parse::<StateCode>().unwrap().has_utgst());
        assert!("38".parse::<StateCode>().unwrap().has_utgst());
    }
}
