//! What an installation says about BHASHINI.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

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
    #[serde(serialize_with = "keep_secret")]
    pub api_key: Option<SecretString>,
    /// The pipeline asked for.
    pub pipeline_id: String,
    /// Sent as `Authorization` with the compute call.
    #[serde(serialize_with = "keep_secret")]
    pub inference_key: Option<SecretString>,
    /// Services that are asked instead of the usual ones.
    pub service_ids: ServiceIds,
    /// `female` or `male`.
    pub gender: Gender,
    /// How long one call may take, in milliseconds.
    pub timeout_ms: u64,
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

/// Whose voice speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Gender {
    #[default]
    Female,
    Male,
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
        }
    }
}

/// Defaults are written out so that files and variables can be laid over them; they hold no secrets.
#[expect(clippy::ref_option, reason = "serde hands over the field as it stands")]
fn keep_secret<S: Serializer>(secret: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(to)
}

impl Config {
    /// How long one call may take.
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}
