//! Hands a short message to the carrier. One that is over by then, or was sent, is left alone; one that the carrier refuses for good is
//! dead, for the operator to see.

use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use texts::{Content, NotSent};
use types::TextId;

use crate::text::{Channel, Purpose};
use crate::{Identity, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendText {
    pub text: TextId,
}

impl Job for SendText {
    const KIND: &'static str = "send-text";
    const PRIORITY: Priority = Priority::Interactive;
}

/// Nobody took the message in time.
#[derive(Debug, thiserror::Error)]
#[error("the message was over before the carrier took it")]
struct Over;

pub(crate) async fn run(identity: Identity, job: SendText) -> Result<(), Failure> {
    let waiting = db::texts::waiting(&mut *identity.db.acquire().await?, job.text).await?;
    let Some(text) = waiting else { return Ok(()) };
    let left = (text.expires_at - identity.clock.now()).to_std().unwrap_or_default();
    if left.is_zero() {
        return Err(Failure::Dead(Over.into()));
    }
    if text.purpose != Purpose::Nobody {
        let wire = identity.wire()?;
        let code = wire.code(text.id);
        let words = identity.text_words(&text, &code);
        let content = match text.channel {
            Channel::Sms => Content::Words(&words),
            Channel::WhatsApp => Content::WhatsAppCode { code: &code, language: text.language.code() },
        };
        match wire.carrier.send(texts::Text { to: text.phone.as_str(), content, within: left }).await {
            Ok(()) => {}
            Err(refused @ (NotSent::Refused(_) | NotSent::NotSetUp)) => {
                return Err(Failure::Dead(refused.into()));
            }
            Err(later) => return Err(Failure::Retry(later.into())),
        }
    }
    let mut connection = identity.db.acquire().await?;
    Ok(db::texts::sent(&mut connection, text.id, identity.clock.now()).await?)
}
