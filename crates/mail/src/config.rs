//! What an installation says about its mail.

use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Host, Url};

/// Settings of the mail.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The server, with what it is shown: `smtps://user:password@mail.example` (TLS from the start, port 465) or
    /// `smtp://user:password@mail.example?tls=required` (TLS after the greeting, port 587). `smtp://` alone is for a server on this
    /// machine. Absent: no mail is sent.
    pub server: Option<SecretString>,
    /// Who the letters are from, such as `VyaparMitra <no-reply@stall.example>`.
    pub from: Option<String>,
}

/// Mail settings that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The server's address is none.
    #[error("mail.server is no address such as smtps://user:password@mail.example")]
    Server,
    /// Letters and the password would cross a network in the open.
    #[error("mail.server has no TLS: write smtps://, or add ?tls=required to smtp://")]
    Open,
    /// Nobody is said to send.
    #[error("mail.from is no address such as VyaparMitra <no-reply@stall.example>")]
    From,
}

impl Config {
    /// Whether letters can be sent, without asking the server; false where none is set.
    ///
    /// # Errors
    /// What is set and cannot be used.
    pub fn check(&self) -> Result<bool, ConfigError> {
        let Some(server) = &self.server else { return Ok(false) };
        checked(server.expose_secret())?;
        self.sender()?;
        Ok(true)
    }

    pub(crate) fn sender(&self) -> Result<Mailbox, ConfigError> {
        self.from.as_deref().and_then(|from| from.parse().ok()).ok_or(ConfigError::From)
    }
}

/// The server's address, where nothing that is sent there can be read on the way.
pub(crate) fn checked(server: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(server).map_err(|_| ConfigError::Server)?;
    let host = url.host().ok_or(ConfigError::Server)?;
    let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    match (url.scheme(), tls.as_deref()) {
        ("smtps", _) | ("smtp", Some("required")) => Ok(url),
        ("smtp", None) if is_this_machine(&host) => Ok(url),
        ("smtp", None | Some("opportunistic")) => Err(ConfigError::Open),
        _ => Err(ConfigError::Server),
    }
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        // Of a scheme that the web does not know, numbers are names.
        Host::Domain(name) => {
            *name == "localhost"
                || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(server: &str, from: Option<&str>) -> Result<bool, ConfigError> {
        Config { server: Some(server.into()), from: from.map(str::to_owned) }.check()
    }

    #[test]
    fn without_a_server_there_is_no_mail() {
        assert_eq!(Config::default().check(), Ok(false));
    }

    #[test]
    fn a_server_elsewhere_needs_tls_and_one_on_this_machine_does_not() {
        let from = Some("VyaparMitra <no-reply@stall.example>");
        for good in [
            "smtps://me:secret@mail.example",
            "smtp://me:secret@mail.example?tls=required",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:25",
            "smtp://localhost",
        ] {
            assert_eq!(of(good, from), Ok(true), "{good}");
        }
        for open in
            ["smtp://mail.example", "smtp://mail.example?tls=opportunistic", "smtp://127.0.0.1.evil.example"]
        {
            assert_eq!(of(open, from), Err(ConfigError::Open), "{open}");
        }
        for none in ["mail.example", "https://mail.example", "smtp:", "smtp://mail.example?tls=maybe"] {
            assert_eq!(of(none, from), Err(ConfigError::Server), "{none}");
        }
    }

    #[test]
    fn letters_are_from_somebody() {
        assert_eq!(of("smtps://mail.example", None), Err(ConfigError::From));
        assert_eq!(of("smtps://mail.example", Some("nobody")), Err(ConfigError::From));
    }

    #[test]
    fn the_password_is_not_shown() {
        let config = Config { server: Some("smtps://me:secret@mail.example".into()), from: None };
        assert!(!format!("{config:?}").contains("secret@"));
    }
}
