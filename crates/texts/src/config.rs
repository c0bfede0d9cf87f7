//! What an installation says about its short messages.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

/// So many go out in an hour where nothing else is set.
const HOURLY_MAX: u32 = 500;
/// The language whose template stands in for those that have none.
pub(crate) const FALLBACK: &str = "en";

/// Settings of the short messages: an account at Twilio.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the carrier's API is: the one switch between the vendor and the emulator.
    pub base_url: String,
    /// The account, `AC` and 32 digits. Absent: no short messages are sent.
    pub account_sid: Option<String>,
    /// The key that calls are made with, `SK` and 32 digits; the account itself where absent.
    pub key_sid: Option<String>,
    /// The secret of the key, or the account's auth token.
    pub auth_token: Option<SecretString>,
    /// Who SMS are from: a number in E.164, a registered name, or a messaging service (`MG` and 32 digits).
    pub from: Option<String>,
    /// The countries whose numbers are written to, as their numbers begin.
    pub countries: Vec<String>,
    /// So many messages go out in an hour at most, to whomever.
    pub hourly_max: u32,
    /// Codes by WhatsApp; off where there is no sender.
    pub whatsapp: WhatsApp,
}

/// Settings of codes by WhatsApp.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WhatsApp {
    /// Who they are from: the number of a WhatsApp sender, in E.164.
    pub from: Option<String>,
    /// The approved content template of each language (`en = "HX…"`), whose variable `1` is the code. English stands in for languages
    /// that have none.
    pub templates: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_url: "https://api.twilio.com".to_owned(),
            account_sid: None,
            key_sid: None,
            auth_token: None,
            from: None,
            countries: vec!["+91".to_owned()],
            hourly_max: HOURLY_MAX,
            whatsapp: WhatsApp::default(),
        }
    }
}

/// Settings of short messages that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The API's address is none, or has no TLS.
    #[error("sms.base_url is no https:// address")]
    Address,
    /// The account or the key is none.
    #[error("sms.account_sid is AC and 32 digits, and sms.key_sid SK and 32 digits")]
    Account,
    /// There is no secret.
    #[error("sms.auth_token is missing")]
    Secret,
    /// Nobody is said to send.
    #[error(
        "sms.from is no number such as +14155550100, no name of up to 11 letters, and no messaging service"
    )]
    From,
    /// No country is written to, or none that begins like a number.
    #[error("sms.countries lists beginnings of numbers such as +91")]
    Countries,
    /// The sender of WhatsApp is no number, or there is no template.
    #[error(
        "sms.whatsapp.from is a number such as +14155550100, and sms.whatsapp.templates has en = \"HX…\""
    )]
    WhatsApp,
}

/// Settings that can be used.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// Without a slash at the end.
    pub base_url: String,
    pub sid: String,
    pub user: String,
    pub secret: SecretString,
    pub from: String,
    pub countries: Vec<String>,
    pub hourly_max: u32,
    pub whatsapp: Option<CodeSender>,
}

/// Who codes by WhatsApp are from, and the template of each language.
pub(crate) type CodeSender = (String, BTreeMap<String, String>);

impl Config {
    /// Whether messages can be sent, without asking the carrier; false where none is set.
    ///
    /// # Errors
    /// What is set and cannot be used.
    pub fn check(&self) -> Result<bool, ConfigError> {
        Ok(self.account()?.is_some())
    }

    pub(crate) fn account(&self) -> Result<Option<Account>, ConfigError> {
        let Some(account_sid) = self.account_sid.as_deref().filter(|sid| !sid.is_empty()) else {
            return Ok(None);
        };
        let user = self.key_sid.as_deref().unwrap_or(account_sid);
        if !is_sid("AC", account_sid) || !(is_sid("SK", user) || user == account_sid) {
            return Err(ConfigError::Account);
        }
        if !is_protected(&self.base_url) {
            return Err(ConfigError::Address);
        }
        let begins_like_a_number = |country: &String| country.len() > 1 && is_number(country);
        if self.countries.is_empty() || !self.countries.iter().all(begins_like_a_number) {
            return Err(ConfigError::Countries);
        }
        Ok(Some(Account {
            base_url: self.base_url.trim_end_matches('/').to_owned(),
            sid: account_sid.to_owned(),
            user: user.to_owned(),
            secret: self.auth_token.clone().ok_or(ConfigError::Secret)?,
            from: self.from.clone().filter(|from| is_sender(from)).ok_or(ConfigError::From)?,
            countries: self.countries.clone(),
            hourly_max: self.hourly_max,
            whatsapp: self.whatsapp.checked()?,
        }))
    }
}

impl WhatsApp {
    fn checked(&self) -> Result<Option<CodeSender>, ConfigError> {
        let Some(from) = self.from.as_ref().filter(|from| !from.is_empty()) else { return Ok(None) };
        let are_templates = self.templates.values().all(|sid| is_sid("HX", sid));
        if is_number(from) && are_templates && self.templates.contains_key(FALLBACK) {
            Ok(Some((from.clone(), self.templates.clone())))
        } else {
            Err(ConfigError::WhatsApp)
        }
    }
}

/// Whether it is a messaging service: it is said in another field than numbers are.
pub(crate) fn is_service(from: &str) -> bool {
    is_sid("MG", from)
}

fn is_sender(from: &str) -> bool {
    let is_name = (1..=11).contains(&from.len())
        && from.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
        && from.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_service(from) || is_name || (from.len() >= 8 && is_number(from))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_sid(kind: &str, text: &str) -> bool {
    text.strip_prefix(kind)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// TLS, or an emulator on this machine.
fn is_protected(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.host().is_some() && (url.scheme() == "https" || (url.scheme() == "http" && is_here))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sid(kind: &str) -> String {
        format!("{kind}{}", "0a".repeat(16))
    }

    fn whole() -> Config {
        Config {
            account_sid: Some(sid("AC")),
            auth_token: Some("secret-token".into()),
            from: Some("+14155550100".to_owned()),
            ..Config::default()
        }
    }

    #[test]
    fn without_an_account_there_are_no_messages() {
        assert_eq!(Config::default().check(), Ok(false));
        assert_eq!(whole().check(), Ok(true));
    }

    #[test]
    fn the_secret_goes_over_tls_or_stays_on_this_machine() {
        for (address, fits) in [
            ("https://api.twilio.com", true),
            ("https://api.dublin.ie1.twilio.com/", true),
            ("http://127.0.0.1:8093", true),
            ("http://localhost:8093", true),
            ("http://api.twilio.com", false),
            ("http://127.0.0.1.evil.example", false),
            ("api.twilio.com", false),
            ("ftp://127.0.0.1", false),
        ] {
            let config = Config { base_url: address.to_owned(), ..whole() };
            assert_eq!(config.check().is_ok(), fits, "{address}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let wrong = |config: Config| config.check().unwrap_err();
        let account_sid = Some("AC123".to_owned());
        assert_eq!(wrong(Config { account_sid, ..whole() }), ConfigError::Account);
        assert_eq!(
            wrong(Config {
                key_sid: Some(sid("AC")),
                account_sid: Some(format!("AC{}", "1".repeat(32))),
                ..whole()
            }),
            ConfigError::Account
        );
        assert_eq!(wrong(Config { auth_token: None, ..whole() }), ConfigError::Secret);
        for from in ["", "12345678", "+1", "a name too long", "+1415555010a", "1234"] {
            assert_eq!(wrong(Config { from: Some(from.to_owned()), ..whole() }), ConfigError::From, "{from}");
        }
        for countries in [vec![], vec!["91".to_owned()], vec!["+".to_owned()]] {
            assert_eq!(wrong(Config { countries, ..whole() }), ConfigError::Countries);
        }
    }

    #[test]
    fn a_sender_is_a_number_a_name_or_a_service() {
        for from in ["+14155550100", "VYAPAR", "Stall 7", &sid("MG")] {
            assert_eq!(Config { from: Some(from.to_owned()), ..whole() }.check(), Ok(true), "{from}");
        }
    }

    #[test]
    fn whatsapp_needs_a_number_and_an_english_template() {
        let with = |from: &str, language: &str| {
            let templates = BTreeMap::from([(language.to_owned(), sid("HX"))]);
            Config { whatsapp: WhatsApp { from: Some(from.to_owned()), templates }, ..whole() }.check()
        };
        assert_eq!(with("+14155550100", "en"), Ok(true));
        assert_eq!(with("+14155550100", "ta"), Err(ConfigError::WhatsApp));
        assert_eq!(with("VYAPAR", "en"), Err(ConfigError::WhatsApp));
    }

    #[test]
    fn the_secret_is_not_shown() {
        assert!(!format!("{:?}", whole()).contains("secret-token"));
    }
}
