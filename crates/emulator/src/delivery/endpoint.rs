//! Where webhooks go.

use serde::{Deserialize, Serialize};

/// Where an account wants to hear of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// An `http` address on this machine: the emulator calls nobody else.
    pub url: String,
    /// Signs the deliveries.
    pub secret: String,
    /// The events wanted; all where absent.
    #[serde(default)]
    pub events: Option<Vec<String>>,
    /// Switched off by hand, or by a vendor whose attempts all failed.
    #[serde(default = "active")]
    pub active: bool,
}

fn active() -> bool {
    true
}

impl Endpoint {
    /// A webhook for all events.
    pub fn new(url: &str, secret: &str) -> Self {
        Self { url: url.to_owned(), secret: secret.to_owned(), events: None, active: true }
    }

    /// What is wrong with it, where the vendor fires the events in `known`.
    pub(crate) fn invalid(&self, known: &[&str]) -> Option<&'static str> {
        let url = reqwest::Url::parse(&self.url).ok();
        let local =
            url.as_ref().filter(|url| url.scheme() == "http").and_then(reqwest::Url::host_str).is_some_and(
                |host| {
                    let host = host.trim_start_matches('[').trim_end_matches(']');
                    host == "localhost"
                        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
                },
            );
        let known = |event: &String| known.contains(&event.as_str());
        match self {
            _ if !local => Some("url must be an http address on this machine"),
            endpoint if endpoint.secret.is_empty() || endpoint.secret.len() > 256 => {
                Some("secret must have 1 to 256 bytes")
            }
            endpoint if !endpoint.events.iter().flatten().all(known) => Some("events must be known events"),
            _ => None,
        }
    }

    pub(crate) fn wants(&self, event: &str) -> bool {
        self.active && self.events.as_ref().is_none_or(|wanted| wanted.iter().any(|name| name == event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_go_to_this_machine_only() {
        for url in ["http://127.0.0.1:8080/hook", "http://localhost/hook", "http://[::1]:9/hook"] {
            assert_eq!(Endpoint::new(url, "s").invalid(&[]), None, "{url}");
        }
        for url in [
            "http://10.0.0.8/hook",
            "https://127.0.0.1/",
            "http://example.com/",
            "file:///etc/passwd",
            "nonsense",
        ] {
            assert!(Endpoint::new(url, "s").invalid(&[]).is_some(), "{url}");
        }
    }
}
