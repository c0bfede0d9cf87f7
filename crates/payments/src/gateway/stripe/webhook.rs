//! The vendor's signatures, and what its webhooks are about.

use chrono::{DateTime, TimeDelta, Utc};
use platform::keys::hmac_sha256;
use secrecy::{ExposeSecret, SecretString};
use subtle::{Choice, ConstantTimeEq};

use super::wire::{Event, Object};
use crate::gateway::News;

/// How old a signature may be, as the vendor advises: each attempt to deliver is signed anew.
const AGE_MAX: TimeDelta = TimeDelta::seconds(300);
/// How far the vendor's clock may be ahead of ours. Its own libraries take any time that is yet to come.
const AHEAD_MAX: TimeDelta = TimeDelta::seconds(60);
/// While a secret is exchanged there are two signatures; more are not looked at.
const SIGNATURES_MAX: usize = 8;

/// Whether `header`, `t=…,v1=…`, bears a signature of `body` under `secret` that was made lately; in constant time.
pub(super) fn verifies(secret: &SecretString, body: &[u8], header: &str, now: DateTime<Utc>) -> bool {
    let parts = || header.split(',').filter_map(|part| part.split_once('='));
    let at_s = parts().find(|(name, _)| *name == "t").and_then(|(_, at)| at.parse::<i64>().ok());
    let Some(at) = at_s.and_then(|at_s| DateTime::from_timestamp(at_s, 0)) else { return false };
    if now - at > AGE_MAX || at - now > AHEAD_MAX {
        return false;
    }
    let signed = [at.timestamp().to_string().as_bytes(), b".", body].concat();
    let expected = hmac_sha256(secret.expose_secret().as_bytes(), &signed);
    let given = parts().filter(|(name, _)| *name == "v1").take(SIGNATURES_MAX);
    let matches = given.map(|(_, signature)| {
        let mut bytes = [0; 32];
        let is_hex = hex::decode_to_slice(signature, &mut bytes).is_ok();
        expected.ct_eq(&bytes) & Choice::from(u8::from(is_hex))
    });
    matches.fold(Choice::from(0), |any, one| any | one).into()
}

/// What a webhook is about.
pub(super) fn read(body: &[u8]) -> Option<News> {
    let event: Event = serde_json::from_slice(body).ok()?;
    let object = event.data.object;
    let mut news = News { event: event.kind, event_id: Some(event.id), ..News::default() };
    match object {
        Object::PaymentIntent { id } => news.payment = Some(id),
        Object::Charge { payment_intent } => news.payment = payment_intent,
        Object::Session { payment_intent, setup_intent, customer } => {
            news.payment = payment_intent;
            news.customer = customer.filter(|_| setup_intent.is_some());
        }
        Object::Dispute { id, payment_intent } => (news.dispute, news.payment) = (Some(id), payment_intent),
        Object::Refund { id, payment_intent } => (news.refund, news.payment) = (Some(id), payment_intent),
        Object::Other => {}
    }
    Some(news)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_764_000_000 + seconds, 0).unwrap()
    }

    fn signature(secret: &str, at: DateTime<Utc>) -> String {
        let signed = [at.timestamp().to_string().as_bytes(), b".", BODY].concat();
        hex::encode(hmac_sha256(secret.as_bytes(), &signed))
    }

    fn header(secret: &str, made: DateTime<Utc>) -> String {
        format!("t={},v1={}", made.timestamp(), signature(secret, made))
    }

    #[test]
    fn a_signature_counts_for_five_minutes_and_not_before_it_was_made() {
        let secret = SecretString::from("whsec_1");
        let made = header("whsec_1", at(0));
        for (now, counts) in [(0, true), (300, true), (301, false), (-60, true), (-61, false)] {
            assert_eq!(verifies(&secret, BODY, &made, at(now)), counts, "{now}");
        }
        assert!(!verifies(&secret, b"{}", &made, at(0)));
        assert!(!verifies(&SecretString::from("whsec_2"), BODY, &made, at(0)));
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let secret = SecretString::from("new");
        let (old, new) = (signature("old", at(0)), signature("new", at(0)));
        let t = at(0).timestamp();
        assert!(verifies(&secret, BODY, &format!("t={t},v1={old},v1={new},v0={old}"), at(0)));
        assert!(!verifies(&secret, BODY, &format!("t={t},v1={old},v0={new}"), at(0)));
    }

    #[test]
    fn what_is_no_header_is_no_signature() {
        let secret = SecretString::from("s");
        let (t, v1) = (at(0).timestamp(), signature("s", at(0)));
        let short = &v1[..62];
        for bad in [
            String::new(),
            "t".to_owned(),
            format!("v1={v1}"),
            format!("t={t}"),
            format!("t=,v1={v1}"),
            format!("t={t}0000000000,v1={v1}"),
            format!("t={t},v1={short}"),
            format!("t={t},v1={v1}00"),
            format!("t={t},v1=zz"),
            format!("t={t} v1={v1}"),
        ] {
            assert!(!verifies(&secret, BODY, &bad, at(0)), "{bad}");
        }
    }

    #[test]
    fn news_name_what_they_are_about() {
        let read = |object: &str| {
            read(format!(r#"{{"id":"evt_1","type":"some.event","data":{{"object":{object}}}}}"#).as_bytes())
                .unwrap()
        };
        assert_eq!(
            read(r#"{"object":"payment_intent","id":"pi_1","amount":1}"#).payment.as_deref(),
            Some("pi_1")
        );
        assert_eq!(
            read(r#"{"object":"checkout.session","id":"cs_1","payment_intent":"pi_1"}"#).payment.as_deref(),
            Some("pi_1")
        );
        assert_eq!(read(r#"{"object":"checkout.session","id":"cs_1","payment_intent":null}"#).payment, None);
        let kept = r#"{"object":"checkout.session","id":"cs_1","payment_intent":null,"setup_intent":"seti_1","customer":"cus_1"}"#;
        assert_eq!(read(kept).customer.as_deref(), Some("cus_1"));
        assert_eq!(
            read(r#"{"object":"charge","id":"ch_1","payment_intent":"pi_1"}"#).payment.as_deref(),
            Some("pi_1")
        );
        let refund = read(r#"{"object":"refund","id":"re_1","payment_intent":"pi_1"}"#);
        assert_eq!((refund.refund.as_deref(), refund.payment.as_deref()), (Some("re_1"), Some("pi_1")));
        let other = read(r#"{"object":"payout","id":"po_1"}"#);
        assert_eq!(
            (other.event.as_str(), other.event_id.as_deref(), other.payment),
            ("some.event", Some("evt_1"), None)
        );
        assert_eq!(super::read(b"[]"), None);
    }
}
