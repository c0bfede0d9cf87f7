//! Basic authentication with a merchant's key.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use subtle::ConstantTimeEq;

use crate::razorpay::Razorpay;
use crate::razorpay::desk::Desk;
use crate::razorpay::error::{Error, Result};

/// The merchant that calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(usize);

impl Caller {
    /// Works at the caller's desk.
    pub(crate) fn at_desk<R>(self, razorpay: &Razorpay, work: impl FnOnce(&mut Desk<'_>) -> R) -> Result<R> {
        razorpay.with_world(|world| {
            // A reset may have come between the reading of the key and this.
            if self.0 >= world.merchants.len() {
                return Err(Error::unauthorized("The api key provided is invalid"));
            }
            Ok(work(&mut world.desk(self.0)))
        })
    }
}

impl FromRequestParts<Razorpay> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, razorpay: &Razorpay) -> Result<Self> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        // The vendor takes `Basic` in this spelling alone.
        let decoded = header
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|token| BASE64_STANDARD.decode(token).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let (key_id, secret) = decoded
            .as_deref()
            .and_then(|pair| pair.split_once(':'))
            .ok_or_else(|| Error::unauthorized("Please provide your api key for authentication purposes."))?;
        razorpay.quietly(|world| {
            let number = world
                .number_of(key_id)
                .ok_or_else(|| Error::unauthorized("The api key provided is invalid"))?;
            let kept = world.merchants[number].key_secret.as_bytes();
            if bool::from(kept.ct_eq(secret.as_bytes())) {
                Ok(Self(number))
            } else {
                Err(Error::unauthorized("The api secret provided is invalid"))
            }
        })
    }
}
