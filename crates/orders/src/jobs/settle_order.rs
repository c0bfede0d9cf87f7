//! Settles an order whose money has come.

use payments::IntentPaid;
use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{IntentId, OrderId, TenantId};

use crate::Orders;
use crate::settle::Funds;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SettleOrder {
    tenant: TenantId,
    order: OrderId,
    intent: IntentId,
}

impl Job for SettleOrder {
    const KIND: &'static str = "settle-order";
    const PRIORITY: Priority = Priority::Interactive;
}

/// The job that follows when the money has come.
pub fn settle_draft(event: &IntentPaid) -> Draft {
    let IntentPaid { tenant, order, intent, .. } = *event;
    Draft::new(tenant, &SettleOrder { tenant, order, intent })
}

pub(crate) async fn run(orders: Orders, job: SettleOrder) -> Result<(), Failure> {
    let SettleOrder { tenant, order, intent } = job;
    orders.settle(Funds { tenant, order, intent }).await.map_err(super::failure)
}
