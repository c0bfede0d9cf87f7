//! The vendor's signatures, and what its webhooks are about.

use platform::keys::hmac_sha256;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::wire::{Webhook, Wrapped};
use crate::gateway::News;

/// Whether `signature`, in hexadecimal digits, is that of `message` under `secret`; in constant time.
pub(crate) fn verifies(secret: &SecretString, message: &[u8], signature: &str) -> bool {
    let mut given = [0; 32];
    if hex::decode_to_slice(signature, &mut given).is_err() {
        return false;
    }
    hmac_sha256(secret.expose_secret().as_bytes(), message).ct_eq(&given).into()
}

/// What a webhook is about.
pub(super) fn read(body: &[u8]) -> Option<News> {
    let webhook: Webhook = serde_json::from_slice(body).ok()?;
    let id = |wrapped: Option<Wrapped>| wrapped.map(|wrapped| wrapped.entity.id);
    Some(News {
        event: webhook.event,
        event_id: None,
        payment: id(webhook.payload.payment),
        qr_code: id(webhook.payload.qr_code),
        refund: id(webhook.payload.refund),
        dispute: id(webhook.payload.dispute),
        method: id(webhook.payload.token),
        customer: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_rfc_4231_and_no_other() {
        // Test case 2 of RFC 4231.
        let secret = SecretString::from("Jefe");
        let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(verifies(&secret, b"what do ya want for nothing?", signature));
        assert!(!verifies(&secret, b"what do ya want for nothing!", signature));
        for bad in ["", "5b", &signature[..62], &format!("{signature}00"), &signature.replace('5', "6"), "zz"]
        {
            assert!(!verifies(&secret, b"what do ya want for nothing?", bad), "{bad}");
        }
    }

    #[test]
    fn news_name_what_they_are_about() {
        let body = br#"{"event":"qr_code.credited","payload":{"payment":{"entity":{"id":"pay_1"}},"qr_code":{"entity":{"id":"qr_1"}}}}"#;
        let news = read(body).unwrap();
        assert_eq!(
            (news.event.as_str(), news.payment.as_deref(), news.qr_code.as_deref()),
            ("qr_code.credited", Some("pay_1"), Some("qr_1"))
        );
        assert_eq!(read(br#"{"event":"account.suspended"}"#).unwrap().payment, None);
        assert_eq!(read(b"[]"), None);
    }
}
