//! What an installation says about who may call.

use std::path::PathBuf;

use ipnet::IpNet;
use platform::retention::Retention;
use secrecy::SecretString;
use serde::Deserialize;

use crate::consent::Outside;

/// Settings of this context.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Origins (`https://stall.example`) whose pages may write and open sockets. A page may always write to the very
    /// host it came from.
    pub origins: Vec<String>,
    /// Proxies in front of the server: only what they say about the sender's address and TLS is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The address that people know the installation by; passkeys are bound to its name.
    #[serde(skip)]
    pub public_url: String,
    /// Paths that other servers call, with signatures of their own: the check for foreign pages does not apply.
    pub server_paths: Vec<String>,
    /// How long the log of an account goes back. The program writes it.
    #[serde(skip)]
    pub retention: Retention,
    /// Whoever elsewhere recognises, translates or speaks what people say, at the start. The program writes it.
    #[serde(skip)]
    pub outside: Outside,
    /// Where people may have accounts that sign them in here; each has a button.
    pub openid: Vec<OpenId>,
}

/// An issuer of OpenID Connect. Browsers are sent back to `/api/v1/sessions/openid/return` below `public_url`: that address is
/// registered with the issuer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenId {
    /// What people call it, such as `Google`.
    pub name: String,
    /// Its address, such as `https://accounts.google.com` or `https://appleid.apple.com`. One on this machine may be called there alone.
    pub issuer: String,
    /// What it calls this installation.
    pub client_id: String,
    /// What this installation shows it; absent for a public client.
    #[serde(default)]
    pub client_secret: Option<SecretString>,
    /// A file with that, read anew each time: Apple's is good for half a year.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Whether it answers with a form, as Apple does where it is asked for an address.
    #[serde(default)]
    pub form_post: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            public_url: String::new(),
            trusted_proxies: Vec::new(),
            retention: Retention::default(),
            outside: Outside::default(),
            server_paths: vec!["/api/v1/webhooks/".to_owned(), crate::openid::RETURN.to_owned()],
            openid: Vec::new(),
        }
    }
}
