//! Marks an order whose money went back.

use payments::PaymentRefunded;
use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{IntentId, OrderId, TenantId};

use crate::Orders;
use crate::settle::Funds;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RefundOrder {
    tenant: TenantId,
    order: OrderId,
    intent: IntentId,
}

impl Job for RefundOrder {
    const KIND: &'static str = "refund-order";
    const PRIORITY: Priority = Priority::Interactive;
}

/// The job that follows when money was given back.
pub fn refunded_draft(event: &PaymentRefunded) -> Draft {
    let PaymentRefunded { tenant, order, intent, .. } = *event;
    Draft::new(tenant, &RefundOrder { tenant, order, intent })
}

pub(crate) async fn run(orders: Orders, job: RefundOrder) -> Result<(), Failure> {
    let RefundOrder { tenant, order, intent } = job;
    orders.refunded(Funds { tenant, order, intent }).await.map_err(super::failure)
}
