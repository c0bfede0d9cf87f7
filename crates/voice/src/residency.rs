//! In which countries words may be worked on, and in which a provider works.
//!
//! **Invariants.** A provider whose region nobody stated is outside of every list. One that is outside is never asked, whatever its key.
//! This machine is where the installation is, and always inside.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A country, by its code of two letters (ISO 3166), such as `in`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "in")]
pub struct Region(String);

/// A text that is no code of a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a region is the code of a country, of two letters, such as `in`")]
pub struct NotARegion;

/// What an installation says about where words may go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Residency {
    /// The countries in which providers may work; anywhere where absent, nowhere but here where empty.
    pub regions: Option<Vec<Region>>,
}

impl Region {
    /// India.
    pub fn india() -> Self {
        Self("in".to_owned())
    }

    /// The code.
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Region {
    type Error = NotARegion;

    fn try_from(text: String) -> Result<Self, NotARegion> {
        let code = text.trim().to_ascii_lowercase();
        let is_code = code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
        if is_code { Ok(Self(code)) } else { Err(NotARegion) }
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_ascii_uppercase())
    }
}

impl Residency {
    /// Whether not every place will do.
    pub const fn is_bound(&self) -> bool {
        self.regions.is_some()
    }

    /// Whether whoever works in these may be asked.
    pub fn allows(&self, works_in: &[Region]) -> bool {
        match &self.regions {
            None => true,
            Some(allowed) => !works_in.is_empty() && works_in.iter().all(|region| allowed.contains(region)),
        }
    }

    /// The countries in a sentence.
    pub fn described(&self) -> String {
        match self.regions.as_deref() {
            None => "anywhere".to_owned(),
            Some([]) => "nowhere but on this machine".to_owned(),
            Some(allowed) => listed(allowed),
        }
    }
}

/// Countries in a sentence.
pub(crate) fn listed(regions: &[Region]) -> String {
    regions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        code.to_owned().try_into().unwrap()
    }

    #[test]
    fn who_works_where_nobody_said_is_outside_of_every_list() {
        let bound = Residency { regions: Some(vec![region("in"), region("NP")]) };
        assert!(bound.allows(&[region("IN")]) && bound.allows(&[region("in"), region("np")]));
        assert!(!bound.allows(&[region("in"), region("us")]) && !bound.allows(&[]));
        let nowhere = Residency { regions: Some(Vec::new()) };
        assert!(nowhere.is_bound() && !nowhere.allows(&[region("in")]) && !nowhere.allows(&[]));
        let anywhere = Residency::default();
        assert!(!anywhere.is_bound() && anywhere.allows(&[region("us")]) && anywhere.allows(&[]));
    }

    #[test]
    fn a_region_is_two_letters() {
        for wrong in ["", "i", "ind", "i1", "भा"] {
            assert_eq!(Region::try_from(wrong.to_owned()), Err(NotARegion), "{wrong}");
        }
    }
}
