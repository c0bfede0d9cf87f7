//! Signed requests (RFC 9421): method, path, query and the digest of the body, signed with the private key that belongs to a key.
//!
//! **Invariants.** One signature, Ed25519, over exactly what must be covered; not older or newer than five minutes; its nonce counts
//! once. The digest that is covered is that of the body that came.

use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request};
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signature, VerifyingKey};
use sfv::{BareItem, Dictionary, FieldType, InnerList, Item, List, ListEntry, Parser};
use sha2::{Digest, Sha256};

use super::Calling;
use crate::Error;

/// How far the time in a signature may be from ours.
pub(crate) const WITHIN: TimeDelta = TimeDelta::minutes(5);
/// The largest body that is signed.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// What a signature covers, no more and no less.
const COVERED: [&str; 4] = ["@method", "@path", "@query", "content-digest"];

/// What was signed, once it is clear that it was.
pub(crate) struct Checked {
    pub nonce: String,
    pub created: DateTime<Utc>,
}

/// Reads a public key: 32 bytes in base64 that are a point of the curve.
pub(crate) fn public_key(text: &str) -> Result<[u8; 32], Error> {
    let text = text.trim();
    let bytes =
        STANDARD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).map_err(|_| Error::PublicKey)?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| Error::PublicKey)?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| Error::PublicKey)?;
    // With a weak key one signature fits many texts.
    if key.is_weak() { Err(Error::PublicKey) } else { Ok(bytes) }
}

/// Whether the request says that it is signed.
pub(crate) fn is_there(headers: &HeaderMap) -> bool {
    headers.contains_key("signature-input") || headers.contains_key("signature")
}

/// Checks the signature of a request by this key, and gives the request back with its body read.
///
/// # Errors
/// [`Error::WrongSignature`], with what was wrong in the log alone.
pub(crate) async fn check(
    request: Request,
    key: &Calling,
    now: DateTime<Utc>,
) -> Result<(Request, Checked), Error> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| wrong("the body is too large"))?;
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let signed = Signed {
        method: parts.method.as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: &body,
    };
    let checked = signed.check(key, now).map_err(wrong)?;
    Ok((Request::from_parts(parts, Body::from(body)), checked))
}

fn wrong(why: &'static str) -> Error {
    tracing::warn!(why, "a signature was refused");
    Error::WrongSignature
}

/// What a signature is about.
struct Signed<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Signed<'_> {
    fn check(&self, key: &Calling, now: DateTime<Utc>) -> Result<Checked, &'static str> {
        let public = key.public_key.ok_or("the key has no public key")?;
        let inputs = self.dictionary("signature-input")?;
        let [(label, ListEntry::InnerList(input))] = inputs.iter().collect::<Vec<_>>()[..] else {
            return Err("there is not one signature");
        };
        let signatures = self.dictionary("signature")?;
        let Some(ListEntry::Item(Item { bare_item: BareItem::ByteSequence(signature), .. })) =
            signatures.get(label)
        else {
            return Err("the signature is missing");
        };
        let digest = self.digest()?;
        let (nonce, created) = parameters(input, key, now)?;
        let text = self.text(input, &digest)?;
        let signature = Signature::from_slice(signature).map_err(|_| "the signature has not 64 bytes")?;
        let public = VerifyingKey::from_bytes(&public).map_err(|_| "the public key is none")?;
        public.verify_strict(text.as_bytes(), &signature).map_err(|_| "the signature does not fit")?;
        Ok(Checked { nonce, created })
    }

    /// The header's value where it says what the body hashes to.
    fn digest(&self) -> Result<String, &'static str> {
        let said = self.dictionary("content-digest")?;
        let hash = Sha256::digest(self.body);
        match said.get("sha-256") {
            Some(ListEntry::Item(Item { bare_item: BareItem::ByteSequence(given), .. }))
                if given.as_slice() == hash.as_slice() => {}
            _ => return Err("the digest is not the body's"),
        }
        let value = self.headers.get("content-digest").and_then(|value| value.to_str().ok());
        value.map(|value| value.trim().to_owned()).ok_or("there is no digest")
    }

    fn dictionary(&self, name: &str) -> Result<Dictionary, &'static str> {
        let mut values = self.headers.get_all(name).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err("a header is missing or there twice");
        };
        Parser::new(value.as_bytes()).parse().map_err(|_| "a header cannot be read")
    }

    /// The signature base (RFC 9421, 2.5): what is covered in the order in which the signer names it.
    fn text(&self, input: &InnerList, digest: &str) -> Result<String, &'static str> {
        let mut left = COVERED.to_vec();
        let mut text = String::new();
        for item in &input.items {
            let name = match &item.bare_item {
                BareItem::String(name) if item.params.is_empty() => name.as_str(),
                _ => return Err("something else is covered"),
            };
            let at = left.iter().position(|it| *it == name).ok_or("something else is covered")?;
            left.remove(at);
            let value = match name {
                "@method" => self.method.to_owned(),
                "@path" => self.path.to_owned(),
                "@query" => format!("?{}", self.query),
                _ => digest.to_owned(),
            };
            text.push_str(&["\"", name, "\": ", &value, "\n"].concat());
        }
        if !left.is_empty() {
            return Err("not everything is covered");
        }
        let list: List = vec![ListEntry::InnerList(input.clone())];
        let list = list.serialize().ok_or("the signature's parameters cannot be written")?;
        Ok(text + "\"@signature-params\": " + &list)
    }
}

/// The nonce and the time of a signature, where they and all else that it says are in order.
fn parameters(
    input: &InnerList,
    key: &Calling,
    now: DateTime<Utc>,
) -> Result<(String, DateTime<Utc>), &'static str> {
    let text = |name: &str| match input.params.get(name) {
        Some(BareItem::String(value)) => Some(value.as_str()),
        _ => None,
    };
    if text("keyid") != Some(&key.id.to_string()) {
        return Err("the signature names another key");
    }
    if input.params.contains_key("alg") && text("alg") != Some("ed25519") {
        return Err("the signature is of another kind");
    }
    let nonce = text("nonce").filter(|nonce| (16..=64).contains(&nonce.len()));
    let nonce = nonce.ok_or("the nonce is missing, or has not 16 to 64 letters")?;
    let Some(BareItem::Integer(created)) = input.params.get("created") else {
        return Err("the signature says not when it was made");
    };
    let created = DateTime::from_timestamp(i64::from(*created), 0).ok_or("the time is none")?;
    if (now - created).abs() > WITHIN {
        return Err("the signature is too old, or from the future");
    }
    Ok((nonce.to_owned(), created))
}
