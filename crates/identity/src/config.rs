//! What an installation says about who may call.

use ipnet::IpNet;
use platform::retention::Retention;
use serde::{Deserialize, Serialize};

/// Settings of this context.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Origins (`https://stall.example`) whose pages may write and open sockets. A page may always write to the very
    /// host it came from.
    pub origins: Vec<String>,
    /// Proxies in front of the server: only what they say about the sender's address and TLS is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Paths that other servers call, with signatures of their own: the check for foreign pages does not apply.
    pub server_paths: Vec<String>,
    /// How long the log of an account goes back. The program writes it.
    #[serde(skip)]
    pub retention: Retention,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            server_paths: vec!["/api/v1/webhooks/".to_owned()],
            retention: Retention::default(),
        }
    }
}
