//! Tells both sides that an offer's time is over. It stopped standing then; this makes it news.

use parley::Side;
use platform::db::repeat;
use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::{OfferId, TenantId, VisitId};

use crate::Negotiation;
use crate::error::Error;
use crate::offer::OfferState;
use crate::room::{Party, Room};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ExpireOffer {
    pub tenant: TenantId,
    pub visit: VisitId,
    pub offer: OfferId,
}

impl Job for ExpireOffer {
    const KIND: &'static str = "expire-offer";
}

pub(crate) async fn run(negotiation: Negotiation, job: ExpireOffer) -> Result<(), Failure> {
    repeat(|| expire(&negotiation, &job)).await?;
    Ok(())
}

async fn expire(negotiation: &Negotiation, job: &ExpireOffer) -> Result<(), Error> {
    let mut transaction = negotiation.db.begin().await?;
    let party = Party::side(job.tenant, job.visit, Side::Vendor);
    let mut room = match Room::enter(negotiation, &mut transaction, party).await {
        Ok(room) => room,
        // The visit is forgotten, and its offers with it.
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    let Ok(placed) = room.placed(job.offer) else { return Ok(()) };
    let lapsed = placed.offer.state_at(room.now) == OfferState::Expired;
    if lapsed && placed.offer.state != OfferState::Expired {
        room.set_offer_state(job.offer, OfferState::Expired).await?;
        room.close().await?;
    }
    transaction.commit().await?;
    Ok(())
}
