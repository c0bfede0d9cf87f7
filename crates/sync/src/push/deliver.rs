//! Hands a message to a push service.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::keys::Keyring;
use platform::{Clock, Entropy, http};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::encrypt::{self, encrypt};
use super::vapid::{Contact, VapidKey};
use super::{Notice, Receiver, WORTH_SENDING_FOR};
use crate::config::{PushConfig, PushTargets};

/// How long a push service may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a busy push service is left alone where it does not say.
const BUSY_FOR: Duration = Duration::from_mins(1);

/// Sends messages to push services.
#[derive(Debug)]
pub(crate) struct Pusher {
    client: Client,
    key: VapidKey,
    contact: Contact,
    targets: PushTargets,
    clock: Clock,
    entropy: Entropy,
}

/// Why a message did not go out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undelivered {
    /// The push service does not know the phone any more.
    #[error("the subscription is over")]
    Gone,
    /// The push service wants to be left alone.
    #[error("the push service is busy")]
    Busy(Duration),
    /// The push service failed.
    #[error("the push service answered {0}")]
    Failed(StatusCode),
    /// The push service will not take it, now or later.
    #[error("the push service refused the message with {0}")]
    Refused(StatusCode),
    /// Not an address that may be called.
    #[error("the endpoint may not be called")]
    Forbidden,
    /// No answer.
    #[error("the push service did not answer")]
    Unreachable(#[from] http::Error),
    /// The message cannot be encrypted for the phone.
    #[error("the message cannot be encrypted")]
    Unencryptable(#[from] encrypt::Error),
}

impl Pusher {
    /// A sender; none where there is no contact.
    pub fn new(config: &PushConfig, keyring: &Keyring, clock: Clock, entropy: Entropy) -> Option<Self> {
        let contact = config.contact.clone()?;
        let key = config.private_key.clone().unwrap_or_else(|| VapidKey::derive(keyring));
        let client = match config.targets {
            PushTargets::Public => http::client_for_public_hosts(TIMEOUT),
            PushTargets::Anywhere => http::client(TIMEOUT),
        };
        Some(Self { client, key, contact, targets: config.targets, clock, entropy })
    }

    /// The key that a browser subscribes with.
    pub fn public_key(&self) -> String {
        self.key.public()
    }

    /// Whether an endpoint may be called.
    pub fn may_call(&self, endpoint: &Url) -> bool {
        match self.targets {
            PushTargets::Public => http::is_public_https(endpoint),
            PushTargets::Anywhere => endpoint.has_host(),
        }
    }

    /// Encrypts a notice for a phone and hands it over.
    pub async fn deliver(&self, receiver: &Receiver, notice: &Notice) -> Result<(), Undelivered> {
        if !self.may_call(&receiver.endpoint) {
            return Err(Undelivered::Forbidden);
        }
        let body = encrypt(receiver, notice.payload().as_bytes(), &self.entropy)?;
        let authorization = self.key.authorization(&receiver.endpoint, &self.contact, self.clock.now());
        let topic = URL_SAFE_NO_PAD.encode(&Sha256::digest(notice.tag.as_bytes())[..18]);
        let call = self
            .client
            .post(receiver.endpoint.clone())
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("ttl", WORTH_SENDING_FOR.num_seconds())
            .header("urgency", "high")
            .header("topic", topic)
            .body(body);
        let response = call.send().await.map_err(http::Error::from)?;
        judge(&response)
    }
}

fn judge(response: &Response) -> Result<(), Undelivered> {
    let status = response.status();
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(Undelivered::Gone),
        StatusCode::TOO_MANY_REQUESTS => {
            let said =
                response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Err(Undelivered::Busy(said.map_or(BUSY_FOR, Duration::from_secs)))
        }
        _ if status.is_server_error() => Err(Undelivered::Failed(status)),
        _ => Err(Undelivered::Refused(status)),
    }
}

impl Notice {
    /// What the app's service worker reads: short enough for one record.
    fn payload(&self) -> String {
        let url = if self.url.len() <= 500 { &self.url } else { "/v" };
        let (title, body) = (clip(&self.title, 300), clip(&self.body, 900));
        json!({"title": title, "body": body, "url": url, "tag": clip(&self.tag, 100)}).to_string()
    }
}

/// The beginning of a text, of at most `bytes_max` bytes, as whole characters.
fn clip(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use types::TenantId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_longest_notice_fits_a_record() {
        // Quotes double in JSON.
        for text in ["\"".repeat(2000), "ஐ".repeat(2000)] {
            let notice = Notice {
                tenant: TenantId::from_uuid(Uuid::nil()),
                title: text.clone(),
                body: text.clone(),
                url: text.clone(),
                tag: text,
            };
            assert!(notice.payload().len() <= encrypt::PLAIN_BYTES_MAX);
        }
        assert_eq!(clip("ஐஐ", 4), "ஐ");
    }
}
