//! `Stripe-Signature: t=…,v1=…`: hex HMAC-SHA256 of the time, a point and the raw body.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header's value for an attempt at `now_ms`, milliseconds since 1970.
pub(crate) fn header(body: &[u8], secret: &str, now_ms: i64) -> String {
    let now_s = now_ms.div_euclid(1000);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{now_s}.").as_bytes());
    mac.update(body);
    format!("t={now_s},v1={}", hex::encode(mac.finalize().into_bytes()))
}
