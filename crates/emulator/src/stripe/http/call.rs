//! One API call: who calls, with which parameters, and what of the answer is expanded.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::stamp::RequestId;
use crate::stripe::Stripe;
use crate::stripe::desk::{Cause, Desk};
use crate::stripe::error::{Error, Result};
use crate::stripe::params::Params;

/// What a call is answered with.
pub(super) type Answer = Result<Json<Value>>;

/// A call of an account.
pub(crate) struct Call {
    number: usize,
    cause: Cause,
    params: Params,
    expand: Vec<String>,
}

impl Call {
    /// Works at the caller's desk, and expands what comes of it.
    pub(super) fn answer(
        self,
        stripe: &Stripe,
        work: impl FnOnce(&mut Desk<'_>, Params) -> Result<Value>,
    ) -> Answer {
        stripe.with_world(|world| {
            // A reset may have come between the reading of the key and this.
            if self.number >= world.accounts.len() {
                return Err(Error::unauthorized("Invalid API Key provided."));
            }
            let mut desk = world.desk(self.number, self.cause);
            let mut value = work(&mut desk, self.params)?;
            desk.expand(&mut value, &self.expand)?;
            Ok(Json(value))
        })
    }
}

impl FromRequest<Stripe> for Call {
    type Rejection = Error;

    async fn from_request(request: Request, stripe: &Stripe) -> Result<Self> {
        let headers = request.headers();
        let number = authenticate(headers, stripe)?;
        let cause = Cause {
            request: request.extensions().get::<RequestId>().map(|id| id.0.clone()),
            idempotency_key: idempotency_key(headers),
        };
        let form = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body = Bytes::from_request(request, stripe).await.map_err(|_| Error::too_large())?;
        let is_form =
            form.is_none_or(|kind| kind.trim_start().starts_with("application/x-www-form-urlencoded"));
        let body = std::str::from_utf8(&body).ok().filter(|body| body.is_empty() || is_form);
        let body = body.ok_or_else(|| {
            Error::refused(
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have \
                 any questions, we can help at https://support.stripe.com/.",
            )
        })?;
        let mut params = Params::parse(&format!("{query}&{body}"))?;
        let expand = params.list("expand")?;
        Ok(Self { number, cause, params, expand })
    }
}

/// The key of a request that has one.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned)
}

/// The account whose key a request carries: as a bearer, or as the user of basic authentication.
pub(super) fn authenticate(headers: &HeaderMap, stripe: &Stripe) -> Result<usize> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let user = |token: &str| {
        let decoded = BASE64_STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
        decoded.split_once(':').map(|(user, _)| user.to_owned())
    };
    let key = header.and_then(|value| match value.split_once(' ') {
        Some(("Bearer", token)) => Some(token.to_owned()),
        Some(("Basic", token)) => user(token),
        _ => None,
    });
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| {
        Error::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer \
             auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for \
             details, or we can help at https://support.stripe.com/.",
        )
    })?;
    stripe
        .quietly(|world| world.number_of(&key))
        .ok_or_else(|| Error::unauthorized(format!("Invalid API Key provided: {}", veiled(&key))))
}

/// A wrong key as the vendor repeats it: its kind and its end.
fn veiled(key: &str) -> String {
    let kind: String = key.chars().take(8).collect();
    let end: String = key.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{kind}{}{end}", "*".repeat(key.chars().count().saturating_sub(12).min(32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_not_repeated() {
        assert_eq!(veiled("sk_test_secret0001"), "sk_test_******0001");
        assert_eq!(veiled("short"), "shorthort");
    }
}
