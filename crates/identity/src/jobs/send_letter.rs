//! Hands a letter to the mail server. One that is over by then, or was sent, is left alone; one that the server refuses for good is
//! dead, for the operator to see.

use mail::NotSent;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{LetterId, PersonId};

use crate::letter::Purpose;
use crate::{Identity, TimeZone, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendLetter {
    pub letter: LetterId,
}

impl Job for SendLetter {
    const KIND: &'static str = "send-letter";
    const PRIORITY: Priority = Priority::Interactive;
}

/// Nobody took the letter in time.
#[derive(Debug, thiserror::Error)]
#[error("the letter was over before the mail server took it")]
struct Over;

pub(crate) async fn run(identity: Identity, job: SendLetter) -> Result<(), Failure> {
    let waiting =
        db::letters::waiting(&mut *identity.db.acquire().await?, &identity.fields, job.letter).await?;
    let Some(letter) = waiting else { return Ok(()) };
    if letter.expires_at <= identity.clock.now() {
        return Err(Failure::Dead(Over.into()));
    }
    if letter.purpose != Purpose::Nobody {
        let post = identity.post()?;
        let zone = zone_of(&identity, letter.person).await?;
        let (subject, text) = identity.worded(post, &letter, zone);
        let id = letter.id.to_string();
        let sent = post.mailer.send(mail::Letter {
            id: &id,
            to: letter.address.as_str(),
            subject: &subject,
            text: &text,
            at: identity.clock.now(),
        });
        match sent.await {
            Ok(()) => {}
            Err(refused @ (NotSent::Refused(_) | NotSent::Address)) => {
                return Err(Failure::Dead(refused.into()));
            }
            Err(later) => return Err(Failure::Retry(later.into())),
        }
    }
    let mut connection = identity.db.acquire().await?;
    Ok(db::letters::sent(&mut connection, letter.id, identity.clock.now()).await?)
}

/// In which zone the person reads whom the letter is to; India's where it is nobody yet.
async fn zone_of(identity: &Identity, person: Option<PersonId>) -> Result<TimeZone, sqlx::Error> {
    let Some(person) = person else { return Ok(TimeZone::default()) };
    let found = db::people::by_id(&mut *identity.db.acquire().await?, &identity.fields, person).await?;
    Ok(found.map(|person| person.time_zone).unwrap_or_default())
}
