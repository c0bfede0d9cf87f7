//! Says in the visit that the money has come, to each side in its own language.

use std::time::Duration;

use orders::OrderState;
use parley::Side;
use platform::db::repeat;
use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{Money, OrderId, TenantId, VisitId};

use crate::Negotiation;
use crate::db::messages;
use crate::error::Error;
use crate::message::{Audience, Author};
use crate::notice::Notice;
use crate::room::{Party, Room};

/// How soon it is looked again whether the order has taken the money.
const AGAIN_AFTER: Duration = Duration::from_millis(400);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AnnouncePayment {
    tenant: TenantId,
    order: OrderId,
    total: Money,
}

impl Job for AnnouncePayment {
    const KIND: &'static str = "announce-payment-in-visit";
    const ATTEMPTS_MAX: i16 = 100;
    const PRIORITY: Priority = Priority::Interactive;
}

/// The job that says in its visit that an order is paid: for whoever hears of the money first.
pub fn paid_draft(tenant: TenantId, order: OrderId, total: Money) -> Draft {
    Draft::new(tenant, &AnnouncePayment { tenant, order, total })
}

pub(crate) async fn run(negotiation: Negotiation, job: AnnouncePayment) -> Result<(), Failure> {
    let mut connection = negotiation.db.acquire().await?;
    let order = negotiation.orders.card(&mut connection, job.tenant, job.order).await?;
    drop(connection);
    match order.map(|order| (order.visit_id, order.state)) {
        Some((visit, OrderState::Paid | OrderState::HandedOver)) => {
            repeat(|| announce(&negotiation, &job, visit)).await?;
            Ok(())
        }
        // The money went back: the order tells of that.
        None | Some((_, OrderState::Refunded)) => Ok(()),
        Some((_, OrderState::Open | OrderState::Cancelled | OrderState::Expired)) => {
            Err(Failure::RetryAfter(AGAIN_AFTER, anyhow::anyhow!("the order has not taken the money yet")))
        }
    }
}

async fn announce(negotiation: &Negotiation, job: &AnnouncePayment, visit: VisitId) -> Result<(), Error> {
    let mut transaction = negotiation.db.begin().await?;
    let party = Party::side(job.tenant, visit, Side::Vendor);
    let mut room = match Room::enter(negotiation, &mut transaction, party).await {
        Ok(room) => room,
        // The visit is forgotten; the order itself tells.
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    // Under the order's own id, so that it is said once however often the job runs.
    let id = job.order.uuid();
    let said = messages::sent_before(room.connection, job.tenant, visit, Author::App, id).await?;
    if said.is_none() {
        room.announce(Notice::Paid { total: job.total }, Audience::Both, Some(id)).await?;
        room.changes.visit = true;
        room.close().await?;
    }
    transaction.commit().await?;
    Ok(())
}
