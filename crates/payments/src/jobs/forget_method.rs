//! Has the gateway forget a card or a mandate that is kept no longer.

use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::{PaymentMethodId, TenantId};

use super::later;
use crate::db::methods;
use crate::gateway::Kept;
use crate::{Error, Payments};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ForgetMethod {
    pub tenant: TenantId,
    pub method: PaymentMethodId,
}

impl Job for ForgetMethod {
    const KIND: &'static str = "forget-method";
    const ATTEMPTS_MAX: i16 = 40;
}

pub(crate) async fn run(payments: Payments, job: ForgetMethod) -> Result<(), Failure> {
    let removed =
        methods::find_removed(&mut *payments.db.acquire().await?, &payments.fields, job.tenant, job.method)
            .await?;
    let Some(removed) = removed else { return Ok(()) };
    let Some(gateway) = payments.gateways.find(Some(&removed.gateway)) else { return Ok(()) };
    let name = gateway.name();
    let customer = methods::customer(&mut *payments.db.acquire().await?, job.tenant, name).await?;
    let Some(customer) = customer else { return Ok(()) };
    match gateway.forget_method(&Kept { customer: &customer, method: &removed.at_gateway }).await {
        Err(error) if !error.is_final() => Err(later(Error::Gateway(error))),
        // What the gateway will not forget, it has forgotten.
        _ => Ok(()),
    }
}
