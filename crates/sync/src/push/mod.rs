//! News to phones whose app is closed: Web Push (RFC 8030), encrypted for the phone (RFC 8291), signed by us (RFC 8292).
//!
//! The endpoint is an address that the vendor's browser names, so it is treated as anybody's: `https` at a public address only,
//! looked up once, no redirects, the answer's body unread.

mod deliver;
mod encrypt;
mod vapid;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use identity::Caller;
use platform::db::repeat;
use platform::jobs::Draft;
use platform::tenancy;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use self::deliver::{Pusher, Undelivered};
pub use self::vapid::{Contact, InvalidSetting, VapidKey};
use crate::jobs::send_push::SendPush;
use crate::{Error, Sync, db};

/// How long news are worth sending.
pub(crate) const WORTH_SENDING_FOR: TimeDelta = TimeDelta::minutes(30);
/// The longest address a browser may name.
const ENDPOINT_BYTES_MAX: usize = 1024;

/// News for a vendor's phones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whose phones.
    #[serde(skip, default = "nobody")]
    pub tenant: TenantId,
    /// The first line.
    pub title: String,
    /// What follows it.
    pub body: String,
    /// The path of the app that a tap opens.
    pub url: String,
    /// News with the same tag replace each other.
    pub tag: String,
}

const fn nobody() -> TenantId {
    TenantId::from_uuid(Uuid::nil())
}

/// A browser's push subscription, as `PushSubscription.toJSON()` writes it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PushSubscription {
    /// The push service's address for this phone.
    endpoint: String,
    /// The phone's keys.
    keys: PushKeys,
}

/// The keys of a push subscription, as URL-safe base64.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PushKeys {
    /// The phone's public key: an uncompressed point of P-256.
    p256dh: String,
    /// A secret of 16 bytes that the phone shares with us.
    auth: String,
}

/// Which subscription ends.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PushEndpoint {
    /// The push service's address for this phone.
    endpoint: String,
}

/// A phone that was found fit to send to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receiver {
    pub endpoint: Url,
    pub p256dh: [u8; 65],
    pub auth: [u8; 16],
}

impl PushSubscription {
    fn receiver(&self, pusher: &Pusher) -> Result<Receiver, Error> {
        let refuse = |field, detail| Error::Subscription { field, detail };
        let endpoint = Url::parse(&self.endpoint).ok().filter(|url| pusher.may_call(url));
        let endpoint = endpoint.filter(|_| self.endpoint.len() <= ENDPOINT_BYTES_MAX);
        let p256dh = decode(&self.keys.p256dh).filter(|key| p256::PublicKey::from_sec1_bytes(key).is_ok());
        Ok(Receiver {
            endpoint: endpoint.ok_or_else(|| refuse("endpoint", "not the address of a push service"))?,
            p256dh: p256dh.ok_or_else(|| refuse("keys.p256dh", "not an uncompressed point of P-256"))?,
            auth: decode(&self.keys.auth).ok_or_else(|| refuse("keys.auth", "not 16 bytes"))?,
        })
    }
}

/// URL-safe base64, with or without padding, of exactly `N` bytes.
fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?.try_into().ok()
}

impl Sync {
    /// The key that a browser subscribes with; none where Web Push is off.
    pub fn push_public_key(&self) -> Option<String> {
        self.pusher.as_ref().map(|pusher| pusher.public_key())
    }

    /// Sends news to the vendor's phones when the caller's transaction commits: a job for each phone, none where there is
    /// no phone or Web Push is off.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn notify(&self, connection: &mut PgConnection, notice: Notice) -> Result<(), sqlx::Error> {
        if self.pusher.is_none() {
            return Ok(());
        }
        let tenant = notice.tenant;
        let phones = db::push::of_vendor(connection, tenant).await?;
        self.send_to(connection, &notice, phones).await
    }

    /// The same, to the phones of these of the vendor's people alone; says whether there is one.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn notify_people(
        &self,
        connection: &mut PgConnection,
        notice: &Notice,
        people: &[PersonId],
    ) -> Result<bool, sqlx::Error> {
        if self.pusher.is_none() || people.is_empty() {
            return Ok(false);
        }
        let phones = db::push::of_people(connection, notice.tenant, people).await?;
        let any = !phones.is_empty();
        self.send_to(connection, notice, phones).await?;
        Ok(any)
    }

    async fn send_to(
        &self,
        connection: &mut PgConnection,
        notice: &Notice,
        phones: Vec<Uuid>,
    ) -> Result<(), sqlx::Error> {
        let tenant = notice.tenant;
        let worthless_at = self.clock.now() + WORTH_SENDING_FOR;
        let draft = |subscription| {
            Draft::new(tenant, &SendPush { tenant, subscription, notice: notice.clone(), worthless_at })
        };
        self.jobs.enqueue_drafts(connection, phones.into_iter().map(draft).collect()).await
    }

    pub(crate) async fn subscribe_to_push(
        &self,
        caller: &Caller,
        subscription: &PushSubscription,
    ) -> Result<(), Error> {
        let vendor = caller.vendor()?;
        let pusher = self.pusher.as_ref().ok_or(Error::PushOff)?;
        let receiver = subscription.receiver(pusher)?;
        let now = self.clock.now();
        // A phone hears of one business at a time: its line at another goes.
        let subscribed = repeat(async || {
            let mut transaction = self.db.begin().await?;
            let id = self.entropy.id(now);
            db::push::subscribe(&mut transaction, (vendor.tenant, vendor.person), id, &receiver, now).await?;
            self.identity.keep_news_choice(&mut transaction, caller, true).await?;
            Ok(transaction.commit().await?)
        });
        tenancy::beyond(subscribed).await
    }

    pub(crate) async fn unsubscribe_from_push(
        &self,
        caller: &Caller,
        subscription: &PushEndpoint,
    ) -> Result<(), Error> {
        let vendor = caller.vendor()?;
        // As it was stored: written the way its parser writes it.
        if let Ok(endpoint) = Url::parse(&subscription.endpoint) {
            let mut transaction = self.db.begin().await?;
            db::push::unsubscribe(&mut transaction, vendor.tenant, endpoint.as_str()).await?;
            self.identity.keep_news_choice(&mut transaction, caller, false).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}
