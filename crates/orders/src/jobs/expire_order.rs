//! Ends an order that was not paid in time.

use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::{OrderId, TenantId};

use crate::Orders;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ExpireOrder {
    pub tenant: TenantId,
    pub order: OrderId,
}

impl Job for ExpireOrder {
    const KIND: &'static str = "expire-order";
}

pub(crate) async fn run(orders: Orders, job: ExpireOrder) -> Result<(), Failure> {
    orders.expire(job.tenant, job.order).await.map_err(super::failure)
}
