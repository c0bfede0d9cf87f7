//! Says in the visit that the money has come, to each side in its own language.

use parley::Side;
use platform::db::repeat;
use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{Money, OrderId, TenantId};

use crate::Negotiation;
use crate::db::messages;
use crate::error::Error;
use crate::message::{Audience, Author};
use crate::notice::Notice;
use crate::room::{Party, Room};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AnnouncePayment {
    tenant: TenantId,
    order: OrderId,
    total: Money,
}

impl Job for AnnouncePayment {
    const KIND: &'static str = "announce-payment-in-visit";
    const PRIORITY: Priority = Priority::Interactive;
}

/// The job that says in its visit that an order is paid: for whoever hears of the money first.
pub fn paid_draft(tenant: TenantId, order: OrderId, total: Money) -> Draft {
    Draft::new(tenant, &AnnouncePayment { tenant, order, total })
}

pub(crate) async fn run(negotiation: Negotiation, job: AnnouncePayment) -> Result<(), Failure> {
    repeat(|| announce(&negotiation, &job)).await?;
    Ok(())
}

async fn announce(negotiation: &Negotiation, job: &AnnouncePayment) -> Result<(), Error> {
    let mut transaction = negotiation.db.begin().await?;
    let Some(order) = negotiation.orders.card(&mut transaction, job.tenant, job.order).await? else {
        return Ok(());
    };
    let party = Party { tenant: job.tenant, visit: order.visit_id, side: Side::Vendor };
    let mut room = match Room::enter(negotiation, &mut transaction, party).await {
        Ok(room) => room,
        // The visit is forgotten; the order itself tells.
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    // Under the order's own id, so that it is said once however often the job runs.
    let id = job.order.uuid();
    let said = messages::sent_before(room.connection, job.tenant, order.visit_id, Author::App, id).await?;
    if said.is_none() {
        room.announce(Notice::Paid { total: job.total }, Audience::Both, Some(id)).await?;
        room.changes.visit = true;
        room.close().await?;
    }
    transaction.commit().await?;
    Ok(())
}
