//! What an installation says about BHASHINI.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use types::Language;

use super::wire::Task;
use crate::providers::tail;
use crate::residency::Region;

/// Below these names BHASHINI's own servers stand, all of them in India.
const OWN_NAMES: [&str; 2] = [".bhashini.gov.in", ".ulcacontrib.org"];

/// Keys and addresses. There are two ways in: with `user_id` and `api_key` the configuration call names services,
/// address and inference key; with `inference_key` alone the compute address is called straight, with service ids known
/// beforehand.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The configuration call.
    pub config_url: String,
    /// The compute call, where no configuration call names it.
    pub compute_url: String,
    /// Sent as `userID` with the configuration call.
    pub user_id: Option<String>,
    /// Sent as `ulcaApiKey` with the configuration call.
    #[serde(skip_serializing)]
    pub api_key: Option<SecretString>,
    /// The pipeline asked for.
    pub pipeline_id: String,
    /// Sent as `Authorization` with the compute call.
    #[serde(skip_serializing)]
    pub inference_key: Option<SecretString>,
    /// Services that are asked instead of the usual ones.
    pub service_ids: ServiceIds,
    /// `female` or `male`.
    pub gender: Gender,
    /// How long one call may take, in milliseconds.
    pub timeout_ms: u64,
    /// In which countries whoever answers at these addresses works, where they are not BHASHINI's own.
    pub regions: Option<Vec<Region>>,
}

/// Service ids by language code (`hi`); `*` stands for every language that is not named.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceIds {
    /// Speech to text.
    pub asr: BTreeMap<String, String>,
    /// Text to text, by the source language.
    pub translation: BTreeMap<String, String>,
    /// Text to speech.
    pub tts: BTreeMap<String, String>,
}

impl ServiceIds {
    /// The service that the operator names for a task in a language.
    pub(super) fn of(&self, task: Task, language: Language) -> Option<&str> {
        let by_language = match task {
            Task::Recognition => &self.asr,
            Task::Translation => &self.translation,
            Task::Speech => &self.tts,
        };
        by_language.get(language.code()).or_else(|| by_language.get("*")).map(String::as_str)
    }
}

/// Whose voice speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Gender {
    #[default]
    Female,
    Male,
}

/// Whether BHASHINI's own servers answer at an address.
pub(super) fn is_own(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    url.scheme() == "https" && OWN_NAMES.iter().any(|name| host.ends_with(name))
}

/// A variable that is set to nothing is as good as not set.
fn given(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty())
}

impl Default for Config {
    fn default() -> Self {
        Self {
            config_url: "https://meity-auth.ulcacontrib.org/ulca/apis/v0/model/getModelsPipeline".to_owned(),
            compute_url: "https://dhruva-api.bhashini.gov.in/services/inference/pipeline".to_owned(),
            user_id: None,
            api_key: None,
            pipeline_id: "64392f96daac500b55c543cd".to_owned(),
            inference_key: None,
            service_ids: ServiceIds::default(),
            gender: Gender::default(),
            timeout_ms: 8_000,
            regions: None,
        }
    }
}

impl Gender {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

impl Config {
    /// How long one call may take.
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// In which countries it works: as stated, or India at its own addresses; nobody knows where it is empty.
    pub(crate) fn works_in(&self) -> Vec<Region> {
        let own = [&self.config_url, &self.compute_url].into_iter().all(|url| is_own(url));
        match &self.regions {
            Some(stated) => stated.clone(),
            None if own => vec![Region::india()],
            None => Vec::new(),
        }
    }

    /// The last characters of its key, by which people tell keys apart.
    pub(crate) fn tail(&self) -> Option<String> {
        self.compute_key().or(self.credentials().1).map(tail)
    }

    /// What nobody is to read.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        [self.credentials().1, self.compute_key()].into_iter().flatten()
    }

    /// Whether the settings hold anything of it.
    pub(crate) fn is_set(&self) -> bool {
        self.credentials() != (None, None) || self.compute_key().is_some()
    }

    /// The two credentials of the configuration call, where they are given.
    pub(super) fn credentials(&self) -> (Option<&str>, Option<&str>) {
        (self.user_id.as_deref().filter(|id| !id.is_empty()), given(self.api_key.as_ref()))
    }

    /// The key of the compute call, where it is given.
    pub(super) fn compute_key(&self) -> Option<&str> {
        given(self.inference_key.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_addresses_are_in_india_and_of_others_nobody_knows_until_it_is_said() {
        assert_eq!(Config::default().works_in(), [Region::india()]);
        for url in [
            "https://bhashini.gov.in.example/",
            "http://dhruva-api.bhashini.gov.in/",
            "https://10.0.0.7/",
            "x",
        ] {
            let elsewhere = Config { compute_url: url.to_owned(), ..Config::default() };
            assert_eq!(elsewhere.works_in(), [], "{url}");
            let stated = Config { regions: Some(vec![Region::india()]), ..elsewhere };
            assert_eq!(stated.works_in(), [Region::india()]);
        }
    }
}
