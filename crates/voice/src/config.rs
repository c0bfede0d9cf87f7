//! What an installation says about its voices and recognisers.

use std::path::PathBuf;

use identity::Outside;
use serde::{Deserialize, Serialize};

use crate::bhashini;
use crate::residency::Residency;

/// Settings of this context. All may be left out: what is installed in the usual places is found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The `espeak-ng` program: the local voices. Looked for in `PATH` where absent.
    pub espeak: Option<PathBuf>,
    /// `libpocketsphinx.so`: the local recogniser of English. Looked for in the usual places where absent.
    pub pocketsphinx_library: Option<PathBuf>,
    /// The directory of its English model. Looked for in the usual places where absent.
    pub pocketsphinx_model: Option<PathBuf>,
    /// The program that runs the local recogniser when called with the one argument `recogniser`: this program itself
    /// where absent.
    pub recogniser_program: Option<PathBuf>,
    /// BHASHINI: recognition, translation and speech in 13 languages.
    pub bhashini: bhashini::Config,
    /// In which countries providers may work. The program writes it.
    #[serde(skip)]
    pub residency: Residency,
    /// How synthesised speech is kept.
    pub speech_cache: SpeechCache,
}

impl Config {
    /// Who elsewhere recognises, translates or speaks here, by these settings alone.
    pub fn outside(&self) -> Outside {
        let regions = self.bhashini.works_in();
        if !self.bhashini.is_set() || !self.residency.allows(&regions) {
            return Outside::default();
        }
        let regions = regions.iter().map(|region| region.code().to_owned()).collect();
        Outside { names: vec![bhashini::CALLED.to_owned()], regions }
    }
}

/// How much synthesised speech is kept, and how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpeechCache {
    /// Megabytes at most.
    pub size_mb_max: u32,
    /// Days since it was made, at most.
    pub age_days_max: u16,
}

impl Default for SpeechCache {
    fn default() -> Self {
        Self { size_mb_max: 256, age_days_max: 30 }
    }
}
