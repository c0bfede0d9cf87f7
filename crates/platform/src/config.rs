//! Reads a configuration: defaults, then a TOML file, then the environment.

use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A setting that is missing, misspelt or of the wrong kind.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used: {0}")]
pub struct Error(Box<figment::Error>);

/// Reads `C` from its defaults, `file` where it exists, and variables named `VYAPAR_SECTION__SETTING`.
///
/// # Errors
/// Says which setting is wrong and where it came from.
pub fn load<C: Serialize + DeserializeOwned + Default>(file: &Path) -> Result<C, Error> {
    Figment::from(Serialized::defaults(C::default()))
        .merge(Toml::file(file))
        .merge(Env::prefixed("VYAPAR_").split("__"))
        .extract()
        .map_err(|e| Error(Box::new(e)))
}
