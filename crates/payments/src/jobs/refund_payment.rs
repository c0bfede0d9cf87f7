//! Has the gateway give a payment back.

use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::{RefundId, TenantId};

use super::later;
use crate::db::refunds::{self, RefundState};
use crate::gateway::{Gateway, RefundAsked, chain};
use crate::{Error, GatewayError, Payments, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RefundPayment {
    pub tenant: TenantId,
    pub refund: RefundId,
}

impl Job for RefundPayment {
    const KIND: &'static str = "refund-payment";
    const ATTEMPTS_MAX: i16 = 40;
}

pub(crate) async fn run(payments: Payments, job: RefundPayment) -> Result<(), Failure> {
    payments.make_refund(&job).await.map_err(later)
}

impl Payments {
    async fn make_refund(&self, job: &RefundPayment) -> Result<(), Error> {
        let mut connection = self.db.acquire().await?;
        let Some(refund) = refunds::find(&mut connection, job.tenant, job.refund).await? else {
            return Ok(());
        };
        let payment = db::payments::find(&mut connection, job.tenant, refund.payment).await?;
        drop(connection);
        let Some(payment) = payment.filter(|_| refund.state == RefundState::Asked) else { return Ok(()) };
        let Some(paid) = payment.at_gateway else { return Ok(()) };
        let gateway = self.gateways.of(payment.gateway.as_deref())?;
        let key = refund.key();
        let asked = RefundAsked { payment: &paid, amount: refund.amount(), key: &key };
        match gateway.refund(&asked).await {
            Ok(seen) => self.look_at_refund(job.tenant, job.refund, &seen).await,
            Err(error) if error.is_final() => self.refund_refused(gateway, job, &paid, error).await,
            Err(error) => Err(error.into()),
        }
    }

    /// The gateway will not: perhaps somebody gave the money back there already.
    async fn refund_refused(
        &self,
        gateway: &dyn Gateway,
        job: &RefundPayment,
        paid: &str,
        error: GatewayError,
    ) -> Result<(), Error> {
        self.look_at_refunds_of(gateway, job.tenant, paid).await?;
        let mut transaction = self.db.begin().await?;
        let refund = refunds::lock(&mut transaction, job.tenant, job.refund).await?;
        if let Some(refund) = refund.filter(|refund| refund.state == RefundState::Asked) {
            self.give_up(&mut transaction, refund, &format!("{}: {}", gateway.name(), chain(&error))).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
