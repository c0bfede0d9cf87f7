//! Closes the gateway's page and QR code of an intent that is over.

use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::{IntentId, TenantId};

use super::later;
use crate::{Error, GatewayError, Payments, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CloseIntent {
    pub tenant: TenantId,
    pub intent: IntentId,
}

impl Job for CloseIntent {
    const KIND: &'static str = "close-intent";
}

pub(crate) async fn run(payments: Payments, job: CloseIntent) -> Result<(), Failure> {
    let there = db::gateway::of_intent(&mut *payments.db.acquire().await?, job.tenant, job.intent).await?;
    let Some(gateway) = payments.gateways.find(there.gateway.as_deref()) else { return Ok(()) };
    if let Some(order) = &there.order {
        closed(gateway.close_order(order).await)?;
    }
    let Some(qr) = there.qr_code.filter(|_| !there.qr_closed) else { return Ok(()) };
    closed(gateway.close_qr_code(&qr).await)?;
    let now = payments.clock.now();
    db::gateway::set_qr_closed(&mut *payments.db.acquire().await?, gateway.name(), &qr, now).await?;
    Ok(())
}

/// What the gateway will not close cannot be paid either.
fn closed(answer: Result<(), GatewayError>) -> Result<(), Failure> {
    match answer {
        Err(error) if !error.is_final() => Err(later(Error::Gateway(error))),
        _ => Ok(()),
    }
}
