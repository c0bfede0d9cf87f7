//! Who calls: the account with its token, or one of its keys.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Twilio;
use super::error::Error;

/// Lets a call of the account pass whose address it is.
pub(super) fn check(twilio: &Twilio, headers: &HeaderMap, account: &str, path: &str) -> Result<(), Error> {
    let sender = &twilio.shared.sender;
    let known = [(&sender.account_sid, &sender.auth_token), (&sender.key_sid, &sender.key_secret)];
    let (user, secret) = credentials(headers).ok_or_else(Error::authenticate)?;
    if !known.into_iter().any(|pair| pair == (&user, &secret)) {
        return Err(Error::authenticate());
    }
    if account != sender.account_sid {
        return Err(Error::missing(path));
    }
    Ok(())
}

fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (user, secret) = decoded.split_once(':')?;
    Some((user.to_owned(), secret.to_owned()))
}
