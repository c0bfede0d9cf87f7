//! Reads a configuration: defaults, then a TOML file, then the environment.

use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::de::DeserializeOwned;

/// A setting that is missing, misspelt or of the wrong kind.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used: {0}")]
pub struct Error(Box<figment::Error>);

/// Reads `C` from `file` where it exists and variables named `VYAPAR_SECTION__SETTING`; what neither says is `C`'s own default.
///
/// # Errors
/// Says which setting is wrong and where it came from.
pub fn load<C: DeserializeOwned>(file: &Path) -> Result<C, Error> {
    Figment::from(Toml::file(file))
        .merge(Env::prefixed("VYAPAR_").split("__"))
        .extract()
        .map_err(|e| Error(Box::new(e)))
}
