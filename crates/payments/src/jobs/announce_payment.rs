//! Tells both sides what an order's money stands at.

use platform::db::repeat;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{OrderId, TenantId};

use crate::{Error, Payments};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AnnouncePayment {
    pub tenant: TenantId,
    pub order: OrderId,
}

impl Job for AnnouncePayment {
    const KIND: &'static str = "announce-payment";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(payments: Payments, job: AnnouncePayment) -> Result<(), Failure> {
    let announced = repeat(|| async {
        let mut transaction = payments.db.begin().await?;
        payments.announce(&mut transaction, job.tenant, job.order).await?;
        transaction.commit().await?;
        Ok::<(), Error>(())
    });
    Ok(announced.await?)
}
