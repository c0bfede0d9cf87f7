//! Where to call, with which key, and which service does what.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use types::Language;

use super::config::Config;
use super::wire::{Listed, Service, Task};

/// How long an answer of the configuration call is used.
const FRESH: TimeDelta = TimeDelta::hours(6);

/// What a compute call needs.
#[derive(Debug)]
pub(super) struct Directory {
    pub url: Url,
    pub header: HeaderName,
    pub key: HeaderValue,
    /// Empty where services are known by heart.
    services: HashMap<Service, String>,
    made_at: DateTime<Utc>,
}

impl Directory {
    /// From the settings alone: the services are those that the platform's own clients know by heart.
    pub fn by_heart(config: &Config, key: &str, now: DateTime<Utc>) -> Option<Self> {
        let (url, key) = (Url::parse(&config.compute_url).ok()?, secret(key)?);
        Some(Self { url, header: AUTHORIZATION, key, services: HashMap::new(), made_at: now })
    }

    /// From the answer of the configuration call. An address that is less protected than the one that named it is
    /// refused: the key would travel in the clear.
    pub fn listed(listed: Listed, config: &Config, now: DateTime<Utc>) -> Option<Self> {
        let url = Url::parse(&listed.url).ok()?;
        let asked_safely = config.config_url.starts_with("https://");
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && !asked_safely);
        let header = HeaderName::from_bytes(listed.header.as_bytes()).ok()?;
        let key = secret(&listed.key)?;
        (is_safe && !listed.services.is_empty()).then_some(Self {
            url,
            header,
            key,
            services: listed.services,
            made_at: now,
        })
    }

    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.made_at < FRESH
    }

    /// The service that does this; `None` where there is none.
    pub fn service(&self, service: Service) -> Option<&str> {
        if self.services.is_empty() {
            return Some(known_by_heart(service));
        }
        self.services.get(&service).map(String::as_str)
    }
}

fn secret(key: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(key).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The ids in the platform's documents and its own client for Python.
const fn known_by_heart(service: Service) -> &'static str {
    match (service.task, service.source) {
        (Task::Recognition, Language::English) => "ai4bharat/whisper-medium-en--gpu--t4",
        (Task::Recognition, _) => "bhashini/ai4bharat/conformer-multilingual-asr",
        (Task::Translation, _) => "ai4bharat/indictrans-v2-all-gpu--t4",
        (Task::Speech, Language::Tamil | Language::Telugu | Language::Kannada | Language::Malayalam) => {
            "ai4bharat/indic-tts-coqui-dravidian-gpu--t4"
        }
        (Task::Speech, Language::English) => "ai4bharat/indic-tts-coqui-misc-gpu--t4",
        (Task::Speech, _) => "ai4bharat/indic-tts-coqui-indo_aryan-gpu--t4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_go_to_a_less_protected_address() {
        let listed = |url: &str| Listed {
            services: HashMap::from([(
                Service { task: Task::Speech, source: Language::Hindi, target: None },
                "id".to_owned(),
            )]),
            url: url.to_owned(),
            header: "Authorization".to_owned(),
            key: "k".to_owned(),
        };
        let over_tls = Config::default();
        let local = Config { config_url: "http://127.0.0.1:1/x".to_owned(), ..Config::default() };
        let now = DateTime::UNIX_EPOCH;
        assert!(Directory::listed(listed("https://a.example/"), &over_tls, now).is_some());
        assert!(Directory::listed(listed("http://a.example/"), &over_tls, now).is_none());
        assert!(Directory::listed(listed("http://127.0.0.1/"), &local, now).is_some());
        assert!(Directory::listed(listed("file:///etc/passwd"), &local, now).is_none());
    }

    #[test]
    fn the_key_is_not_in_what_is_logged() {
        let directory = Directory::by_heart(&Config::default(), "hunter2", DateTime::UNIX_EPOCH).unwrap();
        assert!(!format!("{directory:?}").contains("hunter2"));
    }
}
