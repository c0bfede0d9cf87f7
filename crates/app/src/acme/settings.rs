//! What is set of an authority, and whether it can be asked.

use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use data_encoding::BASE64URL_NOPAD;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::Config;

/// Where Let's Encrypt gives certificates out.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// The authority that certificates are had from.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Acme {
    /// The authority's directory; Let's Encrypt's where nothing else is set.
    pub directory: String,
    /// An e-mail address at which the authority may warn of trouble; it may do without.
    pub contact: Option<String>,
    /// Whether the operator read the authority's terms and agrees. Nothing is asked for before.
    pub terms_agreed: bool,
    /// The account elsewhere that some authorities want to know.
    pub external_account: Option<ExternalAccount>,
    /// The certificate (PEM) that vouches for the authority's own listener, where it is a private one.
    pub root: Option<PathBuf>,
}

/// An account at the authority that was opened by hand (RFC 8555, section 7.3.4).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalAccount {
    /// Its name.
    pub key_id: String,
    /// Its secret, in base64url.
    pub hmac_key: SecretString,
}

impl Default for Acme {
    fn default() -> Self {
        Self {
            directory: LETS_ENCRYPT.to_owned(),
            contact: None,
            terms_agreed: false,
            external_account: None,
            root: None,
        }
    }
}

/// What an authority is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub directory: String,
    pub contact: Option<String>,
    pub external: Option<(String, SecretString)>,
    pub root: Option<PathBuf>,
    pub name: String,
}

impl Asked {
    /// Reads it; none where no authority is set.
    pub fn read(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(acme) = &config.https.acme else { return Ok(None) };
        let https = &config.https;
        ensure!(
            acme.terms_agreed,
            "https.acme.terms_agreed must be true: whoever runs the server reads the authority's terms and agrees"
        );
        ensure!(
            https.address.is_some(),
            "https.acme needs https.address: nobody would serve the certificate"
        );
        ensure!(
            https.redirect.is_some(),
            "https.acme needs https.redirect, such as 0.0.0.0:80: there the authority looks whose the name is"
        );
        ensure!(
            https.certificate.is_none() && https.key.is_none() && https.challenges.is_none(),
            "https.acme replaces https.certificate, https.key and https.challenges: set one or the others"
        );
        ensure!(acme.directory.starts_with("https://"), "https.acme.directory must begin with https://");
        Ok(Some(Self {
            directory: acme.directory.clone(),
            contact: acme.contact.as_deref().map(contact).transpose()?,
            external: acme.external_account.as_ref().map(external).transpose()?,
            root: acme.root.clone(),
            name: name(config)?,
        }))
    }

    /// The secret of the account elsewhere, as bytes.
    pub fn external_key(&self) -> Option<(String, Vec<u8>)> {
        let (id, key) = self.external.as_ref()?;
        Some((id.clone(), decoded(key)?))
    }
}

/// The name that certificates are for.
fn name(config: &Config) -> anyhow::Result<String> {
    let wanted = "https.acme needs public_url, with https:// and a name: certificates are for names";
    let url = config.public_url.as_deref().and_then(|url| Url::parse(url).ok()).context(wanted)?;
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let is_name = host.contains('.') && !host.starts_with('[') && host.parse::<IpAddr>().is_err();
    ensure!(url.scheme() == "https" && is_name, wanted);
    Ok(host)
}

fn contact(text: &str) -> anyhow::Result<String> {
    let address = text.trim().trim_start_matches("mailto:");
    ensure!(address.contains('@'), "https.acme.contact must be an e-mail address");
    Ok(format!("mailto:{address}"))
}

fn external(account: &ExternalAccount) -> anyhow::Result<(String, SecretString)> {
    decoded(&account.hmac_key).context("https.acme.external_account.hmac_key must be base64url")?;
    Ok((account.key_id.clone(), account.hmac_key.clone()))
}

fn decoded(key: &SecretString) -> Option<Vec<u8>> {
    let text = key.expose_secret().trim().trim_end_matches('=');
    BASE64URL_NOPAD.decode(text.as_bytes()).ok().filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(public_url: &str) -> Config {
        let mut config = Config { public_url: Some(public_url.to_owned()), ..Config::default() };
        config.https.address = Some(([127, 0, 0, 1], 8443).into());
        config.https.redirect = Some(([127, 0, 0, 1], 8080).into());
        config.https.acme = Some(Box::new(Acme { terms_agreed: true, ..Acme::default() }));
        config
    }

    #[test]
    fn lets_encrypt_is_asked_for_the_name_of_the_address() {
        let asked = Asked::read(&config("https://Stall.Example:8443/")).unwrap().unwrap();
        assert_eq!((asked.name.as_str(), asked.directory.as_str()), ("stall.example", LETS_ENCRYPT));
        assert!(Asked::read(&Config::default()).unwrap().is_none(), "nobody is asked without being set");
    }

    #[test]
    fn what_is_missing_is_named() {
        for address in
            ["http://stall.example", "https://192.0.2.7", "https://[2001:db8::1]", "https://localhost"]
        {
            let error = Asked::read(&config(address)).unwrap_err().to_string();
            assert!(error.contains("public_url"), "{address}: {error}");
        }
        let said = |change: &dyn Fn(&mut Config)| {
            let mut config = config("https://stall.example");
            change(&mut config);
            Asked::read(&config).unwrap_err().to_string()
        };
        let acme = |config: &mut Config, change: &dyn Fn(&mut Acme)| {
            change(config.https.acme.as_mut().unwrap());
        };
        assert!(said(&|c| acme(c, &|a| a.terms_agreed = false)).contains("terms_agreed"));
        assert!(said(&|c| acme(c, &|a| a.contact = Some("somebody".to_owned()))).contains("contact"));
        assert!(said(&|c| acme(c, &|a| a.directory = "http://ca.example".to_owned())).contains("directory"));
        let account = |key: &str| ExternalAccount { key_id: "k".to_owned(), hmac_key: key.to_owned().into() };
        assert!(
            said(&|c| acme(c, &|a| a.external_account = Some(account("no base64!")))).contains("hmac_key")
        );
        assert!(said(&|c| c.https.redirect = None).contains("https.redirect"));
        assert!(said(&|c| c.https.address = None).contains("https.address"));
        assert!(said(&|c| c.https.challenges = Some("/x".into())).contains("replaces"));
    }
}
