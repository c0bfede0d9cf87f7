//! Who sends (RFC 8292): a key of ours and an address that push services may write to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use platform::keys::Keyring;
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

/// How long one signature is good: the longest that push services take is 24 hours.
const VALID: TimeDelta = TimeDelta::hours(12);

/// The private key that signs what this server pushes: 32 bytes as URL-safe base64.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct VapidKey(SecretKey);

/// Whom a push service may write to: `mailto:…` or `https://…`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Contact(String);

/// A setting that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// The key is no key.
    #[error("the push key is not a private key of P-256 in URL-safe base64")]
    Key,
    /// The contact is no address.
    #[error("the push contact is neither mailto:… nor https://…")]
    Contact,
}

impl TryFrom<String> for VapidKey {
    type Error = InvalidSetting;

    fn try_from(text: String) -> Result<Self, InvalidSetting> {
        let bytes: [u8; 32] = super::decode(&text).ok_or(InvalidSetting::Key)?;
        SecretKey::from_slice(&bytes).map(Self).map_err(|_| InvalidSetting::Key)
    }
}

impl TryFrom<String> for Contact {
    type Error = InvalidSetting;

    fn try_from(text: String) -> Result<Self, InvalidSetting> {
        let url = Url::parse(&text).map_err(|_| InvalidSetting::Contact)?;
        let is_mail = url.scheme() == "mailto" && url.path().contains('@');
        if is_mail || url.scheme() == "https" { Ok(Self(text)) } else { Err(InvalidSetting::Contact) }
    }
}

impl VapidKey {
    /// The installation's own key.
    pub(crate) fn derive(keyring: &Keyring) -> Self {
        let mut candidates = (0_u32..).map(|n| keyring.derive(&format!("push/vapid/{n}")));
        // One in four thousand million draws is no key of the curve.
        let key = candidates.find_map(|bytes| SecretKey::from_slice(&bytes).ok());
        Self(key.expect("a key follows within a few draws"))
    }

    /// The public key as browsers take it: an uncompressed point in URL-safe base64.
    pub(crate) fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key().to_sec1_bytes())
    }

    /// The `Authorization` header of a call to `endpoint`.
    pub(crate) fn authorization(&self, endpoint: &Url, contact: &Contact, now: DateTime<Utc>) -> String {
        let header = URL_SAFE_NO_PAD.encode(json!({"typ": "JWT", "alg": "ES256"}).to_string());
        let claims = json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": (now + VALID).timestamp(),
            "sub": contact.0,
        });
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature: Signature = SigningKey::from(&self.0).sign(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        format!("vapid t={signed}.{signature}, k={}", self.public())
    }
}

impl std::fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VapidKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_signature_names_the_service_and_fits_the_public_key() {
        let key = VapidKey::derive(&Keyring::from_hex(&"5a".repeat(32)).unwrap());
        let contact = Contact::try_from("mailto:stall@shop.example".to_owned()).unwrap();
        let endpoint: Url = "https://push.example/x?y=z".parse().unwrap();
        let header = key.authorization(&endpoint, &contact, DateTime::UNIX_EPOCH);
        let (token, public) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(public, key.public());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        let verifier = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(public).unwrap()).unwrap();
        verifier.verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(
            claims,
            json!({"aud": "https://push.example", "exp": 43_200, "sub": "mailto:stall@shop.example"})
        );
    }

    #[test]
    fn settings_that_cannot_be_used_are_refused() {
        assert_eq!(Contact::try_from("stall@shop.example".to_owned()), Err(InvalidSetting::Contact));
        assert_eq!(VapidKey::try_from("AAAA".to_owned()).unwrap_err(), InvalidSetting::Key);
        assert_eq!(VapidKey::try_from("A".repeat(43)).unwrap_err(), InvalidSetting::Key, "zero is no key");
        assert!(VapidKey::try_from("RS0WdYWWo1HajXg3NZR1olzCf31i-ZBGDkFyCs7j1jw".to_owned()).is_ok());
    }
}
