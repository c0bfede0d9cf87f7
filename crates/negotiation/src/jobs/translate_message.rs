//! Translates talk for its reader; where nobody can, the reader is told so and has the speaker's own words.
//!
//! Where the stall's credit is used up, or the member who spoke has spent what they may, the reader has the speaker's own words
//! meanwhile, and the job waits for a top-up or a higher limit.

use std::time::Duration;

use chrono::TimeDelta;
use parley::Side;
use platform::db::repeat;
use platform::jobs::{Failure, Job, Priority};
use platform::meter::{self, Cause};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Language, MessageId, PersonId, TenantId, VisitId};
use voice::Errand;
use voice::translate::{self, Line};

use crate::Negotiation;
use crate::db::messages::{self, Translation};
use crate::db::visits;
use crate::error::Error;
use crate::message::{MadeBy, Message, Warning};
use crate::room::{Party, Room};

/// How long a reader waits for a translator that is busy or away.
const PATIENCE: TimeDelta = TimeDelta::minutes(2);
/// How soon a translator that is away is asked again.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TranslateMessage {
    pub tenant: TenantId,
    pub visit: VisitId,
    pub message: MessageId,
    pub to: Language,
    /// The member who wrote it, or had what was said before translated; none where a buyer did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

impl Job for TranslateMessage {
    const KIND: &'static str = "translate-message";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(negotiation: Negotiation, job: TranslateMessage) -> Result<(), Failure> {
    let now = negotiation.clock.now();
    let mut connection = negotiation.db.acquire().await?;
    let found = messages::find(&mut connection, job.tenant, job.message).await?;
    let (Some(message), Some(visit)) =
        (found, visits::find(&mut connection, job.tenant, job.visit, now).await?)
    else {
        return Ok(());
    };
    let known = messages::translations(&mut connection, job.tenant, &[message.id]).await?;
    let known = known.into_iter().find(|translation| translation.language == job.to);
    if known.as_ref().is_some_and(Translation::is_final) {
        return Ok(());
    }
    let names = names_in(message.language, &negotiation, &mut connection, job.tenant).await?;
    let reach = negotiation.reach_of(&mut connection, &visit, &message).await?;
    drop(connection);
    let line = Line { text: &message.text, from: message.language, to: job.to, names: &names };
    let cause = Cause { kind: "message", id: message.id.uuid(), visit: Some(job.visit), by: job.by };
    let errand = Errand { tenant: job.tenant, cause, reach };
    let translated = negotiation.voice.translate(errand, &line).await;
    let again = |after: Duration, error: translate::Error| {
        let waited = negotiation.clock.now() - message.created_at;
        if waited < PATIENCE {
            Err(Failure::RetryAfter(after, error.into()))
        } else {
            Ok(Translation::none(message.id, job.to, None))
        }
    };
    let translation = match translated {
        Ok(done) => match done.warning {
            None => Translation {
                message: message.id,
                language: job.to,
                text: done.text,
                made_by: MadeBy::Provider(done.made_by),
                warning: None,
            },
            // A number, unit or name went missing: the speaker's own words, and why.
            Some(_) => Translation::none(message.id, job.to, Some(Warning::NumbersDiffer)),
        },
        Err(translate::Error::Unsupported { .. } | translate::Error::TooLong) => {
            Translation::none(message.id, job.to, None)
        }
        Err(translate::Error::Meter(error)) if error.waits_for_payer() => {
            let warning = if matches!(error, meter::Error::MemberLimit) {
                Warning::MemberLimit
            } else {
                Warning::NoCredit
            };
            let waits = Translation::none(message.id, job.to, Some(warning));
            if known.as_ref() != Some(&waits) {
                repeat(|| tell(&negotiation, &job, &message, &waits)).await?;
            }
            return Err(Failure::NoCredit);
        }
        Err(error @ translate::Error::Busy { retry_after }) => again(retry_after, error)?,
        Err(error @ (translate::Error::Unavailable(_) | translate::Error::Meter(_))) => {
            again(AGAIN_AFTER, error)?
        }
    };
    repeat(|| tell(&negotiation, &job, &message, &translation)).await?;
    Ok(())
}

/// The names that have to come through, in the language that is translated from: the stall's and its products'.
async fn names_in(
    language: Language,
    negotiation: &Negotiation,
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Vec<String>, Error> {
    let stall = negotiation.catalog.stall(&mut *connection, tenant).await?;
    let products = negotiation.catalog.products_on_sale(connection, tenant).await?;
    let goods = products.iter().map(|p| p.name_in(language).to_owned());
    Ok(stall.map(|s| s.name).into_iter().chain(goods).collect())
}

async fn tell(
    negotiation: &Negotiation,
    job: &TranslateMessage,
    message: &Message,
    translation: &Translation,
) -> Result<(), Error> {
    let mut transaction = negotiation.db.begin().await?;
    let party = Party::side(job.tenant, job.visit, Side::Vendor);
    let mut room = match Room::enter(negotiation, &mut transaction, party).await {
        Ok(room) => room,
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    messages::keep_translation(room.connection, job.tenant, translation, room.now).await?;
    // As it is now: it may have been understood otherwise meanwhile.
    let current = room.message(message.id).await?;
    room.changes.messages.push(current);
    room.close().await?;
    transaction.commit().await?;
    Ok(())
}
