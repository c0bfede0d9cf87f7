//! A merchant's own key-value pairs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::{Error, Result};
use super::params::{Params, cut};

const PAIRS_MAX: usize = 50;
const KEY_CHARS_MAX: usize = 40;
const VALUE_CHARS_MAX: usize = 500;

/// At most 50 pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Merges what the parameter `metadata` asks for: pairs are added or replaced, an empty value takes its pair away,
    /// and an empty `metadata` takes all.
    pub(crate) fn change(&mut self, params: &mut Params) -> Result<()> {
        if params.is_cleared("metadata") {
            params.discard("metadata");
            self.0.clear();
            return Ok(());
        }
        let Some(group) = params.group("metadata")? else { return Ok(()) };
        for (key, value) in group.texts()? {
            if key.chars().count() > KEY_CHARS_MAX || value.chars().count() > VALUE_CHARS_MAX {
                let sentence = "Metadata keys can be up to 40 characters long, and values up to 500.";
                return Err(Error::invalid(format!("metadata[{}]", cut(&key)), sentence));
            }
            if value.is_empty() {
                self.0.remove(&key);
            } else {
                self.0.insert(key, value);
            }
        }
        if self.0.len() > PAIRS_MAX {
            return Err(Error::invalid("metadata", "Metadata can have up to 50 keys."));
        }
        Ok(())
    }

    /// The metadata of a new object.
    pub(crate) fn take(params: &mut Params) -> Result<Self> {
        let mut metadata = Self::default();
        metadata.change(params)?;
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(metadata: &mut Metadata, encoded: &str) -> Result<()> {
        metadata.change(&mut Params::parse(encoded)?)
    }

    #[test]
    fn pairs_are_merged_and_an_empty_value_takes_one_away() {
        let mut metadata = Metadata::default();
        changed(&mut metadata, "metadata[a]=1&metadata[b]=2").unwrap();
        changed(&mut metadata, "metadata[b]=&metadata[c]=3").unwrap();
        assert_eq!(serde_json::to_value(&metadata).unwrap(), serde_json::json!({ "a": "1", "c": "3" }));
        changed(&mut metadata, "metadata=").unwrap();
        assert_eq!(metadata, Metadata::default());
    }

    #[test]
    fn keys_values_and_their_number_are_bounded() {
        let mut metadata = Metadata::default();
        assert!(changed(&mut metadata, &format!("metadata[{}]=1", "k".repeat(41))).is_err());
        assert!(changed(&mut metadata, &format!("metadata[k]={}", "v".repeat(501))).is_err());
        let many: Vec<String> = (0..=PAIRS_MAX).map(|number| format!("metadata[k{number}]=v")).collect();
        assert!(changed(&mut metadata, &many.join("&")).is_err());
    }
}
